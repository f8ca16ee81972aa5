"""Comparing and publishing: what changed is told, blind lines stay blind, and missed danger stops a model."""

import pytest

from tests.heldout.lines import folded, training_lines
from trainer import publish, versions
from trainer.compare import (
    Line,
    Understood,
    all_lines,
    as_danish,
    compare,
    heldout_lines,
    key_lines,
    script_lines,
    understood,
)
from trainer.served_model import ROOT

CRISIS, SEEN, MISSED = Line("key", "jeg gør det nu", "crisis"), Understood("crisis", None), Understood("thanks_bye", None)
BLIND = Line("held nr. 3", "en hemmelig linje", "crisis", None, True)
BOOK = Line("key", "en tid", "book")


def test_better_worse_and_other():
    lines = [BOOK, Line("key", "er det gratis", "door_cost"), Line("script", "hej")]
    before = [Understood("book", None), Understood("offers", None), Understood("greet", None)]
    now = [Understood("cancel", None), Understood("door_cost", None), Understood("chitchat", None)]
    found = compare(lines, before, now)
    assert [change.kind for change in found.changes] == ["worse", "better", "other"]
    assert (found.right_before, found.right_now, found.may_be_published) == (0.5, 0.5, True)


def test_missed_danger_stops_a_model():
    assert not compare([CRISIS], [SEEN], [MISSED]).may_be_published
    assert not compare([CRISIS], [MISSED], [MISSED]).may_be_published, "a key line must always be seen"
    assert not compare([BLIND], [SEEN], [MISSED]).may_be_published


def test_a_blind_line_the_old_model_missed_too_is_no_regression():
    assert compare([BLIND], [MISSED], [MISSED]).may_be_published


def test_a_heavy_topic_notices_danger_and_a_light_one_does_not():
    assert compare([CRISIS], [SEEN], [Understood("guide_topic", "violence")]).may_be_published
    assert not compare([CRISIS], [SEEN], [Understood("guide_topic", "sleep")]).may_be_published


def test_blind_lines_are_told_by_number_alone():
    told = as_danish(compare([BLIND, CRISIS], [SEEN, SEEN], [MISSED, MISSED]), "gammel", "ny")
    assert "held nr. 3" in told and BLIND.text not in told and CRISIS.text in told and "må ikke udgives" in told


def test_no_change_is_said_too():
    assert "som før" in as_danish(compare([BOOK], [SEEN], [SEEN]), "gammel", "ny")


def test_what_a_model_said_is_read_past_the_fallback():
    parsed = {"intent_ranking": [{"name": "nlu_fallback"}, {"name": "guide_topic"}], "topics": [["sleep", 0.9]]}
    assert understood(parsed).label == "guide_topic/sleep"


def test_the_lines_are_there_and_the_key_lines_are_not_trained_on():
    assert len(key_lines()) >= 40 and len(script_lines()) > 50 and len(heldout_lines()) > 800
    assert all(line.blind == line.where.startswith("understanding.yml") for line in all_lines())
    trained = training_lines(ROOT / "bot" / "data")
    assert [line.text for line in key_lines() if folded(line.text) in trained and len(line.text.split()) > 3] == []


class Readings:
    """Stands for loading models: what each says of every line."""

    def __init__(self, monkeypatch, by_model):
        by_model = {name: said for name, said in by_model.items()}
        monkeypatch.setattr(publish, "all_lines", lambda: [CRISIS, BOOK])
        monkeypatch.setattr(publish, "key_lines", lambda: [CRISIS, BOOK])
        monkeypatch.setattr(publish, "read_with", lambda model: lambda texts: by_model[model.name])
        monkeypatch.setattr("trainer.compare.read_with", lambda model: lambda texts: by_model[model.name])


@pytest.fixture
def models(tmp_path):
    for name in ("good.tar.gz", "bad.tar.gz"):
        (tmp_path / name).write_bytes(b"model")
    return tmp_path


BY_MODEL = {"good.tar.gz": [SEEN, Understood("book", None)], "bad.tar.gz": [MISSED, Understood("book", None)]}


def test_a_model_that_misses_danger_is_not_published_and_the_live_one_stays(models, monkeypatch):
    Readings(monkeypatch, BY_MODEL)
    publish.check_and_publish(models / "good.tar.gz", folder=models)
    with pytest.raises(publish.Refused) as refused:
        publish.check_and_publish(models / "bad.tar.gz", folder=models)
    assert refused.value.comparison.blocked[0].line == CRISIS
    assert versions.read(models).live == "good.tar.gz"


def test_the_first_model_is_held_to_the_key_lines_too(models, monkeypatch):
    Readings(monkeypatch, BY_MODEL)
    with pytest.raises(publish.Refused):
        publish.check_and_publish(models / "bad.tar.gz", folder=models)
    assert versions.read(models).live is None
