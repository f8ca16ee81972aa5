"""The statistical half of the screen: hashed n-grams times weights, over every clause and run of clauses.

Scoring clauses and keeping the highest means that text around a dangerous sentence cannot hide it.
Serving needs numpy only; the weights are made by `python -m backend.safety.train`.
"""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from zlib import crc32

import numpy as np
import yaml

from backend.safety.assessment import CATEGORIES
from backend.safety.folding import BREAK, Folded, fold_word

WEIGHTS = Path(__file__).parent / "model" / "weights.npz"
CONCEPTS = Path(__file__).parent / "patterns" / "concepts.yml"
SIZE = 2**19
CATEGORY_SIZE = 2**14
HEADS = ("concern", "high", "acute")
_HIGH, _ACUTE = HEADS.index("high"), HEADS.index("acute")
# So few words ("i morgen", "mig selv") are left to the phrases: a count of so little finds danger in anything.
_FEW_WORDS = 2
# How far under the threshold of acute a window is still alarming: what resembles a plan and is not sure counts as high.
_NEARLY_ACUTE = 0.5
_JOINTS = (("2", 1), ("3", 2), ("s", 2), ("s", 3), ("s", 4))
_WORD_VALUE, _CHAR_VALUE = 2.0, 1.0
# A long window gathers chance evidence; what it must reach grows with its length beyond a short sentence.
_SHORT, _LENGTH_COST = 6, 2.0
# A long message offers many windows, one of which will look bad by chance. Never taken from acute: there, nothing said around it may hide it.
_LONG_MESSAGE, _MESSAGE_COST = 30, np.array([1.0, 1.0, 0.0])
_RUN, _LONGEST, _SLIDE, _STEP = 6, 40, 12, 4
_OPENERS = frozenset(("men", "og", "fordi", "sa", "but", "and", "because"))
_PAUSES = frozenset("\n,;:()")


@dataclass(frozen=True)
class Score:
    """Margins above threshold per head (positive raises) and the window, as token numbers, that scored highest."""

    margins: tuple[float, float, float]
    windows: tuple[tuple[int, int], ...]


@lru_cache(maxsize=1)
def _concepts() -> tuple[dict[str, str], dict[str, str]]:
    whole, beginnings = {}, {}
    for name, words in yaml.load(CONCEPTS.read_text("utf-8"), Loader=yaml.CSafeLoader)["concepts"].items():
        for word in str(words).split():
            (beginnings if word.endswith("*") else whole)[fold_word(word.rstrip("*"))] = name
    return whole, beginnings


@lru_cache(maxsize=20_000)
def concept(word: str) -> str | None:
    """The family a folded word belongs to; the longest fitting beginning wins."""
    whole, beginnings = _concepts()
    if word in whole:
        return whole[word]
    return next((beginnings[word[:n]] for n in range(len(word), 1, -1) if word[:n] in beginnings), None)


@lru_cache(maxsize=20_000)
def word_features(word: str) -> tuple[int, ...]:
    """Numbers of the within-word character n-grams (3 to 5), then of the word and its concept (or the word again)."""
    marked = f"<{word}>"
    grams = [marked[i:i + n] for n in (3, 4, 5) for i in range(len(marked) - n + 1)]
    return (*(_number("c" + g) for g in grams), _number("1" + word), _number(f"k{concept(word) or word}"))


def concept_pairs(tokens: tuple[str, ...]) -> list[tuple[int, int, int]]:
    """Each concept with the next one or two, whatever stands between: (first token, last token, number)."""
    return [pair for pairs in _concept_pairs_by_skip(tokens) for pair in pairs]


def _concept_pairs_by_skip(tokens: tuple[str, ...]) -> list[list[tuple[int, int, int]]]:
    found = [(at, name) for at, name in ((at, concept(t)) for at, t in enumerate(tokens)) if name]
    return [
        [(a, b, _pair_number(skip, one, other)) for (a, one), (b, other) in zip(found, found[skip:], strict=False)]
        for skip in (1, 2)
    ]


@lru_cache(maxsize=10_000)
def _pair_number(skip: int, one: str, other: str) -> int:
    return _number(f"K{skip} {one} {other}")


def joint_features(tokens: tuple[str, ...], at: int) -> tuple[int | None, ...]:
    """Numbers, in the order of `_JOINTS`, of the word pair, triple and pairs with words between that end at `at`."""
    word = tokens[at]
    return (_joint("2", tokens[at - 1], word) if at >= 1 else None, _joint("3", *tokens[at - 2:at + 1]) if at >= 2 else None,
            *(_joint("s", tokens[at - back], word) if at >= back else None for _, back in _JOINTS[2:]))


@lru_cache(maxsize=30_000)
def _joint(kind: str, *words: str) -> int:
    return _number(kind + " ".join(words))


def window_features(tokens: tuple[str, ...]) -> dict[int, float]:
    """Feature number → value for one window, before scaling; the training side of `Model.score`."""
    found: dict[int, float] = {}
    for at, token in enumerate(tokens):
        *chars, word, family = word_features(token)
        for number in chars:
            found[number] = found.get(number, 0.0) + _CHAR_VALUE
        for number in (word, family, *joint_features(tokens, at)):
            if number is not None:
                found[number] = found.get(number, 0.0) + _WORD_VALUE
    for _, _, number in concept_pairs(tokens):
        found[number] = found.get(number, 0.0) + _WORD_VALUE
    return found


def scale(tokens: tuple[str, ...]) -> float:
    """What the summed weights of a window are divided by; grows with the square root of its features."""
    total = sum(_weight_of_word(t) for t in tokens)
    joints = sum(max(0, len(tokens) - back) for _, back in _JOINTS) + len(concept_pairs(tokens))
    return float(np.sqrt(total + joints * _WORD_VALUE**2)) or 1.0


def length_cost(tokens: np.ndarray) -> np.ndarray:
    """What is taken from the margin of windows of so many tokens."""
    return _LENGTH_COST * np.log(np.maximum(tokens, _SHORT) / _SHORT)


def message_cost(tokens: int) -> np.ndarray:
    """What is taken from the margins of each head in a message of so many tokens."""
    return _MESSAGE_COST * np.log(max(tokens, _LONG_MESSAGE) / _LONG_MESSAGE)


def windows(folded: Folded) -> list[tuple[int, int]]:
    """Clauses, runs of up to six clauses, and sliding pieces of long clauses, as (first, last) token numbers."""
    clauses = _clauses(folded)
    found = []
    for i in range(len(clauses)):
        for j in range(i, min(i + _RUN, len(clauses))):
            first, last = clauses[i][0], clauses[j][1]
            if j == i or last - first < _LONGEST:
                found.append((first, last))
    for first, last in clauses:
        if last - first >= _SLIDE:
            found.extend((a, min(a + _SLIDE - 1, last)) for a in range(first, last - _SLIDE + _STEP + 1, _STEP))
    return found


class Model:
    def __init__(self, levels: np.ndarray, categories: np.ndarray, bias: np.ndarray, category_bias: np.ndarray, doubt: float = 0.0) -> None:
        """`doubt` is how far under the threshold of high a kind question is still worth asking. The last column of `categories` tells the person."""
        self.doubt = doubt
        self.levels, self.categories = levels, categories
        self.bias, self.category_bias = bias, category_bias
        self._padded = np.pad(levels, ((0, 1), (0, 1)))
        self._word = lru_cache(maxsize=20_000)(self._word_sum)

    @classmethod
    def load(cls, path: Path = WEIGHTS) -> "Model | None":
        """None when the weights have not been built: the rules then stand alone."""
        if not path.exists():
            return None
        with np.load(path) as data:
            return cls(data["levels"] * data["level_step"].astype(np.float32), data["categories"] * data["category_step"],
                       data["bias"], data["category_bias"], float(data["doubt"]))

    def score(self, folded: Folded, must_touch: int = 0) -> Score | None:
        """Best margin per head over all windows of at least three words whose last token is number `must_touch` or later."""
        spans = [(first, last) for first, last in windows(folded) if last >= must_touch and last - first >= _FEW_WORDS]
        if not spans:
            return None
        first, last = (np.array(x) for x in zip(*spans, strict=True))
        margins = self._margins(folded.tokens, first, last)
        margins[:, _HIGH] = np.maximum(margins[:, _HIGH], margins[:, _ACUTE] + _NEARLY_ACUTE)
        best = margins.argmax(axis=0)
        return Score(tuple(float(margins[b, h]) for h, b in enumerate(best)), tuple(spans[b] for b in best))

    def category(self, tokens: tuple[str, ...]) -> str:
        """The likeliest category of one window."""
        return CATEGORIES[int(self._kinds(tokens)[:-1].argmax())]

    def about_another(self, tokens: tuple[str, ...]) -> float:
        """Positive when a message seems to be about somebody else than its writer, negative when about the writer."""
        return float(self._kinds(tokens)[-1])

    def _kinds(self, tokens: tuple[str, ...]) -> np.ndarray:
        found = window_features(tokens)
        numbers = np.fromiter(found, int) % CATEGORY_SIZE
        values = np.fromiter(found.values(), float)
        return values @ self.categories[numbers] / scale(tokens) + self.category_bias

    def _margins(self, tokens: tuple[str, ...], first: np.ndarray, last: np.ndarray) -> np.ndarray:
        words = _cumulated(np.array([self._word(t) for t in tokens]))
        total = words[last + 1] - words[first]
        for (_, back), sums in zip(_JOINTS, self._joints(tokens), strict=True):
            total += sums[last + 1] - sums[np.minimum(first + back, last + 1)]
        length = last - first + 1
        concepts, count = self._concepts_within(tokens, first, last)
        total[:, :3] += concepts
        joints = sum(np.maximum(length - back, 0) for _, back in _JOINTS) + count
        norm = np.sqrt(total[:, 3] + joints * _WORD_VALUE**2)
        return total[:, :3] / np.maximum(norm, 1.0)[:, None] + self.bias - length_cost(length)[:, None] - message_cost(len(tokens))

    def _concepts_within(self, tokens: tuple[str, ...], first: np.ndarray, last: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Summed weights and number of the concept pairs inside each window; both ends of the pairs are in order."""
        total, count = np.zeros((len(first), 3)), np.zeros(len(first))
        for pairs in (np.array(p, int).reshape(-1, 3) for p in _concept_pairs_by_skip(tokens)):
            begin = np.searchsorted(pairs[:, 0], first)
            end = np.maximum(np.searchsorted(pairs[:, 1], last, side="right"), begin)
            sums = _cumulated(self.levels[pairs[:, 2]] * _WORD_VALUE)
            total += sums[end] - sums[begin]
            count += end - begin
        return total, count

    def _joints(self, tokens: tuple[str, ...]) -> list[np.ndarray]:
        numbers = np.array([[SIZE if n is None else n for n in joint_features(tokens, at)] for at in range(len(tokens))])
        sums = np.zeros((len(tokens) + 1, len(_JOINTS), self._padded.shape[1]))
        np.cumsum(self._padded[numbers] * _WORD_VALUE, axis=0, out=sums[1:])
        return [sums[:, k] for k in range(len(_JOINTS))]

    def _word_sum(self, word: str) -> np.ndarray:
        *chars, own, family = word_features(word)
        total = self.levels[chars].sum(axis=0) * _CHAR_VALUE + (self.levels[own] + self.levels[family]) * _WORD_VALUE
        return np.append(total, _weight_of_word(word))


@lru_cache(maxsize=20_000)
def _weight_of_word(word: str) -> float:
    return (len(word_features(word)) - 2) * _CHAR_VALUE**2 + 2 * _WORD_VALUE**2


def _number(gram: str) -> int:
    return crc32(gram.encode()) % SIZE


def _cumulated(rows: np.ndarray) -> np.ndarray:
    return np.vstack([np.zeros((1, rows.shape[1])), np.cumsum(rows, axis=0)])


def _clauses(folded: Folded) -> list[tuple[int, int]]:
    found, begin = [], None
    for at, token in enumerate(folded.tokens):
        if begin is not None and (token == BREAK or _opens(folded, at)):
            found.append((begin, at - 1))
            begin = None
        if token != BREAK and begin is None:
            begin = at
    if begin is not None:
        found.append((begin, len(folded.tokens) - 1))
    return found


def _opens(folded: Folded, at: int) -> bool:
    between = folded.shown[folded.ends[at - 1]:folded.starts[at]]
    return folded.tokens[at] in _OPENERS or not _PAUSES.isdisjoint(between)
