"""What the model learns from: the screen's own corpus and the bot's ordinary lines, as one list of marked texts."""

from dataclasses import dataclass

from backend.safety.assessment import rank
from backend.safety.corpus_reader import Line, read_corpus
from backend.safety.folding import Folded, fold
from backend.safety.model import HEADS
from backend.safety.ordinary import Said, read_talk
from backend.safety.rules import RuleBook

_FOLD_GROUPS = 40
# How much one text of an origin counts in training; found on left-out blocks.
_WEIGHTS = {"crisis": 1.0, "told": 1.2, "topical": 0.6, "lookalike": 0.5, "sad": 0.5, "calm": 0.4}


@dataclass(frozen=True)
class Example:
    """`marks` says per head whether the text reaches it; None where nobody has judged. `group` is never split between folds.

    `origin` is crisis, lookalike or sad (corpus), told (danger in the bot's lines), topical or calm (the rest of them).
    """

    folded: Folded
    marks: tuple[bool | None, ...]
    origin: str
    group: str
    line: Line | None = None

    @property
    def weight(self) -> float:
        return _WEIGHTS[self.origin]


def read_examples() -> list[Example]:
    """Everything that is not held out."""
    book = RuleBook.load()
    own = [_of_corpus(line, book) for line in read_corpus() if not line.held_out]
    return own + [e for e in (_of_talk(said, book) for said in read_talk() if not said.held_out) if e]


def _of_corpus(line: Line, book: RuleBook) -> Example:
    marks = tuple(rank(line.level) >= rank(head) for head in HEADS)
    origin = "crisis" if line.is_crisis else "lookalike" if line.level == "none" else "sad"
    return Example(fold(line.text, book.spelling), marks, origin, line.block, line)


def _of_talk(said: Said, book: RuleBook) -> Example | None:
    folded = fold(said.text, book.spelling)
    group = f"talk {sum(map(ord, said.text)) % _FOLD_GROUPS}"
    if said.kind == "danger":
        return Example(folded, (True, True, None), "told", group)
    alarming = any(rank(m.rule.level) >= rank("high") for m in book.matches(folded))
    if said.kind == "unsure" or alarming:
        return None
    concerned = False if said.kind == "calm" else None
    return Example(folded, (concerned, False, False), "topical" if said.guided else "calm", group)
