"""`action_promises`: what this channel promises about anonymity and deletion, and who reads along or has a duty to report,
in the backend's words."""
from rasa_sdk.executor import CollectingDispatcher

from bot.actions.backend_client import Promises, backend
from bot.actions.base import Domain, Events, HouseAction
from bot.actions.guidance.answer_about_door import answer_about_door
from bot.actions.guidance.door_meant import speaks_of_door
from bot.actions.turn import Turn


class PromisesAction(HouseAction):
    key = "action_promises"
    returns_to_guidance = True
    when_down = "utter_promises_down"

    async def act(self, turn: Turn, say: CollectingDispatcher, domain: Domain) -> Events:
        if speaks_of_door(turn):
            return await answer_about_door(turn, say, "anonymity")
        promises = await backend().promises(turn.conversation_id)
        texts = (promises.anonymity, _for(turn.slots.get("relation"), promises), promises.deletion)
        say.utter_message(text="\n\n".join(text for text in texts if text))
        return []


def _for(relation: str | None, promises: Promises) -> str:
    """A guest is told who reads along; whoever writes about somebody else, what they must do themselves."""
    return {"relative": promises.duty, "professional": promises.duty_professional}.get(relation or "", promises.readers)
