"""`action_accept` and `action_decline`: a bare yes or no outside a form answers what the bot asked or offered last."""
from rasa_sdk.events import FollowupAction
from rasa_sdk.executor import CollectingDispatcher

from bot.actions.base import Domain, Events, HouseAction
from bot.actions.shared.ask_back import says_something_new
from bot.actions.turn import Turn


class AcceptAction(HouseAction):
    key = "action_accept"

    async def act(self, turn: Turn, say: CollectingDispatcher, domain: Domain) -> Events:
        if turn.slots.get("awaiting"):
            return [FollowupAction("action_guide")]
        say.utter_message(response="utter_what_next")
        return []


class DeclineAction(HouseAction):
    key = "action_decline"

    async def act(self, turn: Turn, say: CollectingDispatcher, domain: Domain) -> Events:
        if turn.slots.get("awaiting") or says_something_new(turn):
            return [FollowupAction("action_guide")]
        say.utter_message(response="utter_declined")
        return []
