"""Who is talking in a conversation, and who may. Pure."""

from dataclasses import dataclass
from datetime import datetime

WITH_BOT, WAITING, WITH_HOST, CLOSED = "with_bot", "waiting", "with_host", "closed"
STATES = (WITH_BOT, WAITING, WITH_HOST, CLOSED)
RISKS = ("none", "concern", "high", "acute")

TRANSITIONS = {
    WITH_BOT: {WAITING, WITH_HOST, CLOSED},  # with_host at once: a host goes in to a guest in danger
    WAITING: {WITH_BOT, WITH_HOST, CLOSED},
    WITH_HOST: {WITH_BOT, WAITING, CLOSED},
    CLOSED: set(),
}


@dataclass(frozen=True)
class Conversation:
    """A row of `conversations`. Times are aware UTC; `last_n` is the number of the newest event."""

    id: str
    municipality: str
    channel: str
    state: str
    epoch: int
    last_n: int
    answered_n: int
    risk: str
    owner_id: str | None
    fence: int
    key_wrapped: bytes | None
    situation: bytes | None
    opened_at: datetime
    active_at: datetime
    closed_at: datetime | None
    erased_at: datetime | None
    phase: str = "ordinary"

    @property
    def bot_may_speak(self) -> bool:
        return self.state == WITH_BOT

    @property
    def sender(self) -> str:
        """The name under which Rasa knows this stretch of the conversation."""
        return f"{self.id}.{self.epoch}"


def may_become(state: str, new_state: str) -> bool:
    return new_state in TRANSITIONS[state]


def worse_risk(one: str, other: str) -> str:
    return max(one, other, key=RISKS.index)


def is_serious(risk: str) -> bool:
    """High and acute: the bot steps aside and the crisis card is shown."""
    return risk in ("high", "acute")
