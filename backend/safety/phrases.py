"""The small language the patterns are written in, and its translation to regular expressions.

    (tage|tager) (mit|sit) eget? liv      alternatives in brackets, `?` after a word that may be missing
    jeg ..3 dø                            up to three other words in the same sentence
    selvmord*                             a word that begins so
    $NOGEN                                a list named in `lists`

A phrase is folded like the text it is looked for in.
"""

import re
from dataclasses import dataclass

from backend.safety.folding import BREAK, fold_word

_PIECE = re.compile(r"\(|\)|\||\?|\.\.\d+|\$\w+|[^\s()|?$]+")
_STOP = f"(?:{re.escape(BREAK)} )?"
_COMMON = frozenset(
    fold_word(w) for w in ["jeg", "mig", "min", "mit", "mine", "du", "dig", "han", "hun", "de", "den", "det", "der", "som", "at", "og", "i", "på", "til", "med", "for", "af", "en", "et", "er", "har", "vil", "kan", "skal", "var", "ikke", "nu", "så", "men", "om", "mere", "bare", "lige", "også", "noget", "nogen", "sig", "sit", "sin", "vi", "os", "hvis", "når", "alle", "alt", "ud", "op", "ned", "ind", "være", "blive", "bliver", "få", "får", "gør", "gøre", "mig", "fra", "dem", "hende", "ham", "the", "to", "i", "my", "me", "it", "want", "going", "not", "is", "do"]
)


@dataclass(frozen=True)
class Phrase:
    """`regex` runs over tokens joined by single spaces; `anchors` are words of which one must be present."""

    regex: re.Pattern
    anchors: frozenset[str]


class PatternError(ValueError):
    """A phrase that cannot be read; the text says which and why."""


@dataclass(frozen=True)
class _Part:
    regex: str
    anchors: frozenset[str] | None
    words: frozenset[str]


def compile_phrase(text: str, lists: dict[str, list[str]], across_sentences: bool = True) -> Phrase:
    """`across_sentences` lets a full stop stand between two words of the phrase; idioms never reach that far."""
    part, rest = _sequence(_PIECE.findall(text), lists)
    if rest:
        raise PatternError(f"Unbalanced brackets in: {text}")
    if not part.anchors:
        raise PatternError(f"Needs at least one fixed word: {text}")
    regex = part.regex if across_sentences else part.regex.replace(_STOP, "")
    return Phrase(re.compile(r"(?<![^ ])" + regex), part.anchors)


def words_of(text: str, lists: dict[str, list[str]]) -> frozenset[str]:
    """Every literal word of the phrase, folded (prefix words keep their `*`)."""
    return _sequence(_PIECE.findall(text), lists)[0].words


def _sequence(pieces: list[str], lists: dict) -> tuple[_Part, list[str]]:
    parts: list[_Part] = []
    while pieces and pieces[0] not in ("|", ")"):
        part, pieces = _atom(pieces, lists)
        if pieces and pieces[0] == "?":
            part, pieces = _Part(f"(?:{part.regex})?", None, part.words), pieces[1:]
        parts.append(part)
    words = frozenset().union(*(p.words for p in parts)) if parts else frozenset()
    return _Part("".join(p.regex for p in parts), _rarest(parts), words), pieces


def _atom(pieces: list[str], lists: dict) -> tuple[_Part, list[str]]:
    head, rest = pieces[0], pieces[1:]
    if head == "(":
        return _choice(rest, lists)
    if head.startswith(".."):
        return _Part(f"(?:[^ .]+ ){{0,{head[2:]}}}?", None, frozenset()), rest
    if head.startswith("$"):
        options = [_sequence(_PIECE.findall(t), lists)[0] for t in lists[head[1:]]]
        return _either(options), rest
    return _word(head), rest


def _choice(pieces: list[str], lists: dict) -> tuple[_Part, list[str]]:
    options = []
    while True:
        part, pieces = _sequence(pieces, lists)
        options.append(part)
        if not pieces:
            raise PatternError("A bracket is not closed")
        closed, pieces = pieces[0] == ")", pieces[1:]
        if closed:
            return _either(options), pieces


def _either(options: list[_Part]) -> _Part:
    anchors = None if any(p.anchors is None for p in options) else frozenset().union(*(p.anchors for p in options))
    regex = "(?:" + "|".join(sorted((p.regex for p in options), key=len, reverse=True)) + ")"
    return _Part(regex, anchors, frozenset().union(*(p.words for p in options)))


def _word(piece: str) -> _Part:
    prefix = piece.endswith("*")
    word = fold_word(piece.rstrip("*"))
    regex = re.escape(word) + ("[^ .]* " if prefix else " ") + _STOP
    name = word + ("*" if prefix else "")
    return _Part(regex, frozenset({name}), frozenset({name}))


def _rarest(parts: list[_Part]) -> frozenset[str] | None:
    choices = [p.anchors for p in parts if p.anchors]
    return min(choices, key=_cost) if choices else None


def _cost(anchors: frozenset[str]) -> tuple:
    return sum(a in _COMMON for a in anchors), len(anchors), -min(map(len, anchors))
