"""A benchmark nobody here wrote: Danish xSID (van der Goot et al. 2021), intents only. The data are not in this repository.

    .venv-rasa/bin/python -m benchmarks.xsid FOLDER [--default] [--json out.json]

FOLDER holds `da.valid.conll` (trained on) and `da.test.conll` (read). Figures are over test sentences that are not among
the trained ones and whose intent is. `--default` trains and reads the pipeline `rasa init` writes, on the same sentences in the same run.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.against_default import DEFAULT  # noqa: E402
from bot.components.danish_text import normalise  # noqa: E402

C = 2.0  # of 0.1, 0.5, 1, 2 and 5 the best in cross-validation on the 300 trained sentences

READ_DEFAULT = """
import asyncio, json, sys, warnings
warnings.simplefilter("ignore")
from rasa.core.agent import Agent
agent = Agent.load(sys.argv[1])
async def read(texts):
    return [(await agent.parse_message(text))["intent"]["name"] for text in texts]
print("\\n" + json.dumps(asyncio.run(read(json.load(open(sys.argv[2]))))))
"""


@dataclass(frozen=True)
class Sentence:
    """`intent` without a slash, which both pipelines would read as a part of their own."""

    text: str
    intent: str


def read_conll(path: Path) -> list[Sentence]:
    """Sentences of a CoNLL file with `# text = …` and `# intent = …` before each."""
    found, text = [], ""
    for row in path.read_text("utf-8").splitlines():
        name, _, value = row.removeprefix("#").partition("=")
        if row.startswith("#") and name.strip() == "text":
            text = value.strip()
        elif row.startswith("#") and name.strip() == "intent":
            found.append(Sentence(text, value.strip().replace("/", "_")))
    return found


def unseen(test: Sequence[Sentence], trained: Sequence[Sentence]) -> list[Sentence]:
    """Test sentences that are not trained on and whose intent some trained sentence has (one intent has none)."""
    known, intents = {normalise(one.text) for one in trained}, {one.intent for one in trained}
    return [one for one in test if normalise(one.text) not in known and one.intent in intents]


def macro_f1(wanted: Sequence[str], said: Sequence[str]) -> float:
    """Over the intents that occur in `wanted`; one never found counts 0."""
    scores = []
    for intent in sorted(set(wanted)):
        hits = sum(w == s == intent for w, s in zip(wanted, said, strict=True))
        scores.append(2 * hits / (wanted.count(intent) + list(said).count(intent)))
    return sum(scores) / len(scores)


def ours(trained: Sequence[Sentence], texts: Sequence[str]) -> list[str]:
    """The house's normaliser, grams, glossary and classifier."""
    from bot.components.lexicon import read_forms
    from bot.components.linear_training import Recipe, train

    model = train([normalise(one.text) for one in trained], [one.intent for one in trained], read_forms(), Recipe(C=C))
    return [model.labels[int(model.read(normalise(text)).argmax())] for text in texts]


def default(trained: Sequence[Sentence], texts: Sequence[str]) -> list[str]:
    """The pipeline of `rasa init`, trained by Rasa itself in a folder of its own."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        (folder / "config.yml").write_text(DEFAULT, "utf-8")
        intents = sorted({one.intent for one in trained})
        blocks = [{"intent": i, "examples": "".join(f"- {one.text}\n" for one in trained if one.intent == i)} for i in intents]
        (folder / "nlu.yml").write_text(yaml.safe_dump({"version": "3.1", "nlu": blocks}, allow_unicode=True), "utf-8")
        (folder / "texts.json").write_text(json.dumps(list(texts)), "utf-8")
        _run([sys.executable, "-m", "rasa", "train", "nlu", "-u", "nlu.yml", "--out", ".", "--fixed-model-name", "m"], folder)
        said = _run([sys.executable, "-c", READ_DEFAULT, "m.tar.gz", "texts.json"], folder)
    return json.loads(said.splitlines()[-1])


def _run(command: list[str], folder: Path) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(done.stdout[-1500:] + done.stderr[-1500:])
    return done.stdout


def measure(read: Callable[[Sequence[Sentence], Sequence[str]], list[str]], folder: Path) -> dict[str, float]:
    trained = read_conll(folder / "da.valid.conll")
    test = unseen(read_conll(folder / "da.test.conll"), trained)
    began = sum(os.times()[:4])
    said = read(trained, [one.text for one in test])
    wanted = [one.intent for one in test]
    right = sum(w == s for w, s in zip(wanted, said, strict=True))
    return {"sentences": len(test), "macro_f1": macro_f1(wanted, said), "accuracy": right / len(test), "cpu_seconds": sum(os.times()[:4]) - began}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--default", action="store_true")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    table = {"ours": measure(ours, options.folder)}
    if options.default:
        table["rasa init"] = measure(default, options.folder)
    for name, figures in table.items():
        print(f"{name:<10}" + "  ".join(f"{key} {value:.3f}" if isinstance(value, float) else f"{key} {value}" for key, value in figures.items()))
    if options.json:
        options.json.write_text(json.dumps(table, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
