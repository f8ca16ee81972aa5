"""Builds `model/weights.npz`: `python -m backend.safety.train`. Deterministic; needs scikit-learn and the bot's training lines."""

import numpy as np
from scipy.sparse import csr_matrix, diags
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from backend.safety.assessment import CATEGORIES
from backend.safety.examples import Example, read_examples
from backend.safety.folding import Folded
from backend.safety.model import (
    CATEGORY_SIZE,
    HEADS,
    SIZE,
    WEIGHTS,
    Model,
    length_cost,
    scale,
    window_features,
    windows,
)

STRENGTH = {"concern": 20.0, "high": 60.0, "acute": 60.0}
# The share of milder texts of each origin that a head may raise, measured on texts it was not trained on; the strictest decides.
# Left out by whole blocks: lines of one block resemble each other, so random folds would promise too much.
ALLOWED = {
    "concern": {"lookalike": 0.15, "calm": 0.08},
    "high": {"topical": 0.02, "lookalike": 0.10, "sad": 0.10, "calm": 0.01},
    "acute": {"topical": 0.004, "lookalike": 0.02, "sad": 0.02, "calm": 0.003, "crisis": 0.08},
}
ASKED = {"topical": 0.10, "lookalike": 0.25, "sad": 0.25, "calm": 0.03}
FOLDS = 4


def train(examples: list[Example]) -> dict[str, np.ndarray]:
    """Weights as small integers with their step, and biases that already hold the thresholds."""
    columns, biases, doubt = [], [], 0.0
    for head, name in enumerate(HEADS):
        marked = [e for e in examples if e.marks[head] is not None]
        weights, bias = _fit(marked, head)
        columns.append(weights)
        milder = _left_out(marked, head)
        threshold = _threshold(milder, ALLOWED[name])
        doubt = threshold - _threshold(milder, ASKED) if name == "high" else doubt
        biases.append(bias - threshold)
    levels, level_step = _small(np.array(columns).T)
    categories, category_bias = _fit_categories([e for e in examples if e.line and e.line.is_crisis])
    small_categories, category_step = _small(categories)
    return {"levels": levels, "level_step": level_step, "bias": np.array(biases, np.float32),
            "categories": small_categories, "category_step": category_step, "category_bias": category_bias, "doubt": np.float32(doubt)}


def _fit(marked: list[Example], head: int) -> tuple[np.ndarray, float]:
    rows, labels = [], []
    for example in marked:
        spans = _spans(example.folded, whole=bool(example.marks[head]))
        rows += [example.folded.tokens[a:b + 1] for a, b in spans]
        labels += [example.marks[head]] * len(spans)
    matrix = _matrix(rows, SIZE)
    rarity = _rarity(matrix)
    learner = LogisticRegression(C=STRENGTH[HEADS[head]], max_iter=100, tol=0.01, solver="liblinear", random_state=0, class_weight="balanced")
    learner.fit(matrix @ diags(rarity), labels)
    return learner.coef_[0] * rarity, float(learner.intercept_[0])


def _spans(text: Folded, whole: bool) -> list[tuple[int, int]]:
    """Danger is learnt from the whole message, its absence from every window of it."""
    all_of_it = (0, len(text.tokens) - 1)
    return [s for s in ([all_of_it] if whole else sorted({all_of_it, *windows(text)})) if s[1] >= s[0]]


def _rarity(matrix: csr_matrix) -> np.ndarray:
    """A factor per feature that favours rare ones; 1 on average, and part of the weights afterwards."""
    seen = np.bincount(matrix.indices, minlength=matrix.shape[1])
    factor = np.log((1 + matrix.shape[0]) / (1 + seen)) + 1
    return factor / factor[matrix.indices].mean()


def _left_out(marked: list[Example], head: int) -> dict[str, list[float]]:
    """Margins of the texts that do not reach the head, by origin, each given by a model that has not seen the text's group."""
    margins: dict[str, list[float]] = {}
    groups = [e.group for e in marked]
    for learn, test in GroupKFold(FOLDS, shuffle=True, random_state=0).split(marked, groups=groups):
        weights, bias = _fit([marked[i] for i in learn], head)
        for example in (marked[i] for i in test):
            if not example.marks[head]:
                margins.setdefault(example.origin, []).append(_best(example.folded, weights, bias))
    return margins


def _threshold(milder: dict[str, list[float]], allowed: dict[str, float]) -> float:
    return max(float(np.quantile(milder[origin], 1 - share)) for origin, share in allowed.items())


def _best(text: Folded, weights: np.ndarray, bias: float) -> float:
    found = windows(text) or [(0, -1)]
    return max(_margin(text.tokens[a:b + 1], weights, bias) for a, b in found)


def _margin(tokens: tuple[str, ...], weights: np.ndarray, bias: float) -> float:
    found = window_features(tokens)
    evidence = float(np.fromiter(found.values(), float) @ weights[np.fromiter(found, int)]) / scale(tokens)
    return evidence + bias - float(length_cost(np.array(len(tokens))))


def _fit_categories(crisis: list[Example]) -> tuple[np.ndarray, np.ndarray]:
    labels = [CATEGORIES.index(e.line.category) for e in crisis]
    learner = LogisticRegression(C=20.0, max_iter=300, random_state=0, class_weight="balanced")
    learner.fit(_matrix([e.folded.tokens for e in crisis], CATEGORY_SIZE), labels)
    weights = np.zeros((CATEGORY_SIZE, len(CATEGORIES)))
    bias = np.full(len(CATEGORIES), -99.0)
    weights[:, learner.classes_] = learner.coef_.T
    bias[learner.classes_] = learner.intercept_
    return weights, bias.astype(np.float32)


def _matrix(rows: list[tuple[str, ...]], size: int) -> csr_matrix:
    data, columns, starts = [], [], [0]
    for tokens in rows:
        size_of_row = scale(tokens)
        for number, value in window_features(tokens).items():
            columns.append(number % size)
            data.append(value / size_of_row)
        starts.append(len(columns))
    return csr_matrix((data, columns, starts), shape=(len(rows), size))


def _small(weights: np.ndarray) -> tuple[np.ndarray, np.float32]:
    step = np.float32(np.abs(weights).max() / 127)
    return np.round(weights / step).astype(np.int8), step


def main() -> None:
    examples = read_examples()
    WEIGHTS.parent.mkdir(exist_ok=True)
    np.savez_compressed(WEIGHTS, **train(examples))
    Model.load()
    print(f"{len(examples)} texts, {WEIGHTS.stat().st_size / 1024:.0f} KB")


if __name__ == "__main__":
    main()
