"""When to ask back: the curve the fallback threshold was read from, on training messages the model had not seen.

    .venv-rasa/bin/python -m benchmarks.curve [--folds 4] [--run 1]

For each threshold: share of messages asked back, share of the rest whose goal is right, share of off-topic messages that
get a goal of the house all the same, and share of the house's own messages turned away as off-topic. Then the weight of
the clauses in long messages. Nothing is read from tests/heldout.
"""

from __future__ import annotations

import argparse

import numpy as np

from benchmarks.pipelines import SEED, Corpus, _train, calibration_error, read_corpus, topic_f1
from bot.components.clauses import WORDS_OF_A_STORY, read_whole
from bot.components.danish_features import BLOCKS
from bot.components.linear_training import Recipe

OUT = "out_of_scope"
THRESHOLDS = (0.0, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5, 0.6, 0.7)
SHARES = (0.0, 0.2, 0.3, 0.4, 0.5)


def read_unseen(corpus: Corpus, run: int):
    """(model of the last fold, texts, their labels' places, P(label) as a whole, by clause share) over the folds read."""
    names, texts, gold = sorted(set(corpus.labels)), [], []
    said: dict[float, list] = {share: [] for share in SHARES}
    for fold in range(run):
        hold = np.flatnonzero(corpus.folds == fold)
        model, _ = _train(corpus, corpus.folds != fold, names, BLOCKS, Recipe())
        texts += [corpus.texts[i] for i in hold]
        gold.append(np.searchsorted(names, corpus.labels[hold]))
        for share in SHARES:
            said[share] += [read_whole(model, corpus.texts[i], share).probabilities for i in hold]
    return model, texts, np.concatenate(gold), {share: np.stack(rows) for share, rows in said.items()}


def by_goal(model, said: np.ndarray) -> np.ndarray:
    return np.stack([said[:, model.goal_of == g].sum(axis=1) for g in range(len(model.goals))], axis=1)


def fallback_table(model, said: np.ndarray, gold: np.ndarray) -> list[dict]:
    goals, true = by_goal(model, said), model.goal_of[gold]
    best, confidence, out = goals.argmax(axis=1), goals.max(axis=1), model.goals.index(OUT)
    rows = []
    for threshold in THRESHOLDS:
        kept = confidence >= threshold
        rows.append({
            "threshold": threshold, "asked back": 1 - kept.mean(), "right when not": (best == true)[kept].mean(),
            "off-topic let in": (kept & (best != out))[true == out].mean(),
            "own turned away": (kept & (best == out))[true != out].mean(),
        })  # fmt: skip
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folds", type=int, default=4)
    parser.add_argument("--run", type=int, default=1)
    options = parser.parse_args()
    model, texts, gold, said = read_unseen(read_corpus(options.folds), options.run)
    long = np.array([len(text.split()) >= WORDS_OF_A_STORY for text in texts])
    for share, rows in said.items():
        right = by_goal(model, rows).argmax(axis=1) == model.goal_of[gold]
        error = calibration_error(by_goal(model, rows).max(axis=1), right)
        print(f"clauses {share:.1f}  goal {right.mean():.3f}  goal of {long.sum()} long {right[long].mean():.3f}  "
              f"topic F1 {topic_f1(model.labels, rows, gold):.3f}  label {(rows.argmax(axis=1) == gold).mean():.3f}  ece {error:.3f}")
    top3 = np.argsort(-by_goal(model, said[0.0]), axis=1)[:, :3]
    print(f"right goal among the first three {(top3 == model.goal_of[gold][:, None]).any(axis=1).mean():.3f}  (seed {SEED})")
    for row in fallback_table(model, said[0.3], gold):
        print("  ".join(f"{key} {value:.3f}" for key, value in row.items()))


if __name__ == "__main__":
    main()
