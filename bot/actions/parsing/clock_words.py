"""Reads a clock as Danes say it ("halv 3", "kvart over 4", "14.30") once its words are digits."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import time

NOON = 12
FIRST_MORNING_HOUR = 7
FIRST_SURE_MORNING_HOUR = 9
MINUTES_A_DAY = 24 * 60

_SHAPES = tuple(re.compile(shape) for shape in (
    r"(?P<half>halv) (?P<h>\w+)",
    r"(?:et )?(?P<quarter>kvart(?:er)?) (?P<way>i|over|o) (?P<h>\w+)",
    r"(?P<m>\d+) ?(?:\w+\.? )?(?P<way>i|over) (?P<half>halv )?(?P<h>\w+)",
    r"(?P<h>\d{1,2})[.: ](?P<min>\d{2})",
    r"(?P<h>\d{1,2})(?P<min>\d{2})(?<=\d{3})",
    r"(?P<h>\d+|et)",
))


@dataclass(frozen=True)
class Clock:
    """A clock as said: `minutes` since midnight, and whether it was said so that only one half of the day fits."""

    minutes: int
    literal: bool

    def choices(self, half: str | None) -> tuple[int, ...]:
        """Minutes since midnight it may mean; two of them when only asking can tell.

        `half` is the half of the day the words around it gave: am, pm, evening, night or None.
        """
        if self.literal:
            return (self.minutes,)
        hour = self.minutes // 60
        if half in ("am", "night") or half is None and hour >= FIRST_SURE_MORNING_HOUR:
            return (self.minutes,)
        if half in ("pm", "evening"):
            return (self._in_the_afternoon(half),)
        if hour >= FIRST_MORNING_HOUR:
            return (self.minutes, self.minutes + 12 * 60)
        return (self.minutes + 12 * 60,)

    def _in_the_afternoon(self, half: str) -> int:
        at_midnight = half == "evening" and self.minutes // 60 == NOON
        return self.minutes + 12 * 60 if self.minutes < NOON * 60 or at_midnight else self.minutes


def read_clock(words: str) -> Clock | None:
    """The clock in `words`, or None when there is no such time (25, 14.75)."""
    for shape in _SHAPES:
        found = shape.fullmatch(words.strip().rstrip("."))
        if found:
            return _clock(found.groupdict())
    return None


def as_time(minutes: int) -> time:
    """Minutes since midnight as a time of day; past 24:00 begins again."""
    return time(minutes // 60 % 24, minutes % 60)


def _clock(said: dict[str, str | None]) -> Clock | None:
    text = said["h"] or ""
    hour = 1 if text == "et" else int(text) if text.isdigit() else -1
    minute = int(said.get("min") or 0)
    if not 0 <= hour <= 24 or minute > 59 or (hour == 24 and minute):
        return None
    total = hour * 60 + minute + _shift(said)
    literal = _is_literal(text, hour, bool(said.get("min")))
    return Clock(total % MINUTES_A_DAY if hour < 24 else total, literal) if literal else _spoken(total)


def _shift(said: dict[str, str | None]) -> int:
    base = -30 if said.get("half") else 0
    size = 15 if said.get("quarter") else int(said.get("m") or 0)
    return base - size if said.get("way") == "i" else base + size


def _is_literal(text: str, hour: int, with_minutes: bool) -> bool:
    return text.startswith("0") or hour > NOON or with_minutes and hour >= FIRST_MORNING_HOUR


def _spoken(total: int) -> Clock:
    return Clock(total + NOON * 60 if total < 60 else total, literal=False)
