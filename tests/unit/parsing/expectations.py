"""Reads the notation of `phrases.yml` (explained at its top) into what a wish must be."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path

import yaml
from dateutil import tz

from bot.actions.parsing.danish_time import TimeWish, Window

COPENHAGEN = tz.gettz("Europe/Copenhagen")
HORIZON = 14
_DAY = r"(?:\d{4}-)?\d{2}-\d{2}"
_DAYS = re.compile(rf"(?P<days>days|weekdays|{_DAY}(?:\.\.{_DAY})?)(?: (?P<from>\d\d:\d\d)(?:-(?P<to>\d\d:\d\d))?)?$")
Stretch = tuple[datetime, datetime]


@dataclass(frozen=True)
class Case:
    now: datetime
    phrase: str
    expected: str
    previous: str | None


@dataclass(frozen=True)
class Expected:
    windows: list[Stretch]
    excluded: list[Stretch]
    clock: time | None
    flags: frozenset[str]
    ask: str | None


def load_cases(name: str) -> list[Case]:
    groups = yaml.safe_load(Path(__file__).with_name(name).read_text(encoding="utf-8"))
    return [
        Case(at(group["now"]), phrase, expected, group.get("previous"))
        for group in groups
        for phrase, expected in group["phrases"].items()
    ]


def at(wall: datetime | str) -> datetime:
    moment = wall if isinstance(wall, datetime) else datetime.fromisoformat(wall)
    return moment.replace(tzinfo=COPENHAGEN)


def read(expected: str, now: datetime, holidays: Callable[[date], bool]) -> Expected:
    windows: list[Stretch] = []
    excluded: list[Stretch] = []
    flags: set[str] = set()
    ask, clock = None, None
    for part in (piece.strip() for piece in expected.split(";")):
        if part.startswith("ask "):
            ask = part[4:]
        elif part.startswith("not "):
            excluded += _stretches(part[4:], now, holidays)
        elif part in ("first", "any", "cancel"):
            flags.add(part)
        elif part != "nothing":
            windows += _stretches(part, now, holidays)
            clock = _clock(part) or clock
    return Expected(merged(windows, now), merged(excluded, now), clock, frozenset(flags), ask)


def found(wish: TimeWish, now: datetime) -> Expected:
    flags = {"first": wish.first_free, "any": wish.anything, "cancel": wish.cancelled}
    return Expected(
        merged(_pairs(wish.windows), now),
        merged(_pairs(wish.excluded), now),
        wish.clock,
        frozenset(name for name, on in flags.items() if on),
        wish.ask,
    )


def agrees(wish: TimeWish, expected: Expected, now: datetime) -> bool:
    """Same windows, exclusions, flags and question; the clock only where the expectation names one."""
    got = found(wish, now)
    same = (got.windows, got.excluded, got.flags, got.ask)
    wanted = (expected.windows, expected.excluded, expected.flags, expected.ask)
    return same == wanted and (expected.clock is None or expected.clock == got.clock)


def merged(stretches: list[Stretch], now: datetime) -> list[Stretch]:
    """In UTC, in order, clipped to now, neighbours made one."""
    result: list[Stretch] = []
    for start, end in sorted((max(a, now.astimezone(tz.UTC)), b) for a, b in stretches):
        if result and start <= result[-1][1]:
            result[-1] = (result[-1][0], max(end, result[-1][1]))
        elif start < end:
            result.append((start, end))
    return result


def _pairs(windows: tuple[Window, ...]) -> list[Stretch]:
    return [(window.start.astimezone(tz.UTC), window.end.astimezone(tz.UTC)) for window in windows]


def _clock(part: str) -> time | None:
    match = _DAYS.match(part)
    return time.fromisoformat(match["from"]) if match and match["from"] and not match["to"] else None


def _stretches(part: str, now: datetime, holidays: Callable[[date], bool]) -> list[Stretch]:
    match = _DAYS.match(part)
    assert match, f"cannot read expectation: {part}"
    days = _days(match["days"], now, holidays)
    if not match["from"]:
        return [(_utc(one, 0), _utc(one, 24 * 60)) for one in days]
    start = _minutes(match["from"])
    end = _minutes(match["to"]) if match["to"] else start + 60
    return [(_utc(one, start), _utc(one, end if end > start else end + 24 * 60)) for one in days]


def _days(text: str, now: datetime, holidays: Callable[[date], bool]) -> list[date]:
    coming = [now.date() + timedelta(days=n) for n in range(HORIZON)]
    if text == "days":
        return coming
    if text == "weekdays":
        return [one for one in coming if one.weekday() < 5 and not holidays(one)]
    first, _, last = text.partition("..")
    start = _day(first, now.date())
    end = _day(last, start) if last else start
    return [start + timedelta(days=n) for n in range((end - start).days + 1)]


def _day(text: str, earliest: date) -> date:
    if len(text) == 10:
        return date.fromisoformat(text)
    day = date.fromisoformat(f"{earliest.year}-{text}")
    return day if day >= earliest else date.fromisoformat(f"{earliest.year + 1}-{text}")


def _minutes(text: str) -> int:
    return int(text[:2]) * 60 + int(text[3:])


def _utc(day: date, minutes: int) -> datetime:
    wall = datetime.combine(day, time()) + timedelta(minutes=minutes)
    return tz.resolve_imaginary(wall.replace(tzinfo=COPENHAGEN)).astimezone(tz.UTC)
