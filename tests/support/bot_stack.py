"""Rasa and the action server as real processes in front of the fake backend: the bot without the house."""

import asyncio
import json
import os
import signal
import subprocess
import threading
import time
import urllib.error
import urllib.request
import uuid
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.fake_backend import FakeBackend
from tests.support.stack import free_port, trained_model

ROOT = Path(__file__).resolve().parents[2]
TOKEN = "a-token-for-tests-only-0001"
NOW = "2026-11-22T13:00:00+00:00"
READY_WITHIN = 120


@dataclass
class BotStack:
    """`talk()` opens a new conversation; `kill` and `start` act on `rasa` or `actions`."""

    folder: Path
    fake: FakeBackend = field(default_factory=FakeBackend)
    processes: dict = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.ports = {"rasa": free_port(), "actions": free_port()}
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, daemon=True).start()
        backend_url = asyncio.run_coroutine_threadsafe(self.fake.start(), self._loop).result(10)
        self.env = os.environ | {
            "INDGANG_SERVICE_TOKEN": TOKEN,
            "INDGANG_BACKEND_URL": backend_url,
            "INDGANG_RASA_PORT": str(self.ports["rasa"]),
            "INDGANG_ACTIONS_PORT": str(self.ports["actions"]),
            "INDGANG_ACTIONS_URL": f"http://127.0.0.1:{self.ports['actions']}/webhook",
        }
        self.env.pop("PYTEST_CURRENT_TEST", None)

    def start(self, name: str) -> None:
        commands = {
            "rasa": [str(ROOT / ".venv-rasa/bin/python"), "rasaw", "run", "-m", str(trained_model())],
            "actions": [str(ROOT / ".venv/bin/python"), "-m", "bot.actions.server"],
        }
        log = (self.folder / f"{name}.log").open("ab")
        self.processes[name] = subprocess.Popen(
            commands[name], cwd=ROOT, env=self.env, stdout=log, stderr=log, start_new_session=True
        )
        self._wait_for(name)

    def kill(self, name: str) -> None:
        os.killpg(self.processes[name].pid, signal.SIGKILL)
        self.processes[name].wait(10)

    def stop(self) -> None:
        for process in self.processes.values():
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGTERM)
                process.wait(20)
        self._loop.call_soon_threadsafe(self._loop.stop)

    def log(self, name: str) -> str:
        return (self.folder / f"{name}.log").read_text(errors="replace")

    def _wait_for(self, name: str) -> None:
        path = {"rasa": "/webhooks/indgang/", "actions": "/health"}[name]
        limit = time.monotonic() + READY_WITHIN
        while time.monotonic() < limit and self.processes[name].poll() is None:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self.ports[name]}{path}", timeout=2)
                return
            except OSError:
                time.sleep(0.2)
        raise RuntimeError(f"{name} did not get ready:\n{self.log(name)[-3000:]}")

    def post(self, body: dict, token: str = TOKEN) -> tuple[int, dict]:
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.ports['rasa']}/webhooks/indgang/webhook",
            data=json.dumps(body).encode(),
            headers={"Content-Type": "application/json", "X-Service-Token": token},
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read() or b"{}")

    def talk(self) -> "Talk":
        return Talk(self)


@dataclass
class Talk:
    """One conversation. `say` writes, `tap` presses the last button whose title holds the words."""

    stack: BotStack
    conversation_id: str = field(default_factory=lambda: uuid.uuid4().hex)
    epoch: int = 1
    turn: int = 0
    buttons: list = field(default_factory=list)
    last: dict = field(default_factory=dict)
    status: int = 0

    def say(self, message: str, seeds: dict | None = None) -> str:
        self.turn += 1
        body = {
            "sender": f"{self.conversation_id}.{self.epoch}",
            "message": message,
            "metadata": {"municipality": "rodovre", "channel": "municipality", "turn": self.turn, "now": NOW},
            "seed_slots": seeds or {},
        }
        self.status, self.last = self.stack.post(body)
        messages = self.last.get("messages") or []
        self.buttons = [b for m in messages for b in m.get("buttons") or []] or self.buttons
        return self.text

    def tap(self, title: str) -> str:
        found = [b for b in self.buttons if title.lower() in b["title"].lower()]
        assert found, f"no button with {title!r} among {[b['title'] for b in self.buttons]}"
        return self.say(found[-1]["payload"])

    @property
    def text(self) -> str:
        return "\n".join(m.get("text") or "" for m in self.last.get("messages") or [])

    @property
    def cards(self) -> list[str]:
        return [m["custom"]["kind"] for m in self.last.get("messages") or [] if m.get("custom")]

    @property
    def titles(self) -> list[str]:
        return [b["title"] for m in self.last.get("messages") or [] for b in m.get("buttons") or []]

    @property
    def slots(self) -> dict:
        return self.last.get("slots") or {}

    @property
    def form(self) -> str | None:
        return self.last.get("active_form")

    @property
    def goal(self) -> str | None:
        return (self.last.get("understanding") or {}).get("goal")
