"""What each part of the classifier is worth: cross-validation on the training messages, near-duplicates kept together.

    .venv-rasa/bin/python -m benchmarks.pipelines [--folds 4] [--run 2] [--json out.json]

Prints one line for each step, from words and letters alone to the whole. `--run` stops after that many folds.
Nothing is read from tests/heldout.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import yaml

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from bot.components.danish_features import BLOCKS, grams_of  # noqa: E402
from bot.components.danish_text import normalise  # noqa: E402
from bot.components.lexicon import Lexicon, read_forms  # noqa: E402
from bot.components.linear_model import WEIGHTS, LinearModel  # noqa: E402
from bot.components.linear_training import Recipe, _fit_parts, _known_words, _vocabularies, matrix_of  # noqa: E402

SEED = 20261122
NEAR = 0.75
TOPIC = "guide_topic/"
STEPS = (
    ("ord og bogstaver", ("word", "char"), ("label",)),
    ("+ ordliste", ("word", "char", "concept"), ("label",)),
    ("+ rækkefølge, form, spring", BLOCKS, ("label",)),
    ("+ mål og emner for sig", BLOCKS, ("label", "goal", "sub")),
)


@dataclass(frozen=True)
class Corpus:
    texts: list[str]
    labels: np.ndarray
    folds: np.ndarray


def read_corpus(folds: int, folder: Path = ROOT / "bot" / "data") -> Corpus:
    """All training messages, normalised, with a fold each; messages that are nearly the same share a fold."""
    pairs = []
    for path in sorted(folder.glob("*/nlu.yml")):
        for item in yaml.safe_load(path.read_text("utf-8")).get("nlu") or []:
            lines = (line.strip() for line in item.get("examples", "").splitlines())
            pairs += [(normalise(line[2:]), item["intent"]) for line in lines if line.startswith("- ") and "intent" in item]
    texts, labels = [text for text, _ in pairs], np.array([label for _, label in pairs])
    return Corpus(texts, labels, share_out(labels, near_groups(texts), folds))


def near_groups(texts: Sequence[str], near: float = NEAR) -> np.ndarray:
    """A number for each text; texts whose letters are nearly the same (cosine over `near`) have the same number."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    matrix = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 4), sublinear_tf=True, dtype=np.float32).fit_transform(texts)
    group = np.arange(len(texts))
    for start in range(0, len(texts), 1000):
        alike = (matrix[start : start + 1000] @ matrix.T).tocoo()
        for row, column in zip(alike.row[alike.data > near] + start, alike.col[alike.data > near], strict=True):
            if group[row] != group[column]:
                group[group == max(group[row], group[column])] = min(group[row], group[column])
    return group


def share_out(labels: np.ndarray, groups: np.ndarray, folds: int) -> np.ndarray:
    rng, fold_of, counts = np.random.default_rng(SEED), np.zeros(len(labels), dtype=int), {}
    for group in rng.permutation(np.unique(groups)):
        members = np.flatnonzero(groups == group)
        count = counts.setdefault(labels[members[0]], np.zeros(folds))
        fold = int(np.argmin(count + rng.random(folds) * 0.1))
        fold_of[members] = fold
        count[fold] += len(members)
    return fold_of


def measure(corpus: Corpus, blocks: Sequence[str], parts: Sequence[str], run: int, recipe: Recipe = Recipe()) -> dict:
    names, right, started = sorted(set(corpus.labels)), [], time.perf_counter()
    for fold in range(run):
        hold = corpus.folds == fold
        model, matrix = _train(corpus, ~hold, names, blocks, recipe)
        right.append((_read(model, matrix, parts), np.searchsorted(names, corpus.labels[hold])))
    said, gold = np.concatenate([p for p, _ in right]), np.concatenate([g for _, g in right])
    return {**figures(model, said, gold), "seconds": round((time.perf_counter() - started) / run, 1)}


def _train(corpus: Corpus, learn: np.ndarray, names: list[str], blocks: Sequence[str], recipe: Recipe):
    """The model of the learning rows, and the matrix of the others."""
    texts = [text for text, one in zip(corpus.texts, learn, strict=True) if one]
    known, forms = _known_words(texts), read_forms()
    concepts = Lexicon(forms, frozenset(known))
    grams = [grams_of(text, concepts) for text in texts]
    weights = {block: weight if block in blocks else 0.0 for block, weight in WEIGHTS.items()}
    model = LinearModel(names, forms, _vocabularies(grams), {}, block_weights=weights, known=known)
    _fit_parts(model, matrix_of(model, grams), np.searchsorted(names, corpus.labels[learn]), recipe)
    held = [grams_of(text, concepts) for text, one in zip(corpus.texts, learn, strict=True) if not one]
    return model, matrix_of(model, held)


def _read(model: LinearModel, matrix, parts: Sequence[str]) -> np.ndarray:
    from bot.components.linear_model import softmax

    said = {name: softmax((matrix @ part.weights + part.bias) / part.temperature) for name, part in model.parts.items()}
    return said["label"] if set(parts) == {"label"} else model.combine(**said)


def figures(model: LinearModel, said: np.ndarray, gold: np.ndarray) -> dict:
    """Accuracy of label, goal and the first three labels, macro-F1 of topics (among messages with one), calibration."""
    by_goal = np.stack([said[:, model.goal_of == g].sum(axis=1) for g in range(len(model.goals))], axis=1)
    goal_right = by_goal.argmax(axis=1) == model.goal_of[gold]
    first = np.argsort(-said, axis=1)
    rounded = {
        "label": (first[:, 0] == gold).mean(), "top3": (first[:, :3] == gold[:, None]).any(axis=1).mean(),
        "goal": goal_right.mean(), "topic_f1": topic_f1(model.labels, said, gold),
        "ece_goal": calibration_error(by_goal.max(axis=1), goal_right),
    }  # fmt: skip
    return {name: round(float(value), 4) for name, value in rounded.items()}


def topic_f1(labels: Sequence[str], said: np.ndarray, gold: np.ndarray) -> float:
    topics = np.array([label.startswith(TOPIC) for label in labels])
    rows = topics[gold]
    best, true = np.where(topics, said, -1.0).argmax(axis=1)[rows], gold[rows]
    return float(np.mean([2 * ((best == t) & (true == t)).sum() / max(1, (best == t).sum() + (true == t).sum()) for t in np.flatnonzero(topics)]))


def calibration_error(confidence: np.ndarray, right: np.ndarray, bins: int = 10) -> float:
    """Expected calibration error: mean distance of confidence and accuracy over ten equal bins of confidence."""
    place = np.minimum((confidence * bins).astype(int), bins - 1)
    return float(sum(abs(right[place == b].mean() - confidence[place == b].mean()) * (place == b).mean() for b in np.unique(place)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folds", type=int, default=4)
    parser.add_argument("--run", type=int, default=2)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    corpus, table = read_corpus(options.folds), {}
    for name, blocks, parts in STEPS:
        table[name] = measure(corpus, blocks, parts, options.run)
        print(f"{name:30}" + "  ".join(f"{key} {value:.3f}" for key, value in table[name].items()), flush=True)
    if options.json:
        options.json.write_text(json.dumps(table, ensure_ascii=False, indent=1), "utf-8")


if __name__ == "__main__":
    main()
