"""How a line of the glossary is read, and that the glossary itself is sound."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.components.danish_text import normalise
from bot.components.lexicon import WORD, Lexicon, read_forms


def concepts(forms: list[str], text: str, known=()) -> bool:
    found = Lexicon({"c": forms}, frozenset(known)).read(WORD.findall(normalise(text)))
    return any("c" in names for names in found)


@pytest.mark.parametrize(
    ("form", "text", "expected"),
    [
        ("ensom", "jeg er ensom", True),
        ("ensom", "ensomheden", False),
        ("mobb-", "jeg bliver mobbet", True),
        ("-angst", "eksamensangst er det værste", True),
        ("-angst", "angstfuld", False),
        ("-mobb-", "cybermobberi", True),
        ("slå op", "han vil slå op", True),
        ("slå op", "slå mig", False),
        ("slog .. op", "hun slog bare op", True),
        ("slog .. op", "hun slog ham og gik så langt væk op", False),
        ("tage mit liv", "jeg vil TAGE mit liv", True),
        ("søvn-", "soevnloes", True),
        ("112", "ring 112", True),
        ("svigt- mor", "svigtet mor", True),
    ],
)
def test_a_line_is_read_like_a_dictionary(form, text, expected):
    assert concepts([form], text) is expected


def test_one_slip_is_mended_unless_the_word_is_known():
    assert concepts(["depression-"], "depresion")
    assert concepts(["depression-"], "deprression")
    assert not concepts(["sørger"], "spørger", known=["spørger"])
    assert not concepts(["sørger"], "spørger om noget", known=["spørger"])
    assert not concepts(["kniv"], "kniw"), "short words are not mended"


def test_a_phrase_counts_at_its_first_word():
    found = Lexicon({"c": ["to ord"]}).read(["her", "er", "to", "ord"])
    assert found == [set(), set(), {"c"}, set()]


@given(st.text(max_size=120))
def test_any_text_can_be_read(text):
    words = WORD.findall(normalise(text))
    assert len(LEXICON.read(words)) == len(words)


LEXICON = Lexicon(read_forms())


def test_the_glossary_has_no_line_that_can_never_be_found():
    for name, forms in read_forms().items():
        for form in forms:
            assert WORD.findall(normalise(form.replace("..", " ").strip("-"))), (name, form)


def test_the_glossary_is_of_the_size_it_should_be():
    forms = read_forms()
    assert 60 <= len(forms) <= 200
    assert all(len(set(written)) == len(written) for written in forms.values())
