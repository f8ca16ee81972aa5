"""One guest turn as the actions see it: parsed once from Rasa's tracker, never changed."""
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any

from rasa_sdk import Tracker

FIRST_EPOCH = "1"  # a new one begins when the bot gets the conversation back


@dataclass(frozen=True)
class Turn:
    """`said` is the guest's own text, empty when a choice was tapped; `entities` maps a name to all its values; `is_first` when
    nothing was said before."""

    conversation_id: str
    epoch: str
    number: int
    now: datetime
    said: str
    goal: str
    confidence: float
    ranking: tuple[tuple[str, float], ...] = ()
    topics: tuple[tuple[str, float], ...] = ()
    subs: tuple[tuple[str, float], ...] = ()
    also: tuple[tuple[str, float], ...] = ()
    entities: Mapping[str, list[Any]] = field(default_factory=dict)
    slots: Mapping[str, Any] = field(default_factory=dict)
    form: str | None = None
    asked: str | None = None
    is_return: bool = False
    is_first: bool = False

    @property
    def tapped(self) -> bool:
        return not self.said

    def first(self, entity: str) -> Any:
        values = self.entities.get(entity) or [None]
        return values[0]

    def key(self, action: str) -> str:
        """Idempotency key: the same turn asking twice is the same wish."""
        return f"{self.conversation_id}:{self.epoch}:{self.number}:{action}"


def read_turn(tracker: Tracker) -> Turn:
    message = tracker.latest_message or {}
    metadata = message.get("metadata") or {}
    conversation_id, _, epoch = tracker.sender_id.rpartition(".")
    intent, text = message.get("intent") or {}, message.get("text") or ""
    return Turn(
        conversation_id=conversation_id or tracker.sender_id,
        epoch=epoch if conversation_id else "0",
        number=_whole(metadata.get("turn")),
        now=_moment(metadata.get("now")),
        said="" if text.startswith("/") else text,
        goal=str(intent.get("name") or ""),
        confidence=float(intent.get("confidence") or 0.0),
        ranking=_pairs(message.get("ranking")),
        topics=_pairs(message.get("topics")),
        subs=_pairs(message.get("subs")),
        also=_pairs(message.get("also")),
        entities=_entities(message.get("entities") or []),
        slots=dict(tracker.slots),
        form=(tracker.active_loop or {}).get("name"),
        asked=tracker.slots.get("requested_slot"),
        is_first=sum(event["event"] == "user" for event in tracker.events or []) == 1 and epoch == FIRST_EPOCH,
        is_return=_has_been_answered(tracker.events or [], (tracker.active_loop or {}).get("name")),
    )


def _pairs(value: Any) -> tuple[tuple[str, float], ...]:
    return tuple((str(name), float(p)) for name, p in value or [])


def _whole(value: Any) -> int:
    return int(value) if str(value or "").isdigit() else 0


def _moment(value: Any) -> datetime:
    try:
        moment = datetime.fromisoformat(str(value).replace("Z", "+00:00"))
        return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)
    except ValueError:
        return datetime.now(timezone.utc)


def _entities(found: list[dict[str, Any]]) -> dict[str, list[Any]]:
    entities: dict[str, list[Any]] = {}
    for entity in found:
        entities.setdefault(entity["entity"], []).append(entity["value"])
    return entities


def _has_been_answered(events: list[dict[str, Any]], form: str | None) -> bool:
    """Whether something else has answered this message already, so that the form only has to ask again."""
    for event in reversed(events):
        if event["event"] == "user":
            return False
        if event["event"] == "action_execution_rejected":
            return True
        if event["event"] == "action" and event.get("name") not in (form, "action_extract_slots"):
            return event.get("name") not in ("action_listen", "action_session_start")
    return False
