"""A calibrated linear reader of short Danish texts: n-grams and concepts in, label probabilities out. Knows no Rasa.

Word 1-2-grams, characters 2-5 inside word boundaries and the trainers' concept words are weighted by sublinear tf-idf,
each block scaled to length one, and fed to a linear SVM (as accurate here as a logistic regression and twenty times
sooner trained); a temperature fitted on held-out folds turns its scores into probabilities. Stored as numbers and JSON,
never pickle.
"""
from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Dict, Iterable, List, Sequence, Tuple

import numpy as np

WORD = re.compile(r"[^\W_]+", re.UNICODE)
BLOCKS = ("word", "char", "concept")
SEED = 20261122

Lexicon = Dict[str, List[str]]


def word_grams(text: str, longest: int = 2) -> List[str]:
    tokens = WORD.findall(text)
    grams = list(tokens)
    for size in range(2, longest + 1):
        grams += [" ".join(tokens[i : i + size]) for i in range(len(tokens) - size + 1)]
    return grams


def char_grams(text: str, shortest: int = 2, longest: int = 5) -> List[str]:
    grams: List[str] = []
    for token in text.split():
        padded = f" {token} "
        for size in range(shortest, longest + 1):
            if len(padded) <= size:
                grams.append(padded)
                break
            grams += [padded[i : i + size] for i in range(len(padded) - size + 1)]
    return grams


def concepts(text: str, lexicon: Lexicon) -> List[str]:
    """Concepts whose words begin a word of the text; a lexicon word ending in "*" or of 4+ letters matches as a stem."""
    padded = " " + " ".join(WORD.findall(text)) + " "
    return [name for name, stems in lexicon.items() if any(_has_stem(padded, stem) for stem in stems)]


def _has_stem(padded: str, stem: str) -> bool:
    bare = stem.rstrip("*")
    whole = not stem.endswith("*") and len(bare) < 4
    return f" {bare} " in padded if whole else f" {bare}" in padded


@dataclass
class Vocabulary:
    """Index and inverse document frequency of one block's features."""

    index: Dict[str, int]
    idf: np.ndarray

    @classmethod
    def fit(cls, documents: Sequence[Sequence[str]], least: int = 1) -> "Vocabulary":
        seen: Counter = Counter()
        for grams in documents:
            seen.update(set(grams))
        kept = sorted(gram for gram, count in seen.items() if count >= least)
        counts = np.array([seen[gram] for gram in kept], dtype=np.float64)
        idf = np.log((1 + len(documents)) / (1 + counts)) + 1
        return cls({gram: i for i, gram in enumerate(kept)}, idf.astype(np.float32))

    def weigh(self, grams: Iterable[str]) -> Tuple[np.ndarray, np.ndarray]:
        """Columns and tf-idf weights of one document, length one."""
        counts = Counter(self.index[gram] for gram in grams if gram in self.index)
        columns = np.fromiter(counts.keys(), dtype=np.int64, count=len(counts))
        raw = np.fromiter(counts.values(), dtype=np.float32, count=len(counts))
        values = (1 + np.log(raw)) * self.idf[columns]
        length = float(np.sqrt((values**2).sum()))
        return columns, values / length if length else values


@dataclass
class LinearModel:
    """`read(text)` gives P(label | text) in the order of `labels`."""

    labels: List[str]
    lexicon: Lexicon
    vocabularies: Dict[str, Vocabulary]
    weights: np.ndarray
    bias: np.ndarray
    temperature: float = 1.0
    word_longest: int = 2
    char_span: Tuple[int, int] = (2, 5)
    concept_weight: float = 1.0

    def _grams(self, text: str) -> Dict[str, List[str]]:
        return {
            "word": word_grams(text, self.word_longest),
            "char": char_grams(text, *self.char_span),
            "concept": concepts(text, self.lexicon) if self.lexicon else [],
        }

    def features(self, text: str) -> Tuple[np.ndarray, np.ndarray]:
        grams, columns, values, offset = self._grams(text), [], [], 0
        for block in BLOCKS:
            block_columns, block_values = self.vocabularies[block].weigh(grams[block])
            scale = self.concept_weight if block == "concept" else 1.0
            columns.append(block_columns + offset)
            values.append(block_values * scale)
            offset += len(self.vocabularies[block].index)
        return np.concatenate(columns), np.concatenate(values).astype(np.float32)

    def scores(self, text: str) -> np.ndarray:
        columns, values = self.features(text)
        return self.bias + values @ self.weights[columns].astype(np.float32)

    def read(self, text: str) -> np.ndarray:
        return softmax(self.scores(text)[None, :] / self.temperature)[0]

    def save(self, folder: Path) -> None:
        np.savez_compressed(
            folder / "weights.npz",
            weights=self.weights.astype(np.float16),
            bias=self.bias.astype(np.float32),
            **{f"idf_{block}": self.vocabularies[block].idf for block in BLOCKS},
        )
        words = {block: list(self.vocabularies[block].index) for block in BLOCKS}
        facts = {
            "labels": self.labels, "lexicon": self.lexicon, "words": words, "temperature": self.temperature,
            "word_longest": self.word_longest, "char_span": list(self.char_span), "concept_weight": self.concept_weight,
        }  # fmt: skip
        (folder / "model.json").write_text(json.dumps(facts, ensure_ascii=False), "utf-8")

    @classmethod
    def load(cls, folder: Path) -> "LinearModel":
        facts = json.loads((folder / "model.json").read_text("utf-8"))
        with np.load(folder / "weights.npz", allow_pickle=False) as numbers:
            vocabularies = {
                block: Vocabulary({g: i for i, g in enumerate(facts["words"][block])}, numbers[f"idf_{block}"])
                for block in BLOCKS
            }
            weights, bias = numbers["weights"].astype(np.float32), numbers["bias"]
        return cls(
            facts["labels"], facts["lexicon"], vocabularies, weights, bias, facts["temperature"],
            facts["word_longest"], tuple(facts["char_span"]), facts["concept_weight"],
        )  # fmt: skip


def softmax(scores: np.ndarray) -> np.ndarray:
    shifted = np.exp(scores - scores.max(axis=1, keepdims=True))
    return shifted / shifted.sum(axis=1, keepdims=True)


# --- training -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Recipe:
    """What a training may turn; `folds` is the number of held-out parts the temperature is fitted on."""

    C: float = 0.5
    word_longest: int = 2
    char_shortest: int = 2
    char_longest: int = 5
    char_least: int = 2
    concept_weight: float = 1.0
    folds: int = 3


def train(texts: Sequence[str], labels: Sequence[str], lexicon: Lexicon, recipe: Recipe = Recipe()) -> LinearModel:
    """Fit on normalised `texts`. The same data and recipe give the same model."""
    names = sorted(set(labels))
    targets = np.array([names.index(label) for label in labels])
    model = _untrained(texts, names, lexicon, recipe)
    matrix = _matrix(model, texts)
    model.temperature = _temperature(*_held_out_scores(matrix, targets, len(names), recipe))
    model.weights, model.bias = _fit(matrix, targets, len(names), recipe)
    return model


def _untrained(texts: Sequence[str], names: List[str], lexicon: Lexicon, recipe: Recipe) -> LinearModel:
    vocabularies = {
        "word": Vocabulary.fit([word_grams(t, recipe.word_longest) for t in texts]),
        "char": Vocabulary.fit(
            [char_grams(t, recipe.char_shortest, recipe.char_longest) for t in texts], recipe.char_least
        ),
        "concept": Vocabulary.fit([concepts(t, lexicon) for t in texts]),
    }
    return LinearModel(
        names, lexicon, vocabularies, np.zeros((0, 0)), np.zeros(0), 1.0,
        recipe.word_longest, (recipe.char_shortest, recipe.char_longest), recipe.concept_weight,
    )  # fmt: skip


def _matrix(model: LinearModel, texts: Sequence[str]):
    from scipy.sparse import csr_matrix

    rows = [model.features(text) for text in texts]
    width = sum(len(v.index) for v in model.vocabularies.values())
    pointers = np.concatenate([[0], np.cumsum([len(columns) for columns, _ in rows])])
    columns = np.concatenate([columns for columns, _ in rows])
    values = np.concatenate([values for _, values in rows])
    return csr_matrix((values, columns, pointers), shape=(len(texts), width), dtype=np.float32)


def _fit(matrix, targets: np.ndarray, classes: int, recipe: Recipe) -> Tuple[np.ndarray, np.ndarray]:
    """Balanced one-against-rest linear SVM; a class that is not in `targets` gets weight zero and a low bias."""
    from sklearn.svm import LinearSVC

    fitted = LinearSVC(C=recipe.C, class_weight="balanced", random_state=SEED, max_iter=3000).fit(matrix, targets)
    weights = np.zeros((matrix.shape[1], classes), dtype=np.float32)
    bias = np.full(classes, -30.0, dtype=np.float32)
    coefficients, intercepts = fitted.coef_, fitted.intercept_
    if len(fitted.classes_) == 2:  # scikit-learn keeps one row for two classes
        coefficients, intercepts = np.vstack([-coefficients, coefficients]), np.array([-intercepts[0], intercepts[0]])
    weights[:, fitted.classes_] = coefficients.T
    bias[fitted.classes_] = intercepts
    return weights, bias


def _held_out_scores(matrix, targets: np.ndarray, classes: int, recipe: Recipe) -> Tuple[np.ndarray, np.ndarray]:
    """Scores every text gets from a model that has not seen it; texts and folds are paired by a fixed shuffle."""
    folds = _folds(targets, recipe.folds)
    scores = np.zeros((len(targets), classes), dtype=np.float32)
    for fold in range(recipe.folds):
        learn, hold = folds != fold, folds == fold
        weights, bias = _fit(matrix[learn], targets[learn], classes, recipe)
        scores[hold] = matrix[hold] @ weights + bias
    return scores, targets


def _folds(targets: np.ndarray, count: int) -> np.ndarray:
    order = np.random.default_rng(SEED).permutation(len(targets))
    folds = np.zeros(len(targets), dtype=int)
    for target in np.unique(targets):
        members = order[targets[order] == target]
        folds[members] = np.arange(len(members)) % count
    return folds


def _temperature(scores: np.ndarray, targets: np.ndarray) -> float:
    """The temperature with the least log loss on held-out scores, by golden-section search in log space."""
    from scipy.optimize import minimize_scalar

    rows = np.arange(len(targets))

    def log_loss(log_temperature: float) -> float:
        probabilities = softmax(scores / np.exp(log_temperature))
        return -float(np.log(np.maximum(probabilities[rows, targets], 1e-12)).mean())

    return float(np.exp(minimize_scalar(log_loss, bounds=(-3, 3), method="bounded").x))
