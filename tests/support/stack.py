"""The real thing on free ports: Rasa, action server and backend as processes of their own, with a database on disk."""

import asyncio
import base64
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp

ROOT = Path(__file__).resolve().parents[2]
READY_WITHIN = 120
PROCESSES = ("rasa", "actions", "backend")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@dataclass
class Stack:
    """`kill` is a real kill -9; `start` brings a process back on the same port."""

    folder: Path
    ports: dict[str, int]
    token: str
    env: dict[str, str]
    processes: dict[str, subprocess.Popen] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.ports['backend']}"

    @property
    def database_path(self) -> Path:
        return self.folder / "indgang.sqlite3"

    @property
    def logs(self) -> dict[str, str]:
        return {path.stem: path.read_text(errors="replace") for path in self.folder.glob("*.log")}

    def start(self, name: str) -> None:
        log = (self.folder / f"{name}.log").open("ab")
        self.processes[name] = subprocess.Popen(self._command(name), cwd=ROOT, env=self.env, stdout=log, stderr=log, start_new_session=True)

    def start_all(self) -> None:
        """All three, and wait until each answers."""
        for name in PROCESSES:
            self.start(name)
        asyncio.run(self._all_ready())

    async def _all_ready(self) -> None:
        for name in reversed(PROCESSES):
            await self.ready(name)

    def kill(self, name: str) -> None:
        process = self.processes[name]
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(timeout=10)

    def stop(self) -> None:
        for process in self.processes.values():
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGTERM)
        for process in self.processes.values():
            try:
                process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)

    async def ready(self, name: str) -> None:
        """Raises with the log's end if the process does not answer in time."""
        limit = time.monotonic() + READY_WITHIN
        async with aiohttp.ClientSession() as session:
            while time.monotonic() < limit:
                if self.processes[name].poll() is not None:
                    break
                try:
                    async with session.get(self._probe(name), timeout=aiohttp.ClientTimeout(total=2)) as answer:
                        if answer.status < 500:
                            return
                except (aiohttp.ClientError, TimeoutError):
                    pass
                await asyncio.sleep(0.2)
        raise RuntimeError(f"{name} did not get ready:\n{self.logs.get(name, '')[-3000:]}")

    def _probe(self, name: str) -> str:
        paths = {"rasa": "/", "actions": "/health", "backend": "/health"}
        return f"http://127.0.0.1:{self.ports[name]}{paths[name]}"

    def _command(self, name: str) -> list[str]:
        service, rasa = ROOT / ".venv/bin/python", ROOT / ".venv-rasa/bin/python"
        return {
            "rasa": [str(rasa), "rasaw", "run", "-m", self.env["INDGANG_MODEL"]],
            "actions": [str(service), "-m", "bot.actions.server"],
            "backend": [str(service), "-m", "backend"],
        }[name]


def new_stack(folder: Path, **more: str) -> Stack:
    """Prepared (database, demo hosts, model) but not started."""
    ports = {name: free_port() for name in ("backend", "rasa", "actions")}
    token = secrets.token_urlsafe(32)
    env = os.environ | {
        "INDGANG_PORT": str(ports["backend"]),
        "INDGANG_PUBLIC_URL": f"http://127.0.0.1:{ports['backend']}",
        "INDGANG_RASA_PORT": str(ports["rasa"]),
        "INDGANG_RASA_URL": f"http://127.0.0.1:{ports['rasa']}",
        "INDGANG_ACTIONS_PORT": str(ports["actions"]),
        "INDGANG_ACTIONS_URL": f"http://127.0.0.1:{ports['actions']}/webhook",
        "INDGANG_BACKEND_URL": f"http://127.0.0.1:{ports['backend']}",
        "INDGANG_DATABASE_URL": f"sqlite+aiosqlite:///{folder / 'indgang.sqlite3'}",
        "INDGANG_MASTER_KEY": base64.b64encode(secrets.token_bytes(32)).decode(),
        "INDGANG_SERVICE_TOKEN": token,
        "INDGANG_MODEL": str(trained_model()),
        "INDGANG_DEMO_ALWAYS_OPEN": "1",
        "PYTHONUNBUFFERED": "1",
        **more,
    }
    stack = Stack(folder, ports, token, env)
    for module in ("backend.storage.migrate", "backend.hosts.seed"):
        subprocess.run([str(ROOT / ".venv/bin/python"), "-m", module], cwd=ROOT, env=env, check=True)
    return stack


def trained_model() -> Path:
    sys.path.insert(0, str(ROOT / "deploy"))
    try:
        import model
    finally:
        sys.path.pop(0)
    return model.ensure()
