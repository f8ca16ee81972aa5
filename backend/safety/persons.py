"""Who a piece of text is about: the writer, somebody else, or it does not say."""

from dataclasses import dataclass

from backend.safety.folding import Folded, fold_word

_SUBJECT_BACK = 8
HARMED_BY_OTHERS = frozenset(("violence", "violence_now", "sexual_abuse", "neglect"))


@dataclass(frozen=True)
class Persons:
    """Folded words from `patterns/persons.yml`."""

    own: frozenset[str]
    own_object: frozenset[str]
    others: frozenset[str]

    @classmethod
    def read(cls, document: dict) -> "Persons":
        return cls(*(frozenset(map(fold_word, document[k].split())) for k in ("own", "own_object", "others")))

    def who(self, folded: Folded, first: int, last: int, category: str | None, relation: str | None) -> str:
        """`self`, `third` or `unknown` for the tokens `first` to `last`."""
        span = folded.tokens[first:last + 1]
        if category in HARMED_BY_OTHERS and not self.own_object.isdisjoint(span):
            return "self"
        return self._named(span) or self._before(folded.tokens[max(0, first - _SUBJECT_BACK):first]) or _from(relation)

    def _named(self, span: tuple[str, ...]) -> str | None:
        if not self.others.isdisjoint(span):
            return "third"
        return "self" if not self.own.isdisjoint(span) else None

    def _before(self, tokens: tuple[str, ...]) -> str | None:
        for token in reversed(tokens):
            if token in self.others:
                return "third"
            if token in self.own:
                return "self"
        return None


def _from(relation: str | None) -> str:
    return {"self": "self", "relative": "third", "professional": "third"}.get(relation or "", "unknown")
