"""What the bot understands of a message, for trainers: `python -m trainer.explain "tekst"`.

Prints in Danish goal, topics and situation, how sure, which words weighed for and against, and what the glossary saw.
Reads the newest model in `bot/models` (or `--model`); needs neither Rasa nor scikit-learn. Sends nothing anywhere.
"""
from __future__ import annotations

import argparse
import tarfile
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from bot.components.clauses import TOPIC_GOAL, asked_besides, read_whole
from bot.components.danish_text import normalise
from bot.components.lexicon import WORD, Lexicon
from bot.components.linear_model import LinearModel
from bot.components.person_model import PersonModel
from bot.components.situation import SituationReader
from trainer.wording import wording

ROOT = Path(__file__).resolve().parents[1]
MODELS = ROOT / "bot" / "models"
LEAST_SHOWN = 0.05
LEAST_WEIGHT = 0.01


@dataclass(frozen=True)
class Explanation:
    """`words` are (word, how much P(best label) falls without it), largest first; `concepts` {word: [concept]}."""

    text: str
    normal: str
    goals: tuple[tuple[str, float], ...]
    topics: tuple[tuple[str, float], ...]
    also: tuple[tuple[str, float], ...]
    situation: dict[str, Any]
    words: tuple[tuple[str, float], ...]
    concepts: dict[str, list[str]]


@lru_cache(maxsize=1)
def settings() -> dict[str, dict[str, Any]]:
    """Settings of config.yml's pipeline by the component's short name."""
    pipeline = yaml.safe_load((ROOT / "config.yml").read_text("utf-8"))["pipeline"]
    return {step["name"].rpartition(".")[2]: step for step in pipeline}


def newest_model(folder: Path = MODELS) -> Path | None:
    return max(folder.glob("*.tar.gz"), key=lambda path: path.stat().st_mtime, default=None)


@dataclass(frozen=True)
class Parts:
    """The two learnt parts of a trained Rasa model; `people` is None in models from before it was there."""

    linear: LinearModel
    people: PersonModel | None


def load_model(archive: Path) -> Parts:
    """Raises ValueError when the archive holds no classifier of this form."""
    with tarfile.open(archive) as packed, tempfile.TemporaryDirectory() as folder:
        linear, people = (_unpack(packed, name, Path(folder) / name) for name in ("LinearClassifier", "PersonClassifier"))
        if not linear:
            raise ValueError(f"No linear classifier in {archive.name}")
        return Parts(LinearModel.load(linear), PersonModel.load(people) if people else None)


def _unpack(packed: tarfile.TarFile, component: str, folder: Path) -> Path | None:
    folder.mkdir()
    for member in packed.getmembers():
        name = Path(member.name).name
        if member.isfile() and component in member.name and name in ("model.json", "weights.npz"):
            (folder / name).write_bytes(packed.extractfile(member).read())
    return folder if (folder / "model.json").exists() else None


def explain(parts: Parts, text: str, reader: SituationReader | None = None) -> Explanation:
    normal, model = normalise(text), parts.linear
    chosen = settings().get("LinearClassifier", {})
    reading = read_whole(model, normal, chosen.get("clause_share", 0.0))
    goals = model.goal_probabilities(reading.probabilities)
    ranked = [(model.goals[i], float(goals[i])) for i in np.argsort(-goals)[:4]]
    topics = _topics(model, reading.probabilities) if ranked[0][0] == TOPIC_GOAL else []
    also = asked_besides(model, reading, chosen.get("clause_threshold", 0.7))
    told = [topic for topic, _ in topics]
    people = parts.people.read(normal, ranked[0][0], told) if parts.people else None
    said = (reader or SituationReader()).read(text, ranked[0][0], told, people)
    return Explanation(
        text, normal, tuple(ranked), tuple(topics), tuple(also), said,
        tuple(word_weights(model, normal)), concepts_seen(model, normal),
    )  # fmt: skip


def _topics(model: LinearModel, probabilities: np.ndarray) -> list[tuple[str, float]]:
    pairs = [(label.partition("/")[2], p) for label, p in zip(model.labels, probabilities, strict=True) if label.startswith(TOPIC_GOAL + "/")]
    total = sum(p for _, p in pairs) or 1.0
    return [(topic, float(p / total)) for topic, p in sorted(pairs, key=lambda pair: -pair[1])[:3]]


def word_weights(model: LinearModel, normal: str) -> list[tuple[str, float]]:
    """How much P(best label) falls when a word is left out; below zero it spoke against."""
    pieces = normal.split()
    whole = model.read(normal)
    best = int(np.argmax(whole))
    falls = [(word, float(whole[best] - model.read(" ".join(pieces[:i] + pieces[i + 1 :]))[best])) for i, word in enumerate(pieces)]
    return sorted((pair for pair in falls if abs(pair[1]) >= LEAST_WEIGHT), key=lambda pair: -pair[1])


def concepts_seen(model: LinearModel, normal: str) -> dict[str, list[str]]:
    words = WORD.findall(normal)
    seen: dict[str, list[str]] = {}
    for word, names in zip(words, Lexicon(model.lexicon, frozenset(model.known)).read(words), strict=True):
        if names:
            seen[word] = sorted(names)
    return seen


def as_danish(found: Explanation, threshold: float) -> str:
    say = wording("explain")
    goal, p = found.goals[0]
    lines = [
        say["title"].format(text=found.text),
        say["normal"].format(normal=found.normal) if found.normal != found.text else "",
        say["goal"].format(goal=goal, p=round(100 * p), sure=next(name for least, name in say["levels"] if 100 * p >= least)),
        say["others"].format(others=_listed(found.goals[1:], say)),
        say["topics"].format(topics=_listed(found.topics, say)) if found.topics else "",
        say["also"].format(also=_listed(found.also, say)) if found.also else "",
        say["situation"].format(situation=_situation(found.situation, say)),
        say["weighed"].format(words=_signed([w for w in found.words if w[1] > 0][:6], say)),
        say["against"].format(words=_signed([w for w in found.words if w[1] < 0][-3:], say)),
        say["concepts"].format(concepts="; ".join(f"{w}: {', '.join(c)}" for w, c in found.concepts.items()) or say["nothing"]),
        say["asks_back"].format(threshold=round(100 * threshold)) if p < threshold else "",
    ]
    return "\n".join(line for line in lines if line)


def _listed(pairs: Sequence[tuple[str, float]], say: dict[str, Any]) -> str:
    return ", ".join(f"{name} ({round(100 * p)} %)" for name, p in pairs if p >= LEAST_SHOWN) or say["nothing"]


def _signed(pairs: Sequence[tuple[str, float]], say: dict[str, Any]) -> str:
    return ", ".join(f"{word} ({round(100 * p):+d})" for word, p in pairs) or say["nothing"]


def _situation(said: dict[str, Any], say: dict[str, Any]) -> str:
    return ", ".join(f"{say['facts'][key]}: {say['values'].get(str(value), value)}" for key, value in said.items()) or say["nothing"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("text", nargs="*")
    parser.add_argument("--model", type=Path)
    options = parser.parse_args()
    say = wording("explain")
    archive = options.model or newest_model()
    if not options.text:
        raise SystemExit(say["usage"])
    if archive is None:
        raise SystemExit(say["no_model"])
    threshold = settings().get("FallbackClassifier", {}).get("threshold", 0.3)
    print(as_danish(explain(load_model(archive), " ".join(options.text)), threshold))


if __name__ == "__main__":
    main()
