"""`action_raise_concern`: a professional is worried about a child or young person."""
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from bot.actions.base import Domain, Events, HouseAction
from bot.actions.turn import Turn


class RaiseConcernAction(HouseAction):
    """Says what a professional needs to know and offers a human; who it is about is never asked for here."""

    key = "action_raise_concern"

    async def act(self, turn: Turn, say: CollectingDispatcher, domain: Domain) -> Events:
        say.utter_message(response="utter_raise_concern_professional")
        return [SlotSet("relation", "professional"), SlotSet("awaiting", None)]
