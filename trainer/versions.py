"""Which trained model guests meet, and which ones before it: `bot/models/published.json`.

    {"live": "indgang-….tar.gz", "history": [{"name", "at", "note"}, …]}     oldest first, `live` the one served

`deploy/start.py` serves `live`; without one it serves the model of the data as they are. Standard library only.
"""
from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from datetime import datetime, timezone
from pathlib import Path

MODELS = Path(__file__).resolve().parents[1] / "bot" / "models"
FILE = "published.json"


class NoEarlier(Exception):
    """There is no published model before the live one whose file is still here."""


@dataclass(frozen=True)
class Published:
    """`at` is UTC, ISO 8601."""

    name: str
    at: str
    note: str = ""


@dataclass(frozen=True)
class Versions:
    """`live` is None before the first publishing."""

    live: str | None = None
    history: tuple[Published, ...] = ()


def read(folder: Path = MODELS) -> Versions:
    try:
        kept = json.loads((folder / FILE).read_text("utf-8"))
    except FileNotFoundError:
        return Versions()
    return Versions(kept.get("live"), tuple(Published(**one) for one in kept.get("history") or []))


def live_path(folder: Path = MODELS) -> Path | None:
    """The published model, when its file is still here."""
    name = read(folder).live
    return folder / name if name and (folder / name).exists() else None


def publish(model: Path, note: str = "", folder: Path = MODELS, now: datetime | None = None) -> Versions:
    """Make a model of the folder the one guests meet. The same one again changes nothing."""
    before = read(folder)
    if before.live == model.name:
        return before
    at = (now or datetime.now(timezone.utc)).isoformat(timespec="seconds")
    return _write(Versions(model.name, (*before.history, Published(model.name, at, note))), folder)


def rollback(folder: Path = MODELS) -> Versions:
    """Back to the one published before the live one; what was live leaves the history. Raises NoEarlier."""
    before = read(folder)
    earlier = list(before.history)
    while earlier and earlier[-1].name == before.live:
        earlier.pop()
    while earlier and not (folder / earlier[-1].name).exists():
        earlier.pop()
    if not earlier:
        raise NoEarlier
    return _write(Versions(earlier[-1].name, tuple(earlier)), folder)


def _write(versions: Versions, folder: Path) -> Versions:
    content = {"live": versions.live, "history": [asdict(one) for one in versions.history]}
    draft = folder / f"{FILE}.{os.getpid()}"
    draft.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", "utf-8")
    draft.replace(folder / FILE)
    return versions
