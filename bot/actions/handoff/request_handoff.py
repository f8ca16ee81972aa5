"""`action_request_handoff`: ask the backend for a host. From then on the conversation is not the bot's to answer."""

from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from bot.actions import wording
from bot.actions.backend_client import Handoff, backend
from bot.actions.base import Domain, Events, HouseAction, leave_form
from bot.actions.turn import Turn


class RequestHandoffAction(HouseAction):
    """Silent when it succeeds: the backend writes the notices itself. Says at once when nobody is there."""

    key = "action_request_handoff"
    when_down = "utter_handoff_down"

    async def act(self, turn: Turn, say: CollectingDispatcher, domain: Domain) -> Events:
        handoff = await backend().request_handoff(turn.conversation_id, _wish(turn), turn.key(self.key))
        if handoff.state in ("waiting", "with_host"):
            return [*leave_form(), SlotSet("handed_over", True)]
        _say_unavailable(handoff, turn, say, domain)
        return [SlotSet("handed_over", None)]


def _wish(turn: Turn) -> str | None:
    """The guest's own words for what they want a human for, when they wrote any."""
    return turn.said[:500] or None


def _say_unavailable(handoff: Handoff, turn: Turn, say: CollectingDispatcher, domain: Domain) -> None:
    options = [] if turn.form else wording.buttons(domain, "utter_handoff_unavailable")
    text = handoff.text or wording.text(domain, "utter_handoff_unavailable")
    say.utter_message(text=text, buttons=options)
