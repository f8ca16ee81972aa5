"""What the overview shows for a choice, straight from the content."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.catalogue import Catalogue, load_catalogue
from backend.catalogue.doors import OFFER_KINDS
from backend.catalogue.model import DOOR_KINDS
from backend.domain.situation import TOPICS
from backend.overview.contact_card import contact_card
from backend.overview.entries import GROUP_OF_KIND, Found, entries, find
from backend.overview.filters import ALLOWED, Wish
from backend.overview.words import WORDS, long_date

ROOT = Path(__file__).resolve().parents[2] / "municipalities"
NOON = datetime(2026, 11, 24, 11, tzinfo=UTC)  # a Tuesday
PLACES = ("_national", "rodovre", "ballerup")


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue(ROOT, date(2026, 11, 22))


def keys(found: Found) -> set[str]:
    return {one.key for one in found.shown()}


def test_with_nothing_chosen_everything_listed_is_there_once(catalogue):
    for m in PLACES:
        found = find(catalogue, m, Wish(), NOON)
        shown = [one.key for one in (*found.shown(), *found.unsure)]
        assert len(shown) == len(set(shown))
        assert {*shown, "alarm-112"} == {one.key for one in entries(catalogue, m, NOON)}


@pytest.mark.parametrize(
    ("wish", "there", "not_there"),
    [
        (Wish(who="child"), {"headspace-family", "bedre-psykiatri", "deltag-parents-network"}, {"headspace", "girltalk", "deltag-siblings-network"}),
        (Wish(who="parent", age="12-14"), {"boernetelefonen", "deltag-children-of"}, {"headspace-family", "deltag-parents-network"}),
        (Wish(who="self", age="26+"), {"psykiatrifonden"}, {"headspace", "boernetelefonen", "girltalk"}),
        (Wish(who="professional"), {"local-concern"}, {"headspace-family"}),
        (Wish(topic="grief"), {"sorglinjen", "boernetelefonen", "deltag-grief-groups"}, {"stopspillet", "deltag-ips"}),
        (Wish(day="wed"), {"sind-ungdom", "boernetelefonen"}, {"bedre-psykiatri", "headspace"}),
        (Wish(form="in_person"), {"headspace", "local-entrance"}, {"bedre-psykiatri", "cyberhus"}),
        (Wish(open="now"), {"boernetelefonen", "sind-raadgivning"}, {"bedre-psykiatri", "headspace", "deltag-volunteer"}),
    ],
)
def test_a_choice_leaves_in_what_suits_and_out_what_does_not(catalogue, wish, there, not_there):
    found = keys(find(catalogue, "rodovre", wish, NOON))
    assert there <= found and not (not_there & found)


def test_what_is_special_to_the_topic_comes_first(catalogue):
    groups = dict(find(catalogue, "rodovre", Wish(topic="gaming_gambling"), NOON).groups)
    assert groups["talk"][0].key == "stopspillet"


def test_places_without_sure_days_are_counted_not_guessed(catalogue):
    found = find(catalogue, "rodovre", Wish(day="mon"), NOON)
    assert found.unknown_day > 5 and "headspace" not in keys(found)


# hazard: H3
def test_what_is_not_sure_has_no_way_in_and_stands_apart(catalogue):
    found = find(catalogue, "rodovre", Wish(), NOON)
    unsure = {one.key: one.shown for one in found.unsure}
    assert {"foraeldretelefonen", "hoert", "sexual-assault-center"} <= set(unsure) and not set(unsure) & keys(found)
    assert all(one["contact"] == {} for one in unsure.values())
    late = find(catalogue, "rodovre", Wish(), datetime(2027, 9, 1, 12, tzinfo=UTC))
    assert "psykiatrifonden" in {one.key for one in late.unsure}


@settings(max_examples=150, deadline=None)
@given(st.fixed_dictionaries({name: st.sampled_from([*values, "", "hest", "<script>"]) for name, values in ALLOWED.items()}), st.sampled_from(PLACES))
def test_any_address_can_be_read_and_is_written_the_same(catalogue, chosen, m):
    wish = Wish.read(chosen.get)
    again = Wish.read(dict(pair.split("=") for pair in wish.query()[1:].replace("%2B", "+").split("&") if pair).get)
    assert again == wish
    found = find(catalogue, m, wish, NOON)
    assert found.count == len(keys(found))


def test_every_key_has_a_word_and_every_kind_a_group():
    for name in ("who", "age", "day", "form"):
        assert set(WORDS["choices"][name]) == set(ALLOWED[name])
    assert set(WORDS["choices"]["topic"]) == set(TOPICS)
    assert {*GROUP_OF_KIND, "emergency"} == set(DOOR_KINDS) and OFFER_KINDS


def test_a_contact_file_says_where_and_nothing_else():
    card = contact_card({"name": "Huset; ung, 2610", "contact": {"phone": "36 37 70 00", "address": "Gaden 1, 2610 Rødovre"}})
    assert "TEL;TYPE=VOICE:36377000" in card and "FN:Huset\\; ung\\, 2610" in card
    assert card.startswith("BEGIN:VCARD\r\n") and card.endswith("END:VCARD\r\n") and "NOTE" not in card
    assert long_date(date(2026, 11, 21)) == "21. november 2026"
