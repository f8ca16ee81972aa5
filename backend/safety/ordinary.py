"""Reads what most people write: the bot's own training lines, so that the screen knows sorrow without danger.

Only training and measuring read this; serving needs the built weights alone. A sixth, by hash, is held out.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import yaml

from backend.safety.corpus_reader import is_held_out

TALK = Path(__file__).parents[2] / "bot" / "data"
SORTING = Path(__file__).parent / "ordinary.yml"
_ENTITY = re.compile(r"\[([^\]]+)\](?:\([^)]*\)|\{[^}]*\})")


@dataclass(frozen=True)
class Said:
    """One training line of the bot; `topic` is its intent, or what stands after the slash. `kind` is danger, unsure, calm or ordinary."""

    text: str
    topic: str
    kind: str
    guided: bool

    @cached_property
    def held_out(self) -> bool:
        return is_held_out(self.text)


def read_talk(folder: Path = TALK) -> list[Said]:
    """All lines in file order, each once. Empty when the bot's data is not at hand."""
    sorting = yaml.load(SORTING.read_text("utf-8"), Loader=yaml.CSafeLoader)
    kinds = {topic: kind for kind in ("danger", "unsure", "calm") for topic in sorting[kind]}
    told = re.compile(re.sub(r"\|\s+", "|", sorting["unsure_words"]), re.IGNORECASE)
    unique: dict[str, Said] = {}
    for path in sorted(folder.glob("*/nlu.yml")):
        for intent, text in _lines(path):
            topic = intent.rpartition("/")[2]
            kind = kinds.get(topic, "ordinary")
            kind = "unsure" if kind == "ordinary" and told.search(text) else kind
            unique.setdefault(text.casefold(), Said(text, topic, kind, intent.startswith("guide_topic/")))
    return list(unique.values())


def _lines(path: Path) -> Iterator[tuple[str, str]]:
    for block in yaml.load(path.read_text("utf-8"), Loader=yaml.CSafeLoader)["nlu"]:
        for raw in str(block.get("examples", "")).splitlines() if "intent" in block else ():
            if raw.startswith("- "):
                yield block["intent"], _ENTITY.sub(r"\1", raw[2:]).strip()
