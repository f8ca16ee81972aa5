"""The order of those who wait, how long it may take, and who may still join the queue. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from backend.domain.conversation import RISKS

QUEUE_PER_HOST = 4
LAST_ADMISSION = timedelta(minutes=10)  # a talk that begins later than this before closing is no talk
LOOK_BACK = timedelta(hours=2)
PICKUPS = 20
FEWEST_PICKUPS = 3
LONGEST_GUESS = timedelta(minutes=60)
CLOSED, NOBODY_THERE, CLOSING, FULL = "closed", "nobody_there", "closing", "queue_full"


@dataclass(frozen=True)
class Waiting:
    conversation_id: str
    risk: str
    requested_at: datetime
    lost_host: bool = False


@dataclass(frozen=True)
class Desk:
    """How things are at one team's desk. `open_now` is None when the hours are not known; `closes_at` None: no closing in sight."""

    now: datetime
    open_now: bool | None
    closes_at: datetime | None
    present: int
    waiting: int
    pickups: Sequence[datetime] = ()

    @property
    def time_left(self) -> timedelta | None:
        return self.closes_at - self.now if self.closes_at else None


def in_order(waiting: Sequence[Waiting]) -> list[Waiting]:
    """Acute, then high; within the rest a guest who lost the host comes before all who ask for the first time."""
    return sorted(waiting, key=lambda one: (-_weight(one.risk), not one.lost_host, one.requested_at, one.conversation_id))


def place_of(conversation_id: str, waiting: Sequence[Waiting]) -> int | None:
    """1 is next. None when the conversation is not in the queue."""
    ids = [one.conversation_id for one in in_order(waiting)]
    return ids.index(conversation_id) + 1 if conversation_id in ids else None


def expected_wait(place: int, desk: Desk) -> timedelta | None:
    """From how often somebody was fetched lately; None when that can't be known (no host, or too few to go by)."""
    recent = sorted(at for at in desk.pickups if desk.now - LOOK_BACK <= at <= desk.now)[-PICKUPS:]
    if not desk.present or len(recent) < FEWEST_PICKUPS:
        return None
    return (desk.now - recent[0]) / len(recent) * place


def minutes_to_tell(wait: timedelta | None) -> int | None:
    """Rounded up to five minutes; None when it is unknown or too long to be more than a guess."""
    if wait is None or wait > LONGEST_GUESS:
        return None
    return max(5, -(-int(wait.total_seconds()) // 300) * 5)


def refusal(desk: Desk, serious: bool = False) -> str | None:
    """Why a new guest can't be admitted now, or None. Somebody in danger is admitted as long as a host is there to answer."""
    if desk.open_now is False:
        return CLOSED
    if not desk.present:
        return NOBODY_THERE
    if serious:
        return None
    if _too_late(desk):
        return CLOSING
    return FULL if desk.waiting >= QUEUE_PER_HOST * desk.present else None


def _too_late(desk: Desk) -> bool:
    if desk.time_left is None:
        return False
    wait = expected_wait(desk.waiting + 1, desk) or timedelta()
    return desk.time_left - wait < LAST_ADMISSION


def _weight(risk: str) -> int:
    return max(0, RISKS.index(risk) - 1)
