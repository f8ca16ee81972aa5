"""`action_submit_enquiry`: the end of the form. That it is saved the backend tells, from the row and in the same transaction;
here only what may follow, or plainly that it is not."""
from typing import Any

from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from bot.actions.backend_client import BackendUnavailable, Refused, backend
from bot.actions.base import Domain, Events, HouseAction
from bot.actions.enquiry.form import ENQUIRY_SLOTS
from bot.actions.forms import SKIPPED, STOPPED, YES, cleared
from bot.actions.situation import from_slots
from bot.actions.turn import Turn


class SubmitEnquiryAction(HouseAction):
    """Values are kept until a committed answer comes; trying again uses the same key, so nothing can be doubled."""

    key = "action_submit_enquiry"
    when_down = "utter_enquiry_failed"
    returns_to_form = False

    async def act(self, turn: Turn, say: CollectingDispatcher, domain: Domain) -> Events:
        if turn.slots.get("enquiry_confirmed") != YES:
            stopped = turn.slots.get("enquiry_confirmed") == STOPPED
            say.utter_message(response="utter_enquiry_stopped" if stopped else "utter_enquiry_failed")
            return cleared(ENQUIRY_SLOTS)
        key = turn.slots.get("enquiry_key") or turn.key("enquiry")
        try:
            saved = await backend().save_enquiry(_body(turn), key)
        except BackendUnavailable:
            say.utter_message(response="utter_enquiry_failed")
            return [SlotSet("enquiry_key", key)]
        except Refused as refusal:
            say.utter_message(response="utter_enquiry_refused", why=refusal.message)
            return [SlotSet("enquiry_confirmed", None), SlotSet("enquiry_key", None)]
        say.utter_message(response="utter_after_enquiry")
        return [*cleared(ENQUIRY_SLOTS), SlotSet("enquiry_key", None), SlotSet("enquiry_reference", saved.reference)]


def _body(turn: Turn) -> dict[str, Any]:
    slots = turn.slots
    kind = slots.get("enquiry_contact_kind") if slots.get("enquiry_contact_value") else "none"
    contact: dict[str, Any] = {"kind": kind or "none"}
    if kind in ("phone", "email"):
        contact["value"] = slots.get("enquiry_contact_value")
        contact.update({"may_say": slots["enquiry_may_say"]} if _given(slots.get("enquiry_may_say")) else {})
    body = {"conversation_id": turn.conversation_id, "situation": from_slots(slots).as_json(), "contact": contact}
    body.update({name: slots[f"enquiry_{name}"] for name in ("wish", "summary") if _given(slots.get(f"enquiry_{name}"))})
    return {**body, "consent_version": slots.get("enquiry_consent") or ""}


def _given(value: Any) -> bool:
    return value not in (None, "", SKIPPED)
