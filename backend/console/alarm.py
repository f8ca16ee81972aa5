"""Alarms as hosts see them, and what the law asks of a host: informed text with its source, never advice by the product."""

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import yaml

from backend.console.words import told
from backend.domain.alarm import SILENT_AFTER

YOUNG = ("0-11", "12-14", "15-17")


@dataclass(frozen=True)
class Duty:
    """One duty in plain words. `ages`: `under_18` (also shown while the age is not known) or `all`."""

    id: str
    title: str
    text: str
    channels: tuple[str, ...]
    ages: str
    source: str
    checked_on: date


def duties() -> list[Duty]:
    found = yaml.safe_load((Path(__file__).parent / "duties.yml").read_text(encoding="utf-8"))
    return [Duty(**one | {"channels": tuple(one["channels"])}) for one in found]


def for_guest(all_of_them: list[Duty], channel: str, slots: dict) -> list[Duty]:
    """Those that may matter for this guest; an age that nobody has told counts as young."""
    grown = slots.get("age_band") not in (None, *YOUNG)
    return [one for one in all_of_them if channel in one.channels and not (grown and one.ages == "under_18")]


def alarm_row(row, facts: dict | None, host_id: str, now: datetime) -> dict:
    """An alarm in the list. `facts` is None when the conversation is forgotten; `rings` while it should be heard."""
    mine = row["acknowledged_by"] == host_id
    return dict(row) | {
        "facts": facts,
        "mine": mine,
        "rings": not mine and now - row["rang_at"] < SILENT_AFTER,
        "since": told(now - row["opened_at"]),
    }
