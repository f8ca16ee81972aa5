"""Asking to be told when a time comes free, and for a greeting after the talk. What came of it the backend tells in the chat itself."""
from collections.abc import Mapping
from typing import Any

from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from bot.actions.backend_client import backend
from bot.actions.base import Domain, Events, HouseAction
from bot.actions.booking import times
from bot.actions.turn import Turn

# How a form ends for somebody who would rather wait: for anything in the time they asked for, or for something before their appointment.
WAIT, EARLIER = "wait", "earlier"


async def wait_for(turn: Turn, ended: str, say: CollectingDispatcher) -> Events:
    """Raises BackendUnavailable."""
    if ended == EARLIER:
        await backend().wait(turn.conversation_id)
        say.utter_message(response="utter_wait_more")
        return []
    told = await backend().wait(turn.conversation_id, _wanted(turn.slots))
    kinds = told.get("reminders") or []
    say.utter_message(response="utter_wait_contact" if kinds else "utter_wait_more")
    return [SlotSet("appointment_reference", told.get("reference")), SlotSet("reminder_kinds", kinds or None)]


def _wanted(slots: Mapping[str, Any]) -> dict[str, Any]:
    way, host = slots.get("booking_way"), times.host_wish(slots.get("booking_wishes"))
    more = {"form": way if way in times.FORMS else None, "host": host}
    return {"window": slots.get("booking_window") or {}, **{name: value for name, value in more.items() if value}}


class WaitEarlierAction(HouseAction):
    key = "action_wait_earlier"
    when_down = "utter_wait_failed"

    async def act(self, turn: Turn, say: CollectingDispatcher, domain: Domain) -> Events:
        return await wait_for(turn, EARLIER, say)


class FollowUpAction(HouseAction):
    key = "action_follow_up"
    when_down = "utter_reminder_failed"

    async def act(self, turn: Turn, say: CollectingDispatcher, domain: Domain) -> Events:
        await backend().follow_up(turn.conversation_id)
        say.utter_message(response="utter_wait_more")
        return []
