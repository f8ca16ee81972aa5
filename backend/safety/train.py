"""Builds `model/weights.npz`: `python -m backend.safety.train`. Deterministic; needs scikit-learn and the bot's training lines."""

from dataclasses import dataclass, replace

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
    message_cost,
    scale,
    window_features,
    windows,
)

STRENGTH = {"concern": 20.0, "high": 60.0, "acute": 60.0}
# The share of milder texts of each origin that a head may raise, measured on texts it was not trained on; the strictest decides.
# Left out by whole blocks: lines of one block resemble each other, so random folds would promise too much.
ALLOWED = {
    "concern": {"lookalike": 0.15, "calm": 0.08},
    "high": {"topical": 0.018, "lookalike": 0.09, "sad": 0.09, "calm": 0.01},
    "acute": {"topical": 0.004, "lookalike": 0.02, "sad": 0.02, "calm": 0.003, "crisis": 0.08},
}
ASKED = {"topical": 0.085, "lookalike": 0.22, "sad": 0.25, "calm": 0.03}
# How far the thresholds are then moved towards alarm: a decision about what a miss and a false alarm cost (docs/safety/README.md).
LEAN = {"concern": 0.0, "high": 0.95, "acute": 1.5}
LESS_DOUBT = 0.2
FOLDS = 4


@dataclass(frozen=True)
class Windows:
    """Every window of every example as a row of `features`, with the number of its example, its cost and whether it is the whole text."""

    features: csr_matrix
    owner: np.ndarray
    cost: np.ndarray
    whole: np.ndarray

    @classmethod
    def of(cls, examples: list[Example]) -> "Windows":
        spans = [(number, span) for number, example in enumerate(examples) for span in _spans(example.folded)]
        tokens = [examples[number].folded.tokens[a:b + 1] for number, (a, b) in spans]
        whole = [span == (0, len(examples[number].folded.tokens) - 1) for number, span in spans]
        return cls(_matrix(tokens, SIZE), np.array([number for number, _ in spans]),
                   length_cost(np.array([len(t) for t in tokens])), np.array(whole))


def train(examples: list[Example]) -> dict[str, np.ndarray]:
    """Weights as small integers with their step, and biases that already hold the thresholds."""
    rows = Windows.of(examples)
    rarity = _rarity(rows.features)
    rows = replace(rows, features=(rows.features @ diags(rarity)).tocsr())
    columns, biases, doubt = [], [], 0.0
    for head, name in enumerate(HEADS):
        weights, bias = _fit(rows, examples, head, np.ones(len(examples), bool))
        columns.append(weights * rarity)
        milder = _left_out(rows, examples, head)
        threshold = _threshold(milder, ALLOWED[name])
        doubt = threshold - _threshold(milder, ASKED) - LESS_DOUBT if name == "high" else doubt
        biases.append(bias - threshold + LEAN[name])
    levels, level_step = _small(np.array(columns).T)
    categories, category_bias = _fit_categories([e for e in examples if e.line and e.line.is_crisis])
    person, person_bias = _fit_person([e for e in examples if e.line and e.line.about])
    categories, category_bias = np.column_stack((categories, person)), np.append(category_bias, person_bias)
    small_categories, category_step = _small(categories)
    return {"levels": levels, "level_step": level_step, "bias": np.array(biases, np.float32),
            "categories": small_categories, "category_step": category_step, "category_bias": category_bias, "doubt": np.float32(doubt)}


def _fit(rows: Windows, examples: list[Example], head: int, chosen: np.ndarray) -> tuple[np.ndarray, float]:
    """Danger is learnt from the whole message, its absence from every window of it."""
    marks = np.array([-1 if e.marks[head] is None else int(e.marks[head]) for e in examples])[rows.owner]
    used = np.flatnonzero(chosen[rows.owner] & ((marks == 0) | ((marks == 1) & rows.whole)))
    counts = np.array([e.weight for e in examples])[rows.owner]
    learner = LogisticRegression(C=STRENGTH[HEADS[head]], max_iter=100, tol=0.01, solver="liblinear", random_state=0, class_weight="balanced")
    learner.fit(rows.features[used], marks[used], sample_weight=counts[used])
    return learner.coef_[0], float(learner.intercept_[0])


def _spans(text: Folded) -> list[tuple[int, int]]:
    return [s for s in sorted({(0, len(text.tokens) - 1), *windows(text)}) if s[1] >= s[0]]


def _rarity(matrix: csr_matrix) -> np.ndarray:
    """A factor per feature that favours rare ones; 1 on average, and part of the weights afterwards."""
    seen = np.bincount(matrix.indices, minlength=matrix.shape[1])
    factor = np.log((1 + matrix.shape[0]) / (1 + seen)) + 1
    return factor / factor[matrix.indices].mean()


def _left_out(rows: Windows, examples: list[Example], head: int) -> dict[str, list[float]]:
    """Best margins of the texts that do not reach the head, by origin, each given by a model that has not seen the text's group."""
    margins: dict[str, list[float]] = {}
    for learn, test in GroupKFold(FOLDS, shuffle=True, random_state=0).split(examples, groups=[e.group for e in examples]):
        chosen = np.zeros(len(examples), bool)
        chosen[learn] = True
        weights, bias = _fit(rows, examples, head, chosen)
        best = np.full(len(examples), -np.inf)
        np.maximum.at(best, rows.owner, rows.features @ weights + bias - rows.cost)
        best -= np.array([message_cost(len(e.folded.tokens))[head] for e in examples])
        for number in test:
            if examples[number].marks[head] is False:
                margins.setdefault(examples[number].origin, []).append(float(best[number]))
    return margins


def _threshold(milder: dict[str, list[float]], allowed: dict[str, float]) -> float:
    return max(float(np.quantile(milder[origin], 1 - share)) for origin, share in allowed.items())


def _fit_categories(crisis: list[Example]) -> tuple[np.ndarray, np.ndarray]:
    labels = [CATEGORIES.index(e.line.category) for e in crisis]
    learner = LogisticRegression(C=20.0, max_iter=300, random_state=0, class_weight="balanced")
    learner.fit(_matrix([e.folded.tokens for e in crisis], CATEGORY_SIZE), labels)
    weights = np.zeros((CATEGORY_SIZE, len(CATEGORIES)))
    bias = np.full(len(CATEGORIES), -99.0)
    weights[:, learner.classes_] = learner.coef_.T
    bias[learner.classes_] = learner.intercept_
    return weights, bias.astype(np.float32)


def _fit_person(told: list[Example]) -> tuple[np.ndarray, np.float32]:
    """Whether a message is about another person than its writer."""
    learner = LogisticRegression(C=20.0, max_iter=300, random_state=0, class_weight="balanced")
    learner.fit(_matrix([e.folded.tokens for e in told], CATEGORY_SIZE), [e.line.about == "third" for e in told])
    return learner.coef_[0], np.float32(learner.intercept_[0])


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
