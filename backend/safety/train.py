"""Builds `model/weights.npz` from the corpus: `python -m backend.safety.train`. Deterministic; needs scikit-learn."""

import numpy as np
from scipy.sparse import csr_matrix, diags
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedGroupKFold

from backend.safety.assessment import CATEGORIES, rank
from backend.safety.corpus_reader import Line, read_corpus
from backend.safety.folding import Folded, fold
from backend.safety.model import CATEGORY_SIZE, HEADS, SIZE, WEIGHTS, Model, scale, window_features, windows
from backend.safety.rules import RuleBook

STRENGTH = {"concern": 20.0, "high": 60.0, "acute": 60.0}
# The share of milder lines a head may raise, measured on lines it was not trained on.
# Left out by whole blocks: lines of one block resemble each other, so random folds would promise too much.
ALLOWED = {"concern": 0.15, "high": 0.05, "acute": 0.013}
ASKED = 0.18
FOLDS = 5


def train(lines: list[Line]) -> dict[str, np.ndarray]:
    """Weights as small integers with their step, and biases that already hold the thresholds."""
    spelling = RuleBook.load().spelling
    folded = [fold(line.text, spelling) for line in lines]
    columns, biases, doubt = [], [], 0.0
    for head in HEADS:
        target = np.array([rank(line.level) >= rank(head) for line in lines])
        weights, bias = _fit(folded, target, STRENGTH[head])
        columns.append(weights)
        milder = _left_out(folded, target, head, lines)
        threshold = float(np.quantile(milder, 1 - ALLOWED[head]))
        doubt = threshold - float(np.quantile(milder, 1 - ASKED)) if head == "high" else doubt
        biases.append(bias - threshold)
    levels, level_step = _small(np.array(columns).T)
    categories, category_bias = _fit_categories(lines, folded)
    small_categories, category_step = _small(categories)
    return {"levels": levels, "level_step": level_step, "bias": np.array(biases, np.float32),
            "categories": small_categories, "category_step": category_step, "category_bias": category_bias, "doubt": np.float32(doubt)}


def _fit(folded: list[Folded], target: np.ndarray, strength: float) -> tuple[np.ndarray, float]:
    rows, labels = [], []
    for text, positive in zip(folded, target, strict=True):
        spans = [(0, len(text.tokens) - 1)] if positive else {(0, len(text.tokens) - 1), *windows(text)}
        spans = [s for s in sorted(spans) if s[1] >= s[0]]
        rows += [text.tokens[a:b + 1] for a, b in spans]
        labels += [positive] * len(spans)
    learner = LogisticRegression(C=strength, max_iter=400, solver="liblinear", random_state=0, class_weight="balanced")
    matrix = _matrix(rows, SIZE)
    rarity = _rarity(matrix)
    learner.fit(matrix @ diags(rarity), labels)
    return learner.coef_[0] * rarity, float(learner.intercept_[0])


def _rarity(matrix: csr_matrix) -> np.ndarray:
    """A factor per feature that favours rare ones; 1 on average, and part of the weights afterwards."""
    seen = np.bincount(matrix.indices, minlength=matrix.shape[1])
    factor = np.log((1 + matrix.shape[0]) / (1 + seen)) + 1
    return factor / factor[matrix.indices].mean()


def _left_out(folded: list[Folded], target: np.ndarray, head: str, lines: list[Line]) -> np.ndarray:
    """Margins of the milder lines, each given by a model that has not seen the line's block."""
    margins = np.zeros(len(folded))
    groups = [line.block for line in lines]
    for learn, test in StratifiedGroupKFold(FOLDS, shuffle=True, random_state=0).split(folded, target, groups):
        weights, bias = _fit([folded[i] for i in learn], target[learn], STRENGTH[head])
        for i in test:
            margins[i] = _best(folded[i], weights, bias)
    return margins[[rank(line.level) < rank(head) for line in lines]]


def _best(text: Folded, weights: np.ndarray, bias: float) -> float:
    found = windows(text) or [(0, -1)]
    return max(_margin(text.tokens[a:b + 1], weights, bias) for a, b in found)


def _margin(tokens: tuple[str, ...], weights: np.ndarray, bias: float) -> float:
    found = window_features(tokens)
    return float(np.fromiter(found.values(), float) @ weights[np.fromiter(found, int)]) / scale(tokens) + bias


def _fit_categories(lines: list[Line], folded: list[Folded]) -> tuple[np.ndarray, np.ndarray]:
    chosen = [i for i, line in enumerate(lines) if line.is_crisis]
    labels = [CATEGORIES.index(lines[i].category) for i in chosen]
    learner = LogisticRegression(C=20.0, max_iter=300, random_state=0, class_weight="balanced")
    learner.fit(_matrix([folded[i].tokens for i in chosen], CATEGORY_SIZE), labels)
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
    lines = [line for line in read_corpus() if not line.held_out]
    WEIGHTS.parent.mkdir(exist_ok=True)
    np.savez_compressed(WEIGHTS, **train(lines))
    Model.load()
    print(f"{len(lines)} lines, {WEIGHTS.stat().st_size / 1024:.0f} KB")


if __name__ == "__main__":
    main()
