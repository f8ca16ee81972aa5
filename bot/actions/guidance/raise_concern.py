"""`action_raise_concern`: somebody is worried about a child or young person who is not their own."""

from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from bot.actions.backend_client import backend
from bot.actions.base import Domain, Events, HouseAction
from bot.actions.guidance.guide import shown_events
from bot.actions.situation import Situation
from bot.actions.turn import Turn

CONCERN = "local-concern"  # every municipality's own, first for whoever must tell somebody


class RaiseConcernAction(HouseAction):
    """Says what holds, in the backend's checked words, and where to turn; who it is about is never asked for here."""

    key = "action_raise_concern"
    when_down = "utter_raise_concern_professional"

    async def act(self, turn: Turn, say: CollectingDispatcher, domain: Domain) -> Events:
        at_work = "professional" in (turn.first("relation"), turn.slots.get("relation"))
        say.utter_message(response="utter_raise_concern_thanks")
        promises = await backend().promises(turn.conversation_id)
        found = await backend().guidance(turn.conversation_id, Situation(relation="professional").as_json(), [])
        say.utter_message(text=promises.duty_professional if at_work else promises.duty)
        doors = sorted(found.doors, key=lambda door: door["id"] != CONCERN)
        say.utter_message(text=found.lead, json_message={"kind": "doors", "doors": doors})
        say.utter_message(response="utter_raise_concern_professional")
        relation = [SlotSet("relation", "professional")] if at_work else []
        return [*relation, SlotSet("awaiting", None), *shown_events(doors, [])]
