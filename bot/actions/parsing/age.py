"""How old the person a talk is about may be, from Danish words. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.actions.parsing.patterns import compiled, load_words, plain
from bot.actions.parsing.time_words import NUMBERS

OLDEST = 110
_LAST_YEAR_OF_BAND = ((11, "0-11"), (14, "12-14"), (17, "15-17"), (25, "18-25"), (OLDEST, "26+"))


@dataclass(frozen=True)
class Age:
    """`years` if told; `band` 0-11, 12-14, 15-17, 18-25 or 26+ if told or to be inferred (a school form)."""

    years: int | None = None
    band: str | None = None


def parse_age(text: str) -> Age:
    """The age told in `text`; a child's before the writer's own; `Age()` when none is."""
    words = _readable(text)
    told = sorted(_told(words))
    if told:
        return Age(told[0][2], band_of(told[0][2]))
    return Age(None, next((band for band, pattern in _BANDS if pattern.search(words)), None))


def whose_age(text: str) -> str | None:
    """`writer` or `another`: whose the age in `text` is; None without an age, or when nothing tells."""
    told = sorted(_told(_readable(text)))
    return next((whose for *_, years, whose in told if whose and years == told[0][2]), None)


def band_of(years: int) -> str:
    """The band of an age in whole years."""
    return next(band for last, band in _LAST_YEAR_OF_BAND if years <= last)


def _readable(text: str) -> str:
    words = _with_digits(plain(text))
    for never in _NEVER:
        words = never.sub(" … ", words)
    return words


def _told(words: str) -> Iterator[tuple[int, int, int, str]]:
    """(rank, place, years, whose) of everything that reads like an age."""
    for rank, whose, pattern in _YEARS:
        for match in pattern.finditer(words):
            if int(match["nn"]) <= OLDEST:
                yield rank, match.start(), int(match["nn"]), whose
    for pattern in _SOON:
        for match in pattern.finditer(words):
            if 1 <= int(match["nn"]) <= OLDEST:
                yield len(_YEARS), match.start(), int(match["nn"]) - 1, ""


def _with_digits(words: str) -> str:
    return _NUMBER_WORD.sub(lambda match: str(NUMBERS[match.group(1)]), words)


_WORDS = load_words("age_words.yml")
_NUMBER_WORD = re.compile(r"(?<!\w)(" + "|".join(sorted(NUMBERS, key=len, reverse=True)) + r")(?=årig|\W|$)")
_NEVER = tuple(compiled(pattern, _WORDS["pieces"]) for pattern in _WORDS["never"])
_YEARS = tuple(
    (line["rank"], line.get("whose", ""), compiled(line["match"], _WORDS["pieces"])) for line in _WORDS["years"]
)
_SOON = tuple(compiled(pattern, _WORDS["pieces"]) for pattern in _WORDS["soon"])
_BANDS = tuple((line["band"], compiled(line["match"], _WORDS["pieces"])) for line in _WORDS["bands"])
