"""The schemas give editors completion; they must agree with what the loader takes."""

import json
from pathlib import Path

import pytest
import yaml
from jsonschema import Draft202012Validator

from backend.catalogue.doors import OFFER_KINDS
from backend.catalogue.model import CONFIDENCES, CONTACT_KINDS, DOOR_KINDS, WAITS
from backend.domain.situation import TOPICS

ROOT = Path(__file__).resolve().parents[2] / "municipalities"
FILES = sorted(path for path in ROOT.glob("*/*.yml"))


class _Text(yaml.SafeLoader):
    """Dates stay text, as the schemas see them."""


_Text.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in pairs if tag != "tag:yaml.org,2002:timestamp"]
    for first, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def schema(name: str) -> dict:
    return json.loads((ROOT / "_schema" / f"{name}.schema.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_content_follows_its_schema(path):
    faults = Draft202012Validator(schema(path.stem)).iter_errors(
        yaml.load(path.read_text(encoding="utf-8"), _Text)
    )
    assert not [f"{list(fault.absolute_path)}: {fault.message}" for fault in faults]


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_file_points_editors_to_its_schema(path):
    first = path.read_text(encoding="utf-8").splitlines()[0]
    assert first == f"# yaml-language-server: $schema=../_schema/{path.stem}.schema.json"


def test_schemas_know_the_same_words_as_the_code():
    door = schema("doors")["properties"]["doors"]["items"]["properties"]
    offer = schema("offers")["properties"]["offers"]["items"]["properties"]
    shared = schema("doors")["$defs"]
    assert door["kind"]["enum"] == list(DOOR_KINDS)
    assert door["wait"]["enum"] == list(WAITS)
    assert offer["kind"]["enum"] == list(OFFER_KINDS)
    assert shared["contact"]["properties"]["kind"]["enum"] == list(CONTACT_KINDS)
    assert shared["fact"]["properties"]["confidence"]["enum"] == list(CONFIDENCES)
    assert door["topics"]["anyOf"][1]["enum"] == list(TOPICS)
