"""A guest in danger: when hosts are rung about it, who is rung, and what a host can have done. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from backend.domain.conversation import WITH_BOT, is_serious

NEXT_RUNG_AFTER = timedelta(seconds=30)
FIRST_RUNG, LAST_RUNG = 1, 2
SILENT_AFTER = timedelta(minutes=30)  # after that it is still there to be seen, but nobody is startled by it
ASKED_AGAIN_AFTER = timedelta(minutes=5)
# What a host can have done. Every one is a host's own decision: nothing is done by the product.
ACTS = (
    "talked", "told_guest", "helped_call", "called_112_agreed", "called_112", "informed_coordinator", "notified_municipality",
    "eased", "not_serious", "decided_not",
)  # fmt: skip
EASED_BY = ("eased", "not_serious")


@dataclass(frozen=True)
class AtDesk:
    """A host with the console open. `takes_guests`: says so, is lately active and is not resting."""

    id: str
    takes_guests: bool


def calls_for_hosts(level: str, state: str) -> bool:
    """Acute rings wherever the guest is; high where a human is already asked for or there. With the bot, high has its own question."""
    return level == "acute" or (is_serious(level) and state != WITH_BOT)


def rung_at(rang_at: datetime, now: datetime) -> int:
    """The rung an unacknowledged alarm has come to."""
    return min(LAST_RUNG, FIRST_RUNG + int((now - rang_at) / NEXT_RUNG_AFTER))


def audience(rung: int, owner_id: str | None, desks: Sequence[AtDesk]) -> list[str]:
    """Whom to ring. First the host who has the chat, or those who take guests; then everybody of the team whose console is open."""
    here = [desk.id for desk in desks]
    if rung == FIRST_RUNG and owner_id in here:
        return [owner_id]
    if rung == FIRST_RUNG and (taking := [desk.id for desk in desks if desk.takes_guests]):
        return taking
    return here
