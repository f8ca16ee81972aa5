"""The trainers' glossary: which concepts the words of a message belong to. Pure; knows no Rasa.

A line is written like in a dictionary: `ensom` the whole word, `mobb-` its beginning, `-angst` its end, `-mobb-` any
part, `slå op` words in a row, `slog .. op` with up to three words between. Files: `bot/data/lexicon/*.yml`.
"""
from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from bot.components.danish_text import normalise

LEXICON_FOLDER = Path(__file__).resolve().parents[1] / "data" / "lexicon"
WORD = re.compile(r"[^\W_]+", re.UNICODE)
GAP = ".."
LONGEST_GAP = 3
SHORTEST_MENDED = 7

Forms = dict[str, list[str]]
Step = tuple[str, bool]
Phrase = tuple[frozenset[str], tuple[Step, ...], str]  # whole words it cannot do without, its steps, concept


def read_forms(folder: Path = LEXICON_FOLDER) -> Forms:
    """{concept: [forms as written]} of all files; {} when there is none. A concept in two files is joined."""
    forms: Forms = {}
    for path in sorted(folder.glob("*.yml")):
        for name, written in ((yaml.safe_load(path.read_text("utf-8")) or {}).get("concepts") or {}).items():
            forms.setdefault(str(name), []).extend(str(form) for form in written or [])
    return forms


@dataclass
class Lexicon:
    """`read(words)` gives the concepts found at each word. `known` are words that are never taken for a slip."""

    forms: Forms
    known: frozenset[str] = frozenset()
    _whole: dict[str, set[str]] = field(default_factory=dict)
    _beginnings: dict[str, set[str]] = field(default_factory=dict)
    _ends: dict[str, set[str]] = field(default_factory=dict)
    _parts: dict[str, set[str]] = field(default_factory=dict)
    _phrases: dict[str, list[Phrase]] = field(default_factory=dict)
    _loose_phrases: dict[str, list[Phrase]] = field(default_factory=dict)
    _slips: dict[str, set[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, written in self.forms.items():
            for form in written:
                self._add(name, form)
        self._lengths = sorted({len(stem) for stem in self._beginnings})
        self._end_lengths = sorted({len(stem) for stem in self._ends})
        for stem in (*self._whole, *self._beginnings):
            if len(stem) >= SHORTEST_MENDED - 1:
                for variant in _with_one_letter_less(stem):
                    self._slips.setdefault(variant, set()).add(stem)
        self._remembered: dict[str, frozenset[str]] = {}

    def _add(self, name: str, form: str) -> None:
        steps = _steps(form)
        if len(steps) > 1:
            first, is_beginning = steps[0]
            table = self._loose_phrases if is_beginning else self._phrases
            needed = frozenset(step for step, begins in steps if step != GAP and not begins)
            table.setdefault(first[:2] if is_beginning else first, []).append((needed, steps, name))
        elif steps:
            begins, ends = form.endswith("-"), form.startswith("-")
            table = {(True, True): self._parts, (True, False): self._beginnings, (False, True): self._ends}
            table.get((begins, ends), self._whole).setdefault(steps[0][0], set()).add(name)

    def read(self, words: Sequence[str]) -> list[set[str]]:
        """The concepts at each of the normalised `words`; a phrase counts at its first word."""
        found = [set(self._of_word(word)) for word in words]
        present = set(words)
        for place, word in enumerate(words):
            for needed, steps, name in (*self._phrases.get(word, ()), *self._loose_phrases.get(word[:2], ())):
                if needed <= present and _fits(steps, words, place):
                    found[place].add(name)
        return found

    def _of_word(self, word: str) -> frozenset[str]:
        if word not in self._remembered:
            if len(self._remembered) > 50_000:
                self._remembered.clear()
            self._remembered[word] = frozenset(self._look_up(word) or self._mend(word))
        return self._remembered[word]

    def _look_up(self, word: str) -> set[str]:
        found = set(self._whole.get(word, ()))
        for length in self._lengths:
            found |= self._beginnings.get(word[:length], set()) if length <= len(word) else set()
        for length in self._end_lengths:
            found |= self._ends.get(word[-length:], set()) if length <= len(word) else set()
        for part, names in self._parts.items():
            found |= names if part in word else set()
        return found

    def _mend(self, word: str) -> set[str]:
        """Concepts of the words that `word` may be with one slip of the finger; none for a known or short word."""
        if len(word) < SHORTEST_MENDED or word in self.known or word.isdigit():
            return set()
        found: set[str] = set()
        for length in {len(word), *(n for n in self._lengths if SHORTEST_MENDED <= n <= len(word))}:
            for variant in _with_one_letter_less(word[:length]):
                for stem in self._slips.get(variant, ()):
                    if stem[0] == word[0]:
                        found |= self._beginnings.get(stem, set())
                        found |= self._whole.get(stem, set()) if length == len(word) else set()
        return found


def _with_one_letter_less(word: str) -> set[str]:
    return {word, *(word[:i] + word[i + 1 :] for i in range(len(word)))}


def _steps(form: str) -> tuple[Step, ...]:
    """(word, is a beginning) of each word of a form; a gap is ("..", False)."""
    steps: list[Step] = []
    for piece in form.split():
        if piece == GAP:
            steps.append((GAP, False))
            continue
        words = WORD.findall(normalise(piece.strip("-")))
        steps += [(word, False) for word in words[:-1]]
        steps += [(words[-1], piece.endswith("-"))] if words else []
    return tuple(steps)


def _fits(steps: Iterable[Step], words: Sequence[str], place: int) -> bool:
    reach = 0
    for step, is_beginning in steps:
        if step == GAP:
            reach = LONGEST_GAP
            continue
        for at in range(place, min(len(words), place + reach + 1)):
            if words[at] == step or (is_beginning and words[at].startswith(step)):
                break
        else:
            return False
        place, reach = at + 1, 0
    return True
