"""Normalisation: one form, whatever the keyboard did; digits and meaning kept; never a crash."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.components.danish_text import normalise


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("HEJJJJ", "hej"),
        ("jeg ka ik sove", "jeg kan ikke sove"),
        ("maaske", "måske"),
        ("foeler mig traet", "føler mig træt"),
        ("sååååå alene", "så alene"),
        ("hvad??!!!", "hvad?!"),
        ("kl 1000", "kl 1000"),
        ("\u200bhej\u00ad med dig", "hej med dig"),
        ("", ""),
    ],
)
def test_spellings(written, meant):
    assert normalise(written) == meant


@given(st.text(max_size=200))
def test_is_idempotent(text):
    once = normalise(text)
    assert normalise(once) == once


@given(st.text(alphabet="0123456789 abcæøå.:-", max_size=60))
def test_digits_are_kept(text):
    assert [c for c in normalise(text) if c.isdigit()] == [c for c in text if c.isdigit()]


@given(st.text(alphabet="æøå", min_size=1, max_size=2))
def test_danish_letters_stay(text):
    assert set(normalise(text)) <= set("æøå")
