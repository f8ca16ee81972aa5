"""`action_crisis`: the crisis card and the way to a human. Works without the backend too, with fixed words."""
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from bot.actions.backend_client import backend
from bot.actions.base import Domain, Events, HouseAction, leave_form
from bot.actions.turn import Turn


class CrisisAction(HouseAction):
    """Leaves any form: nobody in danger is asked for a time of day."""

    key = "action_crisis"
    when_down = "utter_crisis_offline"

    async def act(self, turn: Turn, say: CollectingDispatcher, domain: Domain) -> Events:
        card = await backend().crisis_card(turn.conversation_id)
        say.utter_message(text=card.get("lead") or "", json_message={"kind": "crisis", **card})
        say.utter_message(response="utter_crisis_next")
        return [*leave_form(), SlotSet("awaiting", None)]
