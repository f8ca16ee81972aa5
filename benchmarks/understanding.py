"""How well a trained model reads the held-out messages: `.venv-rasa/bin/python -m benchmarks.understanding`.

    --model bot/models/x.tar.gz   otherwise the one of the present data, else the newest; train one with `python3 deploy/model.py`
    --heldout file.yml            otherwise tests/heldout/understanding.yml
    --json out.json               the same figures for a machine

The agent is loaded in this process, as `rasaw` would, and asked one message after the other. Prints labels and figures
and never a message, so that nobody mends the data by the words of the held-out set.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.scores import Gold, Reading, all_figures  # noqa: E402
from tests.heldout.lines import folded, training_lines  # noqa: E402
from trainer.reading import HOUSE_GOAL  # noqa: E402
from trainer.served_model import load_agent, usual_model  # noqa: E402

HELDOUT = ROOT / "tests" / "heldout" / "understanding.yml"
WARM_UP = 5
FINE = ("inform", "skip")  # a set that knows these tells goals apart as finely as the bot does; others use the house's


def read_heldout(path: Path = HELDOUT) -> list[Gold]:
    """The held-out messages; `seen` marks those that also stand in the training data word for word."""
    trained = training_lines(ROOT / "bot" / "data")
    return [_gold(row, folded(row["text"]) in trained) for row in yaml.safe_load(path.read_text("utf-8"))]


def _gold(row: dict[str, Any], seen: bool) -> Gold:
    several = {key: _as_tuple(row.get(key)) for key in ("topics", "register")}
    single = {key: row.get(key) for key in ("text", "goal", "relation", "about", "age")}
    return Gold(**single, **several, seen=seen)


def _as_tuple(value: str | Sequence[str] | None) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else tuple(value or ())


def in_house_goals(reading: Reading) -> Reading:
    """The finer goals under the names the house has for them, as `make assess` gives them."""
    ranking: dict[str, float] = {}
    for goal, p in reading.ranking:
        ranking[HOUSE_GOAL.get(goal, goal)] = ranking.get(HOUSE_GOAL.get(goal, goal), 0.0) + p
    ordered = tuple(sorted(ranking.items(), key=lambda pair: -pair[1]))
    return replace(reading, served=HOUSE_GOAL.get(reading.served, reading.served), ranking=ordered)


async def read_all(agent: Any, texts: Sequence[str]) -> list[Reading]:
    for text in texts[:WARM_UP]:
        await agent.parse_message(text)
    return [await _read(agent, text) for text in texts]


async def _read(agent: Any, text: str) -> Reading:
    start = time.perf_counter()
    parsed = await agent.parse_message(text)
    return reading_of(parsed, time.perf_counter() - start)


def reading_of(parsed: dict[str, Any], seconds: float) -> Reading:
    """From Rasa's parse data; what a model does not say stays empty."""
    ranking = [(r["name"], float(r["confidence"])) for r in parsed.get("intent_ranking") or []]
    entities = {e["entity"]: e.get("value") for e in reversed(parsed.get("entities") or []) if e.get("value") != "other"}
    return Reading(
        served=(parsed.get("intent") or {}).get("name"),
        ranking=tuple(r for r in ranking if r[0] != "nlu_fallback"),
        topics=tuple(topic for topic, _ in parsed.get("topics") or []),
        subs=tuple(sub for sub, _ in parsed.get("subs") or []),
        seconds=seconds,
        **{name: entities.get(name) for name in ("relation", "about", "age")},
    )


def table(figures: dict[str, Any]) -> str:
    blocks = [
        _block("Goal (lines not in training)", {"": figures["goal"]}),
        _block("Goal (every line)", {"": figures["goal_with_seen_lines"]}),
        _block("Out of scope", {"": figures["scope"]}),
        _block("Danger", {"": figures["danger"]}),
        _block("Topic", {"all": figures["topic"], **figures["per_topic"]}),
        _block("Per goal", figures["per_goal"]),
        _block("Per register", figures["per_register"]),
        _block("Situation", {**figures["situation"], **figures["situation_by_kind"]}),
        "Worst confusions\n" + "\n".join(_confusion(row) for row in figures["confusions"]),
        _block("Latency per message, ms", {"": figures["latency_ms"]}),
    ]
    return "\n\n".join(blocks)


def _block(title: str, rows: dict[str, dict[str, Any]]) -> str:
    columns = list(next(iter(rows.values()))) if rows else []
    head = f"{title:<30}" + "".join(f"{name[:17]:>18}" for name in columns)
    return "\n".join([head, *(f"{key:<30}" + "".join(f"{_said(row[c]):>18}" for c in columns) for key, row in rows.items())])


def _said(value: float | None) -> str:
    if value is None:
        return "-"
    return str(value) if isinstance(value, int) else f"{value:.3f}"


def _confusion(row: dict[str, Any]) -> str:
    return f"  {row['meant']:<38} read as {row['read']:<38} {row['times']:>3} times, sure {row['confidence']:.2f}"


def measure(model: Path, heldout: Path) -> dict[str, Any]:
    """In the house's goals when the file has no finer ones."""
    golds = read_heldout(heldout)
    readings = asyncio.run(read_all(load_agent(model), [gold.text for gold in golds]))
    if not any(gold.goal in FINE for gold in golds):
        golds = [replace(gold, goal=HOUSE_GOAL.get(gold.goal, gold.goal)) for gold in golds]
        readings = [in_house_goals(reading) for reading in readings]
    counts = {"messages": len(golds), "also_in_training": sum(gold.seen for gold in golds)}
    return {"model": model.name, **counts, **all_figures(list(zip(golds, readings, strict=False)))}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path)
    parser.add_argument("--heldout", type=Path, default=HELDOUT)
    parser.add_argument("--json", type=Path)
    wishes = parser.parse_args()
    figures = measure(wishes.model or usual_model(), wishes.heldout)
    print(f"{figures['model']}: {figures['messages']} messages, {figures['also_in_training']} of them also in training\n")
    print(table(figures))
    if wishes.json:
        wishes.json.write_text(json.dumps(figures, indent=1, ensure_ascii=False) + "\n", "utf-8")


if __name__ == "__main__":
    main()
