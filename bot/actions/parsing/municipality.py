"""Which municipality a guest means: one of ours, another, or not told. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from bot.actions.parsing.patterns import compiled, load_words, plain
from bot.actions.parsing.spelling import is_one_slip

OURS = ("rodovre", "ballerup")
OTHER = "other"
SHORTEST_MENDED = 6
WORDS_BACK = 4

_PLACE = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)?|(?<!\d)\d{4}(?!\d| ?\d)")


@dataclass(frozen=True)
class _Named:
    municipality: str
    before: str
    after: str

    @property
    def weight(self) -> int:
        """Where someone lives counts more than where they go to school."""
        nearest = max((*_HOME.finditer(self.before), *_AWAY.finditer(self.before)), key=lambda m: m.end(), default=None)
        if nearest is None:
            return 1
        return 2 if _HOME.fullmatch(nearest.group()) else 0


def parse_municipality(text: str) -> str | None:
    """"rodovre", "ballerup", "other" (elsewhere in Denmark or told to be neither), or None when it is not told."""
    words = plain(text)
    named = [one for one in _named(words) if not _DENIED.search(one.before)]
    if named:
        return max(named, key=lambda one: one.weight).municipality
    return OTHER if _ELSEWHERE.search(words) else None


def _named(words: str) -> Iterator[_Named]:
    for match in _PLACE.finditer(words):
        municipality = _municipality(match.group())
        before, after = words[:match.start()], words[match.end():]
        if municipality and _is_a_place(match.group(), before, after):
            yield _Named(municipality, " ".join(before.split()[-WORDS_BACK:]), after)


def _municipality(word: str) -> str | None:
    known = _NAMES.get(word)
    if known or len(word) < SHORTEST_MENDED or word.isdigit():
        return known
    return next((where for name, where in _MENDABLE if name[0] == word[0] and is_one_slip(word, name)), None)


def _is_a_place(word: str, before: str, after: str) -> bool:
    if word not in _AMBIGUOUS:
        return True
    told = before.endswith((" i ", " fra ", " til ")) or after.startswith(" kommune")
    return told or not (before.strip() or after.strip(" .!"))


_WORDS = load_words("municipality_words.yml")
_AMBIGUOUS = frozenset(_WORDS["ambiguous"])
_NAMES = {
    **{name: OTHER for name in (*_WORDS["other"], *_AMBIGUOUS)},
    **{name: where for where in OURS for name in _WORDS[where]},
}
_MENDABLE = tuple((name, where) for name, where in _NAMES.items() if len(name) >= SHORTEST_MENDED)
_HOME, _AWAY, _ELSEWHERE = (compiled(_WORDS[name], {}) for name in ("home", "away", "elsewhere"))
_DENIED = re.compile(rf"(?<!\w){_WORDS['not']}\s*$")
