"""Word patterns kept as data: pieces named %so% are put in, every line is compiled once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

_PIECE = re.compile(r"%(\w+)%")
_GAPS = re.compile(r"\s+")


def load_words(name: str) -> Mapping[str, Any]:
    """The word file of that name beside this module."""
    return yaml.safe_load(Path(__file__).with_name(name).read_text(encoding="utf-8"))


def compiled(pattern: str, pieces: Mapping[str, str]) -> re.Pattern[str]:
    """`pattern` with its pieces put in, to be found as whole words."""
    while _PIECE.search(pattern):
        pattern = _PIECE.sub(lambda piece: pieces[piece.group(1)], pattern)
    return re.compile(rf"(?<!\w)(?:{pattern})(?!\w)")


def any_of(words: Iterable[str]) -> str:
    """A piece that fits any of the words, the longest first."""
    return "(?:" + "|".join(sorted(words, key=len, reverse=True)) + ")"


def plain(text: str) -> str:
    """Lower case, single spaces."""
    return _GAPS.sub(" ", text.lower()).strip()
