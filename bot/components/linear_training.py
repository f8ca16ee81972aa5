"""Training of the linear model. Deterministic: the same texts, labels, glossary and recipe give the same model."""
from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from bot.components.danish_features import BLOCKS, Grams, grams_of
from bot.components.lexicon import WORD, Forms, Lexicon
from bot.components.linear_model import LEAST, SEEN_OFTEN, WEIGHTS, LinearModel, Part, Vocabulary, softmax

SEED = 20261122
NEVER = -30.0
ROUGH = 0.3  # tolerance of the fit that only serves to find a temperature: two thirds of the time, the same temperature


@dataclass(frozen=True)
class Recipe:
    """What a training may turn. `held_out` is the share of messages the temperatures are fitted on."""

    C: float = 0.5
    tolerance: float = 0.1
    char_shortest: int = 2
    char_longest: int = 5
    held_out: float = 0.2
    weights: Mapping[str, float] = field(default_factory=lambda: dict(WEIGHTS))
    lifts: Mapping[str, float] = field(default_factory=dict)


def train(texts: Sequence[str], labels: Sequence[str], lexicon: Forms, recipe: Recipe = Recipe()) -> LinearModel:
    """Fit on normalised `texts`; a label is `goal` or `goal/sub`."""
    known = _known_words(texts)
    concepts = Lexicon(lexicon, frozenset(known))
    span = (recipe.char_shortest, recipe.char_longest)
    grams = [grams_of(text, concepts, span) for text in texts]
    model = LinearModel(
        sorted(set(labels)), lexicon, _vocabularies(grams), {}, span, {**WEIGHTS, **recipe.weights}, known, dict(recipe.lifts)
    )
    targets = np.searchsorted(model.labels, labels)
    _fit_parts(model, matrix_of(model, grams), targets, recipe)
    return model


def _known_words(texts: Sequence[str]) -> list[str]:
    seen = Counter(word for text in texts for word in set(WORD.findall(text)))
    return sorted(word for word, count in seen.items() if count >= SEEN_OFTEN)


def _vocabularies(grams: Sequence[Grams]) -> dict[str, Vocabulary]:
    return {block: Vocabulary.fit([one[block] for one in grams], LEAST[block]) for block in BLOCKS}


def matrix_of(model: LinearModel, grams: Sequence[Grams]):
    """Sparse (texts, grams) matrix of what the model counts."""
    from scipy.sparse import csr_matrix

    rows = [model.weigh(one) for one in grams]
    width = sum(len(vocabulary.index) for vocabulary in model.vocabularies.values())
    pointers = np.concatenate([[0], np.cumsum([len(columns) for columns, _ in rows])])
    columns = np.concatenate([columns for columns, _ in rows])
    values = np.concatenate([values for _, values in rows])
    return csr_matrix((values, columns, pointers), shape=(len(rows), width), dtype=np.float32)


def _fit_parts(model: LinearModel, matrix, targets: np.ndarray, recipe: Recipe) -> None:
    """Fit the three parts on everything, after a first fit without the held-out messages gave their temperatures."""
    hold = held_out_rows(targets, recipe.held_out)
    for name, rows, classes, count in _tasks(model, targets):
        learn, test = rows & ~hold, rows & hold
        weights, bias = fit_svm(matrix[learn], classes[learn], count, replace(recipe, tolerance=ROUGH))
        temperature = fit_temperature(matrix[test] @ weights + bias, classes[test])
        model.parts[name] = Part(*fit_svm(matrix[rows], classes[rows], count, recipe), temperature)


def _tasks(model: LinearModel, targets: np.ndarray):
    """(part, rows it learns from, class of each row, number of classes)."""
    everything = np.ones(len(targets), dtype=bool)
    place = np.zeros(len(model.labels), dtype=int)
    place[model.subs_at] = np.arange(len(model.subs_at))
    yield "label", everything, targets, len(model.labels)
    yield "goal", everything, model.goal_of[targets], len(model.goals)
    yield "sub", np.isin(targets, model.subs_at), place[targets], len(model.subs_at)


def fit_svm(matrix, classes: np.ndarray, count: int, recipe: Recipe):
    """(weights (grams, classes), bias) of a balanced one-against-rest linear SVM; an unseen class is never chosen."""
    weights = np.zeros((matrix.shape[1], count), dtype=np.float32)
    bias = np.full(count, NEVER, dtype=np.float32)
    seen = np.unique(classes)
    if len(seen) < 2:
        bias[seen] = 0.0
        return weights, bias
    from sklearn.svm import LinearSVC

    fitted = LinearSVC(
        C=recipe.C, class_weight="balanced", random_state=SEED, tol=recipe.tolerance, max_iter=2000
    ).fit(matrix, classes)  # fmt: skip
    rows, intercepts = fitted.coef_, fitted.intercept_
    if len(seen) == 2:  # scikit-learn keeps one row for two classes
        rows, intercepts = np.vstack([-rows, rows]), np.array([-intercepts[0], intercepts[0]])
    weights[:, seen], bias[seen] = rows.T, intercepts
    return weights, bias


def held_out_rows(targets: np.ndarray, share: float) -> np.ndarray:
    """True for about `share` of each label's messages, drawn by a fixed shuffle; False for a label with fewer than 5."""
    order = np.random.default_rng(SEED).permutation(len(targets))
    hold = np.zeros(len(targets), dtype=bool)
    for target in np.unique(targets):
        members = order[targets[order] == target]
        hold[members[: int(len(members) * share)]] = len(members) >= 5
    return hold


def fit_temperature(scores: np.ndarray, classes: np.ndarray) -> float:
    """The temperature with the least log loss on scores of messages the fit has not seen; 1 without any."""
    if not len(classes):
        return 1.0
    from scipy.optimize import minimize_scalar

    rows = np.arange(len(classes))

    def log_loss(log_temperature: float) -> float:
        probabilities = softmax(scores / np.exp(log_temperature))
        return -float(np.log(np.maximum(probabilities[rows, classes], 1e-12)).mean())

    return float(np.exp(minimize_scalar(log_loss, bounds=(-4, 3), method="bounded").x))
