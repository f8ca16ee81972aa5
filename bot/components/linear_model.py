"""A calibrated linear reader of short Danish texts: grams in, label probabilities out. Knows no Rasa.

Each block of grams (`danish_features`) is weighted by sublinear tf-idf, scaled to length one and to its weight. Three
linear parts read the same grams: one over all labels (`goal/sub`), one over goals and one over the subs of the largest
goal. Their temperatures are fitted on messages they have not seen; their probabilities are multiplied and shared out.
Stored as numbers and JSON, never pickle; serving needs NumPy alone.
"""
from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from bot.components.danish_features import BLOCKS, Grams, grams_of
from bot.components.lexicon import Forms, Lexicon

WEIGHTS = {"word": 1.0, "char": 1.6, "skip": 0.5, "concept": 0.8, "order": 0.5, "shape": 0.5}
LEAST = {"word": 1, "char": 2, "skip": 2, "concept": 1, "order": 2, "shape": 2}
SEEN_OFTEN = 2


@dataclass
class Vocabulary:
    """Index and inverse document frequency of one block's grams."""

    index: dict[str, int]
    idf: np.ndarray

    @classmethod
    def fit(cls, documents: Sequence[Sequence[str]], least: int = 1) -> Vocabulary:
        seen: Counter = Counter()
        for grams in documents:
            seen.update(set(grams))
        kept = sorted(gram for gram, count in seen.items() if count >= least)
        counts = np.array([seen[gram] for gram in kept], dtype=np.float64)
        idf = np.log((1 + len(documents)) / (1 + counts)) + 1
        return cls({gram: i for i, gram in enumerate(kept)}, idf.astype(np.float32))

    def weigh(self, grams: Iterable[str]) -> tuple[np.ndarray, np.ndarray]:
        """Columns and tf-idf weights of one document, length one."""
        counts = Counter(map(self.index.get, grams))
        counts.pop(None, None)
        columns = np.fromiter(counts.keys(), dtype=np.int64, count=len(counts))
        raw = np.fromiter(counts.values(), dtype=np.float32, count=len(counts))
        values = (1 + np.log(raw)) * self.idf[columns]
        length = float(np.sqrt((values**2).sum()))
        return columns, values / length if length else values


@dataclass
class Part:
    """One linear reader. `members` are the labels' places each of its classes stands for; `temperature` as fitted."""

    weights: np.ndarray
    bias: np.ndarray
    temperature: float = 1.0

    def read(self, columns: np.ndarray, values: np.ndarray) -> np.ndarray:
        scores = self.bias + values @ self.weights[columns].astype(np.float32)
        return softmax(scores[None, :] / self.temperature)[0]


@dataclass
class LinearModel:
    """`read(text)` gives P(label | text) in the order of `labels`. `lexicon` is {concept: [forms]}."""

    labels: list[str]
    lexicon: Forms
    vocabularies: dict[str, Vocabulary]
    parts: dict[str, Part] = field(default_factory=dict)
    char_span: tuple[int, int] = (2, 5)
    block_weights: dict[str, float] = field(default_factory=lambda: dict(WEIGHTS))
    known: Sequence[str] = ()
    lifts: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.goals = sorted({label.split("/")[0] for label in self.labels})
        self.goal_of = np.array([self.goals.index(label.split("/")[0]) for label in self.labels])
        self.subs_at = np.flatnonzero(self.goal_of == np.bincount(self.goal_of).argmax())
        self._lift = np.array([self.lifts.get(goal, 1.0) for goal in self.goals])
        self._concepts = Lexicon(self.lexicon, frozenset(self.known))

    def grams(self, text: str) -> Grams:
        return grams_of(text, self._concepts, self.char_span)

    def features(self, text: str) -> tuple[np.ndarray, np.ndarray]:
        return self.weigh(self.grams(text))

    def weigh(self, grams: Grams) -> tuple[np.ndarray, np.ndarray]:
        columns, values, offset = [], [], 0
        for block in BLOCKS:
            block_columns, block_values = self.vocabularies[block].weigh(grams[block])
            columns.append(block_columns + offset)
            values.append(block_values * self.block_weights[block])
            offset += len(self.vocabularies[block].index)
        return np.concatenate(columns), np.concatenate(values).astype(np.float32)

    def read(self, text: str) -> np.ndarray:
        features = self.features(text)
        return self.combine(**{name: part.read(*features)[None, :] for name, part in self.parts.items()})[0]

    def goal_probabilities(self, probabilities: np.ndarray) -> np.ndarray:
        return np.bincount(self.goal_of, weights=probabilities, minlength=len(self.goals))

    def combine(self, label: np.ndarray, goal: np.ndarray, sub: np.ndarray) -> np.ndarray:
        """P(label), (texts, labels), from what the three parts say: geometric means, goals first, then shares within;
        `lifts` multiplies a goal, for one whose misses cost more than its false alarms."""
        by_goal = np.stack([label[:, self.goal_of == g].sum(axis=1) for g in range(len(self.goals))], axis=1)
        goals = _shared_out(np.sqrt(by_goal * goal) * self._lift)
        within = label / np.maximum(by_goal[:, self.goal_of], 1e-12)
        if len(self.subs_at) > 1:
            within[:, self.subs_at] = _shared_out(np.sqrt(within[:, self.subs_at] * sub))
        return goals[:, self.goal_of] * within

    def save(self, folder: Path) -> None:
        numbers = {f"idf_{block}": self.vocabularies[block].idf for block in BLOCKS}
        for name, part in self.parts.items():
            numbers.update({f"{name}_weights": part.weights.astype(np.float16), f"{name}_bias": part.bias})
        np.savez_compressed(folder / "weights.npz", **numbers)
        facts = {
            "labels": self.labels, "lexicon": self.lexicon, "known": sorted(self.known),
            "words": {block: list(self.vocabularies[block].index) for block in BLOCKS},
            "temperatures": {name: part.temperature for name, part in self.parts.items()},
            "char_span": list(self.char_span), "block_weights": self.block_weights, "lifts": self.lifts,
        }  # fmt: skip
        (folder / "model.json").write_text(json.dumps(facts, ensure_ascii=False), "utf-8")

    @classmethod
    def load(cls, folder: Path) -> LinearModel:
        facts = json.loads((folder / "model.json").read_text("utf-8"))
        with np.load(folder / "weights.npz", allow_pickle=False) as numbers:
            vocabularies = {
                block: Vocabulary({g: i for i, g in enumerate(facts["words"][block])}, numbers[f"idf_{block}"])
                for block in BLOCKS
            }
            parts = {
                name: Part(numbers[f"{name}_weights"].astype(np.float32), numbers[f"{name}_bias"], temperature)
                for name, temperature in facts["temperatures"].items()
            }
        return cls(
            facts["labels"], facts["lexicon"], vocabularies, parts,
            tuple(facts["char_span"]), facts["block_weights"], facts["known"], facts["lifts"],
        )  # fmt: skip


def softmax(scores: np.ndarray) -> np.ndarray:
    shifted = np.exp(scores - scores.max(axis=1, keepdims=True))
    return shifted / shifted.sum(axis=1, keepdims=True)


def _shared_out(values: np.ndarray) -> np.ndarray:
    return values / np.maximum(values.sum(axis=1, keepdims=True), 1e-12)
