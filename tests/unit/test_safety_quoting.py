"""What of a guest's words is given back to them."""

import pytest

from backend.safety.assessment import Assessment
from backend.safety.quoting import LONGEST, quotable

THOUGHT = Assessment("high", ("suicidal_thoughts",), "self", "lyst til at dø")


def test_the_sentence_that_was_reacted_to():
    assert quotable("Hej. Jeg har lyst til at dø, tror jeg! Min hund er sød.", THOUGHT) == "Jeg har lyst til at dø, tror jeg"


@pytest.mark.parametrize("text", [
    "jeg hedder Maja Holm og har lyst til at dø",
    "jeg har lyst til at dø og tænker på at begå selvmord",
    "jeg har lyst til at dø " + "og alting er svært " * (LONGEST // 15),
    "noget helt andet",
])
def test_never_names_never_words_we_do_not_use_never_long(text):
    assert quotable(text, THOUGHT) is None


# hazard: H13
@pytest.mark.parametrize("heard", [
    Assessment("acute", ("suicidal_thoughts",), "self", "lyst til at dø"),
    Assessment("high", ("suicidal_thoughts", "plan_or_means"), "self", "lyst til at dø"),
    Assessment("high", ("self_harm",), "self", "lyst til at dø"),
    Assessment("high", ("violence",), "self", "lyst til at dø"),
    Assessment("high", ("suicidal_thoughts",), "third", "lyst til at dø"),
    Assessment("high", ("suicidal_thoughts",), "self", None),
])
def test_only_thoughts_are_quoted(heard):
    assert quotable("jeg har lyst til at dø", heard) is None
