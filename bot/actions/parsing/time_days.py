"""The days a group of words means: weekdays placed in weeks, dates checked against weekdays, "efter" and "inden"."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from bot.actions.parsing.calendar_days import (
    HORIZON_DAYS,
    WORKDAYS,
    Moment,
    Span,
    chosen_days,
    days_in,
    monday_of,
    week_span,
)
from bot.actions.parsing.time_atoms import SEASON_AFTER_DAYS, DayWord
from bot.actions.parsing.time_groups import Group

AROUND_DAYS = 2
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Days:
    """Spans of days, and what must be asked about them."""

    spans: tuple[Span, ...]
    ask: str | None = None
    sure: float = 1.0
    frame: bool = False


def days_of_group(group: Group, moment: Moment) -> Days | None:
    """The group's days; None when it names none."""
    if not group.days:
        return None
    days = _placed(_counting(group.days), moment)
    if group.until:
        return _up_to(days, group.until)
    if group.prep in _PREPS:
        season = any(word.season for word in group.days)
        return _moved(group.prep or "", days, season, moment)
    return days


def _counting(words: list[DayWord]) -> list[DayWord]:
    """Weak days only count in a frame or when nothing else was said."""
    firm = [word for word in words if not word.weak]
    return words if not firm or all(word.frame for word in firm) else firm


def _placed(words: list[DayWord], moment: Moment) -> Days:
    placed = [word for word in words if word.weekdays]
    frames = [word for word in words if word.frame]
    shifts = [word for word in words if word.shift and len(words) > 1]
    fixed = [word for word in words if not (word.weekdays or word.frame or word.shift)]
    if placed and frames:
        return _in_frame(placed[-1], frames[-1], moment)
    if shifts and (placed or fixed):
        return _shifted((placed or fixed)[-1], shifts[-1].shift)
    if placed and fixed:
        return _checked(placed[-1], fixed[-1])
    if len(placed) > 1:
        return _in_frame(placed[0], placed[-1], moment)
    word = (fixed or placed or frames or words)[-1]
    return Days(word.spans, word.ask, word.sure, word.frame)


def _in_frame(placed: DayWord, frame: DayWord, moment: Moment) -> Days:
    numbers = set(placed.weekdays)
    workdays = placed.weekdays == WORKDAYS
    spans = chosen_days(frame.spans, lambda one: one.weekday() in numbers and (not workdays or moment.is_workday(one)))
    return Days(spans or frame.spans, sure=frame.sure)


def _shifted(word: DayWord, days: int) -> Days:
    step = timedelta(days=days)
    return Days(tuple((first + step, last + step) for first, last in word.spans), sure=0.9)


def _checked(placed: DayWord, fixed: DayWord) -> Days:
    fits = all(one.weekday() in placed.weekdays for one in days_in(fixed.spans))
    return Days(fixed.spans, fixed.ask if fits else "which_date", fixed.sure if fits else 0.4)


def _up_to(days: Days, until: DayWord) -> Days:
    first, last = days.spans[0][0], until.spans[-1][1]
    while last < first and until.weekdays:
        last += 7 * DAY
    return Days(((first, last),), days.ask, days.sure) if last >= first else Days(days.spans, "which_date", 0.4)


def _moved(prep: str, days: Days, season: bool, moment: Moment) -> Days:
    first, last = days.spans[0][0], days.spans[-1][1]
    if prep == "after" and season:
        return Days(((last + DAY, last + SEASON_AFTER_DAYS * DAY),), "which_date", 0.4)
    start, end = _PREPS[prep]((first, last), moment)
    if end < moment.today or end < start:
        return Days((), "past", 0.4)
    return Days(((start, end),), days.ask, days.sure * 0.9)


_PREPS: dict[str, Callable[[Span, Moment], Span]] = {
    "after": lambda span, moment: (span[1] + DAY, span[1] + HORIZON_DAYS * DAY),
    "from": lambda span, moment: (span[0], span[0] + (HORIZON_DAYS - 1) * DAY),
    "before": lambda span, moment: (moment.today, span[0] - DAY),
    "until": lambda span, moment: (moment.today, span[1]),
    "around": lambda span, moment: (max(moment.today, span[0] - AROUND_DAYS * DAY), span[1] + AROUND_DAYS * DAY),
    "day_before": lambda span, moment: (span[0] - DAY, span[0] - DAY),
    "day_after": lambda span, moment: (span[1] + DAY, span[1] + DAY),
    "week_before": lambda span, moment: week_span(monday_of(span[0]) - 7 * DAY),
    "week_after": lambda span, moment: week_span(monday_of(span[1]) + 7 * DAY),
}
