"""`action_advise`: what somebody can do or say themselves, in words for who they are; then on to the doors, when there are some to name."""

from rasa_sdk.events import FollowupAction
from rasa_sdk.executor import CollectingDispatcher

from bot.actions.base import Domain, Events, HouseAction
from bot.actions.guidance.guide import situation_events, understand
from bot.actions.turn import Turn

FOR_THEM = {"relative": "utter_advice_relative", "professional": "utter_advice_professional"}


class AdviseAction(HouseAction):
    key = "action_advise"
    returns_to_guidance = True

    async def act(self, turn: Turn, say: CollectingDispatcher, domain: Domain) -> Events:
        situation = understand(turn)
        say.utter_message(response=FOR_THEM.get(situation.relation or "self", "utter_advice"))
        leads_on = situation.topics and not turn.slots.get("shown_doors") and not turn.form and not turn.slots.get("awaiting")
        return [*situation_events(situation), *([FollowupAction("action_guide")] if leads_on else [])]
