"""`action_search_offers`: what there is to take part in, as a card."""
from rasa_sdk.executor import CollectingDispatcher

from bot.actions import reading
from bot.actions.backend_client import backend
from bot.actions.base import Domain, Events, HouseAction
from bot.actions.guidance.guide import situation_events, understand
from bot.actions.turn import Turn


class SearchOffersAction(HouseAction):
    key = "action_search_offers"
    when_down = "utter_guidance_down"

    async def act(self, turn: Turn, say: CollectingDispatcher, domain: Domain) -> Events:
        situation = understand(turn)
        found = await backend().offers(turn.conversation_id, situation.as_json(), reading.offer_kind(turn.said))
        if found.offers:
            say.utter_message(text=found.lead, json_message={"kind": "offers", "offers": found.offers})
            say.utter_message(response="utter_after_offers")
        else:
            say.utter_message(response="utter_no_offers")
        return situation_events(situation)
