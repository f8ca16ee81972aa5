"""What a guest would like at a talk: whom to meet, whom to bring, what makes it easier to come. Pure; the words are data."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from bot.actions.parsing.patterns import any_of, compiled, load_words, plain

MOST_NAMES = 6


@dataclass(frozen=True)
class Wishes:
    """`companion`: friend, parent or network. `help`: some of interpreter, access, quiet_room. `gender`: asked for, kept nowhere."""

    peer: bool = False
    same_as_last: bool = False
    companion: str | None = None
    help: tuple[str, ...] = ()
    gender: bool = False

    def as_values(self) -> dict:
        """Only what was wished for and can be kept."""
        told = {"peer": self.peer, "same_as_last": self.same_as_last, "companion": self.companion, "help": list(self.help)}
        return {name: value for name, value in told.items() if value}


def parse_wishes(text: str) -> Wishes:
    """The wishes in `text`; `Wishes()` when there are none."""
    words = plain(text)
    return Wishes(
        peer=_found(_PEER, words),
        same_as_last=_found(_SAME, words),
        companion=next((who for who, pattern in _COMPANIONS.items() if _found(pattern, words)), None),
        help=tuple(what for what, pattern in _HELP.items() if _found(pattern, words)),
        gender=_found(_GENDER, words),
    )


def names_of_hosts(text: str) -> list[str]:
    """Words in the place of a host's name («kan jeg få Maja igen»), as they were written. Which are names the backend knows."""
    return [match[1] for match in _NAMED.finditer(text)][:MOST_NAMES]


def _found(pattern: re.Pattern[str], words: str) -> bool:
    return any(not _DENIED.search(words[: match.start()].rstrip()) for match in pattern.finditer(words))


def _pattern(lines: Iterable[str]) -> re.Pattern[str]:
    return compiled(any_of(lines), _WORDS["pieces"])


_WORDS = load_words("wish_words.yml")
_COMPANIONS = {who: _pattern(_WORDS["companion"][who]) for who in ("network", "parent", "friend")}
_HELP = {what: _pattern(lines) for what, lines in _WORDS["help"].items()}
_PEER, _SAME, _GENDER = (_pattern(_WORDS[key]) for key in ("peer", "same_as_last", "gender"))
_NAMED = re.compile(rf"(?<!\w)(?:{_WORDS['before_a_name']}) (\w{{2,40}})(?! med(?!\w))", re.IGNORECASE)
_DENIED = re.compile(rf"(?<!\w){_WORDS['denied']}$")
