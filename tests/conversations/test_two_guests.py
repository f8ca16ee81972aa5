"""Two guests want the same time: it is held for the one who picked it first, and the other hears so at once."""

import pytest

from tests.conversations.test_scripts import Guest, Place, place  # noqa: F401

pytestmark = [pytest.mark.live, pytest.mark.timeout(600)]


def at_the_times(place: Place) -> Guest:  # noqa: F811
    guest = Guest(place, "ballerup", "municipality")
    guest.open()
    guest.send(text="jeg vil gerne booke en tid")
    guest.choose("Første ledige")
    guest.choose("Det er lige meget")
    return guest


def shown(guest: Guest) -> list[str]:
    return [slot["label"] for card in guest.cards if card["kind"] == "slots" for slot in card["slots"]]


def test_a_time_one_guest_thinks_about_is_not_taken_by_another(place):  # noqa: F811
    first, second = at_the_times(place), at_the_times(place)
    wanted = next(label for label in shown(first) if label in shown(second))
    first.choose(wanted)
    second.choose(wanted)
    assert "nåede en anden" in second.text and wanted not in shown(second) and len(shown(second)) == 3
    first.choose("Spring over")
    first.choose("book den")
    assert first.rows("SELECT status FROM appointments WHERE conversation_id = ?") == [("booked",)]
    second.choose(shown(second)[0])
    second.choose("Spring over")
    second.choose("book den")
    assert second.rows("SELECT status FROM appointments WHERE conversation_id = ?") == [("booked",)]


def test_a_time_left_behind_is_free_at_once(place):  # noqa: F811
    first, second = at_the_times(place), at_the_times(place)
    wanted = next(label for label in shown(first) if label in shown(second))
    first.choose(wanted)
    first.choose("Spring over")
    first.choose("En anden tid")
    second.choose(wanted)
    assert "nåede en anden" not in second.text
    assert second.rows("SELECT status FROM appointments WHERE conversation_id = ?") == [("held",)]
    assert first.rows("SELECT status FROM appointments WHERE conversation_id = ?") == []
