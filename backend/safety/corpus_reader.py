"""Reads `corpus/*.yml`: messages written for this project, each with level, category and register.

A sixth, chosen by a hash of the line, is held out: never trained on, and not looked at while patterns are written.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

from backend.safety.assessment import rank
from backend.safety.folding import clean

CORPUS = Path(__file__).parent / "corpus"
UNSEEN = Path(__file__).parent / "unseen"
PIECE = " // "


@dataclass(frozen=True)
class Line:
    """`pieces` is how the message arrives: several when a person sends it in bits. `author` numbers the hands (0: not told)."""

    text: str
    level: str
    category: str | None
    register: str
    pieces: tuple[str, ...]
    seen: bool = False
    block: str = ""
    author: int = 0

    @property
    def is_crisis(self) -> bool:
        return rank(self.level) >= rank("high")

    @property
    def about(self) -> str | None:
        """`third` when the file or register says that somebody else is meant, `self` for other danger and sadness, None for the rest."""
        if self.register == "third_person" or self.category == "third_person_danger" or self.block.startswith("worry_for_others"):
            return "third"
        return None if self.level == "none" else "self"

    @property
    def held_out(self) -> bool:
        """Never a line whose block says `seen`: its misses were looked at while patterns were written."""
        return not self.seen and is_held_out(self.text)


def is_held_out(text: str) -> bool:
    """A sixth of all texts, always the same."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:4], "big") % 6 == 0


def read_corpus(folder: Path = CORPUS) -> list[Line]:
    """All lines in file order; a line written twice is kept once."""
    unique: dict[str, Line] = {}
    for path in sorted(folder.glob("*.yml")):
        for line in _lines(path):
            unique.setdefault(clean(line.text).casefold(), line)
    return list(unique.values())


def _lines(path: Path) -> Iterator[Line]:
    for number, block in enumerate(yaml.load(path.read_text("utf-8"), Loader=yaml.CSafeLoader)):
        for raw in filter(str.strip, block["lines"].splitlines()):
            pieces = tuple(raw.strip().split(PIECE)) if block["register"] == "split" else (raw.strip(),)
            yield Line("\n".join(pieces), block["level"], block["category"], block["register"], pieces, block.get("seen", False),
                       f"{path.stem} {number}", block.get("author", 0))
