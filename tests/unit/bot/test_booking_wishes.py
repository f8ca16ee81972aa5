"""Number, wishes and reminder: asked for when they are needed, heard when they are said, and sent along."""

import pytest
import yaml
from rasa_sdk.interfaces import ActionExecutionRejection

from bot.actions.booking.change_forms import AskConfirmCancelAction, CancelForm, RescheduleForm
from bot.actions.booking.form import WISH_WORDS, AskConfirmBookingAction, AskSlotAction, BookingForm
from bot.actions.booking.reminder import ReminderForm, SubmitReminderAction
from bot.actions.booking.submit import SubmitBookingAction
from tests.unit.bot.test_booking_holds import SLOTS, choosing, fake  # noqa: F401
from tests.unit.bot.test_data_consistency import ROOT
from tests.unit.bot.test_forms import run, tracker

IN_PERSON = SLOTS[0] | {"form": "in_person"}
CODE = "AFT2-ABCD-2222"


async def test_a_talk_on_the_phone_needs_a_number_and_others_do_not(fake):  # noqa: F811
    values, _ = await run(BookingForm(), choosing("den første", offered_slots=[IN_PERSON]))
    assert values["requested_slot"] == "booking_nickname"
    values, _ = await run(BookingForm(), choosing("den første"))
    assert values["requested_slot"] == "booking_phone"


@pytest.mark.parametrize("goal", ["inform", "cancel", "out_of_scope"])
async def test_a_number_is_a_number_whatever_it_resembles(fake, goal):  # noqa: F811
    values, _ = await run(BookingForm(), choosing("20 12 34 56", "booking_phone", goal, booking_slot=SLOTS[0]))
    assert values["booking_phone"] == "+4520123456" and values["requested_slot"] == "booking_nickname"


@pytest.mark.parametrize("text,goal", [("vil ikke give mit nummer", "deny"), ("nej", "deny"), ("spring over", "skip")])
async def test_without_a_number_another_way_is_asked_about(fake, text, goal):  # noqa: F811
    fake.held["abc123"] = "slot-10"
    values, _ = await run(BookingForm(), choosing(text, "booking_phone", goal, booking_slot=SLOTS[0]))
    assert values["requested_slot"] == "booking_way" and fake.held == {}


async def test_what_is_no_number_is_told(fake):  # noqa: F811
    _, said = await run(BookingForm(), choosing("det har du jo", "booking_phone", booking_slot=SLOTS[0]))
    assert said[0]["response"] == "utter_phone_unread"


async def test_a_wish_in_the_opening_and_another_on_the_way(fake):  # noqa: F811
    values, _ = await run(BookingForm(), tracker("book en tid med en der selv har prøvet det", "book"))
    assert values["booking_wishes"] == {"peer": True}
    told = tracker("i morgen, og jeg tager min mor med", asked="booking_window", booking_wishes={"peer": True})
    values, _ = await run(BookingForm(), told)
    assert values["booking_wishes"] == {"peer": True, "companion": "parent"} and values["booking_window"]


async def test_a_wish_is_an_answer_even_when_the_model_takes_it_for_something_else(fake):  # noqa: F811
    said = "kan det være en der selv har prøvet det"
    values, _ = await run(BookingForm(), tracker(said, "offers", 0.99, "booking_slot", booking_window={"first_free": True}, booking_way="skipped"))
    assert values["booking_wishes"] == {"peer": True} and values["requested_slot"] == "booking_slot"
    with pytest.raises(ActionExecutionRejection):
        await run(BookingForm(), tracker("jeg vil snakke med et menneske der selv har prøvet det", "human", 0.99, "booking_slot"))


async def test_a_new_host_means_a_new_search_and_the_old_time_is_let_go(fake):  # noqa: F811
    fake.held["abc123"] = "slot-10"
    told = choosing("en der selv har prøvet det", "booking_confirmed", booking_slot=SLOTS[0], booking_phone="+4520123456", booking_nickname="Storm")
    values, _ = await run(BookingForm(), told)
    assert values["requested_slot"] == "booking_slot" and fake.held == {}
    await run(AskSlotAction(), choosing(booking_wishes={"peer": True}))
    assert fake.calls[-1][1]["host"] == {"peer": True}


async def test_wishes_can_be_tapped_before_the_yes(fake):  # noqa: F811
    known = {"booking_slot": IN_PERSON, "booking_nickname": "Storm"}
    values, _ = await run(BookingForm(), choosing("", "booking_confirmed", "choose", [("value", "wishes")], **known))
    assert values["requested_slot"] == "booking_wish"
    tapped = choosing("", "booking_wish", "choose", [("value", "access")], booking_asks_wish=True, booking_wishes={"help": ["interpreter"]}, **known)
    values, _ = await run(BookingForm(), tapped)
    assert values["booking_wishes"] == {"help": ["access", "interpreter"]} and values["requested_slot"] == "booking_confirmed"


async def test_the_guest_sees_what_is_noted_and_it_is_sent_along(fake):  # noqa: F811
    wishes = {"peer": True, "companion": "friend", "help": ["quiet_room"]}
    known = {"booking_slot": SLOTS[0], "booking_wishes": wishes, "booking_phone": "+4520123456", "booking_nickname": "Storm"}
    _, said = await run(AskConfirmBookingAction(), choosing(**known))
    assert said[0]["response"] == "utter_booking_wishes"
    await run(SubmitBookingAction(), choosing(booking_confirmed="yes", **known))
    body = next(body for path, body, _ in fake.calls if path == "appointments")
    assert (body["companion"], body["help"], body["host"], body["call"]) == ("friend", ["quiet_room"], {"peer": True}, "+4520123456")


async def test_a_gender_is_answered_honestly(fake):  # noqa: F811
    _, said = await run(BookingForm(), tracker("i morgen, helst en kvinde", asked="booking_window"))
    assert said[0]["response"] == "utter_wish_gender"


def test_every_wish_has_words():
    responses = yaml.safe_load((ROOT / "bot/data/booking/responses.yml").read_text("utf-8"))["responses"]
    assert set(WISH_WORDS.values()) <= set(responses)


async def test_a_wrong_code_is_told_before_anything_else(fake):  # noqa: F811
    for form, name in ((CancelForm(), "cancel"), (RescheduleForm(), "reschedule")):
        values, said = await run(form, tracker("K7XM-9QPT-4RWD", asked=f"{name}_reference", form=f"{name}_form"))
        assert said[0]["response"] == "utter_unknown_reference" and values["requested_slot"] == f"{name}_reference"


async def test_the_code_of_this_conversation_is_not_asked_for_and_the_yes_is_to_a_time(fake):  # noqa: F811
    fake.appointments[CODE] = {"slot_id": "torsdag kl. 10.00", "status": "booked"}
    values, _ = await run(CancelForm(), tracker("aflys den", "cancel", 0.99, None, "cancel_form", appointment_reference=CODE))
    assert values["cancel_reference"] == CODE
    assert values["cancel_card"]["label"] == "torsdag kl. 10.00" and values["requested_slot"] == "cancel_confirmed"
    _, said = await run(AskConfirmCancelAction(), tracker(form="cancel_form", cancel_card=values["cancel_card"], cancel_reference=CODE))
    assert said[0]["response"] == "utter_cancel_confirm_known"


def reminding(text="", asked="reminder_contact", goal="inform", entities=(), **slots):
    return tracker(text, goal, 0.9, asked, "reminder_form", entities=entities, **{"reminder_kinds": ["email", "phone"], "appointment_reference": CODE} | slots)


async def test_a_reminder_is_asked_for_in_three_steps(fake):  # noqa: F811
    values, _ = await run(ReminderForm(), reminding("storm@example.org"))
    assert values["reminder_contact"] == {"kind": "email", "value": "storm@example.org"} and values["requested_slot"] == "reminder_may_say"
    contact = values["reminder_contact"]
    values, _ = await run(ReminderForm(), reminding("", "reminder_may_say", "choose", [("value", "time_place")], reminder_contact=contact))
    assert values["reminder_may_say"] == "time_place" and values["requested_slot"] == "reminder_confirmed"
    known = {"reminder_contact": contact, "reminder_may_say": "time_place"}
    values, _ = await run(ReminderForm(), reminding("ja", "reminder_confirmed", "affirm", **known))
    _, said = await run(SubmitReminderAction(), reminding(**known, reminder_confirmed=values["reminder_confirmed"]))
    assert said[0]["response"] == "utter_reminder_done" and fake.reminders == {CODE: {**contact, "may_say": "time_place"}}


async def test_a_kind_without_a_provider_is_told(fake):  # noqa: F811
    _, said = await run(ReminderForm(), reminding("20123456", reminder_kinds=["email"]))
    assert said[0]["response"] == "utter_reminder_other_kind"


async def test_without_a_yes_nothing_is_asked_for(fake):  # noqa: F811
    _, said = await run(SubmitReminderAction(), reminding(reminder_contact={"kind": "email", "value": "a@b.dk"}, reminder_confirmed="stopped"))
    assert said[0]["response"] == "utter_reminder_stopped" and fake.calls == []


@pytest.mark.parametrize("goal", ["contact_info", "opening_hours", "guide_topic"])
async def test_pointing_at_a_time_is_an_answer_whatever_it_resembles(fake, goal):  # noqa: F811
    values, _ = await run(BookingForm(), choosing("nummer 2", goal=goal))
    assert values["booking_slot"]["id"] == "slot-11"
    with pytest.raises(ActionExecutionRejection):
        await run(BookingForm(), choosing("hvad koster den første?", goal="door_cost"))


async def test_turning_all_down_is_no_choice_of_the_last(fake):  # noqa: F811
    values, _ = await run(BookingForm(), choosing("nej, hellere på fredag"))
    assert values["booking_slot"] is None and values["booking_window"]["from"].startswith("2026-11-26T23:00") and fake.held == {}
    values, _ = await run(BookingForm(), choosing("ingen af dem passer"))
    assert values["booking_slot"] is None and values["booking_window"]["first_free"]
