"""Quick replies: whole sentences a host can put in the box and make their own. They are data: replies.yml."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

SOURCE = Path(__file__).parent / "replies.yml"


@dataclass(frozen=True)
class QuickReply:
    group: str
    title: str
    text: str


class _Blank(dict):
    def __missing__(self, key: str) -> str:
        return "…"


def load(path: Path = SOURCE) -> tuple[QuickReply, ...]:
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    return tuple(
        QuickReply(group, one["title"], one["text"]) for group, those in data.items() for one in those
    )


def filled(replies: tuple[QuickReply, ...], values: Mapping[str, str]) -> list[QuickReply]:
    """With {alias}, {place}, {closes} … filled in; `…` where nothing is known."""
    return [QuickReply(one.group, one.title, one.text.format_map(_Blank(values))) for one in replies]
