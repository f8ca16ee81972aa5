"""`action_submit_booking`, `action_submit_cancel`, `action_submit_reschedule`. The backend tells what came of it, from the row and
in the same transaction; here only what may follow is said."""
from typing import Any

from rasa_sdk.events import FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from bot.actions.backend_client import BackendUnavailable, Refused, backend
from bot.actions.base import Domain, Events, HouseAction
from bot.actions.booking import times
from bot.actions.booking.change_forms import CANCEL_SLOTS, RESCHEDULE_SLOTS
from bot.actions.booking.form import BOOKING_SLOTS
from bot.actions.booking.waiting import EARLIER, WAIT, wait_for
from bot.actions.forms import SKIPPED, YES, cleared
from bot.actions.turn import Turn


class SubmitBookingAction(HouseAction):
    key = "action_submit_booking"
    when_down = "utter_booking_failed"
    returns_to_form = False

    async def act(self, turn: Turn, say: CollectingDispatcher, domain: Domain) -> Events:
        if turn.slots.get("booking_confirmed") in (WAIT, EARLIER):
            return await _wait_instead(turn, "booking_confirmed", BOOKING_SLOTS, say)
        if turn.slots.get("booking_confirmed") != YES:
            await times.let_go(turn, "booking_slot")
            say.utter_message(response="utter_booking_stopped")
            return cleared(BOOKING_SLOTS)
        key = turn.slots.get("booking_key") or turn.key("booking")
        try:
            card = await backend().book(_body(turn), key)
        except BackendUnavailable:
            say.utter_message(response="utter_booking_failed")
            return [SlotSet("booking_key", key)]
        except Refused as refusal:
            return _choose_again(refusal, say, domain)
        kinds = card.get("reminders") or []
        say.utter_message(response="utter_after_booking_with_reminder" if kinds else "utter_after_booking")
        known = [SlotSet("appointment_reference", card.get("reference")), SlotSet("reminder_kinds", kinds or None)]
        return [*cleared(BOOKING_SLOTS), SlotSet("booking_key", None), *known]


async def _wait_instead(turn: Turn, confirmed: str, slots: tuple[str, ...], say: CollectingDispatcher) -> Events:
    try:
        return [*cleared(slots), *await wait_for(turn, turn.slots[confirmed], say)]
    except BackendUnavailable:
        say.utter_message(response="utter_wait_failed")
        return cleared(slots)


def _body(turn: Turn) -> dict[str, Any]:
    slot = turn.slots.get("booking_slot") or {}
    body = {"conversation_id": turn.conversation_id, "slot_id": slot.get("id")}
    way, nickname = turn.slots.get("booking_way"), turn.slots.get("booking_nickname")
    body.update({"form": slot.get("form") or way} if slot.get("form") or way not in (None, SKIPPED) else {})
    body.update({"nickname": nickname} if nickname not in (None, SKIPPED) else {})
    wishes, number = turn.slots.get("booking_wishes") or {}, turn.slots.get("booking_phone")
    host = times.host_wish(wishes)
    more = {"call": number, "companion": wishes.get("companion"), "help": wishes.get("help"), "host": host}
    return {**body, **{name: value for name, value in more.items() if value}}


def _choose_again(refusal: Refused, say: CollectingDispatcher, domain: Domain) -> Events:
    """Somebody was quicker: the nearest other times, and the form goes on from there."""
    say.utter_message(response="utter_slot_taken")
    forget = cleared(("booking_slot", "booking_confirmed", "booking_key"))
    return [*forget, *_left_over(refusal), FollowupAction("booking_form")]


def _left_over(refusal: Refused) -> Events:
    return [SlotSet(name, value) for name, value in times.left_over(refusal).items()]


class SubmitCancelAction(HouseAction):
    key = "action_submit_cancel"
    when_down = "utter_cancel_failed"
    returns_to_form = False

    async def act(self, turn: Turn, say: CollectingDispatcher, domain: Domain) -> Events:
        if turn.slots.get("cancel_confirmed") != YES:
            say.utter_message(response="utter_cancel_stopped")
            return cleared(CANCEL_SLOTS)
        reference = turn.slots.get("cancel_reference") or ""
        try:
            await backend().cancel(turn.conversation_id, reference, turn.key("cancel"))
        except Refused:
            say.utter_message(response="utter_unknown_reference", reference=reference)
            return [*cleared(CANCEL_SLOTS), SlotSet("appointment_reference", None), FollowupAction("cancel_form")]
        say.utter_message(response="utter_after_cancel")
        return [*cleared(CANCEL_SLOTS), SlotSet("appointment_reference", None)]


class SubmitRescheduleAction(HouseAction):
    key = "action_submit_reschedule"
    when_down = "utter_reschedule_failed"
    returns_to_form = False

    async def act(self, turn: Turn, say: CollectingDispatcher, domain: Domain) -> Events:
        if turn.slots.get("reschedule_confirmed") == EARLIER:
            return await _wait_instead(turn, "reschedule_confirmed", RESCHEDULE_SLOTS, say)
        if turn.slots.get("reschedule_confirmed") != YES:
            await times.let_go(turn, "reschedule_slot")
            say.utter_message(response="utter_reschedule_stopped")
            return cleared(RESCHEDULE_SLOTS)
        reference, slot = turn.slots.get("reschedule_reference") or "", turn.slots.get("reschedule_slot") or {}
        try:
            card = await backend().reschedule(turn.conversation_id, reference, slot.get("id") or "", turn.key("reschedule"))
        except Refused as refusal:
            return _move_again(refusal, reference, say, domain)
        say.utter_message(response="utter_after_booking")
        return [*cleared(RESCHEDULE_SLOTS), SlotSet("appointment_reference", card.get("reference"))]


def _move_again(refusal: Refused, reference: str, say: CollectingDispatcher, domain: Domain) -> Events:
    if refusal.status == 404:
        say.utter_message(response="utter_unknown_reference", reference=reference)
        return [*cleared(RESCHEDULE_SLOTS), SlotSet("appointment_reference", None), FollowupAction("reschedule_form")]
    say.utter_message(response="utter_slot_taken")
    forget = cleared(("reschedule_slot", "reschedule_confirmed"))
    return [*forget, *_left_over(refusal), FollowupAction("reschedule_form")]


