"""The order of those who wait: safety first, then the one who has waited longest. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from backend.domain.conversation import RISKS


@dataclass(frozen=True)
class Waiting:
    conversation_id: str
    risk: str
    requested_at: datetime
    lost_host: bool = False


def in_order(waiting: Sequence[Waiting]) -> list[Waiting]:
    """Acute, then high; within the rest a guest who lost the host comes before all who ask for the first time."""
    return sorted(waiting, key=lambda one: (-_weight(one.risk), not one.lost_host, one.requested_at))


def place_of(conversation_id: str, waiting: Sequence[Waiting]) -> int | None:
    """1 is next. None when the conversation is not in the queue."""
    ids = [one.conversation_id for one in in_order(waiting)]
    return ids.index(conversation_id) + 1 if conversation_id in ids else None


def _weight(risk: str) -> int:
    return max(0, RISKS.index(risk) - 1)
