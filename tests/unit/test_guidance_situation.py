import pytest

from backend.domain.situation import Situation, age_band_of
from backend.errors import BadInput


@pytest.mark.parametrize(("age", "band"), [(0, "0-11"), (11, "0-11"), (12, "12-14"), (17, "15-17"), (18, "18-25"), (26, "26+"), (99, "26+")])
def test_age_bands(age, band):
    assert age_band_of(age) == band


def test_there_and_back():
    said = {"relation": "self", "age": 17, "topics": ["anxiety", "school"], "wishes_anonymity": True, "skipped": ["about"]}
    situation = Situation.from_json(said)
    assert situation.age_band == "15-17"
    assert Situation.from_json(situation.to_json()) == situation
    assert Situation.from_json({}) == Situation() == Situation.from_json(None)


def test_a_known_age_wins_over_the_band():
    assert Situation.from_json({"age": 30, "age_band": "12-14"}).age_band == "26+"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("relation", "boss"), ("about", 3), ("age", -1), ("age", True), ("age", "17"), ("age_band", "13"),
        ("topics", ["football"]), ("topics", "anxiety"), ("wishes_anonymity", "yes"), ("contact_form", "fax"),
        ("municipality", "Rødovre!"), ("skipped", ["name"]), ("cpr", "x"),
    ],
)  # fmt: skip
def test_what_is_not_in_the_protocol_is_refused_by_field(field, value):
    with pytest.raises(BadInput) as caught:
        Situation.from_json({field: value})
    assert caught.value.details["field"] == field


def test_municipalities_can_be_limited_to_the_known_ones():
    with pytest.raises(BadInput):
        Situation.from_json({"municipality": "atlantis"}, municipalities=["rodovre"])
    assert Situation.from_json({"municipality": "other"}, municipalities=["rodovre"]).municipality == "other"
