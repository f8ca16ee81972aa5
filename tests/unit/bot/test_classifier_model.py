"""The linear model on a small corpus of its own: what it gives, that it is the same twice, and that it can be stored."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

pytest.importorskip("sklearn")

from bot.components.clauses import asked_besides, read_whole, split_clauses  # noqa: E402
from bot.components.danish_text import normalise  # noqa: E402
from bot.components.linear_model import LinearModel  # noqa: E402
from bot.components.linear_training import train  # noqa: E402

LINES = {
    "guide_topic/loneliness": ["jeg er ensom", "ingen venner", "altid alene", "sidder alene hver dag", "føler mig alene", "ingen at være sammen med"],
    "guide_topic/sleep": ["kan ikke sove", "vågner om natten", "sover dårligt", "mareridt hver nat", "ligger vågen", "får ikke søvn nok"],
    "book": ["jeg vil bestille en tid", "kan jeg få en tid torsdag", "book en samtale", "en tid i morgen tak", "har I en ledig tid", "må jeg få en aftale"],
    "greet": ["hej", "goddag", "hejsa", "hej med jer", "godmorgen", "halløj"],
}
FORMS = {"ensomhed": ["ensom-", "alene"], "søvn": ["sov-", "søvn-", "nat"], "aftale": ["tid", "book-", "en tid"]}


@pytest.fixture(scope="module")
def model() -> LinearModel:
    return fresh()


def fresh() -> LinearModel:
    pairs = [(normalise(text), label) for label, texts in LINES.items() for text in texts]
    return train([text for text, _ in pairs], [label for _, label in pairs], FORMS)


def best(model: LinearModel, text: str) -> str:
    return model.labels[int(np.argmax(model.read(normalise(text))))]


def test_it_reads_what_it_was_shown(model):
    assert [best(model, texts[0]) for texts in LINES.values()] == list(LINES)


def test_the_glossary_reaches_words_no_example_has(model):
    assert best(model, "ensomhedsfølelse") == "guide_topic/loneliness"


def test_the_same_data_give_the_same_model(model):
    again = fresh()
    assert all(np.array_equal(part.weights, again.parts[name].weights) for name, part in model.parts.items())
    assert [part.temperature for part in model.parts.values()] == [part.temperature for part in again.parts.values()]


def test_stored_and_loaded_it_says_the_same(model, tmp_path):
    model.save(tmp_path)
    loaded = LinearModel.load(tmp_path)
    for text in ("jeg er ensom", "noget helt andet", "tid torsdag"):
        assert np.allclose(model.read(text), loaded.read(text), atol=2e-3)


def test_stored_are_numbers_and_json_only(model, tmp_path):
    model.save(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["model.json", "weights.npz"]
    json.loads((tmp_path / "model.json").read_text("utf-8"))
    np.load(tmp_path / "weights.npz", allow_pickle=False).close()


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=200))
def test_any_text_gives_probabilities(model, text):
    probabilities = read_whole(model, normalise(text), 0.3).probabilities
    assert probabilities.shape == (len(model.labels),)
    assert np.isfinite(probabilities).all() and abs(probabilities.sum() - 1) < 1e-3


def test_a_second_wish_in_a_clause_is_told():
    model = fresh()
    reading = read_whole(model, normalise("jeg er ensom og altid alene, kan jeg få en tid torsdag"), 0.3)
    assert len(reading.clauses) == 2
    chosen = model.labels[int(np.argmax(reading.probabilities))]
    besides = {label for label, _ in asked_besides(model, reading, 0.3)}
    assert besides | {chosen} >= {"book", "guide_topic/loneliness"}


def test_clauses_need_three_words_and_a_neighbour():
    assert split_clauses("jeg er ensom") == []
    assert split_clauses("hej, jeg er ensom") == []
    assert split_clauses("jeg er ensom, og ingen ringer til mig") == ["jeg er ensom", "og ingen ringer til mig"]
