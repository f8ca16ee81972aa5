"""Age, relation, contact, choices and municipality against their tables."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bot.actions.parsing.age import Age, parse_age, whose_age
from bot.actions.parsing.choices import parse_choice
from bot.actions.parsing.contact import Contact, parse_contact
from bot.actions.parsing.municipality import parse_municipality
from bot.actions.parsing.relation import Relation, parse_relation


def table(name: str):
    return yaml.safe_load(Path(__file__).with_name(name).read_text(encoding="utf-8"))


def told(value: str) -> str | None:
    return None if value == "-" else value


HELD_OUT = table("heldout_small.yml")


@pytest.mark.parametrize(("text", "expected"), {**table("age.yml"), **HELD_OUT["age"]}.items())
def test_age(text, expected):
    years, _, band = expected.partition("/")
    wanted = Age() if expected == "none" else Age(None if years == "-" else int(years), band)
    assert parse_age(text) == wanted


@pytest.mark.parametrize(
    ("text", "expected"),
    [*table("relation.yml").items(), *HELD_OUT["relation"].items(), *HELD_OUT["relation_again"].items()],
)
def test_relation(text, expected):
    relation, _, about = expected.partition("/")
    wanted = Relation() if expected == "none" else Relation(relation, told(about))
    assert parse_relation(text) == wanted


@pytest.mark.parametrize(("text", "expected"), HELD_OUT["relation_once_more"].items())
def test_what_is_not_understood_is_not_guessed(text, expected):
    """Phrases the rules were never mended for: asked about, never taken for something else."""
    relation, _, about = expected.partition("/")
    wanted = Relation() if expected == "none" else Relation(relation, told(about))
    assert parse_relation(text) in (wanted, Relation())


@pytest.mark.parametrize(("text", "expected"), [*table("contact.yml").items(), *HELD_OUT["contact"].items()])
def test_contact(text, expected):
    kind, _, value = expected.partition(" ")
    wanted = {"refused": Contact("none"), "nothing": Contact()}.get(kind, Contact(kind, value))
    assert parse_contact(text) == wanted


@pytest.mark.parametrize(
    ("text", "options", "expected"),
    [(text, tuple(group["options"]), index) for group in table("choices.yml") for text, index in group["texts"].items()],
)
def test_choice(text, options, expected):
    assert parse_choice(text, options) == (None if expected == "none" else expected)


@pytest.mark.parametrize(("text", "expected"), [*table("municipality.yml").items(), *HELD_OUT["municipality"].items()])
def test_municipality(text, expected):
    assert parse_municipality(text) == (None if expected == "none" else expected)


@given(st.text(max_size=200))
def test_nothing_crashes(text):
    age = parse_age(text)
    assert age.years is None or 0 <= age.years <= 110
    assert parse_relation(text).relation in (None, "self", "relative", "professional")
    assert parse_contact(text).kind in (None, "phone", "email", "none")
    assert parse_choice(text, ["a", "b"]) in (None, -1, 0, 1)
    assert parse_municipality(text) in (None, "rodovre", "ballerup", "other")


@pytest.mark.parametrize(
    ("text", "whose"),
    {
        "jeg er 14": "writer",
        "er 19 og træt af det": "writer",
        "min søn på 9 sover ikke": "another",
        "hun er 16": "another",
        "min lillebror er 8": "another",
        "en på 15 år": None,
        "vi er fem i familien": None,
    }.items(),
)
def test_whose_age(text, whose):
    assert whose_age(text) == whose
