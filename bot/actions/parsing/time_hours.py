"""The hours of the day that a group of clock words and parts of the day leaves open."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from bot.actions.parsing.clock_words import MINUTES_A_DAY, Clock
from bot.actions.parsing.time_atoms import Atom
from bot.actions.parsing.time_words import WORDS

Range = tuple[int, int]
"""From and until in minutes since midnight; past 24:00 is the next day."""

CLOCK_LENGTH = 60
ABOUT = 30


@dataclass(frozen=True)
class Hours:
    """`ranges` of a day; `clock` when it was one exact clock; `school_days` when only weekdays make sense."""

    ranges: tuple[Range, ...]
    clock: int | None = None
    ask: str | None = None
    school_days: bool = False
    sure: float = 1.0


def hours_of(atoms: Sequence[Atom], on_a_day: bool) -> Hours | None:
    """The hours the atoms mean together; None when they are none."""
    if not atoms:
        return None
    parts = [WORDS["parts"][atom.value] for atom in atoms if atom.kind == "part"]
    half = next((part["half"] for part in parts if "half" in part), None)
    named = next((atom for atom in atoms if atom.kind in _NAMED), None)
    if named:
        return _NAMED[named.kind](named.value, half, on_a_day)
    school = any(part.get("school_days") for part in parts)
    return Hours((_together(atoms, half),), school_days=school, sure=0.9)


def part_range(name: str) -> Range:
    """The hours of a part of the day in `words.yml`."""
    part = WORDS["parts"][name]
    return _minutes(part["from"]), _minutes(part["to"])


def _minutes(text: str) -> int:
    hour, minute = text.split(":")
    return int(hour) * 60 + int(minute)


def _exactly(clock: Clock, half: str | None, on_a_day: bool) -> Hours:
    choices = _choices(clock, half, on_a_day)
    ranges = tuple((start, start + CLOCK_LENGTH) for start in choices)
    return Hours(ranges, choices[0], "am_pm" if len(choices) > 1 else None, sure=0.5 if len(choices) > 1 else 1.0)


def _about(clock: Clock, half: str | None, on_a_day: bool) -> Hours:
    choices = _choices(clock, half, on_a_day)
    ranges = tuple((max(0, start - ABOUT), start + ABOUT) for start in choices)
    return Hours(ranges, ask="am_pm" if len(choices) > 1 else None, sure=0.8)


def _choices(clock: Clock, half: str | None, on_a_day: bool) -> tuple[int, ...]:
    choices = clock.choices(half)
    if half == "night" and on_a_day:
        return tuple(start + MINUTES_A_DAY if start < MINUTES_A_DAY // 2 else start for start in choices)
    return choices


def _between(clocks: tuple[Clock, Clock], half: str | None, on_a_day: bool) -> Hours:
    start = clocks[0].choices(half)[0]
    end = clocks[1].choices(half)[0]
    if end <= start and not clocks[1].literal and end + MINUTES_A_DAY // 2 > start:
        end += MINUTES_A_DAY // 2
    return Hours(((start, end if end > start else end + MINUTES_A_DAY),))


_NAMED: dict[str, Callable[[Any, str | None, bool], Hours]] = {"clock": _exactly, "about": _about, "between": _between}


def _together(atoms: Sequence[Atom], half: str | None) -> Range:
    """Where all the parts and bounds overlap; when they do not, the last one said counts."""
    ranges = [_range(atom, half) for atom in atoms]
    start = max(first for first, _ in ranges)
    end = min(last for _, last in ranges)
    return (start, end) if start < end else ranges[-1]


def _range(atom: Atom, half: str | None) -> Range:
    if atom.kind == "part":
        return part_range(atom.value)
    way, clock = atom.value
    minutes = clock.choices(half)[0]
    return (minutes, MINUTES_A_DAY) if way == "after" else (0, minutes)
