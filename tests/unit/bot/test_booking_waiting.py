"""Asking to be told of something earlier, a host called by name, and a time said where the form of contact is asked."""

import pytest

from bot.actions import reading
from bot.actions.booking import times
from bot.actions.booking.change_forms import RescheduleForm
from bot.actions.booking.form import BookingForm
from bot.actions.booking.form import _noted as noted
from bot.actions.booking.reminder import SubmitReminderAction
from bot.actions.booking.submit import SubmitBookingAction, SubmitRescheduleAction
from bot.actions.booking.waiting import FollowUpAction, WaitEarlierAction
from bot.actions.guidance.answer_about_door import AnswerAboutDoorAction
from tests.unit.bot.test_booking_holds import choosing, fake  # noqa: F401
from tests.unit.bot.test_booking_wishes import CODE
from tests.unit.bot.test_forms import run, tracker

MORNING = {"from": "2026-11-24T23:00:00+00:00", "to": "2026-11-25T23:00:00+00:00", "dates_excluded": []}


@pytest.mark.parametrize("text", ["sig til hvis der bliver noget tidligere", "skriv mig på ventelisten", "må jeg få besked hvis der kommer et afbud"])
async def test_something_earlier_ends_the_form_and_puts_the_guest_on_the_list(fake, text):  # noqa: F811
    values, _ = await run(RescheduleForm(), tracker(text, "reschedule"))
    assert values["reschedule_confirmed"] == "earlier" and values["requested_slot"] is None
    values, _ = await run(BookingForm(), tracker(text, "book", appointment_reference=CODE))
    assert values["booking_confirmed"] == "earlier" and values["requested_slot"] is None
    _, said = await run(SubmitRescheduleAction(), tracker(text, reschedule_confirmed="earlier"))
    assert fake.waits == [{"conversation_id": "abc123"}] and said[0]["response"] == "utter_wait_more"


async def test_nothing_earlier_without_an_appointment_is_a_booking_like_any_other(fake):  # noqa: F811
    values, _ = await run(BookingForm(), tracker("kan jeg få en tid hvis der kommer et afbud", "book"))
    assert values["requested_slot"] == "booking_window" and fake.waits == []


async def test_a_full_day_is_waited_for_with_the_wishes_said(fake):  # noqa: F811
    asked = {"booking_window": MORNING, "booking_way": "phone", "booking_wishes": {"peer": True, "alias": "Maja", "companion": "friend"}}
    values, _ = await run(BookingForm(), tracker("/choose", "choose", asked="booking_slot", entities=[("value", "wait")], **asked))
    assert values["booking_confirmed"] == "wait" and values["requested_slot"] is None
    events, said = await run(SubmitBookingAction(), tracker("ja", booking_confirmed="wait", **asked))
    assert fake.waits == [{"conversation_id": "abc123", "window": MORNING, "form": "phone", "host": {"peer": True, "alias": "Maja"}}]
    assert events["appointment_reference"] == "VEN2-ABCD-2222" and said[0]["response"] == "utter_wait_contact"


async def test_the_buttons_after_a_booking(fake):  # noqa: F811
    await run(WaitEarlierAction(), tracker("/wait_earlier", "wait_earlier"))
    await run(FollowUpAction(), tracker("/follow_up", "follow_up"))
    assert fake.waits == [{"conversation_id": "abc123"}] * 2


@pytest.mark.parametrize("text,kept", [("om aftenen", True), ("efter skole", True), ("hellere på torsdag", False), ("efter skole, på chat", True)])
async def test_a_time_said_where_the_form_of_contact_is_asked_is_kept(text, kept):
    way = [("contact_form", "chat")] if "chat" in text else []
    told = tracker(text, "opening_hours", 0.99, "booking_way", entities=way, booking_window=MORNING)
    values, said = await run(BookingForm(), told)
    window = values["booking_window"]
    assert ((window["from"], window["to"]) == (MORNING["from"], MORNING["to"])) is kept and bool(window.get("parts")) is kept
    assert values["requested_slot"] == ("booking_slot" if way else "booking_way")
    assert (not said) if way else said[0]["response"] == "utter_time_noted"


@pytest.mark.parametrize("text,alias", [("kan jeg få Maja igen", "Maja"), ("jeg vil gerne snakke med amir", "Amir"), ("hos Karen", None), ("jeg vil have Maja med", None)])
async def test_a_host_is_called_by_name_when_there_is_one(fake, text, alias):  # noqa: F811
    values, _ = await run(BookingForm(), tracker(text, "book"))
    assert (values.get("booking_wishes") or {}).get("alias") == alias
    values, _ = await run(BookingForm(), tracker(text, asked="booking_window"))
    assert (values.get("booking_wishes") or {}).get("alias") == alias


async def test_the_name_is_searched_for_and_repeated(fake):  # noqa: F811
    assert times.host_wish({"alias": "Maja", "companion": "friend"}) == {"alias": "Maja"}
    values, _ = await run(BookingForm(), choosing("kan det være med Amir i stedet", booking_wishes={"alias": "Maja"}))
    assert values["booking_wishes"] == {"alias": "Amir"} and values["booking_slot"] is None
    words = {"responses": {"utter_wish_alias": [{"text": "at tale med {name}"}], "utter_wish_peer": [{"text": "erfaring"}]}}
    assert noted({"alias": "Amir", "peer": True}, words) == "at tale med Amir, erfaring"


@pytest.mark.parametrize("text", ["jeg har det skidt", "første ledige", "den anden", "", "i morgen kl 15"])
def test_no_name_where_none_is_said(text):
    assert reading.names_of_hosts(text) == []


@pytest.mark.parametrize("form,goal,question", [("booking_form", "door_cost", "talk_cost"), ("booking_form", "door_what_happens", "talk_what_happens"), ("enquiry_form", "door_cost", "cost")])
async def test_what_is_asked_in_the_middle_of_a_booking_is_about_that_talk(fake, form, goal, question):  # noqa: F811
    _, said = await run(AnswerAboutDoorAction(), tracker("hvad koster det", goal, form=form))
    assert f"Svar om {question} " in said[0]["text"]


async def test_a_contact_for_a_wait_is_told_as_one(fake):  # noqa: F811
    fake.on_appointments_reminder = lambda body: ({"kind": "wait"}, 200)
    told = tracker("ja", appointment_reference=CODE, reminder_confirmed="yes", reminder_contact={"kind": "email", "value": "a@b.dk"}, reminder_may_say="time")
    _, said = await run(SubmitReminderAction(), told)
    assert said[0]["response"] == "utter_wait_contact_done"
