"""Training of the linear model. Deterministic: the same texts, labels, glossary and recipe give the same model."""
from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from bot.components.danish_features import BLOCKS, Grams, grams_of
from bot.components.lexicon import WORD, Forms, Lexicon
from bot.components.linear_model import LEAST, SEEN_OFTEN, WEIGHTS, LinearModel, Part, Vocabulary, softmax
from bot.components.side_by_side import side_by_side

SEED = 20261122
NEVER = -30.0
SMOOTHING = 0.2  # counts added to every gram of every class
SPREAD_OVER = 8  # every eighth message tells how far apart scores lie
ROUGH = 0.3  # tolerance of the fit that only serves to find a temperature: two thirds of the time, the same temperature


@dataclass(frozen=True)
class Recipe:
    """What a training may turn. `held_out` is the share of messages the temperatures are fitted on, `ratio` the say of
    plain counting beside the support vectors (0 is none)."""

    C: float = 0.5
    tolerance: float = 0.1
    ratio: float = 0.6
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
    from scipy.sparse import hstack

    blocks = [
        _block_matrix(vocabulary, [one[block] for one in grams], model.block_weights[block])
        for block, vocabulary in ((block, model.vocabularies[block]) for block in BLOCKS)
    ]
    return hstack(blocks, format="csr", dtype=np.float32)


def _block_matrix(vocabulary: Vocabulary, documents: Sequence[Sequence[str]], weight: float):
    """What `Vocabulary.weigh` says of every document, at once."""
    from scipy.sparse import csr_matrix

    known = [[vocabulary.index[gram] for gram in grams if gram in vocabulary.index] for grams in documents]
    pointers = np.concatenate([[0], np.cumsum([len(columns) for columns in known])])
    columns = np.fromiter((column for one in known for column in one), dtype=np.int32, count=pointers[-1])
    shape = (len(documents), len(vocabulary.index))
    matrix = csr_matrix((np.ones(len(columns), dtype=np.float32), columns, pointers), shape=shape)
    matrix.sum_duplicates()
    matrix.data = (1 + np.log(matrix.data)) * vocabulary.idf[matrix.indices]
    lengths = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
    matrix.data *= np.repeat(weight / np.maximum(lengths, 1e-12), np.diff(matrix.indptr)).astype(np.float32)
    return matrix


def _fit_parts(model: LinearModel, matrix, targets: np.ndarray, recipe: Recipe) -> None:
    """Fit the three parts on everything, each beside a fit without the held-out messages that gives its temperature."""
    hold, tasks = held_out_rows(targets, recipe.held_out), list(_tasks(model, targets))
    learnt = [(fit, (matrix[rows], classes[rows], count, recipe)) for _, rows, classes, count in tasks]
    tested = [(temperature_of, (matrix[rows], classes[rows], count, recipe, hold[rows])) for _, rows, classes, count in tasks]
    done = side_by_side(learnt + tested)
    for (name, *_), fitted, temperature in zip(tasks, done, done[len(tasks) :], strict=False):
        model.parts[name] = Part(*fitted, temperature)


def temperature_of(matrix, classes: np.ndarray, count: int, recipe: Recipe, hold: np.ndarray) -> float:
    """The temperature of a rough fit without the held rows, read on these."""
    weights, bias = fit(matrix[~hold], classes[~hold], count, replace(recipe, tolerance=ROUGH))
    return fit_temperature(matrix[hold] @ weights + bias, classes[hold])


def _tasks(model: LinearModel, targets: np.ndarray):
    """(part, rows it learns from, class of each row, number of classes)."""
    everything = np.ones(len(targets), dtype=bool)
    place = np.zeros(len(model.labels), dtype=int)
    place[model.subs_at] = np.arange(len(model.subs_at))
    yield "label", everything, targets, len(model.labels)
    yield "goal", everything, model.goal_of[targets], len(model.goals)
    yield "sub", np.isin(targets, model.subs_at), place[targets], len(model.subs_at)


def fit(matrix, classes: np.ndarray, count: int, recipe: Recipe):
    """(weights (grams, classes), bias): support vectors, and how much oftener each gram stands in a class than outside it
    (after Wang and Manning 2012). The second knows nothing of the border cases that bend the first: cross-validation on
    another writer's lines, two points more of the topics right."""
    weights, bias = fit_svm(matrix, classes, count, recipe)
    if recipe.ratio and len(np.unique(classes)) > 1:
        ratios, some = log_ratios(matrix, classes, count), matrix[::SPREAD_OVER]
        weights += recipe.ratio * (some @ weights).std() / (some @ ratios).std() * ratios
    return weights, bias


def log_ratios(matrix, classes: np.ndarray, count: int) -> np.ndarray:
    """(grams, classes): log of a gram's share of a class over its share of the rest; 0 for a class without messages."""
    from scipy.sparse import csr_matrix

    member = csr_matrix((np.ones(len(classes), dtype=np.float32), (classes, np.arange(len(classes)))), shape=(count, len(classes)))
    within = (member @ (matrix > 0)).toarray().T + SMOOTHING
    outside = within.sum(axis=1, keepdims=True) - within
    ratios = np.log(within / within.sum(axis=0)) - np.log(outside / outside.sum(axis=0))
    ratios[:, np.bincount(classes, minlength=count) == 0] = 0
    return ratios.astype(np.float32)


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
