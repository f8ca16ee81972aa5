"""What tells who somebody is, is found and covered; ordinary talk is left alone."""


import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.safety.masking import find_personal_data, mask, without_cpr
from tests.support.personal_data import FIRST_NAME_ONLY, FOUND, LEFT_ALONE


# hazard: H14 H12
@pytest.mark.parametrize(("text", "kind"), [
    ("mit cpr er 010190-1234", "cpr"),
    ("0101901234", "cpr"),
    ("010190 1234 er mit nummer", "cpr"),
    ("01 01 90 1234", "cpr"),
    ("jeg er 610190-1234", "cpr"),
    ("skriv til lise.k@example.dk", "email"),
    ("ring på 20 30 40 50", "phone"),
    ("+45 20304050", "phone"),
    ("mit nummer er 20304050", "phone"),
    ("jeg bor på Rosenvej 12", "address"),
    ("Hovedgaden 3B, 2. tv", "address"),
    ("jeg hedder Lise Holm", "name"),
    ("mit navn er Omar", "name"),
    ("jeg hedder lise og er ked af det", "name"),
    ("jeg går i 8.b på Nyager Skole", "school_class"),
])
def test_is_found(text, kind):
    assert [s.kind for s in find_personal_data(text)] == [kind]


# hazard: H14 H12
@pytest.mark.parametrize(("text", "kind"), [*FOUND, *((text, "name") for text in FIRST_NAME_ONLY)])
def test_what_the_browser_asks_about_is_found_here_too(text, kind):
    assert [s.kind for s in find_personal_data(text)] == [kind]


@pytest.mark.parametrize("text", LEFT_ALONE)
def test_what_the_browser_leaves_alone_is_left_alone_here(text):
    assert find_personal_data(text) == []


# hazard: H12
@pytest.mark.parametrize("text", ["cpr 010190-1234 tak", "0101\u200b90-1234", "0 1 0 1 9 0 1 2 3 4", "０１０１９０-１２３４", "010190\u00ad1234"])
def test_a_cpr_number_is_never_stored(text):
    kept = without_cpr(text)
    assert "[CPR-nummer]" in kept and "1234" not in kept and "１２３４" not in kept and "1 2 3 4" not in kept


def test_only_the_kinds_asked_for_are_covered():
    assert mask("jeg hedder Lise Holm, ring 20304050", ("name",)) == "jeg hedder [navn], ring 20304050"
    assert without_cpr("ring 20304050 ❤️") == "ring 20304050 ❤️"


# hazard: H14
@pytest.mark.parametrize("text", [
    "jeg har det skidt", "kl 14.30 passer mig", "990190-1234 er ikke en dato", "ring 112", "ring til 70 20 12 01", "116 111",
    "den 24. december 2026", "jeg hedder ikke noget særligt", "det koster 12345678 kroner i sekundet",
    "jeg er på vej 5 minutter efter", "2610 Rødovre",
])
def test_is_left_alone(text):
    assert not [s for s in find_personal_data(text) if s.kind != "phone"] and "CPR" not in mask(text)


# hazard: H12
def test_masking_covers_and_keeps_the_rest():
    text = "jeg hedder Lise Holm, 010190-1234, ring 20304050 eller lise@example.dk, hilsen"
    assert mask(text) == "jeg hedder [navn], [CPR-nummer], ring [telefon] eller [e-mail], hilsen"


# hazard: H15
@pytest.mark.timeout(30)
@pytest.mark.parametrize("text", ["A", "a@", "a.b-c+", "Rosen Vejen Aa ", "jeg hedder Maja ", "1 ", "12 34 56 78 90 "])
def test_no_length_or_pattern_of_text_holds_up_the_others(text):
    """A hundred times the longest message: a pattern that tries every start anew would need minutes, one pass a second or two."""
    find_personal_data((text * 200_000)[:200_000] + "@")


# hazard: H12
@given(st.text(max_size=300))
def test_any_text_gives_ordered_spans_and_masks_only_once(text):
    spans = find_personal_data(text)
    assert all(a.end <= b.start for a, b in zip(spans, spans[1:], strict=False))
    assert all(0 <= s.start < s.end <= len(text) for s in spans)


# hazard: H12
@given(day=st.integers(1, 28), month=st.integers(1, 12), year=st.integers(0, 99), tail=st.integers(0, 9999),
       gap=st.sampled_from(["", " ", "-", " - "]), around=st.sampled_from(["{}", "cpr: {}", "{}.", "({})", "a {} b"]))
def test_every_possible_cpr_number_is_covered(day, month, year, tail, gap, around):
    number = f"{day:02}{month:02}{year:02}{gap}{tail:04}"
    assert number not in mask(around.format(number))
