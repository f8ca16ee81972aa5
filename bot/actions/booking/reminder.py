"""`reminder_form`: after a booking, for those who want it. A number or an address, what may stand there, and then yes."""
from collections.abc import Mapping
from typing import Any

from rasa_sdk.events import FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from bot.actions import reading
from bot.actions.backend_client import Refused, backend
from bot.actions.base import Domain, Events, HouseAction
from bot.actions.forms import STOPPED, YES, FormLogic, Values, chosen, cleared, wants_to_skip, yes_or_no
from bot.actions.turn import Turn

REMINDER_SLOTS = ("reminder_contact", "reminder_may_say", "reminder_confirmed")
MAY_SAY = ("time", "time_place")


class ReminderForm(FormLogic):
    form = "reminder_form"
    own_goals = ("book",)
    confirmed = "reminder_confirmed"
    left_by_no = ("reminder_contact",)

    def steps(self, values: Mapping[str, Any]) -> list[str]:
        return list(REMINDER_SLOTS)

    def is_answer(self, turn: Turn) -> bool:
        return turn.asked == "reminder_contact" and bool(turn.said) and reading.contact(turn.said) is not None

    def why_not(self, slot: str, turn: Turn) -> str:
        is_other_kind = slot == "reminder_contact" and turn.said and reading.contact(turn.said)
        return "utter_reminder_other_kind" if is_other_kind else "utter_ask_again"

    async def read(self, slot: str, turn: Turn) -> Values | None:
        if slot == "reminder_contact":
            return self._read_contact(turn)
        if slot == "reminder_may_say":
            return self._read_may_say(turn)
        answer = yes_or_no(turn)
        return None if answer is None else {self.confirmed: YES if answer else STOPPED}

    def _read_contact(self, turn: Turn) -> Values | None:
        found = reading.contact(turn.said) if turn.said else None
        if found and found["kind"] in (turn.slots.get("reminder_kinds") or ()):
            return {"reminder_contact": found}
        return {self.confirmed: STOPPED} if not found and wants_to_skip(turn) else None

    def _read_may_say(self, turn: Turn) -> Values | None:
        if chosen(turn) in MAY_SAY:
            return {"reminder_may_say": chosen(turn)}
        if wants_to_skip(turn) or yes_or_no(turn) is False:
            return {"reminder_may_say": "time"}
        picked = reading.choice(turn.said, list(MAY_SAY)) if turn.said else None
        return {"reminder_may_say": MAY_SAY[picked]} if picked is not None else {"reminder_may_say": "time"} if turn.said else None


class AskReminderConfirmedAction(HouseAction):
    """Repeats where it goes, so that a slip of a finger does not tell somebody else."""

    key = "action_ask_reminder_confirmed"
    returns_to_form = False

    async def act(self, turn: Turn, say: CollectingDispatcher, domain: Domain) -> Events:
        contact = turn.slots.get("reminder_contact") or {}
        say.utter_message(response="utter_reminder_confirm", contact=contact.get("value") or "")
        return []


class SubmitReminderAction(HouseAction):
    key = "action_submit_reminder"
    when_down = "utter_reminder_failed"
    returns_to_form = False

    async def act(self, turn: Turn, say: CollectingDispatcher, domain: Domain) -> Events:
        reference, contact = turn.slots.get("appointment_reference"), turn.slots.get("reminder_contact") or {}
        if turn.slots.get("reminder_confirmed") != YES or not reference:
            say.utter_message(response="utter_reminder_stopped")
            return cleared(REMINDER_SLOTS)
        try:
            told = await backend().remind(turn.conversation_id, reference, {**contact, "may_say": turn.slots.get("reminder_may_say")})
        except Refused as refusal:
            say.utter_message(response="utter_reminder_refused", why=refusal.message)
            retry = refusal.status == 422
            return [*cleared(REMINDER_SLOTS), *([FollowupAction("reminder_form")] if retry else [])]
        say.utter_message(response="utter_wait_contact_done" if told.get("kind") == "wait" else "utter_reminder_done")
        return [*cleared(REMINDER_SLOTS), SlotSet("reminder_kinds", None)]

