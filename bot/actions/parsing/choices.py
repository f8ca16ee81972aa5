"""Which of the choices shown a guest means: by number, place, or words of the choice itself. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bot.actions.parsing.clock_words import read_clock
from bot.actions.parsing.patterns import compiled, load_words, plain
from bot.actions.parsing.spelling import is_one_slip, tidy
from bot.actions.parsing.time_hours import part_range
from bot.actions.parsing.time_words import NUMBERS, ORDINALS, WEEKDAYS, Find, scan

NONE_OF_THEM = -1
SHORTEST_STEM = 4
LONGEST_ANSWER = 200

_WORD = re.compile(r"[^\W\d_]+")
_CLOCK = re.compile(r"(\d{1,2})[.:](\d{2})(?!\d)")
_DAY = re.compile(r"(?<!\d)(\d{1,2})\. ?[^\W\d_]")


@dataclass(frozen=True)
class _Answer:
    """The answer as written, as tidied for the time rules, and what those found in it."""

    words: str
    tidied: str
    finds: tuple[Find, ...]
    clocks: frozenset[int]


def parse_choice(text: str, options: Sequence[str]) -> int | None:
    """The index of the option meant; -1 for none of them; None when it cannot be told."""
    words = plain(text[:LONGEST_ANSWER]).strip(" .!?")
    if not words or not options:
        return None
    same = [number for number, option in enumerate(options) if plain(option) == words]
    if len(same) == 1:
        return same[0]
    denied = _DENIED.match(words)
    return _the_other(words[denied.end():], options) if denied else _chosen(words, options)


def _chosen(words: str, options: Sequence[str]) -> int | None:
    answer = _answer(words)
    for way in _WAYS:
        chosen = way(answer, options)
        if chosen is not None:
            return chosen if chosen < len(options) else None
    return None


def _the_other(words: str, options: Sequence[str]) -> int | None:
    """"Ikke den første" of two is the second; of more it tells too little."""
    chosen = _chosen(words.strip(), options)
    return 1 - chosen if len(options) == 2 and chosen in (0, 1) else None


# -- ways to choose, tried in this order


def _by_refusal(answer: _Answer, options: Sequence[str]) -> int | None:
    return NONE_OF_THEM if _NONE.search(answer.words) and _by_words(answer, options) is None else None


def _by_leave(answer: _Answer, options: Sequence[str]) -> int | None:
    return 0 if _ANY.search(answer.words) else None


def _by_number(answer: _Answer, options: Sequence[str]) -> int | None:
    digits = " ".join(str(NUMBERS.get(word, word)) for word in answer.words.split())
    match = _ALONE.fullmatch(digits) or _FELLOW.search(digits) or _NUMBERED.search(digits)
    if match:
        return _index(int(match["n"]), options)
    fellow = next((number for word, number in _WORDS["fellows"].items() if word in answer.words.split()), None)
    return _index(fellow, options) if fellow else None


def _by_place(answer: _Answer, options: Sequence[str]) -> int | None:
    if _FIRST.search(answer.words):
        return 0
    if _LAST.search(answer.words):
        return len(options) - 1
    if _MIDDLE.search(answer.words):
        return len(options) // 2 if len(options) % 2 else len(options)
    ordinal = next((ORDINALS[word] for word in answer.words.split() if word in ORDINALS), None)
    return _index(ordinal, options) if ordinal else None


def _by_day_of_month(answer: _Answer, options: Sequence[str]) -> int | None:
    dates = (find for find in answer.finds if find.kind in ("month_day", "date"))
    named = {int(find.words["d"]) for find in dates if "d" in find.words}
    return _only(options, lambda option: any(int(day) in named for day in _DAY.findall(option))) if named else None


def _by_time(answer: _Answer, options: Sequence[str]) -> int | None:
    """By clock ("kl 16", "halv tre") or part of the day, within the weekday if one was named."""
    days = {number for name, number in WEEKDAYS.items() if name in answer.tidied}
    there = [option for option in options if not days or any(_names(option, day) for day in days)]
    for fits in (_exact_clock(answer), _same_hour(answer), _part(answer)):
        chosen = _only(there, fits) if fits else None
        if chosen is not None:
            return options.index(there[chosen])
    return len(options) if answer.clocks else None


def _by_words(answer: _Answer, options: Sequence[str]) -> int | None:
    """By the most words in common, when one option has more than all others."""
    own = {plain(option) for option in options}
    said = [word for word in _WORD.findall(answer.tidied) if word in own or word not in _FILLER]
    theirs = [_WORD.findall(plain(option)) for option in options]
    scores = [sum(any(_alike(word, one) for one in option) for word in said) for option in theirs]
    best = max(scores)
    return scores.index(best) if best and scores.count(best) == 1 else None


_WAYS: tuple[Callable[[_Answer, Sequence[str]], int | None], ...] = (
    _by_refusal, _by_leave, _by_day_of_month, _by_time, _by_number, _by_place, _by_words,
)


# -- what they look at


def _index(number: int, options: Sequence[str]) -> int:
    """A number that was said, as an index; one past the end when there is no such option."""
    return number - 1 if 1 <= number <= len(options) else len(options)


def _only(options: Sequence[str], fits: Callable[[str], bool]) -> int | None:
    fitting = [number for number, option in enumerate(options) if fits(option)]
    return fitting[0] if len(fitting) == 1 else None


def _names(option: str, weekday: int) -> bool:
    return any(name in plain(option) for name, number in WEEKDAYS.items() if number == weekday and len(name) > 3)


def _option_minutes(option: str) -> set[int]:
    return {int(hour) * 60 + int(minute) for hour, minute in _CLOCK.findall(option)}


def _answer(words: str) -> _Answer:
    tidied = tidy(words).text
    finds = tuple(scan(tidied))
    return _Answer(words, tidied, finds, frozenset(_clocks(finds)))


def _clocks(finds: Sequence[Find]) -> set[int]:
    told = [find.words for find in finds if find.kind in ("clock", "dotted")]
    clocks = (read_clock(words.get("a") or f"{words['x']}.{words['y']}") for words in told)
    return {minutes for clock in clocks if clock for minutes in clock.choices(None)}


def _exact_clock(answer: _Answer) -> Callable[[str], bool] | None:
    return (lambda option: bool(answer.clocks & _option_minutes(option))) if answer.clocks else None


def _same_hour(answer: _Answer) -> Callable[[str], bool] | None:
    hours = {minutes // 60 for minutes in answer.clocks if minutes % 60 == 0}
    return (lambda option: any(minutes // 60 in hours for minutes in _option_minutes(option))) if hours else None


def _part(answer: _Answer) -> Callable[[str], bool] | None:
    parts = [part_range(find.argument) for find in answer.finds if find.kind == "part"]
    if not parts:
        return None
    return lambda option: any(a <= minutes < b for a, b in parts for minutes in _option_minutes(option))


def _alike(said: str, own: str) -> bool:
    if said == own:
        return True
    if min(len(said), len(own)) < SHORTEST_STEM:
        return False
    return said.startswith(own) or own.startswith(said) or len(own) > SHORTEST_STEM and is_one_slip(said, own)


_WORDS = load_words("choice_words.yml")
_NONE, _ANY, _FIRST, _LAST, _MIDDLE = (
    compiled(_WORDS[name], {}) for name in ("none_of_them", "any_of_them", "first", "last", "middle")
)
_DENIED = re.compile(_WORDS["not"] + r"\s+")
_NUMBERED, _FELLOW = compiled(_WORDS["numbered"], {}), compiled(_WORDS["fellow"], {})
_ALONE = re.compile(_WORDS["alone"])
_FILLER = frozenset(_WORDS["filler"])
