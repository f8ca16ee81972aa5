"""Events of a conversation: as drafted, as stored, and as shown to the visitor."""

from dataclasses import dataclass, field
from datetime import datetime

VISIBLE = ("text", "card", "state", "queue_position", "risk", "host", "asks")


@dataclass(frozen=True)
class Draft:
    """An event before it has its number. `body` holds text, choices (with payload), card, state … and is sealed at rest."""

    type: str
    author: str
    body: dict = field(default_factory=dict)
    client_id: str | None = None


@dataclass(frozen=True)
class Event:
    n: int
    at: datetime
    type: str
    author: str
    body: dict
    client_id: str | None = None

    def public(self) -> dict:
        """The event as in docs/protocol.md. What a choice means to the bot stays here."""
        shown: dict = {"n": self.n, "at": self.at.isoformat(), "type": self.type, "author": self.author}
        shown |= {key: self.body[key] for key in VISIBLE if self.body.get(key) is not None}
        if self.body.get("choices"):
            shown["choices"] = [{"id": choice_id(self.n, i), "title": c["title"]} for i, c in enumerate(self.body["choices"])]
        if self.client_id:
            shown["client_id"] = self.client_id
        return shown


def choice_id(n: int, index: int) -> str:
    return f"{n}-{index}"


def bot_says(text: str | None, choices: list[dict] | None = None, card: dict | None = None) -> Draft:
    return Draft("message", "bot", _body(text, choices, card))


def notice(text: str | None, choices: list[dict] | None = None, card: dict | None = None, **more) -> Draft:
    return Draft("notice", "system", _body(text, choices, card) | more)


def state_change(state: str, queue_position: int | None = None, risk: str | None = None, host: dict | None = None) -> Draft:
    return Draft("state", "system", {"state": state, "queue_position": queue_position, "risk": risk, "host": host})


def _body(text: str | None, choices: list[dict] | None, card: dict | None) -> dict:
    return {key: value for key, value in (("text", text), ("choices", choices), ("card", card)) if value}
