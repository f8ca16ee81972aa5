"""Who is writing and about whom: learnt on a small corpus, stored, silent when nothing says it, and no rule is lost."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("sklearn")

from bot.components.danish_text import normalise  # noqa: E402
from bot.components.person_model import PersonModel, hints, person_in  # noqa: E402
from bot.components.person_training import LINES_FILE, read_people, train_people  # noqa: E402
from bot.components.situation import SituationReader  # noqa: E402

LINES = {
    "self/self": ["jeg er ked af det hele tiden", "jeg kan ikke sove om natten", "min kæreste gik fra mig i går", "jeg hader min skole", "min mor råber af mig"],
    "relative/child": ["min søn er ked af det", "vores datter sover ikke", "min datter vil ikke i skole", "han er min søn og 14", "vores dreng er bange"],
    "relative/friend": ["min veninde cutter", "min ven er så trist", "en ven af mig drikker", "min bedste ven vil dø", "min veninde spiser ikke"],
    "professional/pupil": ["jeg er lærer for en elev", "en elev i min klasse har det skidt", "som pædagog ser jeg et barn", "min elev sover i timen", "vi har en elev"],
    "unknown": ["hvad koster det", "hej", "er det anonymt", "hvornår har I åbent", "kan jeg få en tid"],
}
MESSAGES = {"min veninde er så ked af det": "guide_topic/low_mood", "min kæreste gik": "guide_topic/heartbreak", "hvad er prisen": "door_cost"}
FORMS = {"mit barn": ["søn", "datter", "dreng"], "ven": ["ven", "veninde-"], "elev": ["elev-", "lærer"], "jeg": ["jeg", "mig", "min"]}


def fresh() -> PersonModel:
    return train_people([(text, label) for label, texts in LINES.items() for text in texts], MESSAGES, FORMS)


@pytest.fixture(scope="module")
def model() -> PersonModel:
    return fresh()


def read(model: PersonModel, text: str, goal: str = "guide_topic", topics=()) -> dict:
    return person_in(model.read(normalise(text), goal, topics))


def test_it_reads_what_it_was_shown(model):
    assert read(model, "min søn er ked af det") == {"relation": "relative", "about": "child"}
    assert read(model, "en elev i min klasse har det skidt") == {"relation": "professional", "about": "pupil"}
    assert model.read("hvad koster det", "door_cost")[0][0] == "unknown"


def test_the_same_lines_give_the_same_model(model):
    again = fresh()
    assert np.array_equal(model.linear.parts["label"].weights, again.linear.parts["label"].weights)
    assert model.linear.parts["label"].temperature == again.linear.parts["label"].temperature


def test_stored_and_loaded_it_says_the_same(model, tmp_path):
    model.save(tmp_path)
    loaded = PersonModel.load(tmp_path)
    for text in ("min søn sover ikke", "noget helt andet"):
        first, second = model.read(text, "guide_topic"), loaded.read(text, "guide_topic")
        assert [label for label, _ in first] == [label for label, _ in second]
        assert np.allclose([p for _, p in first], [p for _, p in second], atol=5e-3)


def test_nobody_is_named_when_nothing_says_who():
    assert person_in([]) == {} and person_in([("unknown", 0.9), ("self/self", 0.1)]) == {}
    assert person_in([("unknown", 0.55), ("relative/child", 0.4)]) == {"relation": "relative", "about": "child"}


def test_one_label_alone_teaches_nothing():
    assert train_people([("hej", "unknown")], {}, FORMS) is None and train_people([], {}, FORMS) is None


def test_hints_are_the_rule_the_goal_and_the_first_topic():
    assert hints("min søn drikker", "guide_topic", ["substance_use", "school"]) == ["rule relative/child", "goal guide_topic", "topic substance_use"]
    assert hints("hvad koster det", None) == ["rule silent"]


def test_the_reader_takes_the_model_first_and_the_rules_where_it_is_silent():
    reader, people = SituationReader(), [("relative/sibling", 0.8), ("unknown", 0.1)]
    assert reader.read("hun spiser ikke", "guide_topic", ["eating"], people)["about"] == "sibling"
    silent = [("unknown", 0.95), ("self/self", 0.05)]
    assert reader.read("det handler om min søn", "inform", [], silent)["about"] == "child"
    assert "relation" not in reader.read("hvad koster det", "door_cost", [], silent)


@given(st.text(max_size=80))
def test_any_text_can_be_read(text):
    read_once = fresh_once().read(normalise(text), "guide_topic", ["sleep"])
    assert read_once and all(0 <= p <= 1 for _, p in read_once)


_KEPT: list[PersonModel] = []


def fresh_once() -> PersonModel:
    if not _KEPT:
        _KEPT.append(fresh())
    return _KEPT[0]


def test_the_trainers_lines_are_many_known_labels_and_each_stands_once():
    people = read_people(LINES_FILE)
    labels = {label for _, label in people}
    assert len(people) > 2500
    assert labels == {"self/self", "unknown", "professional/pupil", "professional/other"} | {
        f"relative/{who}" for who in ("child", "parent", "sibling", "friend", "partner", "other")
    }
    normal = [normalise(text) for text, _ in people]
    assert len(set(normal)) == len(normal)
