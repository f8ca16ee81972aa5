"""A throw-away PostgreSQL server for the tests: own folder, own port, nothing written to the disk for keeps.

PostgreSQL refuses to run as root, so then it runs as the unprivileged `postgres` user that its package makes.
"""

import atexit
import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import psycopg

from backend.storage.migrate import upgrade
from tests.support.stack import free_port

USER = "postgres"
FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=200", "shared_buffers=64MB")


def programs() -> Path | None:
    """The folder with initdb and pg_ctl, newest version first; None when PostgreSQL is not installed."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]), reverse=True)
    on_path = shutil.which("initdb")
    if found:
        return found[0].parent
    return Path(on_path).resolve().parent if on_path else None


def why_not() -> str | None:
    """Why PostgreSQL can't be tried on this machine; None when it can."""
    if programs() is None:
        return "PostgreSQL is not installed (Debian/Ubuntu: postgresql)"
    if os.geteuid() == 0 and not (_knows_user() and (shutil.which("runuser") or shutil.which("setpriv"))):
        return "PostgreSQL does not run as root, and there is no user «postgres» with runuser or setpriv"
    return None


def _knows_user() -> bool:
    try:
        pwd.getpwnam(USER)
    except KeyError:
        return False
    return True


@dataclass(frozen=True)
class Cluster:
    """A running server. `new_database` → SQLAlchemy URL of a migrated, empty database."""

    folder: Path
    port: int

    def run(self, name: str, *arguments: str) -> None:
        command = [*_as_user(), str(programs() / name), *arguments]
        done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, timeout=90)
        if done.returncode:
            raise RuntimeError(f"{name}: {done.stderr[-800:]}")

    def start(self) -> None:
        data, options = str(self.folder / "data"), " ".join(f"-c {one}" for one in FAST)
        self.run("initdb", "-D", data, "-U", USER, "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync")
        listen = f"-p {self.port} -c listen_addresses=127.0.0.1 -k {self.folder} {options}"
        self.run("pg_ctl", "-D", data, "-w", "-l", str(self.folder / "log"), "-o", listen, "start")

    def stop(self) -> None:
        try:
            self.run("pg_ctl", "-D", str(self.folder / "data"), "-m", "immediate", "-w", "stop")
        except RuntimeError:
            pass  # a test has stopped it already
        finally:
            shutil.rmtree(self.folder, ignore_errors=True)

    def execute(self, statement: str, database: str = USER) -> list:
        """For arrangements in the tests: → rows, if there are any."""
        where = f"host=127.0.0.1 port={self.port} user={USER} dbname={database}"
        with psycopg.connect(where, autocommit=True) as connection:
            done = connection.execute(statement)
            return done.fetchall() if done.description else []

    def url(self, database: str) -> str:
        return f"postgresql+asyncpg://{USER}@127.0.0.1:{self.port}/{database}"

    def new_database(self, template: str | None = None) -> str:
        name = f"t{secrets.token_hex(6)}"
        self.execute(f'CREATE DATABASE {name} TEMPLATE "{template or "template1"}"')
        return self.url(name)


def _as_user() -> list[str]:
    if os.geteuid() != 0:
        return []
    if shutil.which("runuser"):
        return ["runuser", "-u", USER, "--"]
    entry = pwd.getpwnam(USER)
    return ["setpriv", f"--reuid={entry.pw_uid}", f"--regid={entry.pw_gid}", "--clear-groups"]


@lru_cache(maxsize=1)
def cluster() -> Cluster:
    """One server for the whole test run, started when it is first asked for."""
    folder = Path(tempfile.mkdtemp(prefix="indgang-pg-"))
    if os.geteuid() == 0:
        entry = pwd.getpwnam(USER)
        os.chown(folder, entry.pw_uid, entry.pw_gid)
    running = Cluster(folder, free_port())
    atexit.register(running.stop)
    running.start()
    return running


def upgrade_aside(url: str) -> None:
    """Migrations run an event loop of their own, so they need a thread where one is running already."""
    with ThreadPoolExecutor(1) as aside:
        aside.submit(upgrade, url).result()


@lru_cache(maxsize=1)
def migrated() -> str:
    """The name of a migrated database that others are copied from."""
    url = cluster().new_database()
    upgrade_aside(url)
    return url.rpartition("/")[2]


def fresh_url() -> str:
    """A new database with all tables and nothing in them."""
    return cluster().new_database(migrated())
