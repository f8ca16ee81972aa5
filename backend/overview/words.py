"""The overview's own Danish words. They are data: words.yml."""

from datetime import date
from pathlib import Path
from typing import Any

import yaml

WORDS: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("words.yml").read_text(encoding="utf-8"))


def say(path: str, **values: object) -> str:
    """The text at `path` (`card.call`), filled in. Raises KeyError for a path nobody has written."""
    found: Any = WORDS
    for part in path.split("."):
        found = found[part]
    return str(found).format(**values)


def long_date(day: date) -> str:
    """→ `21. november 2026`."""
    return f"{day.day}. {WORDS['months'][day.month - 1]} {day.year}"
