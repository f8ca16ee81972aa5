"""What one message says about who, where and how; nobody is asked again what they have just said."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.components.situation import SituationReader

READER = SituationReader()


@pytest.mark.parametrize(
    ("text", "topics"),
    [
        ("jeg føler mig så tom indeni", ["low_mood"]),
        ("jeg ligger vågen hele natten", ["sleep"]),
        ("min veninde har droppet mig", ["friends"]),
        ("min kæreste gik fra mig i går", ["heartbreak"]),
        ("min far slår mig", ["violence"]),
        ("min kat er død, og jeg græder hele tiden", ["grief"]),
        ("ligger bare vågen hele natten", ["sleep"]),
    ],
)
def test_trouble_told_in_the_first_person_is_the_writers_own(text, topics):
    said = READER.read(text, "guide_topic", topics)
    assert (said["relation"], said["about"]) == ("self", "self")


@pytest.mark.parametrize(
    ("text", "goal", "topics"),
    [
        ("min søn ligger vågen, og jeg er træt", "guide_topic", ["sleep"]),
        ("jeg er lærer, og en elev sover aldrig", "guide_topic", ["sleep"]),
        ("jeg er bekymret for hende", "guide_topic", ["low_mood"]),
    ],
)
def test_somebody_elses_trouble_is_not(text, goal, topics):
    assert READER.read(text, goal, topics).get("relation") != "self"


def test_a_parents_trouble_makes_a_relative():
    said = READER.read("min mor drikker hver aften", "guide_topic", ["parent_substance_use"])
    assert (said["relation"], said["about"]) == ("relative", "parent")


def test_a_wish_without_trouble_says_nothing_of_who():
    assert "relation" not in READER.read("jeg vil gerne have en tid", "book", [])


@pytest.mark.parametrize(("text", "relation"), [("er 17, skriver I journal", "self"), ("har I noget for en på 17 år", None)])
def test_who_tells_their_own_age_writes_of_themselves(text, relation):
    assert READER.read(text, "privacy", people=[("unknown", 0.99)]).get("relation") == relation


def test_several_facts_of_one_message():
    said = READER.read("min søn på 15 er blevet mobbet, vi bor i Ballerup, kan vi få en tid i morgen?", "book", [])
    assert said["relation"] == "relative" and said["about"] == "child"
    assert (said["age"], said["age_band"], said["municipality"], said["time"]) == (15, "15-17", "ballerup", True)


def test_correction_and_negation_are_told():
    said = READER.read("nej ikke torsdag, fredag", "inform", [])
    assert said["correction"] is True and said["negation"] is True
    assert "correction" not in READER.read("torsdag passer fint", "book", [])


@given(st.text(max_size=120))
def test_any_text_can_be_read(text):
    assert isinstance(READER.read(text, "guide_topic", ["sleep"]), dict)
