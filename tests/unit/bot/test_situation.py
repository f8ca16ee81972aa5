"""What is known grows, is corrected, and is never invented."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.domain.situation import AGE_BANDS, SLOTS
from backend.domain.situation import Situation as Backends
from bot.actions.situation import Situation, band_of, from_slots, merge, skip


def test_what_is_said_now_wins():
    known = Situation(relation="self", age=14, age_band="12-14", topics=("stress",))
    merged = merge(known, {"age": [17], "topic": ["sleep"]})
    assert (merged.age, merged.age_band, merged.topics) == (17, "15-17", ("sleep", "stress"))


def test_a_correction_replaces_the_topic():
    assert merge(Situation(topics=("stress",)), {"topic": ["grief"]}, is_correction=True).topics == ("grief",)


def test_an_answer_takes_back_a_skip():
    assert merge(skip(Situation(), "age"), {"age": ["17"]}).skipped == ()


@pytest.mark.parametrize("entities", [{"relation": ["boss"]}, {"age": ["seventeen"]}, {"age": [-3]}, {"contact_form": ["fax"]}])
def test_values_nobody_knows_are_left_out(entities):
    merged = merge(Situation(), entities)
    assert merged.relation is None and merged.age is None and merged.contact_form is None


@given(st.integers(1, 109))
def test_bands_are_the_backends(age):
    assert band_of(age) in AGE_BANDS
    assert Backends.from_json({"age": age}).age_band == band_of(age)


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "relation": st.sampled_from(["self", "relative", "professional", "x"]).map(lambda v: [v]),
            "age": st.one_of(st.integers(-5, 200), st.text(max_size=3)).map(lambda v: [v]),
            "topic": st.lists(st.sampled_from(["stress", "sleep", "grief"]), min_size=1, max_size=3),
            "contact_form": st.sampled_from(["phone", "fax"]).map(lambda v: [v]),
            "municipality": st.sampled_from(["rodovre", "ballerup", "other"]).map(lambda v: [v]),
        },
    ),
    st.sampled_from([*SLOTS, ""]),
)
def test_the_backend_takes_whatever_we_know(entities, skipped):
    situation = skip(merge(Situation(), entities), skipped)
    assert Backends.from_json(situation.as_json()).to_json()["topics"] == list(situation.topics)


def test_slots_come_and_go_unchanged():
    slots = {"relation": "relative", "about": "child", "age": 15, "topics": ["stress"], "skipped": ["municipality"]}
    assert from_slots(slots).as_json() == slots
