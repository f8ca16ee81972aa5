"""What makes a training quicker changes nothing in what comes out of it."""

from __future__ import annotations

import os

import numpy as np
import pytest

pytest.importorskip("sklearn")

from bot.components.linear_training import Recipe, log_ratios, matrix_of, train  # noqa: E402
from bot.components.side_by_side import side_by_side  # noqa: E402

TEXTS = ["jeg sover ikke om natten", "jeg vågner og sover ikke", "ligger vågen hele natten", "kan ikke falde i søvn", "vågen igen i nat",
         "min far døde i går", "jeg savner min døde mor", "begravelsen var i går", "jeg savner ham", "min farfar er død"]  # fmt: skip
LABELS = ["guide_topic/sleep"] * 5 + ["guide_topic/grief"] * 5


def test_answers_come_in_the_order_of_the_work():
    assert side_by_side([(pow, (2, n)) for n in range(6)]) == [1, 2, 4, 8, 16, 32]
    assert side_by_side([]) == []


def test_work_is_done_in_other_processes_where_there_are_cores(monkeypatch):
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    assert os.getpid() not in side_by_side([(os.getpid, ()), (os.getpid, ())])
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    assert side_by_side([(os.getpid, ()), (os.getpid, ())]) == [os.getpid()] * 2


def test_one_core_and_two_train_the_same_model(monkeypatch):
    models = []
    for cores in (1, 2):
        monkeypatch.setattr(os, "cpu_count", lambda cores=cores: cores)
        models.append(train(TEXTS, LABELS, {}))
    for name, part in models[0].parts.items():
        assert np.array_equal(part.weights, models[1].parts[name].weights) and part.temperature == models[1].parts[name].temperature


def test_the_matrix_says_what_the_model_says_of_each_text():
    model = train(TEXTS, LABELS, {"søvn": ["sover", "vågen"]})
    rows = matrix_of(model, [model.grams(text) for text in TEXTS]).toarray()
    for row, text in zip(rows, TEXTS, strict=True):
        columns, values = model.features(text)
        alone = np.zeros_like(row)
        alone[columns] = values
        assert np.allclose(row, alone, atol=1e-6)


def test_counting_favours_what_stands_oftener_in_a_class():
    from scipy.sparse import csr_matrix

    ratios = log_ratios(csr_matrix([[1, 0, 1], [2, 0, 0], [0, 1, 1], [0, 1, 0]], dtype=np.float32), np.array([0, 0, 1, 1]), 3)
    assert ratios[0, 0] > 0 > ratios[0, 1] and ratios[1, 1] > 0 > ratios[1, 0]
    assert abs(ratios[2, 0]) < abs(ratios[0, 0]) and (ratios[:, 2] == 0).all()


def test_counting_can_be_left_out():
    with_it, without = (train(TEXTS, LABELS, {}, Recipe(ratio=ratio)) for ratio in (0.6, 0.0))
    assert not np.allclose(with_it.parts["label"].weights, without.parts["label"].weights)
