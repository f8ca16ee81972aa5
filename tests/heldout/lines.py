"""Lines as the comparison between held-out and training data sees them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import yaml

ENTITY = re.compile(r"\[([^\]]+)\](?:\([^)]*\)|\{[^}]*\})")


def folded(text: str) -> str:
    """Lower case without punctuation, entity marks or double spaces; a line of signs alone is kept as it is."""
    bare = ENTITY.sub(r"\1", text).lower()
    return " ".join(re.sub(r"[^\w\s]|_", " ", bare).split()) or bare.strip()


def training_lines(data: Path) -> set[str]:
    """Every example sentence under `bot/data`, those of who is writing among them, folded."""
    return {folded(line) for path in sorted(data.rglob("*.yml")) for line in _examples(path)}


def _examples(path: Path) -> Iterator[str]:
    content = yaml.load(path.read_text("utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    blocks = content.get("nlu") if isinstance(content, dict) else None
    for texts in ((content.get("lines") if isinstance(content, dict) else None) or {}).values():
        yield from map(str, texts)
    for block in blocks or []:
        if "intent" in block:
            yield from _lines_of(block)


def _lines_of(block: dict) -> Iterator[str]:
    for line in str(block.get("examples") or "").splitlines():
        if line.strip().startswith("-"):
            yield line.strip()[1:].strip()
