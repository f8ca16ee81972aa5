"""`make talk`: chat in the terminal, and see under each message how it was understood.

The understanding comes from the model file itself. When the house is running (`make run`), the bot's own answers are
shown too, through the public interface a guest's browser uses. Nothing is written to any file.
"""
from __future__ import annotations

import json
import os
import secrets
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from backend.safety.screen import Screen
from bot.components.situation import SituationReader
from trainer.explain import Parts, as_danish, explain, load_model, settings
from trainer.served_model import NoModel, usual_model
from trainer.wording import wording

ANSWER_WITHIN = 30


@dataclass
class House:
    """One conversation with the running house. `say` gives what the bot said and the choices it offers now."""

    url: str
    id: str = ""
    token: str = ""
    choices: list[dict[str, str]] = field(default_factory=list)

    def open(self, municipality: str = "rodovre", channel: str = "municipality") -> list[str]:
        """Raises OSError when the house is not running."""
        opened = self._call("POST", "", {"municipality": municipality, "channel": channel})
        self.id, self.token = opened["id"], opened["token"]
        return self._told(opened["events"])

    def say(self, text: str) -> list[str]:
        picked = self._picked(text)
        body = {"client_id": secrets.token_hex(8), **({"choice": picked["id"]} if picked else {"text": text})}
        return self._told(self._call("POST", f"/{self.id}/messages", body)["events"])

    def close(self) -> None:
        """Forgets the conversation; nothing a trainer wrote stays in the database."""
        if self.id:
            self._call("DELETE", f"/{self.id}")

    def _picked(self, text: str) -> dict[str, str] | None:
        place = int(text) - 1 if text.isdigit() else -1
        return self.choices[place] if 0 <= place < len(self.choices) else None

    def _told(self, events: Iterable[dict[str, Any]]) -> list[str]:
        said = [event for event in events if event.get("author") != "visitor"]
        self.choices = next((event["choices"] for event in reversed(said) if event.get("choices")), [])
        return [event["text"] for event in said if event.get("text")] + [
            f"[{place}] {choice['title']}" for place, choice in enumerate(self.choices, 1)
        ]

    def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        headers = {"content-type": "application/json"} | ({"authorization": f"Bearer {self.token}"} if self.token else {})
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.url}/api/v1/conversations{path}", data, headers, method=method)
        with urllib.request.urlopen(request, timeout=ANSWER_WITHIN) as answer:
            return json.loads(answer.read() or b"{}")


def talk(lines: Iterable[str], say: Callable[[str], object], house: House | None, read: Callable[[str], str]) -> None:
    """One turn for each line, until there are no more. `read` tells in Danish how a message was understood."""
    for line in lines:
        if not line.strip():
            continue
        say(read(line.strip()))
        for answer in _answers(house, line.strip()) if house else ():
            say(f"  {answer}")


def _answers(house: House, text: str) -> list[str]:
    try:
        return house.say(text)
    except (OSError, ValueError):
        return [wording("talk")["no_answer"]]


def reader(parts: Parts, screen: Screen) -> Callable[[str], str]:
    """How a message is understood, in Danish: risk first, then what `make forstaa` tells."""
    words, situation = wording("talk"), SituationReader()
    threshold = settings().get("FallbackClassifier", {}).get("threshold", 0.3)

    def read(text: str) -> str:
        risk = words["risk"].format(level=words["levels"][screen.assess(text).level])
        return f"{risk}\n{as_danish(explain(parts, text, situation), threshold)}"

    return read


def _typed(prompt: str) -> Iterable[str]:
    while True:
        try:
            line = input(prompt)
        except (EOFError, KeyboardInterrupt):
            return
        if line.strip().lower() in ("slut", "quit", "exit"):
            return
        yield line


def _open_house(words: dict[str, Any]) -> House | None:
    house = House(os.environ.get("INDGANG_PUBLIC_URL", "http://127.0.0.1:8000"))
    try:
        greeting = house.open()
    except (OSError, ValueError, KeyError):
        print(words["alone"])
        return None
    print("\n".join(greeting))
    return house


def main() -> int:
    words = wording("talk")
    try:
        read = reader(load_model(usual_model()), Screen.load())
    except NoModel:
        print(wording("compare")["no_model"])
        return 1
    print(words["hello"])
    house = _open_house(words)
    try:
        talk(_typed(words["prompt"]), print, house, read)
    finally:
        if house:
            house.close()
    print(words["bye"])
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
