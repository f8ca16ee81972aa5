"""From a find of the scanner to an atom of meaning: days, hours of the day, a flag, a question or a joint."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from dateutil import tz

from bot.actions.parsing import calendar_days as calendar
from bot.actions.parsing.calendar_days import Moment, Span
from bot.actions.parsing.clock_words import Clock, read_clock
from bot.actions.parsing.spelling import Tidied
from bot.actions.parsing.time_wish import COPENHAGEN, TimeWish, days_of
from bot.actions.parsing.time_words import MONTHS, ORDINALS, WEEKDAYS, WORDS, Find, scan

SOON_HOURS = 2
NEAR_DATE_DAYS = 60
SEASON_AFTER_DAYS = 7


@dataclass(frozen=True)
class DayWord:
    """Days a word names. `weekdays` can still be placed in a `frame` (a week, a month); `weak` days only then count."""

    spans: tuple[Span, ...]
    weekdays: tuple[int, ...] = ()
    frame: bool = False
    weak: bool = False
    shift: int = 0
    season: bool = False
    recurring: bool = False
    ask: str | None = None
    sure: float = 1.0


@dataclass(frozen=True)
class Atom:
    """`kind`: day, clock, about, bound, between, part, exact, dotted, bare, prep, flag, ask, neg, corr or a joint."""

    kind: str
    value: Any
    start: int
    end: int


@dataclass(frozen=True)
class Said:
    """What the readers may look at besides the words."""

    at: datetime
    moment: Moment
    previous: TimeWish | None

    @property
    def today(self) -> date:
        return self.moment.today


Meaning = tuple[str, Any]


def atoms_in(tidied: Tidied, said: Said) -> Iterator[Atom]:
    """The atoms of the text in order; words without a bearing on time give none."""
    for find in scan(tidied.text):
        reader = READERS.get(find.kind)
        meanings = reader(find, said) if reader else [(find.kind, find.argument)]
        for kind, value in meanings:
            yield Atom(kind, value, find.start, find.end)


def ask(code: str) -> list[Meaning]:
    return [("ask", code)]


def day(first: date, last: date | None = None, **more: Any) -> list[Meaning]:
    return [("day", DayWord(((first, last or first),), **more))]


def far(first: date, said: Said) -> bool:
    return first - said.today > calendar.LONGEST_AHEAD


# -- clocks


def _clock(find: Find, said: Said) -> list[Meaning]:
    clock = read_clock(find.words["a"])
    return [("clock", clock)] if clock else ask("unknown_time")


def _about(find: Find, said: Said) -> list[Meaning]:
    clock = read_clock(find.words["a"])
    return [("about", clock)] if clock else ask("unknown_time")


def _bound(find: Find, said: Said) -> list[Meaning]:
    clock = read_clock(find.words["a"])
    return [("bound", (find.argument, clock))] if clock else ask("unknown_time")


def _between(find: Find, said: Said) -> list[Meaning]:
    first, last = read_clock(find.words["a"]), read_clock(find.words["b"])
    return [("between", (first, last))] if first and last else ask("unknown_time")


def _fixed_clock(find: Find, said: Said) -> list[Meaning]:
    return [("clock", Clock(24 * 60, literal=True))]


def _dotted(find: Find, said: Said) -> list[Meaning]:
    left, right = int(find.words["x"]), int(find.words["y"])
    clock = read_clock(f"{find.words['x']}.{find.words['y']}") if len(find.words["y"]) == 2 else None
    when = calendar.next_date(left, right, said.today) if 1 <= right <= 12 else None
    return [("dotted", (clock, when, find.words["x"].startswith("0")))] if clock or when else ask("unknown_date")


def _bare(find: Find, said: Said) -> list[Meaning]:
    return [("bare", (int(find.words["n"]), "dot" in find.words))]


# -- so long from now


def _minutes(find: Find) -> int:
    unit = next(size for name, size in WORDS["minutes_in"].items() if find.words["u"].startswith(name))
    if "half" in find.words:
        return unit // 2
    if "mid" in find.words:
        return unit * 3 // 2
    if "three" in find.words:
        return unit * 3 // 4
    return _amount(find) * unit + (unit // 2 if "plus" in find.words else 0)


def _amount(find: Find) -> int:
    text = find.words.get("q", "")
    return int(text) if text.isdigit() else 1


def _after_minutes(start: datetime, minutes: int) -> datetime:
    return (start.astimezone(tz.UTC) + timedelta(minutes=minutes)).astimezone(COPENHAGEN)


def _in_hours(find: Find, said: Said) -> list[Meaning]:
    minutes = _minutes(find)
    start = _after_minutes(said.at, minutes)
    length = minutes if "more" in find.words else 60
    return [("exact", (start, _after_minutes(start, length), "more" not in find.words))]


def _soon(find: Find, said: Said) -> list[Meaning]:
    return [("exact", (said.at, _after_minutes(said.at, SOON_HOURS * 60), False))]


def _later(find: Find, said: Said) -> list[Meaning]:
    midnight = datetime.combine(said.today + timedelta(days=1), datetime.min.time(), COPENHAGEN)
    start = _after_minutes(said.at, 60)
    return [("exact", (start if start < midnight else said.at, midnight, False))]


def _in_days(find: Find, said: Said) -> list[Meaning]:
    unit = next(unit for name, unit in WORDS["units"].items() if find.words["u"].startswith(name))
    if "few" in find.words:
        return _few(find.words["few"], unit, said)
    amount = 0.5 if "half" in find.words else 1.5 if "mid" in find.words else _amount(find)
    first = calendar.ahead(amount, unit, said.today)
    if far(first, said):
        return ask("far_future")
    last = calendar.ahead(2, unit, said.today) if "more" in find.words else first
    last += timedelta(days=1 if "mid" in find.words else 0)
    days = (first - said.today).days
    return day(first, last, shift=days if days % 7 == 0 and first == last else 0)


def _within(find: Find, said: Said) -> list[Meaning]:
    unit = next(unit for name, unit in WORDS["units"].items() if find.words["u"].startswith(name))
    amount = _amount(find) if "q" in find.words else 3
    last = calendar.ahead(amount, unit, said.today)
    return ask("far_future") if far(last, said) else day(said.today, last, frame=True, sure=0.9)


def _few(words: str, unit: str, said: Said) -> list[Meaning]:
    first = calendar.ahead(2, unit, said.today)
    pair = words == WORDS["pair"]
    widths = {"day": 1 if pair else 3, "week": 6 if pair else 13, "month": 30 if pair else 60, "year": 0}
    return ask("far_future") if far(first, said) else day(first, first + timedelta(days=widths[unit]), sure=0.7)


# -- from what was agreed before


def _same(find: Find, said: Said) -> list[Meaning]:
    if not said.previous or not said.previous.windows:
        return ask("which_date")
    spans = tuple((one, one) for one in previous_days(said.previous))
    weekdays = tuple(sorted({first.weekday() for first, _ in spans}))
    if find.argument == "day":
        return [("day", DayWord(spans))]
    return [("keep_time", None), ("day", DayWord(spans, weekdays, weak=True))]


def _move_days(find: Find, said: Said) -> list[Meaning]:
    if not said.previous or not said.previous.windows:
        return ask("which_date")
    step = timedelta(days=find.argument)
    moved = tuple((one + step, one + step) for one in previous_days(said.previous))
    return [("keep_time", None), ("day", DayWord(moved))]


def _move_hours(find: Find, said: Said) -> list[Meaning]:
    return _moved(-_minutes(find) if find.words["way"] in WORDS["backwards"] else _minutes(find), 60, True, said)


def _move_some(find: Find, said: Said) -> list[Meaning]:
    if find.words["way"] in WORDS["backwards"]:
        return _moved(-180, 165, False, said)
    return _moved(15, 165, False, said)


def _moved(minutes: int, length: int, is_clock: bool, said: Said) -> list[Meaning]:
    if not said.previous or not said.previous.windows:
        return ask("which_date")
    start = _after_minutes(said.previous.windows[0].start, minutes)
    return [("exact", (start, _after_minutes(start, length), is_clock))]


def previous_days(previous: TimeWish) -> list[date]:
    """The days of the earlier wish, in order."""
    return sorted({one for window in previous.windows for one in days_of(window)[:1 if previous.clock else None]})


# -- dates


def _number(find: Find) -> int:
    return int(find.words["d"]) if "d" in find.words else ORDINALS[find.words["ord"]]


def _month_number(find: Find) -> int | None:
    if "mon" in find.words:
        return MONTHS[find.words["mon"].rstrip(".")]
    if "ordm" in find.words:
        return ORDINALS[find.words["ordm"]]
    return int(find.words["m"]) if "m" in find.words else None


def _date(find: Find, said: Said) -> list[Meaning]:
    number, month = _number(find), _month_number(find) or 0
    if "y" in find.words:
        return _full_date(int(find.words["y"][-2:]) + 2000, month, number, said)
    found = calendar.next_date(number, month, said.today)
    if not found:
        return ask("unknown_date")
    rolled = (found - said.today).days > 330
    return day(found, sure=0.5 if rolled else 1.0)


def _full_date(year: int, month: int, number: int, said: Said) -> list[Meaning]:
    found = calendar.real_date(year, month, number)
    if not found:
        return ask("unknown_date")
    if found < said.today:
        return ask("past")
    return ask("far_future") if far(found, said) else day(found)


def _date_range(find: Find, said: Said) -> list[Meaning]:
    month = _month_number(find) or 0
    last = calendar.next_date(int(find.words["d2"]), month, said.today)
    first = calendar.real_date(last.year, month, int(find.words["d"])) if last else None
    if not first or not last or first > last:
        return ask("unknown_date")
    return day(first, last, frame=True)


def _month_day(find: Find, said: Said) -> list[Meaning]:
    found = calendar.next_day_of_month(_number(find), said.today)
    return day(found, sure=0.9) if found else ask("unknown_date")


# -- holidays and seasons


def holiday_key(words: str) -> str:
    """The key of the holiday table for how it was written."""
    plain = words.replace(".", "").replace("lille jule", "lillejule").replace("sankt hans", "sankthans")
    for name, number in ORDINALS.items():
        plain = plain.replace(f"{name} ", "" if number == 1 and not plain.endswith("maj") else f"{number} ")
    return plain[2:] if plain.startswith("1 ") and plain not in WORDS["holidays"] else plain


def _holiday(find: Find, said: Said) -> list[Meaning]:
    first, last = calendar.holiday_span(holiday_key(find.words["holiday"]), said.today)
    return day(first, last, season=first != last, frame=first != last, sure=0.9)


def _between_holidays(find: Find, said: Said) -> list[Meaning]:
    christmas = calendar.holiday_span("jul", said.today)[1]
    return day(christmas + timedelta(days=1), date(christmas.year, 12, 30), frame=True, sure=0.9)


def _first_workday_after(find: Find, said: Said) -> list[Meaning]:
    after = calendar.holiday_span(holiday_key(find.words["holiday"]), said.today)[1]
    week = (after + timedelta(days=n) for n in range(1, 15))
    return day(next(one for one in week if said.moment.is_workday(one)))


def _ask_date(find: Find, said: Said) -> list[Meaning]:
    return ask("which_date")


def _past(find: Find, said: Said) -> list[Meaning]:
    return ask("past")


# -- weekdays


def _weekday_number(find: Find) -> int:
    return WEEKDAYS[find.words["wd"]]


def _weekday(find: Find, said: Said) -> list[Meaning]:
    number = _weekday_number(find)
    first = calendar.coming(number, said.today)
    return day(first, weekdays=(number,), sure=0.7 if number == said.today.weekday() else 1.0)


def _next_weekday(find: Find, said: Said) -> list[Meaning]:
    number = _weekday_number(find)
    first = calendar.coming(number, said.today)
    second = first + timedelta(days=7)
    return [("day", DayWord(((first, first), (second, second)), (number,), ask="which_week", sure=0.5))]


def _every_weekday(find: Find, said: Said) -> list[Meaning]:
    number = _weekday_number(find)
    first = calendar.coming(number, said.today)
    days = [first + timedelta(days=7 * n) for n in range(calendar.RECURRING_WEEKS)]
    return [("day", DayWord(tuple((one, one) for one in days), (number,), recurring=True))]


def _workdays(find: Find, said: Said) -> list[Meaning]:
    spans = calendar.chosen_days([said.moment.horizon()], said.moment.is_workday)
    return [("day", DayWord(spans, calendar.WORKDAYS, recurring=True))]


def _nth_weekday(find: Find, said: Said) -> list[Meaning]:
    nth = ORDINALS.get(find.words["nth"], -1)
    month = _month_number(find)
    first = calendar.first_of_month(month, "next" in find.words, said.today)
    found = calendar.nth_weekday(nth, _weekday_number(find), first)
    return day(found) if found >= said.today else ask("past")


# -- weeks and months


def _week(find: Find, said: Said) -> list[Meaning]:
    monday = calendar.monday_of(said.today) + timedelta(weeks=find.argument)
    return day(*calendar.week_span(monday), frame=True)


def _week_number(find: Find, said: Said) -> list[Meaning]:
    first = calendar.numbered_week(int(find.words["w"]), said.today)
    last = calendar.numbered_week(int(find.words.get("last", find.words["w"])), said.today)
    if not first or not last or first > last:
        return ask("unknown_date")
    return day(first[0], last[1], frame=True) if "to" in find.words else [("day", DayWord((first, last), frame=True))]


def _week_part(find: Find, said: Said) -> list[Meaning]:
    return day(*calendar.week_part(find.argument, "next" not in find.words, said.today), frame=True, sure=0.8)


def _weekend(find: Find, said: Said) -> list[Meaning]:
    sure = 0.6 if said.today.weekday() == 6 else 1.0
    return day(*calendar.coming_weekend(said.today), weekdays=calendar.WEEKEND, sure=sure)


def _next_weekend(find: Find, said: Said) -> list[Meaning]:
    first, last = calendar.coming_weekend(said.today)
    week = timedelta(days=7)
    return [("day", DayWord(((first, last), (first + week, last + week)), calendar.WEEKEND, ask="which_week", sure=0.5))]


def _month(find: Find, said: Said) -> list[Meaning]:
    if "y" in find.words:
        return _month_of_year(date(int(find.words["y"]), _month_number(find) or 1, 1), said)
    first = calendar.first_of_month(_month_number(find), "next" in find.words, said.today)
    return day(*calendar.month_span(first), frame=True, sure=0.9)


def _month_of_year(first: date, said: Said) -> list[Meaning]:
    span = calendar.month_span(first)
    if span[1] < said.today:
        return ask("past")
    return ask("far_future") if far(first, said) else day(*span, frame=True)


def _month_part(find: Find, said: Said) -> list[Meaning]:
    named = _month_number(find)
    first = calendar.first_of_month(named, "next" in find.words, said.today)
    span = calendar.month_span(first, find.argument)
    if named is None and span[1] <= said.today:
        span = calendar.month_span(calendar.first_of_month(None, True, said.today), find.argument)
    return day(*span, frame=True, sure=0.8)


# -- today and parts of the day


def _day_offset(find: Find, said: Said) -> list[Meaning]:
    return day(said.today + timedelta(days=find.argument))


def _today_part(find: Find, said: Said) -> list[Meaning]:
    return [*day(said.today), ("part", find.argument)]


def _too(find: Find, said: Said) -> list[Meaning]:
    return [("neg", None), ("part", find.argument), ("but", None)]


READERS: dict[str, Callable[[Find, Said], list[Meaning]]] = {
    "clock": _clock, "about": _about, "bound": _bound, "between": _between, "fixed_clock": _fixed_clock,
    "dotted": _dotted, "bare": _bare,
    "in_hours": _in_hours, "soon": _soon, "later": _later, "in_days": _in_days, "within": _within,
    "same": _same, "move_days": _move_days, "move_hours": _move_hours, "move_some": _move_some,
    "iso_date": _date, "date": _date, "date_range": _date_range, "month_day": _month_day,
    "holiday": _holiday, "between_holidays": _between_holidays, "first_workday_after": _first_workday_after,
    "ask_date": _ask_date, "past": _past,
    "weekday": _weekday, "next_weekday": _next_weekday, "every_weekday": _every_weekday, "workdays": _workdays,
    "nth_weekday": _nth_weekday,
    "week": _week, "week_number": _week_number, "week_part": _week_part, "weekend": _weekend,
    "next_weekend": _next_weekend, "month": _month, "month_part": _month_part,
    "day_offset": _day_offset, "today_part": _today_part, "too": _too,
}

