"""The loader of the public benchmark, on sentences made up here."""

import pytest

pytest.importorskip("yaml")

from benchmarks.xsid import Sentence, macro_f1, read_conll, unseen  # noqa: E402

CONLL = "# id = 1\n# text-en = wake me = now\n# text = væk mig = nu\n# intent = alarm/set_alarm\n1\tvæk\talarm/set_alarm\tO\n\n# text = spil noget\n# intent = PlayMusic\n1\tspil\tPlayMusic\tO\n"


def test_sentences_and_intents_are_read(tmp_path):
    path = tmp_path / "da.conll"
    path.write_text(CONLL, "utf-8")
    assert read_conll(path) == [Sentence("væk mig = nu", "alarm_set_alarm"), Sentence("spil noget", "PlayMusic")]


def test_trained_sentences_and_unknown_intents_are_left_out():
    trained = [Sentence("Spil noget", "PlayMusic")]
    test = [Sentence("spil noget", "PlayMusic"), Sentence("spil jazz", "PlayMusic"), Sentence("væk mig", "alarm")]
    assert unseen(test, trained) == [Sentence("spil jazz", "PlayMusic")]


def test_macro_f1_counts_an_intent_never_found():
    assert macro_f1(["a", "a", "b"], ["a", "a", "a"]) == pytest.approx((4 / 5 + 0) / 2)
