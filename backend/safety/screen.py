"""The safety screen: every visitor message, in process, before anything else happens to it."""

from collections.abc import Sequence

from backend.safety.assessment import Assessment, rank
from backend.safety.folding import Folded, fold
from backend.safety.rules import Match, RuleBook

_LINES_BACK = 3
_CHARACTERS_BACK = 400
_SUBJECT_BACK = 7
_HARMED_BY_OTHERS = ("violence", "violence_now", "sexual_abuse", "neglect")


class Screen:
    """Loads once, then answers without any I/O. Safe to share between tasks and threads."""

    def __init__(self, rules: RuleBook, persons: dict[str, frozenset[str]]) -> None:
        self.rules = rules
        self.persons = persons

    @classmethod
    def load(cls) -> "Screen":
        return cls(RuleBook.load(), {})

    def assess(self, text: str, previous: Sequence[str] = (), relation: str | None = None) -> Assessment:
        """`previous` are the visitor's own latest lines, oldest first; `relation` is self, relative, professional or None."""
        folded, begins = self._window(text, previous)
        matches = [m for m in self.rules.matches(folded) if folded.ends[m.last] > begins]
        return _conclude(folded, matches, relation)

    def _window(self, text: str, previous: Sequence[str]) -> tuple[Folded, int]:
        before = fold("\n".join(p[-_CHARACTERS_BACK:] for p in previous[-_LINES_BACK:]), self.rules.spelling).shown
        joined = f"{before}\n{text}" if before else text
        return fold(joined, self.rules.spelling), len(before)


def _conclude(folded: Folded, matches: list[Match], relation: str | None) -> Assessment:
    if not matches:
        return Assessment()
    ordered = sorted(matches, key=lambda m: (-rank(m.rule.level), m.first))
    top = ordered[0]
    categories = tuple(dict.fromkeys(m.rule.category for m in ordered if m.rule.category))
    return Assessment(top.rule.level, categories, "unknown", folded.original(top.first, top.last),
                      any(m.rule.overdose for m in ordered))
