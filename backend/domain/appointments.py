"""Every rule about free times in one place: shifts, opening days and what is taken → slots. Pure: no clock, no database."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from dateutil.rrule import rrulestr

from backend.domain.opening_hours import Span

COPENHAGEN = ZoneInfo("Europe/Copenhagen")
HELD, BOOKED, CANCELLED, ATTENDED, NOT_ATTENDED = "held", "booked", "cancelled", "attended", "not_attended"
TAKES_SLOT = (HELD, BOOKED)
HELD_FOR = timedelta(minutes=5)
TO_DECIDE = timedelta(minutes=15)
HORIZON = timedelta(days=60)
NOTICE_MINUTES = 60
IN_PERSON = "in_person"
PREFERRED = (IN_PERSON, "chat", "video", "phone")
FREQUENCIES = ("DAILY", "WEEKLY", "MONTHLY", "YEARLY")
RULE_PARTS = {"FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST", "BYDAY", "BYMONTH", "BYMONTHDAY", "BYSETPOS", "BYWEEKNO", "BYYEARDAY"}

SLOT_ID = re.compile(r"([0-9a-f]{32})\.([0-9]{1,9})")


@dataclass(frozen=True, slots=True)
class Shift:
    """A recurring stretch of a host's time in Copenhagen wall time. `rule` is an RFC 5545 RRULE counted from `first_on`.

    `buffer_minutes` lie between two appointments, `notice_minutes` between booking and start; `most_a_day` counts per host.
    """

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
    notice_minutes: int = NOTICE_MINUTES
    most_a_day: int | None = None
    languages: tuple[str, ...] = ("da",)


@dataclass(frozen=True, slots=True)
class Busy:
    """Time that is taken. `external` is the host's other work: it needs no buffer and does not count as a talk."""

    host_id: str
    starts_at: datetime
    ends_at: datetime
    external: bool = False


@dataclass(frozen=True, slots=True)
class Slot:
    """A free time. Times are aware UTC; `id` is stable, so that a choice can be checked again when it is made."""

    host_id: str
    host_alias: str
    peer: bool
    starts_at: datetime
    ends_at: datetime
    forms: tuple[str, ...]
    place: str
    languages: tuple[str, ...] = ("da",)

    @property
    def id(self) -> str:
        return f"{self.host_id}.{int(self.starts_at.timestamp()) // 60}"


@dataclass(frozen=True, slots=True)
class Window:
    """When it suits: `since` and `until` are aware UTC; `parts` are clock spans in Copenhagen time."""

    since: datetime | None = None
    until: datetime | None = None
    excluded: tuple[date, ...] = ()
    parts: tuple[tuple[str, str], ...] = ()

    def holds(self, moment: datetime) -> bool:
        if self.since and moment < self.since or self.until and moment >= self.until:
            return False
        local = moment.astimezone(COPENHAGEN)
        if local.date() in self.excluded:
            return False
        clock = local.strftime("%H:%M")
        return not self.parts or any(start <= clock < end for start, end in self.parts)


@dataclass(frozen=True, slots=True)
class Wish:
    """What a guest asks for. None and False mean that it does not matter."""

    window: Window = Window()
    form: str | None = None
    peer: bool = False
    alias: str | None = None
    host_id: str | None = None
    language: str | None = None

    def suits(self, shift: Shift) -> bool:
        return (
            (self.form is None or self.form in shift.forms)
            and (not self.peer or shift.peer)
            and (self.alias is None or self.alias.casefold() == shift.host_alias.casefold())
            and (self.host_id is None or self.host_id == shift.host_id)
            and (self.language is None or self.language in shift.languages)
        )


def default_form(slot: Slot) -> str:
    """For a guest who doesn't mind: face to face where that is possible, and on the phone last, since that takes a number."""
    return min(slot.forms, key=PREFERRED.index)


def read_slot_id(slot_id: str) -> tuple[str, datetime] | None:
    """→ (host id, start in UTC); None for anything that is no slot id."""
    match = SLOT_ID.fullmatch(slot_id)
    return (match[1], datetime.fromtimestamp(int(match[2]) * 60, UTC)) if match else None


def always_open(_place: str, _day: date) -> tuple[Span, ...] | None:
    return None


class Timetable:
    """Free slots with now + notice <= start < `until`, worked out day by day and only for the days asked for.

    `is_closed(day)` tells holidays and closing days; `opens(place, day)` the stretches when a place takes guests in person,
    None when that is not known. `grace` shortens the notice: a time that was offered a moment ago can still be taken.
    `between` (first and last day) says that `busy` is known for those days only, so no others are looked at.
    """

    def __init__(
        self,
        shifts: Sequence[Shift],
        busy: Sequence[Busy],
        now: datetime,
        until: datetime,
        is_closed: Callable[[date], bool],
        opens: Callable[[str, date], Sequence[Span] | None] = always_open,
        grace: timedelta = timedelta(),
        between: tuple[date, date] | None = None,
    ) -> None:
        self.now, self.until, self.is_closed, self.opens, self.grace = now, until, is_closed, opens, grace
        self.first, self.last = between or (local_day(now), local_day(until))
        self._working = _by_day(shifts, (local_day(now), local_day(until)), self.first, self.last)
        self._busy = _Taken(busy)

    def on(self, day: date) -> list[Slot]:
        """The day's free slots, earliest first; a host's overlapping shifts give a time once."""
        if day not in self._working or self.is_closed(day):
            return []
        found: dict[tuple[str, datetime], Slot] = {}
        for shift in self._working[day]:
            for slot in self._free(shift, day):
                found.setdefault((slot.host_id, slot.starts_at), slot)
        return sorted(found.values(), key=lambda slot: (slot.starts_at, self.load(slot.host_id, day), slot.host_id))

    def days(self) -> list[date]:
        return sorted(self._working)

    def all(self) -> list[Slot]:
        return [slot for day in self.days() for slot in self.on(day)]

    def load(self, host_id: str, day: date) -> int:
        """How many talks the host has that day."""
        return self._busy.talks(host_id, day)

    def find(self, wish: Wish, limit: int) -> tuple[list[Slot], bool]:
        """→ (slots in order of time, whether they lie within the wish). The nearest others when the wish has none."""
        wished = self.within(wish, limit)
        return (wished, True) if wished else (self.nearest(wish.window.since or self.now, limit, wish.form)[0], False)

    def within(self, wish: Wish, limit: int) -> list[Slot]:
        """The first `limit` starts within the wish."""
        first = max(self.first, local_day(wish.window.since)) if wish.window.since else self.first
        last = min(self.last, local_day(wish.window.until)) if wish.window.until else self.last
        found: list[Slot] = []
        for day in self.days():
            if first <= day <= last and day not in wish.window.excluded:
                found += spread(slot for slot in self.on(day) if _offers(slot, wish.form) and wish.window.holds(slot.starts_at))
            if len(found) >= limit:
                break
        return found[:limit]

    def nearest(self, wished: datetime, limit: int, form: str | None = None) -> tuple[list[Slot], int | None]:
        """→ (the `limit` starts closest to `wished`, in order of time; within how many days from it no closer one can be).

        Looks no further out than it has to. None: there are fewer than `limit`.
        """
        found: list[Slot] = []
        enough_at: int | None = None
        for away, day in _outwards(self.days(), local_day(wished)):
            if enough_at is not None and away > enough_at + 1:
                break
            found += spread(slot for slot in self.on(day) if _offers(slot, form))
            if len(found) >= limit and enough_at is None:
                enough_at = away
        closest = sorted(found, key=lambda slot: abs(slot.starts_at - wished))[:limit]
        return sorted(closest, key=lambda slot: slot.starts_at), None if enough_at is None else enough_at + 1

    def slot(self, slot_id: str) -> Slot | None:
        """The slot if it is free now."""
        read = read_slot_id(slot_id)
        if read is None:
            return None
        return next((slot for slot in self.on(local_day(read[1])) if slot.id == slot_id), None)

    def _free(self, shift: Shift, day: date) -> Iterator[Slot]:
        taken = self._busy.on(shift.host_id, day)
        if shift.most_a_day is not None and self.load(shift.host_id, day) >= shift.most_a_day:
            return
        earliest = self.now + max(timedelta(), timedelta(minutes=shift.notice_minutes) - self.grace)
        buffer = timedelta(minutes=shift.buffer_minutes)
        open_spans = self.opens(shift.place, day)
        for minute, start, end in starts(shift, day):
            forms = shift.forms if _admits(open_spans, minute, shift.slot_minutes) else _from_afar(shift.forms)
            if forms and earliest <= start < self.until and not (taken and _collides(taken, start, end, buffer)):
                yield Slot(shift.host_id, shift.host_alias, shift.peer, start, end, forms, shift.place, shift.languages)


def starts(shift: Shift, day: date) -> tuple[tuple[int, datetime, datetime], ...]:
    """(minute of the day, start, end in UTC) of a shift's slots. None touches an hour that is left out or comes twice."""
    return _grid(day, _minute(shift.starts), _minute(shift.ends), shift.slot_minutes, shift.slot_minutes + shift.buffer_minutes)


@lru_cache(maxsize=4096)
def _grid(day: date, first: int, last: int, length: int, step: int) -> tuple[tuple[int, datetime, datetime], ...]:
    """Worked out from its arguments alone, so that what is kept can't be out of date."""
    midnight, is_even = _midnight(day)
    minutes = range(first, last - length + 1, step)
    if is_even:
        spans = ((minute, midnight + timedelta(minutes=minute), midnight + timedelta(minutes=minute + length)) for minute in minutes)
        return tuple(spans)
    changed = ((minute, _around_the_change(day, minute, length)) for minute in minutes)
    return tuple((minute, *span) for minute, span in changed if span)


def _around_the_change(day: date, minute: int, length: int) -> tuple[datetime, datetime] | None:
    wall = datetime.combine(day, time()) + timedelta(minutes=minute)
    start, end = _only_instant(wall), _only_instant(wall + timedelta(minutes=length))
    if start is None or end is None or end - start != timedelta(minutes=length):
        return None
    return start, end


def _only_instant(wall: datetime) -> datetime | None:
    """The one instant with this wall time; None when there is none or there are two."""
    early, late = (wall.replace(tzinfo=COPENHAGEN, fold=fold).astimezone(UTC) for fold in (0, 1))
    return early if early == late else None


@lru_cache(maxsize=4096)
def _midnight(day: date) -> tuple[datetime, bool]:
    """(the day's first instant in UTC, whether the day has 24 hours)."""
    wall = datetime.combine(day, time(), COPENHAGEN)
    start, end = wall.astimezone(UTC), (wall + timedelta(days=1)).astimezone(UTC)
    return start, end - start == timedelta(days=1)


def local_day(moment: datetime) -> date:
    return moment.astimezone(COPENHAGEN).date()


def spread(slots: Iterator[Slot] | Sequence[Slot]) -> list[Slot]:
    """One slot per start time: three hosts free at ten is one choice, not three. The first host named wins."""
    seen: dict[datetime, Slot] = {}
    for slot in slots:
        seen.setdefault(slot.starts_at, slot)
    return list(seen.values())


def check_rule(rule: str) -> None:
    """Raises ValueError for a rule that is not a plain repetition of days."""
    parts = _parts(rule)
    if parts.get("FREQ") not in FREQUENCIES or not set(parts) <= RULE_PARTS:
        raise ValueError(rule)
    if not parts.get("INTERVAL", "1").isdigit() or int(parts.get("INTERVAL", "1")) < 1:
        raise ValueError(rule)
    rrulestr(rule, dtstart=datetime(2026, 1, 5), ignoretz=True)


@lru_cache(maxsize=4096)
def rule_days(rule: str, first_on: date, first: date, last: date) -> tuple[date, ...]:
    """The rule's days from `first` to `last`, both included. Raises ValueError for a rule that can't be read."""
    check_rule(rule)
    repeated = rrulestr(rule, dtstart=datetime.combine(_restart(rule, first_on, first), time()), ignoretz=True)
    inside = repeated.between(datetime.combine(first, time()), datetime.combine(last, time()), inc=True)
    return tuple(moment.date() for moment in inside)


def _restart(rule: str, first_on: date, first: date) -> date:
    """A start nearer to `first` that gives the same days, so that an old shift is as quick as a new one."""
    parts = _parts(rule)
    lengths = {"DAILY": 1, "WEEKLY": 7}
    if parts["FREQ"] not in lengths or "COUNT" in parts:
        return first_on
    period = lengths[parts["FREQ"]] * int(parts.get("INTERVAL", "1"))
    rounds = (first - first_on).days // period - 1
    return first_on + timedelta(days=max(0, rounds) * period)


def _parts(rule: str) -> dict[str, str]:
    return {name.strip().upper(): value.strip().upper() for name, _, value in (part.partition("=") for part in rule.split(";"))}


def _by_day(shifts: Sequence[Shift], counted: tuple[date, date], first: date, last: date) -> dict[date, list[Shift]]:
    """The shifts of each day from `first` to `last`. Days are `counted` over the same span every time, so that they are counted once."""
    working: dict[date, list[Shift]] = {}
    for shift in shifts:
        days = _days(shift, *counted)
        for day in days[bisect_left(days, first) : bisect_right(days, last)]:
            if day not in shift.except_on:
                working.setdefault(day, []).append(shift)
    return working


def _days(shift: Shift, first: date, last: date) -> tuple[date, ...]:
    """A shift whose rule can't be read offers nothing; it must not close the others."""
    try:
        return rule_days(shift.rule, shift.first_on, first, last)
    except (ValueError, TypeError, KeyError):
        return ()


class _Taken:
    """What is taken, by host and day, looked up only for the days that are asked for."""

    def __init__(self, busy: Sequence[Busy]) -> None:
        self._of_host: dict[str, list[Busy]] = {}
        for one in sorted(busy, key=lambda one: one.starts_at):
            self._of_host.setdefault(one.host_id, []).append(one)
        self._longest = max((one.ends_at - one.starts_at for one in busy), default=timedelta())
        self._known: dict[tuple[str, date], list[Busy]] = {}
        self._talks: dict[tuple[str, date], int] = {}

    def on(self, host_id: str, day: date) -> list[Busy]:
        key = (host_id, day)
        if key not in self._known:
            self._known[key] = self._look_up(host_id, day) if host_id in self._of_host else []
        return self._known[key]

    def talks(self, host_id: str, day: date) -> int:
        key = (host_id, day)
        if key not in self._talks:
            self._talks[key] = sum(not one.external for one in self.on(host_id, day))
        return self._talks[key]

    def _look_up(self, host_id: str, day: date) -> list[Busy]:
        its, start = self._of_host[host_id], _midnight(day)[0]
        end = _midnight(day + timedelta(days=1))[0]
        first = bisect_left(its, start - self._longest, key=lambda one: one.starts_at)
        last = bisect_left(its, end, key=lambda one: one.starts_at)
        return [one for one in its[first:last] if one.ends_at > start]


def _collides(taken: Sequence[Busy], start: datetime, end: datetime, buffer: timedelta) -> bool:
    for one in taken:
        gap = timedelta() if one.external else buffer
        if one.starts_at < end + gap and start < one.ends_at + gap:
            return True
    return False


def _admits(spans: Sequence[Span] | None, minute: int, length: int) -> bool:
    return spans is None or any(span.start <= minute and minute + length <= span.end for span in spans)


def _from_afar(forms: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(form for form in forms if form != IN_PERSON)


def _offers(slot: Slot, form: str | None) -> bool:
    return form is None or form in slot.forms


def _outwards(days: Sequence[date], wished: date) -> list[tuple[int, date]]:
    return sorted((abs((day - wished).days), day) for day in days)


def _minute(clock: time) -> int:
    return clock.hour * 60 + clock.minute
