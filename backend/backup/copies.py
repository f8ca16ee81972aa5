"""A copy of the database, and the way back that forgets again what has been forgotten.

The copy holds wrapped keys and sealed words, never the master key: keep that somewhere else.
"""

import asyncio
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.engine import make_url

from backend.appointments.tables import appointments
from backend.conversations.tables import conversations
from backend.enquiries.tables import enquiries
from backend.errors import NotFound, Unavailable
from backend.hosts.tables import host_sessions, hosts
from backend.settings import ROOT, Settings
from backend.storage.engine import Storage
from backend.storage.migrate import upgrade

FOLDER = ROOT / ".run" / "backups"


class NotPossible(Exception):
    """`why` is a key of `words.yml`, `values` what is filled in."""

    def __init__(self, why: str, **values: object) -> None:
        super().__init__(why)
        self.why, self.values = why, values


@dataclass(frozen=True)
class Gone:
    """What the present database says is over: erased conversations, rows whose words are gone with the status they ended in, hosts shut out."""

    conversations: list[str]
    enquiries: dict[str, str]
    appointments: dict[str, str]
    hosts: dict[str, datetime]


def make(settings: Settings, folder: Path = FOLDER) -> Path:
    """→ the new file, which only its owner may read. Guests may go on writing meanwhile."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"indgang-{datetime.now(UTC):%Y%m%dT%H%M%S%f}.{'sqlite3' if settings.is_sqlite else 'dump'}"
    path.touch(mode=0o600, exist_ok=False)
    if settings.is_sqlite:
        source, target = sqlite3.connect(_sqlite_path(settings)), sqlite3.connect(path)
        with source, target:
            source.backup(target)
        source.close()
        target.close()
    else:
        _run(settings, "pg_dump", "--format=custom", "--no-owner", f"--file={path}")
    return path


def restore(settings: Settings, path: Path, build_house: Callable[[Settings], Any]) -> int:
    """→ how many conversations were forgotten again. Raises NotPossible when it can't be known what has been forgotten since."""
    if not path.is_file():
        raise NotPossible("not_found", path=path)
    gone = asyncio.run(_gone(settings))
    if settings.is_sqlite:
        _put_back(settings, path)
    else:
        _run(settings, "pg_restore", "--clean", "--if-exists", "--no-owner", "--single-transaction", str(path))
    upgrade(settings.database_url)
    return asyncio.run(_forget_again(build_house(settings), gone))


async def _gone(settings: Settings) -> Gone:
    storage = Storage(settings.database_url)
    try:
        async with storage.read() as tx:
            erased = list((await tx.execute(select(conversations.c.id).where(conversations.c.erased_at.is_not(None)))).scalars())
            empty = [dict((await tx.execute(select(t.c.id, t.c.status).where(t.c.content.is_(None)))).all()) for t in (enquiries, appointments)]
            shut = dict((await tx.execute(select(hosts.c.id, hosts.c.disabled_at).where(hosts.c.disabled_at.is_not(None)))).all())
    except Unavailable as error:
        raise NotPossible("unreadable_now") from error
    finally:
        await storage.close()
    return Gone(erased, *empty, shut)


async def _forget_again(house: Any, gone: Gone) -> int:
    count = 0
    try:
        for conversation_id in gone.conversations:
            try:
                await house.forgetting.forget(conversation_id)
                count += 1
            except NotFound:
                continue  # begun after the copy, or forgotten before it
        async with house.storage.write() as tx:
            for table, ended in ((enquiries, gone.enquiries), (appointments, gone.appointments)):
                for row_id, status in ended.items():
                    await tx.execute(update(table).where(table.c.id == row_id).values(content=None, status=status))
            for host_id, disabled_at in gone.hosts.items():
                await tx.execute(update(hosts).where(hosts.c.id == host_id).values(disabled_at=disabled_at, present_until=None))
            await tx.execute(delete(host_sessions))
        await house.forgetting.forget_idle()
    finally:
        await house.storage.close()
    return count


def _put_back(settings: Settings, path: Path) -> None:
    """Through SQLite itself, so that a half-written file is never the database."""
    source, target = sqlite3.connect(path), sqlite3.connect(_sqlite_path(settings))
    try:
        if source.execute("PRAGMA integrity_check").fetchone()[0] != "ok":
            raise NotPossible("not_whole", path=path)
        source.backup(target)
    except sqlite3.DatabaseError as error:
        raise NotPossible("not_a_copy", path=path, said=error) from error
    finally:
        source.close()
        target.close()


def _sqlite_path(settings: Settings) -> str:
    return settings.database_url.partition(":///")[2]


def _run(settings: Settings, program: str, *arguments: str) -> None:
    """The password goes in the environment, where other users of the machine don't see it."""
    if shutil.which(program) is None:
        raise NotPossible("program_missing", program=program)
    url = make_url(settings.database_url)
    where = {"PGHOST": url.host, "PGPORT": str(url.port or 5432), "PGUSER": url.username, "PGPASSWORD": url.password, "PGDATABASE": url.database}
    named = ["--dbname", url.database or ""] if program == "pg_restore" else []
    done = subprocess.run([program, *named, *arguments], env=os.environ | {k: v for k, v in where.items() if v}, capture_output=True, text=True)
    if done.returncode:
        raise NotPossible("program_failed", program=program, said=done.stderr[-800:])
