"""Tidies a message before the time rules look at it: lower case, slips mended, number words as digits.

Every character of the tidied text knows which stretch of the original it came from.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from bot.actions.parsing.time_words import NUMBERS, ORDINALS, WORDS

SHORTEST_MENDED = 5
LONGEST_READ = 2000

_PIECE = re.compile(r"(?P<word>[^\W\d_]+)|(?P<digits>[0-9]+)|(?P<mark>[-.,:;!?/&%+–—])|(?P<other>.)", re.DOTALL)


@dataclass(frozen=True)
class Tidied:
    """The text as the rules read it, and for each of its characters the (start, end) it stands for."""

    text: str
    origins: tuple[tuple[int, int], ...]

    def origin(self, start: int, end: int) -> tuple[int, int]:
        """The stretch of the original text behind `text[start:end]`."""
        return self.origins[start][0], self.origins[end - 1][1]


def tidy(text: str) -> Tidied:
    """`text` in lower case, single spaces, mended slips; signs that carry no time become spaces."""
    letters: list[str] = []
    origins: list[tuple[int, int]] = []
    for piece, start, end in _pieces(text[:LONGEST_READ]):
        if piece == " " and (not letters or letters[-1] == " "):
            continue
        letters.extend(piece)
        origins.extend([(start, end)] * len(piece))
    while letters and letters[-1] == " ":
        letters.pop()
        origins.pop()
    return Tidied("".join(letters), tuple(origins))


def _pieces(text: str) -> Iterator[tuple[str, int, int]]:
    for match in _PIECE.finditer(text):
        if match.lastgroup == "word":
            piece = read_word(match.group().lower())
        elif match.lastgroup == "other":
            piece = " "
        else:
            piece = match.group()
        yield piece, match.start(), match.end()


def read_word(word: str) -> str:
    """The word as the rules know it: respelt, mended, or a number word as digits; else unchanged."""
    respelt = _RESPELT.get(word)
    if respelt is not None:
        return respelt
    if len(word) < SHORTEST_MENDED or word in _KNOWN:
        return word
    mended = _mended(word)
    return _RESPELT.get(mended, mended)


def _mended(word: str) -> str:
    for shorter in (word, *_without_one(word)):
        for target in _NEAR.get(shorter, ()):
            if target[0] == word[0] and is_one_slip(word, target):
                return target
    return word


def is_one_slip(left: str, right: str) -> bool:
    """Whether one letter wrong, missing, too many, or two neighbours swapped makes the one into the other."""
    if abs(len(left) - len(right)) > 1 or left == right:
        return False
    first = next((i for i, (a, b) in enumerate(zip(left, right, strict=False)) if a != b), min(len(left), len(right)))
    a, b = left[first:], right[first:]
    return a[1:] == b[1:] or a[1:] == b or a == b[1:] or (a[:2] == b[1::-1] and a[2:] == b[2:])


def _without_one(word: str) -> Iterable[str]:
    return (word[:i] + word[i + 1:] for i in range(len(word)))


def _respelt() -> dict[str, str]:
    digits = {word: str(number) for word, number in NUMBERS.items()}
    clocks = {word + WORDS["clock_suffix"]: f"{number}-{WORDS['clock_suffix']}" for word, number in NUMBERS.items()}
    return {**digits, **clocks, **_compounds(), **WORDS["spelling"]}


def _compounds() -> dict[str, str]:
    days = {**{day: day for day in WORDS["weekdays"]}, WORDS["workday"]: WORDS["workdays"]}
    return {
        f"{day}{joint}{part}": f"{two_words} {part}"
        for day, two_words in days.items()
        for joint in ("", "s")
        for part in WORDS["day_compounds"]
    }


def _targets() -> set[str]:
    named = {*WORDS["weekdays"], *WORDS["months"], *NUMBERS, *WORDS["mendable"]}
    return {word for word in named if len(word) >= SHORTEST_MENDED}


def _near(targets: Iterable[str]) -> dict[str, list[str]]:
    near: dict[str, list[str]] = {}
    for target in sorted(targets):
        for shorter in (target, *_without_one(target)):
            near.setdefault(shorter, []).append(target)
    return near


_RESPELT = _respelt()
_KNOWN = {*_targets(), *ORDINALS, *WORDS["never_mended"], *WORDS["holidays"]}
_NEAR = _near(_targets())
