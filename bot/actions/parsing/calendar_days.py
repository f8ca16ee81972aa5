"""Danish calendar arithmetic: coming weekdays, weeks, parts of months, holidays. Pure; the moment is handed in."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from dateutil.easter import easter
from dateutil.relativedelta import relativedelta

from bot.actions.parsing.time_words import WORDS

Span = tuple[date, date]
"""First and last day, both included."""

HORIZON_DAYS = 14
RECURRING_WEEKS = 4
LONGEST_AHEAD = timedelta(days=366)
WEEKEND = (5, 6)
WORKDAYS = (0, 1, 2, 3, 4)
WEEK_PARTS = {"early": (0, 1), "middle": (1, 3), "late": (3, 4)}
MONTH_PARTS = {"early": (1, 10), "middle": (11, 20), "late": (21, 31)}


@dataclass(frozen=True)
class Moment:
    """When the words were said: Copenhagen wall time without zone, and which days are holidays."""

    now: datetime
    holidays: Callable[[date], bool] | None = None

    @property
    def today(self) -> date:
        return self.now.date()

    def is_workday(self, day: date) -> bool:
        return day.weekday() not in WEEKEND and not (self.holidays and self.holidays(day))

    def horizon(self) -> Span:
        """The days a wish without a day is about."""
        return self.today, self.today + timedelta(days=HORIZON_DAYS - 1)


def coming(weekday: int, today: date) -> date:
    """The next such weekday after today; today's own name means a week from now."""
    return today + timedelta(days=(weekday - today.weekday() - 1) % 7 + 1)


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


def week_span(monday: date) -> Span:
    return monday, monday + timedelta(days=6)


def numbered_week(number: int, today: date) -> Span | None:
    """ISO week `number` that ends today or later; None when this year or the next has no such week."""
    this_year = today.isocalendar()[0]
    if not 1 <= number <= 53:
        return None
    for year in (this_year, this_year + 1):
        monday = date.fromisocalendar(year, 1, 1) + timedelta(weeks=number - 1)
        if monday.isocalendar()[0] == year and monday + timedelta(days=6) >= today:
            return week_span(monday)
    return None


def week_part(part: str, this_week: bool, today: date) -> Span:
    """The beginning, middle or end of this week, or of the next when this one is too far gone."""
    first, last = WEEK_PARTS[part]
    gone = today.weekday() > first if part == "early" else today.weekday() >= last
    monday = monday_of(today) + timedelta(days=7 if gone or not this_week else 0)
    return monday + timedelta(days=first), monday + timedelta(days=last)


def coming_weekend(today: date) -> Span:
    """Saturday and Sunday; on a Saturday this one, on a Sunday the next."""
    saturday = monday_of(today) + timedelta(days=5 if today.weekday() < 6 else 12)
    return saturday, saturday + timedelta(days=1)


def first_of_month(month: int | None, is_next: bool, today: date) -> date:
    """The first day of the named month (this one or the coming), of the next month, or of this."""
    if month is None:
        return today.replace(day=1) + relativedelta(months=1 if is_next else 0)
    return date(today.year + (month < today.month), month, 1)


def month_span(first: date, part: str | None = None) -> Span:
    """The whole month, or its first, second or last third."""
    start, end = MONTH_PARTS[part] if part else (1, 31)
    return first.replace(day=start), first.replace(day=min(end, monthrange(first.year, first.month)[1]))


def nth_weekday(nth: int, weekday: int, first: date) -> date:
    """The nth such weekday of the month that begins on `first`; -1 is the last."""
    days = [first + timedelta(days=n) for n in range(monthrange(first.year, first.month)[1])]
    named = [day for day in days if day.weekday() == weekday]
    return named[-1] if nth == -1 else named[min(nth, len(named)) - 1]


def next_day_of_month(day: int, today: date) -> date | None:
    """The next date with that number, today included; None when no month has it."""
    for ahead in range(0, 13):
        first = today.replace(day=1) + relativedelta(months=ahead)
        if 1 <= day <= monthrange(first.year, first.month)[1] and first.replace(day=day) >= today:
            return first.replace(day=day)
    return None


def next_date(day: int, month: int, today: date) -> date | None:
    """The next such date, today included; None when there is none within a year and a day."""
    for year in (today.year, today.year + 1):
        found = real_date(year, month, day)
        if found and found >= today:
            return found if found - today <= LONGEST_AHEAD else None
    return None


def real_date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def holiday_span(name: str, today: date) -> Span:
    """The coming holiday of that name in `words.yml`, today included."""
    edges = WORDS["holidays"][name]
    spans = [_edges_in(edges, year) for year in (today.year - 1, today.year, today.year + 1)]
    return next(span for span in spans if span[1] >= today)


def _edges_in(edges: list[Mapping[str, int]], year: int) -> Span:
    first = _edge(edges[0], year)
    last = _edge(edges[-1], year)
    return first, last if last >= first else _edge(edges[-1], year + 1)


def _edge(edge: Mapping[str, int], year: int) -> date:
    if "easter" in edge:
        return easter(year) + timedelta(days=edge["easter"])
    return date(year, edge["month"], edge["day"])


def days_in(spans: Iterable[Span]) -> list[date]:
    """Every day of the spans, each once, in order."""
    days = {first + timedelta(days=n) for first, last in spans for n in range((last - first).days + 1)}
    return sorted(days)


def chosen_days(spans: Iterable[Span], fits: Callable[[date], bool]) -> tuple[Span, ...]:
    """The days of the spans that fit, as spans of one day."""
    return tuple((day, day) for day in days_in(spans) if fits(day))


def ahead(amount: float, unit: str, today: date) -> date:
    """Today plus days, weeks, months or years; half a year is six months."""
    steps: dict[str, Any] = {
        "day": relativedelta(days=round(amount)),
        "week": relativedelta(days=round(amount * 7)),
        "month": relativedelta(months=int(amount), days=round(amount % 1 * 30)),
        "year": relativedelta(months=round(amount * 12)),
    }
    return today + steps[unit]
