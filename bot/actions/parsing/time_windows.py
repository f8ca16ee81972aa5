"""Windows from days and hours: made, put in order, and cut."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta

from bot.actions.parsing.time_hours import Hours
from bot.actions.parsing.time_wish import Window, copenhagen, is_before, real_order, wall_order


def starts_in(window: Window, hours: tuple[int, int]) -> bool:
    """Whether the window begins within these minutes of its day."""
    return hours[0] <= window.start.hour * 60 + window.start.minute < hours[1]


def on_days(days: Iterable[date], hours: Hours) -> list[Window]:
    """The hours on each of the days."""
    return [window_on(day, start, end) for day in days for start, end in hours.ranges]


def window_on(day: date, start: int, end: int, end_days: int = 0) -> Window:
    """Minutes since midnight of `day` as a window; the end may lie `end_days` later."""
    midnight = datetime.combine(day, time())
    begins = copenhagen(midnight + timedelta(minutes=start))
    ends = copenhagen(midnight + timedelta(days=end_days, minutes=end))
    return Window(begins, ends if is_before(begins, ends) else begins + timedelta(hours=1))


def merged(windows: Iterable[Window]) -> tuple[Window, ...]:
    """In order, overlapping ones made one."""
    result: list[Window] = []
    found = list(windows)
    doubled = any(window.start.fold or window.end.fold for window in found)
    for window in sorted(found, key=real_order if doubled else wall_order):
        if result and is_before(window.start, result[-1].end):
            longer = window.end if is_before(result[-1].end, window.end) else result[-1].end
            result[-1] = Window(result[-1].start, longer)
        else:
            result.append(window)
    return tuple(result)


def without(window: Window, hole: Window) -> list[Window]:
    """What is left of `window` when `hole` is taken out."""
    if not is_before(hole.start, window.end) or not is_before(window.start, hole.end):
        return [window]
    before = [Window(window.start, hole.start)] if is_before(window.start, hole.start) else []
    after = [Window(hole.end, window.end)] if is_before(hole.end, window.end) else []
    return before + after
