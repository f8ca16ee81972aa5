"""No sentence a guest reads promises more than the channel's configuration, and the deletion job keeps to the same numbers."""

import re
from pathlib import Path

import pytest
import yaml

from backend.catalogue import load_catalogue
from backend.catalogue.model import CHANNELS
from tests.integration.conftest import Clock

ROOT = Path(__file__).resolve().parents[2]
RULES = yaml.safe_load(Path(__file__).with_name("promise_rules.yml").read_text("utf-8"))["rules"]
PLACES = (
    "bot/data/*/responses.yml", "municipalities/**/*.yml", "web_widget/src/text/*.yml", "web_widget/src/text/da.ts",
    "web_widget/src/chat.html", "web_widget/demo/*.html", "backend/console/replies.yml", "backend/overview/words.yml",
)
CATALOGUE = load_catalogue(ROOT / "municipalities", Clock().now.date())
PROMISES = [CATALOGUE.promises(m, c) for m, one in CATALOGUE.municipalities.items() for c in CHANNELS if c in one.channels]


def files() -> list[Path]:
    return sorted({path for place in PLACES for path in ROOT.glob(place)})


def sentences(path: Path) -> list[tuple[str, str]]:
    """(where, text): `where` ends with the keys that lead to the text."""
    name = str(path.relative_to(ROOT))
    if path.suffix == ".yml":
        return [(f"{name}: {keys}", text) for keys, text in _leaves(yaml.safe_load(path.read_text("utf-8")), "")]
    if path.suffix == ".ts":
        return [(f"{name}: {group}:", body) for group, body in re.findall(r"export const (\w+)[^=]*= \{(.*?)\}(?: as const)?;", path.read_text("utf-8"), re.DOTALL)]
    return [(name, re.sub(r"<[^>]+>", " ", path.read_text("utf-8")))]


def _leaves(node, keys: str):
    if isinstance(node, dict):
        for key, value in node.items():
            yield from _leaves(value, f"{keys}{key}: ")
    elif isinstance(node, list):
        for value in node:
            yield from _leaves(value, keys)
    elif isinstance(node, str):
        yield keys, node


def too_much(where: str, text: str) -> list[str]:
    """Names of the rules that `text` breaks."""
    return [rule["name"] for rule in RULES if _breaks(rule, where, " ".join(text.split()))]


def _breaks(rule: dict, where: str, text: str) -> bool:
    found = re.search(rule["words"], text, re.IGNORECASE)
    if not found or any(part in where for part in [*rule.get("only", []), *rule.get("not_in", [])]):
        return False
    if rule.get("holds") == "hours":
        return any(int(found["hours"]) < p.conversation_hours for p in PROMISES)
    if rule.get("holds") == "days":
        return any(int(found["days"]) < p.enquiry_days for p in PROMISES)
    return not ("needs" in rule and re.search(rule["needs"], text, re.IGNORECASE))


# hazard: H14
@pytest.mark.parametrize("path", files(), ids=lambda p: str(p.relative_to(ROOT)))
def test_no_sentence_promises_more_than_the_configuration(path):
    assert [(where, broken) for where, text in sentences(path) if (broken := too_much(where, text))] == []


# hazard: H14
@pytest.mark.parametrize("text", [
    "Alt bliver slettet efter 2 timer.", "Din henvendelse slettes efter 7 dage.", "Samtalen slettes med det samme, når du lukker.", "Vi gemmer ikke noget.",
    "Du er helt anonym her.", "Vi kan aldrig se, hvem du er.", "Ingen andre kan læse med.", "Det bliver mellem os.", "Dine forældre får det ikke at vide.",
    "Værten har tavshedspligt.", "Kommunen kan ikke læse med.", "En vært svarer med det samme.", "Vi siger det aldrig videre.", "Det bliver ikke gemt.",
])
def test_the_rules_catch(text):
    assert too_much("some/file.yml: a_key: texts: ", text)


@pytest.mark.parametrize("text", [
    "Du kan være anonym, så længe du ikke skriver, hvem du er.", "Vi kan ikke love, at alt bliver mellem os.", "Samtalen slettes, når der ikke er skrevet i 24 timer.",
    "De har tavshedspligt. Er et barn under 18 i fare, skal de gøre noget.", "Du kan selv slette det hele.",
])
def test_the_rules_let_true_words_through(text):
    assert too_much("some/file.yml: a_key: texts: ", text) == []


# hazard: H14
@pytest.mark.parametrize("promises", PROMISES, ids=lambda p: p.channel)
def test_every_promise_names_its_numbers_its_readers_and_its_limits(promises):
    assert f"{promises.conversation_hours} timer" in promises.deletion and f"{promises.enquiry_days} dage" in promises.deletion
    assert "kun når du har bedt om en vært" in promises.readers and "i fare" in promises.readers
    assert re.search(r"kan ikke love|blive nødt", promises.anonymity)


# hazard: H14
def test_only_headspace_says_that_the_municipality_does_not_read():
    said = {p.channel: "Kommunen kan ikke læse med" in p.readers for p in PROMISES}
    assert said == {"municipality": False, "headspace": True}
