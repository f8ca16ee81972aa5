"""The safety screen: every visitor message, in process, before anything else happens to it."""

from collections.abc import Sequence
from dataclasses import dataclass

from backend.safety.assessment import LEVELS, Assessment, rank
from backend.safety.folding import Folded, clean, fold
from backend.safety.model import HEADS, Model, Score
from backend.safety.persons import Persons
from backend.safety.rules import RuleBook

_LINES_BACK = 3
_CHARACTERS_BACK = 400
_WORDS_AROUND = 30
_HIGH = HEADS.index("high")
_NEAR_SUICIDE = frozenset(("suicidal_thoughts", "plan_or_means", "attempt_or_overdose", "self_harm", "missing_goodbye", "third_person_danger"))


@dataclass(frozen=True)
class _Finding:
    level: str
    category: str | None
    first: int
    last: int
    who: str | None = None
    overdose: bool = False


class Screen:
    """Loads once, then answers without any I/O. Safe to share between tasks and threads."""

    def __init__(self, rules: RuleBook, model: Model | None, persons: Persons) -> None:
        self.rules, self.model, self.persons = rules, model, persons

    @classmethod
    def load(cls) -> "Screen":
        """Rules, model and word lists from this package's folder. About a tenth of a second."""
        rules = RuleBook.load()
        return cls(rules, Model.load(), Persons.read(rules.extras["persons"]))

    def assess(self, text: str, previous: Sequence[str] = (), relation: str | None = None) -> Assessment:
        """`previous` are the visitor's own latest lines, oldest first; `relation` is self, relative, professional or None.

        Rules and model each raise the level; neither lowers the other. Danger that was complete in `previous` alone is
        not reported again: the caller keeps the conversation's level.
        """
        folded = fold(text, self.rules.spelling)
        if self.rules.is_everyday(folded):
            return Assessment()
        alone = self._assess(folded, 0, relation)
        if not previous:
            return alone
        joined, begin = self._joined(text, previous)
        together = self._assess(joined, begin, relation)
        return max(alone, together, key=lambda a: rank(a.level))

    def _joined(self, text: str, previous: Sequence[str]) -> tuple[Folded, int]:
        before = clean("\n".join(line[-_CHARACTERS_BACK:] for line in previous[-_LINES_BACK:]))
        folded = fold(f"{before}\n{text}", self.rules.spelling)
        return folded, next((i for i, end in enumerate(folded.ends) if end > len(before)), len(folded.tokens))

    def _assess(self, folded: Folded, begin: int, relation: str | None) -> Assessment:
        findings = self._by_rules(folded, begin)
        findings += self._by_model(folded, begin, max((rank(f.level) for f in findings), default=0))
        if not findings:
            return Assessment()
        findings.sort(key=lambda f: (-rank(f.level), f.first))
        return self._conclude(folded, findings, relation)

    def _by_rules(self, folded: Folded, begin: int) -> list[_Finding]:
        return [
            _Finding(m.rule.level, m.rule.category, m.first, m.last, m.rule.who, m.rule.overdose)
            for m in self.rules.matches(folded) if m.last >= begin
        ]

    def _by_model(self, folded: Folded, begin: int, reached: int) -> list[_Finding]:
        """At most one finding: one that is worse than what the rules reached, or a doubt worth a kind question."""
        score = self.model.score(folded, begin) if self.model else None
        if score is None:
            return []
        head = max((i for i, margin in enumerate(score.margins) if margin > 0), default=-1)
        if head > 0 and rank(LEVELS[head + 1]) > reached and not self._known(folded, begin, score, head, 0.0):
            first, last = score.windows[head]
            return [_Finding(LEVELS[head + 1], self.model.category(folded.tokens[first:last + 1]), first, last)]
        doubtful = self._in_doubt(folded, begin, score) if reached <= rank("concern") else []
        if doubtful or head != 0 or reached:
            return doubtful
        first, last = score.windows[0]
        return [] if self._known(folded, begin, score, 0, 0.0) else [_Finding("concern", None, first, last)]

    def _in_doubt(self, folded: Folded, begin: int, score: Score) -> list[_Finding]:
        """Between none and high: a concern about suicidal thoughts, so that one direct question is asked and no alarm given."""
        if score.margins[_HIGH] <= -self.model.doubt or self._known(folded, begin, score, _HIGH, -self.model.doubt):
            return []
        first, last = score.windows[_HIGH]
        category = self.model.category(folded.tokens[first:last + 1])
        return [_Finding("concern", "suicidal_thoughts" if category in _NEAR_SUICIDE else category, first, last)]

    def _known(self, folded: Folded, begin: int, score: Score, head: int, threshold: float) -> bool:
        """Whether the earlier lines alone already reached this level."""
        if not begin or score.windows[head][0] >= begin:
            return False
        before = Folded(folded.shown, folded.tokens[:begin], folded.starts[:begin], folded.ends[:begin])
        earlier = self.model.score(before)
        return earlier is not None and earlier.margins[head] > threshold

    def _another(self, folded: Folded, top: _Finding) -> float:
        around = slice(max(0, top.first - _WORDS_AROUND), top.last + _WORDS_AROUND + 1)
        return self.model.about_another(folded.tokens[around]) if self.model else 0.0

    def _conclude(self, folded: Folded, findings: list[_Finding], relation: str | None) -> Assessment:
        top = findings[0]
        who = top.who or self.persons.who(folded, top.first, top.last, top.category, relation, self._another(folded, top))
        categories = dict.fromkeys(f.category for f in findings if f.category)
        if who == "third" and rank(top.level) >= rank("high"):
            categories["third_person_danger"] = None
        return Assessment(top.level, tuple(categories), who, folded.original(top.first, top.last),
                          any(f.overdose for f in findings))
