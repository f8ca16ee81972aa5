"""Reads `patterns/*.yml` and finds their phrases in folded text."""

from bisect import bisect_right
from dataclasses import dataclass
from pathlib import Path

import yaml

from backend.safety.assessment import CATEGORIES, LEVELS, rank
from backend.safety.folding import Folded, Spelling, deletions, fold_word
from backend.safety.phrases import PatternError, Phrase, compile_phrase, words_of

PATTERNS = Path(__file__).parent / "patterns"
_REACH = 24


@dataclass(frozen=True)
class Rule:
    """`shields` is empty for a rule that raises; an idiom lists up to which level it takes a match away. `alone`: only as the whole message."""

    id: str
    level: str
    category: str | None
    who: str | None
    overdose: bool
    shields: str | None
    alone: bool = False


@dataclass(frozen=True)
class Match:
    """`first` and `last` are token numbers, both included."""

    rule: Rule
    first: int
    last: int

    def overlaps(self, other: "Match") -> bool:
        return self.first <= other.last and other.first <= self.last


class RuleBook:
    """All phrases of all rules, found by the rare word each of them must contain."""

    def __init__(self, entries: list[tuple[Rule, Phrase]], spelling: Spelling, extras: dict | None = None) -> None:
        self.entries = entries
        self.extras = extras or {}
        self.spelling = spelling
        self._by_word: dict[str, list[int]] = {}
        self._by_prefix: dict[str, list[int]] = {}
        for number, (_, phrase) in enumerate(entries):
            for anchor in phrase.anchors:
                index = self._by_prefix if anchor.endswith("*") else self._by_word
                index.setdefault(anchor.rstrip("*"), []).append(number)
        self._prefix_lengths = sorted({len(p) for p in self._by_prefix})

    @classmethod
    def load(cls, folder: Path = PATTERNS) -> "RuleBook":
        documents = [yaml.load(p.read_text("utf-8"), Loader=yaml.CSafeLoader) or {} for p in sorted(folder.glob("*.yml"))]
        lists = {name: items for d in documents for name, items in d.get("lists", {}).items()}
        entries: list[tuple[Rule, Phrase]] = []
        words: set[str] = set()
        for raw in (r for d in documents for r in d.get("rules", [])):
            rule = _rule(raw)
            for text in raw["phrases"]:
                entries.append((rule, compile_phrase(text, lists, across_sentences=not rule.shields)))
                words |= words_of(text, lists)
        extras = {key: value for d in documents for key, value in d.items() if key == "persons"}
        return cls(entries, _spelling(documents, words), extras)

    def matches(self, folded: Folded) -> list[Match]:
        """Raising matches that no idiom covers, in no particular order."""
        found = [m for m in self._find(folded) if not m.rule.alone or m.last - m.first + 1 == len(folded.tokens)]
        idioms = [m for m in found if m.rule.shields and "\n" not in folded.original(m.first, m.last)]
        return [m for m in found if not m.rule.shields and not any(_shielded(m, i) for i in idioms)] + [
            m for m in idioms if m.rule.level != "none"
        ]

    def is_everyday(self, folded: Folded) -> bool:
        """Whether the message is, word for word, one of those nobody need think about (an idiom marked `alone`)."""
        return any(m.rule.alone and m.rule.shields and m.last - m.first + 1 == len(folded.tokens) for m in self._find(folded))

    def _find(self, folded: Folded) -> list[Match]:
        text, offsets = _joined(folded.tokens)
        found: dict[tuple, Match] = {}
        for number, position in self._candidates(folded.tokens):
            rule, phrase = self.entries[number]
            begin = offsets[max(0, position - _REACH)]
            end = offsets[min(len(offsets) - 1, position + _REACH)]
            for hit in phrase.regex.finditer(text, begin, end):
                first = bisect_right(offsets, hit.start()) - 1
                last = _last_word(folded.tokens, bisect_right(offsets, hit.end() - 1) - 1)
                found[(rule.id, first, last)] = Match(rule, first, last)
        return list(found.values())

    def _candidates(self, tokens: tuple[str, ...]) -> list[tuple[int, int]]:
        seen: dict[tuple[int, int], None] = {}
        for position, token in enumerate(tokens):
            for number in self._by_word.get(token, ()):
                seen[(number, position)] = None
            for length in self._prefix_lengths:
                for number in self._by_prefix.get(token[:length], ()):
                    seen[(number, position)] = None
        return _thinned(list(seen))


def _thinned(candidates: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """One look per phrase and stretch of text: repeating a word a thousand times must not cost a thousand looks."""
    last: dict[int, int] = {}
    kept = []
    for number, position in candidates:
        if position - last.get(number, -_REACH) >= _REACH // 2 or number not in last:
            kept.append((number, position))
            last[number] = position
    return kept


def _shielded(match: Match, idiom: Match) -> bool:
    return match.overlaps(idiom) and rank(match.rule.level) <= rank(idiom.rule.shields)


def _joined(tokens: tuple[str, ...]) -> tuple[str, list[int]]:
    offsets, at = [], 0
    for token in tokens:
        offsets.append(at)
        at += len(token) + 1
    return " ".join(tokens) + " ", [*offsets, at]


def _last_word(tokens: tuple[str, ...], at: int) -> int:
    return at - 1 if at > 0 and tokens[at] == "." else at


def _rule(raw: dict) -> Rule:
    rule = Rule(raw["id"], raw["level"], raw.get("category"), raw.get("who"), raw.get("overdose", False), raw.get("shields"), raw.get("alone", False))
    if rule.level not in LEVELS or (rule.category and rule.category not in CATEGORIES):
        raise PatternError(f"Unknown level or category in rule {rule.id}")
    return rule


def _spelling(documents: list[dict], pattern_words: set[str]) -> Spelling:
    short, compounds, protected, known = {}, set(), set(), set()
    for document in documents:
        for full, forms in document.get("short_forms", {}).items():
            whole = " ".join(map(fold_word, full.split()))
            short.update({(fold_word(f) or f): whole for f in forms.split()})
        compounds |= {fold_word(w) for w in document.get("compounds", [])}
        protected |= {fold_word(w) for w in document.get("protected", "").split()}
        known |= {fold_word(w) for w in document.get("often_misspelt", "").split()}
    words = {w.rstrip("*") for w in pattern_words}
    near = {form: word for word in sorted(known) for form in deletions(word) if len(form) >= 5 and form not in words}
    return Spelling(short, frozenset(compounds), frozenset(words | known), frozenset(protected), near)
