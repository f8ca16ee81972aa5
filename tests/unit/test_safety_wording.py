"""Words that must never reach a visitor: method detail, "begå selvmord", shaming, promises we cannot keep."""

import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
FORBIDDEN = yaml.safe_load((ROOT / "backend/safety/patterns/forbidden_wording.yml").read_text("utf-8"))["forbidden"]
PLACES = ("bot/data/*/responses.yml", "municipalities/**/wording.yml", "municipalities/**/crisis.yml", "municipalities/**/crisis*.yml")


def files() -> list[Path]:
    return sorted({path for place in PLACES for path in ROOT.glob(place)})


def texts(node) -> list[str]:
    if isinstance(node, dict):
        return [t for value in node.values() for t in texts(value)]
    if isinstance(node, list):
        return [t for value in node for t in texts(value)]
    return [node] if isinstance(node, str) else []


def broken(text: str) -> list[str]:
    return [rule["say"] for rule in FORBIDDEN if re.search(rule["words"], text, re.IGNORECASE)]


# hazard: H13
@pytest.mark.parametrize("path", files(), ids=lambda p: str(p.relative_to(ROOT)))
def test_no_forbidden_words(path):
    found = [(text, broken(text)) for text in texts(yaml.safe_load(path.read_text("utf-8"))) if broken(text)]
    assert not found


# hazard: H13
@pytest.mark.parametrize("bad", [
    "Mange unge begår selvmord", "Det går over", "Andre har det værre", "Hvor mange piller har du?", "Et reb er farligt",
    "Du er en klient hos os", "Efter servicelovens § 11", "Vi siger det aldrig til nogen", "Hvordan har du tænkt dig at gøre det?",
    "Jeg er et menneske", "Et mislykket selvmord",
])
def test_the_list_catches(bad):
    assert broken(bad)


@pytest.mark.parametrize("good", [
    "Tænker du på at tage dit eget liv?", "Har du taget noget, så ring 112 nu.", "Du kan ikke gå forkert.",
    "Jeg er en chatbot, ikke et menneske.", "Giftlinjen 82 12 12 12 svarer hele døgnet.",
])
def test_the_list_lets_good_words_through(good):
    assert not broken(good)
