"""The adapter to Rasa: what goes in is plain text, what is kept after a human is the guest, not half a form."""

from hypothesis import given
from hypothesis import strategies as st

from backend.conversations.turns import drafts_of
from backend.rasa.client import Reply, as_plain_text, without_forms


@given(st.text(max_size=200))
def test_no_text_can_be_read_as_an_intent(text):
    assert not as_plain_text("/" + text).lstrip().startswith("/")


def test_a_half_filled_form_is_left_behind_and_the_guest_comes_along():
    slots = {"relation": "self", "age": 17, "topics": ["anxiety"], "active_form": "booking_form", "booking_time": "x", "enquiry_wish": "y", "asked": 2}
    assert without_forms(slots) == {"relation": "self", "age": 17, "topics": ["anxiety"]}


def test_replies_of_a_wrong_shape_are_left_out_rather_than_shown():
    odd = [{"text": 7}, {}, {"custom": "x"}, {"custom": {"kind": ""}}, {"buttons": [{"title": "a"}, "b"]}, {"text": "hej", "buttons": None}]
    assert [draft.body for draft in drafts_of(Reply(odd))] == [{"text": "hej"}]
