"""Danish words about when, read into windows of time. Pure: the moment is handed in, nothing else is looked at.

`parse_time` reads, `format_time` writes; `docs/traener/tider.md` tells what is understood.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from bot.actions.parsing.calendar_days import Moment, chosen_days, days_in
from bot.actions.parsing.clock_words import as_time
from bot.actions.parsing.spelling import Tidied, tidy
from bot.actions.parsing.time_atoms import Atom, Said, atoms_in, previous_days
from bot.actions.parsing.time_days import Days, days_of_group
from bot.actions.parsing.time_groups import Gathering, Group
from bot.actions.parsing.time_hours import Hours, hours_of, part_range
from bot.actions.parsing.time_windows import merged, on_days, starts_in, window_on, without
from bot.actions.parsing.time_wish import (
    COPENHAGEN,
    TimeWish,
    Window,
    is_before,
)
from bot.actions.parsing.time_written import format_time, format_window

__all__ = ["TimeWish", "Window", "format_time", "format_window", "parse_time"]

FULLY_SURE = 0.98
SURE_WITHOUT_DAY = 0.6
SURE_OF_ANYTHING = 0.7
ASKS_IN_ORDER = ("unknown_date", "unknown_time", "far_future", "which_week", "which_date", "am_pm", "past")
NARROW = timedelta(hours=12)


def parse_time(
    text: str,
    now: datetime,
    holidays: Callable[[date], bool] | None = None,
    previous: TimeWish | None = None,
) -> TimeWish:
    """What `text` says about when, said at `now` (aware); an empty wish when it says nothing.

    `holidays` tells whether a date is one; `previous` is the wish so far, for "samme tid ugen efter" or "hellere
    fredag". Raises ValueError when `now` has no time zone; never for what `text` holds.
    """
    if now.tzinfo is None:
        raise ValueError("now must be aware: give it a time zone")
    at = now.astimezone(COPENHAGEN)
    said = Said(at, Moment(at.replace(tzinfo=None), holidays), previous)
    tidied = tidy(text)
    return _Reading(tidied, said).wish() if tidied.text else TimeWish()


@dataclass(frozen=True)
class _Meant:
    """A group with its days and hours settled, including what it takes over from its neighbours."""

    group: Group
    days: Days | None
    hours: Hours | None
    exact: tuple[Window, ...] = ()


class _Reading:
    """One reading of one text."""

    def __init__(self, tidied: Tidied, said: Said) -> None:
        self._tidied = tidied
        self._said = said
        self._moment = said.moment
        self._atoms = list(atoms_in(tidied, said))
        self._gathering = Gathering(tidied.text, said)
        self._gathering.take(self._atoms)

    def wish(self) -> TimeWish:
        flags = self._flags()
        if "cancel" in flags:
            return TimeWish(cancelled=True, sure=0.9, spans=self._spans())
        meant = self._meant()
        wanted = [one for one in meant if not one.group.negative]
        excluded = self._excluded([one for one in meant if one.group.negative])
        windows = self._minus(self._windows(wanted, bool(excluded)), excluded)
        ask = self._ask(wanted, windows)
        wish = TimeWish(
            windows=windows,
            excluded=excluded,
            clock=_one_clock(wanted, windows) or self._answered_clock(wanted, windows),
            first_free="first" in flags,
            anything="any" in flags,
            ask=ask,
            spans=self._spans(),
        )
        return TimeWish() if wish.is_empty else replace(wish, sure=self._sure(wish, wanted))

    # -- what is said outright

    def _flags(self) -> set[str]:
        return {atom.value for atom in self._atoms if atom.kind == "flag" and not self._is_negated(atom)}

    def _is_negated(self, atom: Atom) -> bool:
        return any(
            other.kind == "neg" and not self._tidied.text[other.end:atom.start].strip()
            for other in self._atoms
            if other.end <= atom.start
        )

    def _spans(self) -> tuple[tuple[int, int], ...]:
        flags = [(atom.start, atom.end) for atom in self._atoms if atom.kind in ("flag", "ask")]
        return tuple(sorted({self._tidied.origin(*span) for span in (*self._gathering.used, *flags)}))

    # -- groups take over from each other

    def _meant(self) -> list[_Meant]:
        groups = self._gathering.groups
        meant = [self._alone(group) for group in self._with_frames(groups)]
        meant = self._corrected(self._with_hours(self._with_days(meant)))
        return [self._from_previous(one) for one in meant]

    def _alone(self, group: Group) -> _Meant:
        exact = tuple(Window(time.value[0], time.value[1]) for time in group.times if time.kind == "exact")
        times = [time for time in group.times if time.kind != "exact"]
        return _Meant(group, days_of_group(group, self._moment), hours_of(times, bool(group.days)), exact)

    def _with_frames(self, groups: list[Group]) -> list[Group]:
        """"Mandag eller tirsdag i næste uge": a week said once holds for its neighbours."""
        for left, right in zip(reversed(groups[:-1]), reversed(groups[1:]), strict=True):
            _lend_frame(right, left)
        for left, right in zip(groups[:-1], groups[1:], strict=True):
            _lend_frame(left, right)
        return groups

    def _with_days(self, meant: list[_Meant]) -> list[_Meant]:
        """Hours alone are about the days before them, or else those after them."""
        result: list[_Meant] = []
        for number, one in enumerate(meant):
            if result and _narrows(one, result[-1]):
                result[-1] = replace(result[-1], hours=_overlap(result[-1].hours, one.hours))
                continue
            if one.group.only_times and not one.exact:
                listed = _days_waiting_for(one, result)
                days = _all_days(listed) or next((other.days for other in reversed(result) if other.days), None)
                one = replace(one, days=days or _days_after(meant[number:]))
                result = result[: len(result) - len(listed)]
            result.append(one)
        return result

    def _with_hours(self, meant: list[_Meant]) -> list[_Meant]:
        """"Mandag og onsdag efter kl 15": the hours hold for both."""
        result: list[_Meant] = []
        for one in reversed(meant):
            after = result[-1] if result else None
            if after and one.group.only_days and _goes_on(after.group, one.group) and not after.exact:
                one = replace(one, hours=after.hours if after.group.days else one.hours)
            result.append(one)
        return result[::-1]

    def _corrected(self, meant: list[_Meant]) -> list[_Meant]:
        """"Torsdag, nej fredag": a correction takes the place of what was wanted before it."""
        for number in reversed(range(len(meant))):
            one, before = meant[number], meant[:number]
            wanted = [other for other in before if not other.group.negative]
            if one.group.corrects and not one.group.negative and wanted:
                hours = one.hours or (wanted[-1].hours if not one.exact else None)
                kept = [other for other in before if other.group.negative]
                return [*kept, replace(one, hours=hours), *meant[number + 1:]]
        return meant

    # -- what was said before

    def _from_previous(self, one: _Meant) -> _Meant:
        previous = self._said.previous
        if not previous or not previous.windows or one.exact or one.group.negative and one.days:
            return one
        if one.days is None:
            spans = tuple((day, day) for day in previous_days(previous))
            return replace(one, days=Days(spans, sure=previous.sure or 1.0))
        if one.hours is None and self._keeps_time(one, previous):
            one = replace(one, hours=_hours_of_wish(previous))
        return self._narrowed(one, previous)

    def _keeps_time(self, one: _Meant, previous: TimeWish) -> bool:
        return one.group.keep_time or self._gathering.corrected or previous.ask in ("which_week", "which_date")

    def _narrowed(self, one: _Meant, previous: TimeWish) -> _Meant:
        """"I næste uge", when asked which of two Wednesdays it should be."""
        if previous.ask != "which_week" or not one.days or not one.days.frame:
            return one
        inside = set(days_in(one.days.spans)) & set(previous_days(previous))
        return replace(one, days=Days(tuple((day, day) for day in sorted(inside)))) if inside else one

    # -- windows

    def _windows(self, wanted: list[_Meant], has_excluded: bool) -> tuple[Window, ...]:
        previous = self._said.previous
        if not wanted:
            kept = previous.windows if previous and has_excluded and not self._asks() else ()
            return tuple(window for window in map(self._rest_of, kept) if window)
        if self._no_such_day() and not any(one.group.days for one in wanted):
            return ()
        answered = self._answered_half(wanted)
        return answered or self._clipped(window for one in wanted for window in self._windows_of(one))

    def _no_such_day(self) -> bool:
        return any(ask in ("unknown_date", "far_future") for ask in self._asks())

    def _answered_half(self, wanted: list[_Meant]) -> tuple[Window, ...]:
        """"Om aftenen", when asked whether 8 is in the morning or the evening."""
        previous = self._said.previous
        parts = [time for one in wanted for time in one.group.times]
        days = any(one.group.days for one in wanted)
        if not previous or previous.ask != "am_pm" or days or any(time.kind != "part" for time in parts):
            return ()
        ranges = [part_range(time.value) for time in parts]
        fitting = (window for window in previous.windows if any(starts_in(window, one) for one in ranges))
        return tuple(window for window in fitting if not is_before(window.start, self._said.at))

    def _answered_clock(self, wanted: list[_Meant], windows: tuple[Window, ...]) -> time | None:
        answered = bool(wanted and windows and self._answered_half(wanted) == windows)
        return windows[0].start.time() if answered and len(windows) == 1 else None

    def _windows_of(self, one: _Meant) -> Iterable[Window]:
        if one.exact:
            return one.exact
        if one.days is None:
            return self._without_day(one)
        if one.hours is None:
            return [window_on(first, 0, 0, (last - first).days + 1) for first, last in one.days.spans]
        return on_days(days_in(one.days.spans), one.hours)

    def _without_day(self, one: _Meant) -> list[Window]:
        hours = one.hours
        if hours is None:
            return []
        if not one.group.negative and all(time.kind in ("clock", "about", "part") for time in one.group.times) and any(
            time.kind != "part" for time in one.group.times
        ):
            return [self._next_at(start, end) for start, end in hours.ranges]
        horizon = self._moment.horizon()
        days = days_in(chosen_days([horizon], self._moment.is_workday) if hours.school_days else [horizon])
        return on_days(days, hours)

    def _next_at(self, start: int, end: int) -> Window:
        window = window_on(self._said.today, start, end)
        return window if not is_before(window.start, self._said.at) else window_on(
            self._said.today + timedelta(days=1), start, end
        )

    def _excluded(self, ruled_out: list[_Meant]) -> tuple[Window, ...]:
        windows = [window for one in ruled_out for window in self._windows_of(self._every(one))]
        earlier = self._said.previous.excluded if self._said.previous and windows else ()
        only_excluding = all(group.negative for group in self._gathering.groups)
        return self._clipped([*(earlier if only_excluding else ()), *windows])

    def _every(self, one: _Meant) -> _Meant:
        """"Alle dage undtagen fredag" rules out every Friday, not only the coming one."""
        if not one.group.every or not one.days or one.days.frame:
            return one
        step = timedelta(days=7)
        spans = tuple((first + n * step, last + n * step) for n in range(4) for first, last in one.days.spans)
        return replace(one, days=Days(spans)) if one.group.days and one.group.days[0].weekdays else one

    def _clipped(self, windows: Iterable[Window]) -> tuple[Window, ...]:
        """Nothing before now; a clock that has passed is gone, a longer window begins now."""
        clipped = (self._clip(window) for window in windows)
        return merged(window for window in clipped if window)

    def _clip(self, window: Window) -> Window | None:
        if not is_before(window.start, self._said.at):
            return window
        is_clock = any(group_time.kind in ("clock", "about") for group in self._gathering.groups
                       for group_time in group.times)
        return None if is_clock else self._rest_of(window)

    def _rest_of(self, window: Window) -> Window | None:
        if not is_before(self._said.at, window.end):
            return None
        return window if is_before(self._said.at, window.start) else Window(self._said.at, window.end)

    def _minus(self, windows: tuple[Window, ...], excluded: tuple[Window, ...]) -> tuple[Window, ...]:
        for hole in excluded:
            windows = tuple(piece for window in windows for piece in without(window, hole))
        return windows

    # -- what to ask and how sure

    def _asks(self) -> list[str]:
        return [atom.value for atom in self._atoms if atom.kind == "ask"]

    def _ask(self, wanted: list[_Meant], windows: tuple[Window, ...]) -> str | None:
        asks = [ask for one in wanted for ask in _asks_of(one, windows) if ask]
        said = [ask for ask in self._asks() if not windows or ask.startswith("unknown")]
        if "past" in self._asks() and not any(one.days for one in wanted):
            said.append("past")  # «i går kl 12»: the clock alone must not become a time to come
        named = any(one.days for one in wanted) or any(one.exact for one in wanted)
        if wanted and named and not windows and not asks and not self._gathering.groups[-1].negative:
            asks.append("past")
        return next((code for code in ASKS_IN_ORDER if code in (*said, *asks)), None)

    def _sure(self, wish: TimeWish, wanted: list[_Meant]) -> float:
        sure = FULLY_SURE
        for one in wanted:
            sure *= (one.days.sure if one.days else SURE_WITHOUT_DAY) * (one.hours.sure if one.hours else 1.0)
        if wish.anything:
            sure = min(sure, SURE_OF_ANYTHING)
        if wish.ask:
            sure = min(sure, 0.5)
        return round(max(0.1, sure), 2)


def _lend_frame(giver: Group, taker: Group) -> None:
    frames = [word for word in giver.days if word.frame and not word.season]
    placed = taker.days and all(word.weekdays and not word.recurring for word in taker.days)
    near = taker.joint in ("or", "and", "comma", "but") and giver.joint in ("", "or", "and", "comma", "but")
    if frames and placed and near and not (giver.prep or taker.prep) and giver.corrects == taker.corrects:
        taker.days.append(frames[-1])


def _goes_on(later: Group, earlier: Group) -> bool:
    return later.joint in ("or", "and", "comma") and later.negative == earlier.negative and not later.corrects


def _narrows(one: _Meant, before: _Meant) -> bool:
    """"Onsdag eftermiddag, helst efter kl 15": hours within the hours said just before."""
    same = one.group.negative == before.group.negative and not one.group.corrects
    listed = one.group.only_times and before.group.days and one.group.joint in ("comma", "stop", "but")
    open_hours = all(time.kind in ("part", "bound") for time in (*one.group.times, *before.group.times))
    return bool(same and listed and open_hours and _overlap(before.hours, one.hours))


def _overlap(left: Hours | None, right: Hours | None) -> Hours | None:
    if not left or not right:
        return None
    start = max(left.ranges[0][0], right.ranges[0][0])
    end = min(left.ranges[0][1], right.ranges[0][1])
    return replace(left, ranges=((start, end),)) if start < end else None


def _days_waiting_for(one: _Meant, before: list[_Meant]) -> list[_Meant]:
    """"Torsdag eller fredag, bare efter 14": the days just before that have no hours of their own yet."""
    waiting: list[_Meant] = []
    later = one.group
    for other in reversed(before):
        if not other.group.only_days or other.group.negative != later.negative or later.corrects:
            break
        if not waiting and later.joint == "or":
            break
        waiting.insert(0, other)
        later = other.group
    return waiting


def _all_days(meant: list[_Meant]) -> Days | None:
    days = [one.days for one in meant if one.days]
    if not days:
        return None
    spans = tuple(span for one in days for span in one.spans)
    return Days(spans, next((one.ask for one in days if one.ask), None), min(one.sure for one in days))


def _days_after(meant: list[_Meant]) -> Days | None:
    for before, after in zip(meant, meant[1:], strict=False):
        if not _goes_on(after.group, before.group):
            return None
        if after.days:
            return after.days
    return None


def _asks_of(one: _Meant, windows: tuple[Window, ...]) -> list[str | None]:
    half = one.hours.ask if one.hours and len(windows) > 1 else None
    return [one.days.ask if one.days else None, half]


def _hours_of_wish(wish: TimeWish) -> Hours | None:
    """The hours of an earlier wish, when it had any."""
    first = wish.windows[0]
    if first.end - first.start > NARROW:
        return None
    start = first.start.hour * 60 + first.start.minute
    length = int((first.end - first.start).total_seconds()) // 60
    return Hours(((start, start + length),), start if wish.clock else None)


def _one_clock(wanted: list[_Meant], windows: tuple[Window, ...]) -> time | None:
    exact = {time.value[0].time().replace(second=0, microsecond=0)
             for one in wanted for time in one.group.times if time.kind == "exact" and time.value[2]}
    clocks = {as_time(one.hours.clock) for one in wanted if one.hours and one.hours.clock is not None} | exact
    return clocks.pop() if len(clocks) == 1 and windows else None
