"""What normalisation promises for any text at all."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from bot.components.danish_text import normalise, sms_forms

DANISH = st.text(alphabet="abcdefghijklmnopqrstuvwxyzæøåÆØÅ 0123456789.,!?-", max_size=80)


@given(st.text(max_size=200))
def test_twice_is_once(text):
    assert normalise(normalise(text)) == normalise(text)


@given(DANISH)
def test_digits_stay(text):
    assert [c for c in normalise(text) if c.isdigit()] == [c for c in text if c.isdigit()]


@given(st.sampled_from(["søvn", "får", "må", "hjælp", "ærlig", "råd", "kød", "bøn"]))
def test_danish_letters_are_told_apart_from_a_and_o(word):
    assert normalise(word) == word
    assert normalise(word) != normalise(word.replace("ø", "o").replace("å", "a").replace("æ", "a"))


@given(st.sampled_from([("aa", "å"), ("ae", "æ"), ("oe", "ø")]), st.sampled_from(["s{}vn", "f{}r", "hj{}lp"]))
def test_letters_written_as_two_are_the_same(pair, frame):
    assert normalise(frame.format(pair[0])) == normalise(frame.format(pair[1]))


def test_short_forms_lead_to_full_forms_and_stay_there():
    for short, full in sms_forms().items():
        assert normalise(full) == normalise(normalise(full)), short


def test_long_drawn_letters_and_marks():
    assert normalise("HEEEEJ!!!") == normalise("hej!")
    assert normalise("jeg er såååå træt") == "jeg er så træt"
