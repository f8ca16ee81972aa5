"""A chosen time is held until the guest has decided, and let go when they change their mind."""

import pytest

from bot.actions import backend_client
from bot.actions.backend_client import BackendClient
from bot.actions.booking.change_forms import RescheduleForm
from bot.actions.booking.form import AskSlotAction, BookingForm
from bot.actions.booking.submit import SubmitBookingAction
from tests.support.fake_backend import FakeBackend
from tests.unit.bot.test_forms import run, tracker

CID = "abc123"
SLOTS = [{"id": f"slot-{n}", "label": f"tirsdag kl. {n}.00", "form": "phone", "starts_at": f"2026-11-24T{n}:00:00+00:00"} for n in (10, 11, 12)]


@pytest.fixture
async def fake(monkeypatch):
    backend = FakeBackend()
    client = BackendClient(await backend.start(), "token")
    monkeypatch.setattr(backend_client, "_client", client)
    yield backend
    await client.close()
    await backend.stop()


def choosing(text="", asked="booking_slot", goal="inform", entities=(), **slots):
    known = {"booking_window": {"first_free": True}, "booking_way": "phone", "offered_slots": SLOTS} | slots
    return tracker(text, goal, 0.9, asked, entities=entities, **known)


async def test_a_chosen_time_is_held_in_the_form_the_guest_wants(fake):
    values, _ = await run(BookingForm(), choosing("den anden"))
    assert values["booking_slot"]["id"] == "slot-11" and values["requested_slot"] == "booking_phone"
    assert fake.held == {CID: "slot-11"} and fake.calls[-1][1]["form"] == "phone"


async def test_every_further_answer_holds_it_longer(fake):
    await run(BookingForm(), choosing("Storm", "booking_nickname", booking_slot=SLOTS[0]))
    assert [path for path, _, _ in fake.calls] == ["slots/hold"]


async def test_somebody_was_quicker_and_the_nearest_others_are_shown_without_a_new_search(fake):
    fake.taken.add("slot-10")
    values, said = await run(BookingForm(), choosing("den første"))
    assert said[0]["response"] == "utter_slot_taken" and values["booking_slot"] is None
    assert values["requested_slot"] == "booking_slot" and values["slots_left_over"] is True and len(values["offered_slots"]) == 3
    fake.calls.clear()
    events, said = await run(AskSlotAction(), choosing(offered_slots=values["offered_slots"], slots_left_over=True))
    assert fake.calls == [] and said[0]["custom"]["slots"] == values["offered_slots"] and events["slots_left_over"] is None


async def test_another_time_after_all_lets_go(fake):
    fake.held[CID] = "slot-10"
    other = choosing("", "booking_confirmed", "choose", [("value", "other")], booking_slot=SLOTS[0], booking_nickname="Storm")
    values, _ = await run(BookingForm(), other)
    assert values["booking_slot"] is None and fake.held == {}


async def test_stopping_lets_go_and_yes_does_not(fake):
    fake.held[CID] = "slot-10"
    values, _ = await run(BookingForm(), choosing("ja", "booking_confirmed", "affirm", booking_slot=SLOTS[0], booking_nickname="Storm"))
    assert values["booking_confirmed"] == "yes" and fake.held and not fake.calls
    await run(SubmitBookingAction(), choosing(booking_slot=SLOTS[0], booking_confirmed="stopped"))
    assert fake.held == {}


async def test_without_the_backend_the_form_goes_on_and_the_booking_decides(fake, monkeypatch):
    fake.mode = "down"
    monkeypatch.setattr(backend_client, "TOTAL_SECONDS", 0.3)
    values, said = await run(BookingForm(), choosing("den anden"))
    assert values["requested_slot"] == "booking_phone" and not said


async def test_moving_holds_too(fake):
    moving = tracker("den tredje", "inform", 0.9, "reschedule_slot", "reschedule_form", reschedule_reference="K7XM-9QPT-4RWD",
                     reschedule_window={"first_free": True}, offered_slots=SLOTS)  # fmt: skip
    values, _ = await run(RescheduleForm(), moving)
    assert fake.held == {CID: "slot-12"} and values["requested_slot"] == "reschedule_confirmed"


async def test_a_change_of_mind_is_no_nickname_wherever_in_the_sentence_it_stands():
    values, _ = await run(BookingForm(), choosing("egentlig hellere torsdag", "booking_nickname", booking_slot=SLOTS[0]))
    assert values["booking_slot"] is None and values["booking_window"] and "booking_nickname" not in values
    values, _ = await run(BookingForm(), choosing("Storm", "booking_nickname", booking_slot=SLOTS[0]))
    assert values["booking_nickname"] == "Storm"
