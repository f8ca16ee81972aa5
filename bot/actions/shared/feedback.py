"""`action_feedback`: thanks for a word about how it was; a tapped number goes to the backend."""
from rasa_sdk.executor import CollectingDispatcher

from bot.actions.backend_client import BackendUnavailable, Refused, backend
from bot.actions.base import Domain, Events, HouseAction
from bot.actions.turn import Turn


class FeedbackAction(HouseAction):
    key = "action_feedback"

    async def act(self, turn: Turn, say: CollectingDispatcher, domain: Domain) -> Events:
        numbers = {name: int(turn.first(name)) for name in ("felt", "next_step") if str(turn.first(name)).isdigit()}
        if numbers:
            await _tell(turn, numbers)
            say.utter_message(response="utter_feedback_thanks")
        else:
            say.utter_message(response="utter_feedback")
        return []


async def _tell(turn: Turn, numbers: dict) -> None:
    """A lost number is no reason to trouble the guest."""
    try:
        await backend().feedback({"conversation_id": turn.conversation_id, **numbers}, turn.key("feedback"))
    except (BackendUnavailable, Refused):
        return
