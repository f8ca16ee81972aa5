"""The figures themselves, on readings made by hand."""

import pytest

from benchmarks import scores
from benchmarks.scores import Gold, Reading


def read(best, p=1.0, topics=(), served=None, **more):
    return Reading(served=served or best, ranking=((best, p), ("x", 0.0)), topics=topics, **more)


PAIRS = [
    (Gold("a", "book"), read("book", 0.9)),
    (Gold("b", "book"), read("cancel", 0.8)),
    (Gold("c", "cancel"), read("cancel", 0.7)),
    (Gold("d", "out_of_scope"), read("out_of_scope", 0.6, served="nlu_fallback")),
]


def test_goal_figures():
    figures = scores.goal_figures(PAIRS)
    assert figures["accuracy"] == 0.75 and figures["fallback"] == 0.25
    assert figures["macro_f1"] == pytest.approx((2 / 3 + 2 / 3 + 1) / 3)


def test_calibration_error_is_nothing_when_confidence_is_the_share_right():
    assert scores.calibration_error([(Gold("a", "book"), read("book", 1.0))]) == 0
    assert scores.calibration_error([(Gold("a", "book"), read("cancel", 0.9))]) == pytest.approx(0.9)


def test_topics_count_problems_told_only():
    told = [(Gold("a", "guide_topic", ("sleep", "stress")), read("guide_topic", topics=("stress", "sleep")))]
    figures = scores.topic_figures([*PAIRS, *told])
    assert (figures["messages"], figures["top_1"], figures["any_1"], figures["top_3"]) == (1, 0, 1, 1)
    assert scores.confusions(told) == [] and figures["macro_f1"] == 0


def test_topic_macro_f1_is_the_mean_over_topics():
    told = [
        (Gold("a", "guide_topic", ("sleep",)), read("guide_topic", topics=("sleep",))),
        (Gold("b", "guide_topic", ("stress",)), read("guide_topic", topics=("sleep",))),
    ]
    assert scores.topic_macro_f1(told) == pytest.approx((2 / 3 + 0) / 2)


def test_danger_is_noticed_by_a_heavy_topic_too():
    crisis = (Gold("a", "crisis"), read("guide_topic", topics=("violence",)))
    figures = scores.danger_figures([crisis, *PAIRS])
    assert figures["crisis_noticed"] == 1 and figures["crisis_as_crisis"] == 0 and figures["crisis_by_mistake"] == 0


def test_situation_tells_silence_from_error_and_invention():
    pairs = [
        (Gold("a", "book", age=14), read("book", age=14)),
        (Gold("b", "book", age=15), read("book")),
        (Gold("c", "book"), read("book", age=3)),
    ]
    figures = scores.situation_figures(pairs, "age")
    assert (figures["right"], figures["silent"], figures["wrong"], figures["invented"]) == (0.5, 0.5, 0, 1)


def test_confusions_hold_labels_and_no_words():
    assert scores.confusions(PAIRS) == [{"meant": "book", "read": "cancel", "times": 1, "confidence": 0.8}]


def test_no_messages_make_no_figures():
    assert scores.all_figures([])["goal"]["accuracy"] is None
