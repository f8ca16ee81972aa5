"""How the queue has served its guests, in numbers only. Small counts are hidden, so that nobody can be picked out."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from backend.conversations.tables import conversations
from backend.domain.appointments import COPENHAGEN
from backend.handoffs.tables import handoffs
from backend.storage.engine import Storage

FEWEST_SHOWN = 5
FORMULA = frozenset("=+-@\uff1d\uff0b\uff0d\uff20")  # also the wide forms, which some spreadsheets read alike
BUCKETS = ((60, "under_1"), (300, "1_to_5"), (900, "5_to_15"), (10**9, "over_15"))
IN_ORDER = [name for _, name in BUCKETS] + ["within_a_minute", "same_day", "later", "never"]


@dataclass(frozen=True)
class Wait:
    """One guest's wait: when it began, when a host came (None: never), the first word, and how it ended."""

    requested_at: datetime
    claimed_at: datetime | None
    first_answer_at: datetime | None
    ended_at: datetime | None
    outcome: str | None


@dataclass(frozen=True)
class Line:
    """One row of the report. `count` None: too few to show."""

    group: str
    key: str
    count: int | None


async def waits(storage: Storage, municipality: str, channels: Sequence[str], since: datetime) -> list[Wait]:
    columns = (
        handoffs.c.requested_at,
        handoffs.c.claimed_at,
        handoffs.c.first_answer_at,
        handoffs.c.ended_at,
        handoffs.c.outcome,
    )
    wanted = (
        select(*columns)
        .join(conversations, conversations.c.id == handoffs.c.conversation_id)
        .where(
            conversations.c.municipality == municipality,
            conversations.c.channel.in_(tuple(channels)),
            handoffs.c.requested_at >= since,
        )
    )
    async with storage.read() as tx:
        return [Wait(*row) for row in await tx.execute(wanted)]


def report(found: Sequence[Wait]) -> list[Line]:
    """Waiting and abandonment in buckets, answered within a minute, started the same day, outcomes, and hours of the day."""
    groups = {
        "waited": Counter(_bucket(one.claimed_at - one.requested_at) for one in found if one.claimed_at),
        "left_after": Counter(
            _bucket(one.ended_at - one.requested_at) for one in found if one.ended_at and not one.claimed_at
        ),
        "answered": Counter(_answered(one) for one in found),
        "outcome": Counter(one.outcome or "open" for one in found),
        "hour": Counter(f"{one.requested_at.astimezone(COPENHAGEN).hour:02}" for one in found),
    }
    return [
        Line(group, key, None if key in hidden else counter[key])
        for group, counter in groups.items()
        for hidden in [_hidden(counter)]
        for key in sorted(counter, key=lambda key: (IN_ORDER.index(key) if key in IN_ORDER else len(IN_ORDER), key))
    ]


def _hidden(counter: Counter) -> set[str]:
    """The steps too small to show, and the next ones up until what is hidden can't be worked out from the total, which other groups give away."""
    rising = sorted(counter, key=lambda key: counter[key])
    small = sum(count < FEWEST_SHOWN for count in counter.values())
    while 0 < small < len(rising) and (small == 1 or sum(counter[key] for key in rising[:small]) < FEWEST_SHOWN):
        small += 1
    return set(rising[:small])


def as_csv(lines: Sequence[Line]) -> str:
    """Semicolons and a byte order mark, as Danish spreadsheets expect. No cell can begin a formula."""
    rows = [
        "gruppe;trin;antal",
        *(";".join(map(_cell, (line.group, line.key, line.count))) for line in lines),
    ]
    return "\ufeff" + "\r\n".join(rows) + "\r\n"


def _cell(value: object) -> str:
    text = f"<{FEWEST_SHOWN}" if value is None else str(value)
    text = " ".join(text.replace('"', '""').split())
    return f'"\'{text}"' if text[:1] in FORMULA else f'"{text}"'


def _bucket(span: timedelta) -> str:
    return next(name for most, name in BUCKETS if span.total_seconds() < most)


def _answered(one: Wait) -> str:
    if one.first_answer_at is None:
        return "never"
    if one.first_answer_at - one.requested_at <= timedelta(minutes=1):
        return "within_a_minute"
    same_day = (
        one.first_answer_at.astimezone(COPENHAGEN).date() == one.requested_at.astimezone(COPENHAGEN).date()
    )
    return "same_day" if same_day else "later"
