"""`cancel_form` and `reschedule_form`: both begin with the code the guest was given."""
from collections.abc import Mapping
from typing import Any

from rasa_sdk.executor import CollectingDispatcher

from bot.actions import reading
from bot.actions.backend_client import BackendUnavailable
from bot.actions.base import Domain, Events, HouseAction
from bot.actions.booking import times
from bot.actions.booking.waiting import EARLIER
from bot.actions.forms import STOPPED, YES, FormLogic, Values, chosen, wants_to_skip, yes_or_no
from bot.actions.turn import Turn

CANCEL_SLOTS = ("cancel_reference", "cancel_card", "cancel_confirmed")
RESCHEDULE_SLOTS = (
    "reschedule_reference", "reschedule_card", "reschedule_window", "reschedule_slot", "reschedule_confirmed", "offered_slots",
    "slots_left_over",
)  # fmt: skip


def _read_reference(turn: Turn, slot: str, confirmed: str) -> Values | None:
    found = chosen(turn) or (reading.reference(turn.said) if turn.said else None)
    if found:
        return {slot: found}
    return {confirmed: STOPPED} if wants_to_skip(turn) or yes_or_no(turn) is False else None


def _known_reference(turn: Turn) -> str | None:
    """The code in the message itself, else the one of the appointment made in this conversation."""
    return (reading.reference(turn.said) if turn.said else None) or turn.slots.get("appointment_reference")


async def _looked_up(turn: Turn, values: Values, what: str, say: CollectingDispatcher) -> Values:
    """A code is looked up as soon as it is known, so that the guest says yes to a time, and a wrong one is told at once."""
    reference = values.get(f"{what}_reference")
    if not reference:
        return values
    try:
        card = await times.known_appointment(turn, reference, say)
    except BackendUnavailable:
        return values
    if card is None:
        return {**values, f"{what}_reference": None, f"{what}_card": None, "appointment_reference": None}
    kept = {name: card.get(name) for name in ("label", "place", "form")}
    return {**values, f"{what}_card": kept}


class CancelForm(FormLogic):
    form = "cancel_form"
    own_goals = ("cancel",)
    confirmed = "cancel_confirmed"

    def steps(self, values: Mapping[str, Any]) -> list[str]:
        return ["cancel_reference", "cancel_confirmed"]

    def on_open(self, turn: Turn) -> Values:
        found = _known_reference(turn)
        return {"cancel_reference": found} if found and not turn.slots.get("cancel_reference") else {}

    async def settle(self, turn: Turn, values: Values, say: CollectingDispatcher) -> Values:
        return await _looked_up(turn, values, "cancel", say)

    async def read(self, slot: str, turn: Turn) -> Values | None:
        if slot == "cancel_reference":
            return _read_reference(turn, slot, self.confirmed)
        answer = yes_or_no(turn)
        return None if answer is None else {self.confirmed: YES if answer else STOPPED}


class RescheduleForm(FormLogic):
    form = "reschedule_form"
    own_goals = ("reschedule", "book", "door_other")
    confirmed = "reschedule_confirmed"
    left_by_no = ("reschedule_window",)

    def steps(self, values: Mapping[str, Any]) -> list[str]:
        return ["reschedule_reference", "reschedule_window", "reschedule_slot", "reschedule_confirmed"]

    def is_answer(self, turn: Turn) -> bool:
        return turn.asked == "reschedule_slot" and times.picks_slot(turn) or reading.speaks_of(turn.said, "earlier")

    def on_open(self, turn: Turn) -> Values:
        if reading.speaks_of(turn.said, "earlier"):
            return {self.confirmed: EARLIER}
        known = {"reschedule_reference": _known_reference(turn), "reschedule_window": times.read_window(turn)}
        return {name: value for name, value in known.items() if value and not turn.slots.get(name)}

    async def settle(self, turn: Turn, values: Values, say: CollectingDispatcher) -> Values:
        values = await _looked_up(turn, values, "reschedule", say)
        return await times.settle(turn, values, "reschedule_slot", self.confirmed, say)

    def why_not(self, slot: str, turn: Turn) -> str:
        return "utter_ask_again" if slot == "reschedule_reference" else times.why_not(turn)

    async def read(self, slot: str, turn: Turn) -> Values | None:
        if turn.said and reading.speaks_of(turn.said, "earlier"):
            return {self.confirmed: EARLIER}
        if slot == "reschedule_reference":
            return _read_reference(turn, slot, self.confirmed)
        if slot == "reschedule_window":
            window = times.read_window(turn)
            return {slot: window} if window else None
        if slot == "reschedule_slot":
            return times.read_slot(turn, "reschedule_window", slot)
        if chosen(turn) == "other":
            return {"reschedule_slot": None, "reschedule_window": None}
        answer = yes_or_no(turn)
        return None if answer is None else {self.confirmed: YES if answer else STOPPED}


class AskRescheduleSlotAction(HouseAction):
    key = "action_ask_reschedule_slot"
    when_down = "utter_booking_down"
    returns_to_form = False

    async def act(self, turn: Turn, say: CollectingDispatcher, domain: Domain) -> Events:
        return await times.show_slots(turn, turn.slots.get("reschedule_window"), _form_of(turn), say, domain)


class AskConfirmRescheduleAction(HouseAction):
    key = "action_ask_reschedule_confirmed"
    returns_to_form = False

    async def act(self, turn: Turn, say: CollectingDispatcher, domain: Domain) -> Events:
        slot = turn.slots.get("reschedule_slot") or {}
        say.utter_message(response="utter_reschedule_confirm", label=slot.get("label") or "", place=slot.get("place") or "")
        return []


class AskConfirmCancelAction(HouseAction):
    key = "action_ask_cancel_confirmed"
    returns_to_form = False

    async def act(self, turn: Turn, say: CollectingDispatcher, domain: Domain) -> Events:
        card = turn.slots.get("cancel_card")
        if card:
            say.utter_message(response="utter_cancel_confirm_known", label=card["label"], place=card["place"])
        else:
            say.utter_message(response="utter_cancel_confirm", reference=turn.slots.get("cancel_reference") or "")
        return []


def _form_of(turn: Turn) -> str | None:
    """A moved talk stays the kind of talk it was."""
    return (turn.slots.get("reschedule_card") or {}).get("form")
