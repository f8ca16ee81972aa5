"""Opening hours on the wall clock of one place. The caller turns instants into local time and back."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

DAY = 24 * 60
HORIZON = 15  # days ahead in which the next opening is looked for: longer than Christmas to New Year

AS_USUAL, CLOSED, AS_SUNDAY, UNKNOWN = "as_usual", "closed", "as_sunday", "unknown"
DAY_RULES = (AS_USUAL, CLOSED, AS_SUNDAY, UNKNOWN)


@dataclass(frozen=True, slots=True)
class Span:
    """Minutes after the day's midnight, end not included. `end` may pass 1440: the night that follows."""

    start: int
    end: int


Spans = tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Calendar:
    """Public holidays, and the days when much is closed without being a holiday (24 December …)."""

    holidays: frozenset[date] = frozenset()
    closing_days: frozenset[date] = frozenset()


@dataclass(frozen=True, slots=True)
class OpeningHours:
    """`week` holds seven days, Monday first. `special` overrules everything on its dates (empty = closed)."""

    week: tuple[Spans, ...] = ((),) * 7
    always: bool = False
    on_holidays: str = UNKNOWN
    on_closing_days: str = UNKNOWN
    special: Mapping[date, Spans] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class State:
    """`now` is None when nobody knows (a holiday without a known rule). `until`, `next` are local wall times."""

    now: bool | None
    always: bool = False
    until: datetime | None = None
    next: datetime | None = None


def parse_span(text: str) -> Span:
    """`09:00-17:00`; an end at or before the start means the next day: `09:00-05:00`. ValueError if unreadable."""
    first, last = text.split("-")
    start, end = _minutes(first), _minutes(last)
    return Span(start, end if end > start else end + DAY)


def _minutes(text: str) -> int:
    hours, minutes = text.strip().split(":")
    value = int(hours) * 60 + int(minutes)
    if not (0 <= value <= DAY and 0 <= int(minutes) < 60):
        raise ValueError(text)
    return value


def spans_on(hours: OpeningHours, day: date, calendar: Calendar) -> Spans | None:
    """The day's spans; None when the day's rule is unknown."""
    if day in hours.special:
        return hours.special[day]
    if hours.always:
        return (Span(0, DAY),)
    rule = _rule_for(hours, day, calendar)
    if rule == UNKNOWN:
        return None
    if rule == CLOSED:
        return ()
    return hours.week[6 if rule == AS_SUNDAY else day.weekday()]


def _rule_for(hours: OpeningHours, day: date, calendar: Calendar) -> str:
    if day in calendar.holidays:
        return hours.on_holidays
    if day in calendar.closing_days:
        return hours.on_closing_days
    return AS_USUAL


def state_at(hours: OpeningHours, local: datetime, calendar: Calendar) -> State:
    """Open, closed or unknown at `local` (naive wall-clock time of the place), and when that changes."""
    if hours.always and not hours.special:
        return State(True, always=True)
    end = _end_of_open_span(hours, local, calendar)
    if end is not None:
        return State(True, until=_merged_end(hours, end, calendar))
    unknown = spans_on(hours, local.date(), calendar) is None
    return State(None if unknown else False, next=_next_opening(hours, local, calendar))


def _end_of_open_span(hours: OpeningHours, local: datetime, calendar: Calendar) -> datetime | None:
    minute = local.hour * 60 + local.minute
    for back in (0, 1):
        day = local.date() - timedelta(days=back)
        for span in spans_on(hours, day, calendar) or ():
            if span.start <= minute + back * DAY < span.end:
                return at_minute(day, span.end)
    return None


def _merged_end(hours: OpeningHours, end: datetime, calendar: Calendar) -> datetime:
    for _ in range(HORIZON):
        further = _end_of_open_span(hours, end, calendar)
        if further is None:
            return end
        end = further
    return end


def _next_opening(hours: OpeningHours, local: datetime, calendar: Calendar) -> datetime | None:
    for ahead in range(HORIZON):
        day = local.date() + timedelta(days=ahead)
        starts = (at_minute(day, span.start) for span in spans_on(hours, day, calendar) or ())
        later = [start for start in starts if start > local]
        if later:
            return min(later)
    return None


def at_minute(day: date, minute: int) -> datetime:
    """The wall time `minute` minutes into `day`; 1500 is one in the night that follows."""
    return datetime.combine(day, time()) + timedelta(minutes=minute)
