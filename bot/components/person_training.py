"""Training of the person model: trainers' labelled lines first, then every training message it is sure of.

The second step is what makes a few thousand labelled lines reach: the messages of `nlu.yml` have no such label, but the
first model, told their true topic, reads nine of ten of them right. Deterministic.
"""
from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import yaml

from bot.components.danish_features import BLOCKS, grams_of
from bot.components.danish_text import normalise
from bot.components.lexicon import Forms, Lexicon
from bot.components.linear_model import LEAST, WEIGHTS, LinearModel, Part, Vocabulary, softmax
from bot.components.linear_training import (
    Recipe,
    _known_words,
    fit,
    held_out_rows,
    matrix_of,
    temperature_of,
)
from bot.components.person_model import PersonModel, hints, signs, with_hints
from bot.components.side_by_side import side_by_side

LINES_FILE = Path(__file__).resolve().parents[1] / "data" / "people" / "lines.yml"
RECIPE = Recipe(C=1.0)
SURE = 0.7
TOPIC_GOAL = "guide_topic"


def read_people(path: Path = LINES_FILE) -> list[tuple[str, str]]:
    """[(text, label)] of the trainers' labelled lines; [] when the file is missing."""
    if not path.exists():
        return []
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    content = yaml.load(path.read_text("utf-8"), Loader=loader)
    return [(str(text), label) for label, texts in (content.get("lines") or {}).items() for text in texts]


def train_people(people: Sequence[tuple[str, str]], messages: Mapping[str, str], lexicon: Forms) -> PersonModel | None:
    """`messages` {normalised text: goal or goal/sub} give the labelled lines their hints, and lines to read by
    oneself. None when there are fewer than two labels to tell apart."""
    told = {normalise(text): label for text, label in people}
    labels = sorted(set(told.values()))
    if len(labels) < 2:
        return None
    texts = [*told, *(text for text in messages if text not in told)]
    model, matrix = _counted(texts, messages, lexicon, labels)
    targets = np.searchsorted(labels, list(told.values()))
    model.parts["label"] = _learn(matrix, targets, len(labels))
    return PersonModel(model)


def _counted(texts: Sequence[str], messages: Mapping[str, str], lexicon: Forms, labels: list[str]):
    """An untrained model that knows every gram of the texts, and their matrix."""
    known = _known_words(texts)
    concepts = Lexicon(lexicon, frozenset(known))
    told = [hints(text, *_goal_and_topics(messages.get(text))) for text in texts]
    grams = [with_hints(grams_of(text, concepts), hint, signs(text)) for text, hint in zip(texts, told, strict=True)]
    vocabularies = {block: Vocabulary.fit([one[block] for one in grams], LEAST[block]) for block in BLOCKS}
    model = LinearModel(labels, lexicon, vocabularies, {}, block_weights=dict(WEIGHTS), known=known)
    return model, matrix_of(model, grams)


def _goal_and_topics(label: str | None) -> tuple[str | None, list[str]]:
    goal, _, sub = (label or "").partition("/")
    return goal or None, [sub] if goal == TOPIC_GOAL and sub else []


def _learn(matrix, targets: np.ndarray, count: int) -> Part:
    """Fit on the first rows, those with `targets`; then on these and the rows the first fit was sure of.

    The temperature is the first fit's: lines the model labelled itself are no test of it."""
    own = matrix[: len(targets)]
    hold = held_out_rows(targets, RECIPE.held_out)
    (weights, bias), temperature = side_by_side(
        [(fit, (own, targets, count, RECIPE)), (temperature_of, (own, targets, count, RECIPE, hold))]
    )
    guessed = softmax((matrix[len(targets) :] @ weights + bias) / temperature)
    sure = np.flatnonzero(guessed.max(axis=1) >= SURE)
    rows = np.concatenate([np.arange(len(targets)), sure + len(targets)])
    return Part(*fit(matrix[rows], np.concatenate([targets, guessed[sure].argmax(axis=1)]), count, RECIPE), temperature)
