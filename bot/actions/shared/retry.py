"""`action_retry`: the button after a failed save. Same values, same key, so that a save that did happen is found again."""
from rasa_sdk.events import FollowupAction
from rasa_sdk.executor import CollectingDispatcher

from bot.actions.base import Domain, Events, HouseAction
from bot.actions.turn import Turn

SUBMITS = {"enquiry": "action_submit_enquiry", "booking": "action_submit_booking"}


class RetryAction(HouseAction):
    key = "action_retry"

    async def act(self, turn: Turn, say: CollectingDispatcher, domain: Domain) -> Events:
        action = SUBMITS.get(str(turn.first("value")))
        if action and turn.slots.get(f"{turn.first('value')}_confirmed"):
            return [FollowupAction(action)]
        say.utter_message(response="utter_what_next")
        return []
