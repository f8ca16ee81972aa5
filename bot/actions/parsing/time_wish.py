"""What a guest said about when: windows of time in Copenhagen, what is ruled out, and what must be asked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Any

from dateutil import tz

COPENHAGEN = tz.gettz("Europe/Copenhagen")
SPRING, SUNDAY = 3, 6
CLOCK_CHANGE = timedelta(hours=2)
WHOLE_DAY_AT_LEAST = timedelta(hours=22)


@dataclass(frozen=True)
class Window:
    """From `start` until, not including, `end`; both aware, Europe/Copenhagen."""

    start: datetime
    end: datetime


@dataclass(frozen=True)
class TimeWish:
    """A wish for a time.

    windows    when a talk may start, in order, none before the moment it was said
    excluded   what was ruled out ("ikke på fredag"); already taken out of `windows`
    clock      the one exact clock named, if any; its windows are an hour long
    first_free "første ledige", within `windows` if there are any
    anything   any time will do
    ask        None, or the question that must come first: which_week, which_date, am_pm, past, unknown_date,
               unknown_time, far_future. `windows` then holds the candidates, if there are any
    sure       0 to 1
    spans      (start, end) of the words used, in the original text
    cancelled  the wish is withdrawn
    """

    windows: tuple[Window, ...] = ()
    excluded: tuple[Window, ...] = ()
    clock: time | None = None
    first_free: bool = False
    anything: bool = False
    ask: str | None = None
    sure: float = 0.0
    spans: tuple[tuple[int, int], ...] = ()
    cancelled: bool = False

    @property
    def is_empty(self) -> bool:
        """Nothing about time was said."""
        flags = self.first_free or self.anything or self.cancelled
        return not (self.windows or self.excluded or self.ask or flags)

    @property
    def dates_excluded(self) -> tuple[date, ...]:
        """Days that are ruled out as a whole."""
        whole = (window for window in self.excluded if window.end - window.start >= WHOLE_DAY_AT_LEAST)
        return tuple(sorted({day for window in whole for day in days_of(window)}))

    def allows(self, start: datetime) -> bool:
        """Whether a talk beginning at `start` (aware) is within the wish."""
        at = start.astimezone(tz.UTC)
        if any(window.start.astimezone(tz.UTC) <= at < window.end.astimezone(tz.UTC) for window in self.excluded):
            return False
        inside = (window.start.astimezone(tz.UTC) <= at < window.end.astimezone(tz.UTC) for window in self.windows)
        return any(inside) or not self.windows

    def as_search(self) -> dict[str, Any]:
        """The protocol's `Window`: {from, to, dates_excluded, parts, first_free}, without from and to if no windows.

        It may be wider than the wish when hours differ from day to day: keep the slots that `allows` says yes to.
        """
        search: dict[str, Any] = {"first_free": self.first_free}
        if self.windows:
            search["from"] = self.windows[0].start.astimezone(tz.UTC).isoformat()
            search["to"] = max(window.end for window in self.windows).astimezone(tz.UTC).isoformat()
        gaps = _days_between(self.windows)
        search["dates_excluded"] = [day.isoformat() for day in sorted({*gaps, *self.dates_excluded})]
        parts = _parts(self.windows)
        return {**search, "parts": parts} if parts else search


def days_of(window: Window) -> list[date]:
    """The calendar days a window touches."""
    last = (window.end - timedelta(microseconds=1)).date()
    return [window.start.date() + timedelta(days=n) for n in range((last - window.start.date()).days + 1)]


def copenhagen(wall: datetime) -> datetime:
    """The wall time in Copenhagen; one that the clocks skip moves an hour on."""
    local = wall.replace(tzinfo=COPENHAGEN)
    return tz.resolve_imaginary(local) if wall.month == SPRING and wall.weekday() == SUNDAY else local


def real_order(window: Window) -> tuple[float, float]:
    """Sort key of windows in real time."""
    return window.start.timestamp(), window.end.timestamp()


def wall_order(window: Window) -> tuple[datetime, datetime]:
    """Sort key of windows in one zone, none of them in the hour that is doubled in autumn."""
    return window.start, window.end


def is_before(left: datetime, right: datetime) -> bool:
    """Order in real time: two aware times of one zone are otherwise compared by the wall clock.

    Hours apart the wall clock cannot be wrong, and converting is what costs.
    """
    if left.tzinfo is right.tzinfo and abs(left - right) > CLOCK_CHANGE:
        return left < right
    return left.astimezone(tz.UTC) < right.astimezone(tz.UTC)


def _days_between(windows: Iterable[Window]) -> set[date]:
    touched = {day for window in windows for day in days_of(window)}
    if not touched:
        return set()
    first = min(touched)
    every = {first + timedelta(days=n) for n in range((max(touched) - first).days + 1)}
    return every - touched


def _parts(windows: Iterable[Window]) -> list[list[str]]:
    """The clock hours of the wish, over all its days; none when one of the days is wanted whole."""
    hours = {_hours(day) for window in windows for day in _by_day(window)}
    return [] if ("00:00", "24:00") in hours else [list(pair) for pair in sorted(hours)]


def _by_day(window: Window) -> list[Window]:
    """The window cut at every midnight it runs over (»ikke om formiddagen« lasts from noon until nine)."""
    midnights = [copenhagen(datetime.combine(day, time())) for day in days_of(window)[1:]]
    return [Window(start, end) for start, end in pairwise([window.start, *midnights, window.end])]


def _hours(window: Window) -> tuple[str, str]:
    end = window.end.strftime("%H:%M")
    return window.start.strftime("%H:%M"), "24:00" if end == "00:00" else end
