"""`action_promises`: what this channel promises about anonymity, deletion and duty to report, in the backend's words."""
from rasa_sdk.executor import CollectingDispatcher

from bot.actions.backend_client import backend
from bot.actions.base import Domain, Events, HouseAction
from bot.actions.turn import Turn


class PromisesAction(HouseAction):
    key = "action_promises"
    returns_to_guidance = True
    when_down = "utter_promises_down"

    async def act(self, turn: Turn, say: CollectingDispatcher, domain: Domain) -> Events:
        promises = await backend().promises(turn.conversation_id)
        texts = (promises.anonymity, promises.duty, promises.deletion)
        say.utter_message(text="\n\n".join(text for text in texts if text))
        return []
