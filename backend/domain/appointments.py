"""Shifts, opening days and what is taken → free slots. Pure: no clock, no database."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from dateutil.rrule import rrulestr
from dateutil.tz import datetime_ambiguous, datetime_exists, gettz

COPENHAGEN = gettz("Europe/Copenhagen")
HELD, BOOKED, CANCELLED = "held", "booked", "cancelled"
TAKES_SLOT = (HELD, BOOKED)


@dataclass(frozen=True)
class Shift:
    """A recurring stretch of a host's time in Copenhagen wall time. `rule` is an RFC 5545 RRULE counted from `first_on`."""

    id: str
    host_id: str
    host_alias: str
    peer: bool
    rule: str
    first_on: date
    starts: time
    ends: time
    forms: tuple[str, ...]
    place: str
    slot_minutes: int = 45
    buffer_minutes: int = 15
    except_on: tuple[date, ...] = ()


@dataclass(frozen=True)
class Busy:
    host_id: str
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True)
class Slot:
    """A free time. Times are aware UTC; `id` is stable, so that a choice can be checked again when it is made."""

    host_id: str
    host_alias: str
    peer: bool
    starts_at: datetime
    ends_at: datetime
    forms: tuple[str, ...]
    place: str

    @property
    def id(self) -> str:
        return f"{self.host_id}.{int(self.starts_at.timestamp()) // 60}"


def free_slots(
    shifts: Sequence[Shift],
    busy: Sequence[Busy],
    since: datetime,
    until: datetime,
    is_closed: Callable[[date], bool],
) -> list[Slot]:
    """Every free slot with since <= start < until, earliest first. `is_closed` tells holidays and closing days of the place."""
    found = [
        slot
        for shift in shifts
        for slot in _slots_of(shift, since, until, is_closed)
        if not any(b.host_id == slot.host_id and b.starts_at < slot.ends_at and slot.starts_at < b.ends_at for b in busy)
    ]
    return sorted(found, key=lambda slot: (slot.starts_at, slot.host_id))


def _slots_of(shift: Shift, since: datetime, until: datetime, is_closed: Callable[[date], bool]) -> Iterator[Slot]:
    first_day = since.astimezone(COPENHAGEN).date()
    last_day = until.astimezone(COPENHAGEN).date()
    for day in _days(shift, first_day, last_day):
        if is_closed(day) or day in shift.except_on:
            continue
        for start in _starts(shift, day):
            end = start + timedelta(minutes=shift.slot_minutes)
            if since <= start < until:
                yield Slot(shift.host_id, shift.host_alias, shift.peer, start, end, shift.forms, shift.place)


def _days(shift: Shift, first: date, last: date) -> list[date]:
    rule = rrulestr(shift.rule, dtstart=datetime.combine(shift.first_on, time()))
    inside = rule.between(datetime.combine(first, time()), datetime.combine(last, time()), inc=True)
    return [moment.date() for moment in inside]


def _starts(shift: Shift, day: date) -> Iterator[datetime]:
    """Starts in UTC. Wall times that do not exist or come twice (change of clocks) are never offered."""
    at, step = datetime.combine(day, shift.starts), timedelta(minutes=shift.slot_minutes + shift.buffer_minutes)
    while at + timedelta(minutes=shift.slot_minutes) <= datetime.combine(day, shift.ends):
        if datetime_exists(at, COPENHAGEN) and not datetime_ambiguous(at, COPENHAGEN):
            yield at.replace(tzinfo=COPENHAGEN).astimezone(UTC)
        at += step


def nearest(slots: Sequence[Slot], wished: datetime, count: int) -> list[Slot]:
    """The `count` slots closest to `wished`, in order of time."""
    closest = sorted(slots, key=lambda slot: abs(slot.starts_at - wished))[:count]
    return sorted(closest, key=lambda slot: slot.starts_at)
