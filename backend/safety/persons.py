"""Who a piece of text is about: the writer, somebody else, or it does not say."""

from dataclasses import dataclass

from backend.safety.folding import Folded, fold_word

_TELLING, _AROUND = 3, 8
_MINE, _I = frozenset(("min", "mit", "vores")), frozenset(("jeg", "mig"))
_PERSON = {"self": "self", "relative": "third", "professional": "third"}
_LEANS = {"self": -1.0, "third": 1.0}
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

    def who(self, folded: Folded, first: int, last: int, category: str | None, relation: str | None, another: float) -> str:
        """`self`, `third` or `unknown` for the tokens `first` to `last`; `another` is what the model holds, positive for somebody else.

        Few words that name nobody leave it to the relation told earlier.
        """
        if category in HARMED_BY_OTHERS and not self.own_object.isdisjoint(folded.tokens[first:last + 1]):
            return "self"
        if self._tells_of_another(folded.tokens[:_AROUND]):
            return "third"
        if len(folded.tokens) < _TELLING and self.own.isdisjoint(folded.tokens) and self.others.isdisjoint(folded.tokens):
            return _PERSON.get(relation or "", "unknown")
        return "third" if another + _LEANS.get(_PERSON.get(relation or ""), 0.0) > 0 else "self"

    def _tells_of_another(self, opening: tuple[str, ...]) -> bool:
        """A message that opens with somebody near, and where the writer does nothing: "min datter har …"."""
        return len(opening) > 1 and opening[0] in _MINE and opening[1] in self.others and _I.isdisjoint(opening)
