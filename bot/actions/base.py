"""The frame every action runs in: it never raises, and after an interruption it goes back to the open form or
to the question of guidance that was open."""
import logging
from abc import ABC, abstractmethod
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import ActiveLoop, FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import ActionExecutionRejection

from bot.actions.backend_client import BackendUnavailable, Refused
from bot.actions.turn import Turn, read_turn

logger = logging.getLogger(__name__)

Events = list[dict[str, Any]]
Domain = dict[str, Any]


class HouseAction(Action, ABC):
    """Subclasses give `key` (the action's name) and `act`; `when_down` is said when the backend gives no answer."""

    key: str = ""
    when_down: str = "utter_backend_down"
    returns_to_form: bool = True
    returns_to_guidance: bool = False

    def name(self) -> str:
        return self.key

    @abstractmethod
    async def act(self, turn: Turn, say: CollectingDispatcher, domain: Domain) -> Events:
        """Say something and return events. May raise BackendUnavailable or Refused."""

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Domain) -> Events:
        turn = read_turn(tracker)
        events = await self._guarded(turn, dispatcher, domain)
        if self.returns_to_form:
            events = events + _back_to_form(turn, events)
        if self.returns_to_guidance and not turn.form and turn.slots.get("awaiting"):
            events = [*events, FollowupAction("action_guide")]
        return events

    async def _guarded(self, turn: Turn, say: CollectingDispatcher, domain: Domain) -> Events:
        try:
            return await self.act(turn, say, domain)
        except ActionExecutionRejection:
            raise
        except BackendUnavailable:
            say.utter_message(response=self.when_down)
        except Refused as refusal:
            say.utter_message(text=refusal.message) if refusal.message else say.utter_message(response=self.when_down)
        except Exception as error:  # the type only: a value may quote the guest
            logger.error("%s failed: %s at %s", self.key, type(error).__name__, _line(error))
            say.utter_message(response="utter_something_broke")
        return []


def _back_to_form(turn: Turn, events: Events) -> Events:
    decided = any(event["event"] in ("active_loop", "followup") for event in events)
    return [FollowupAction(turn.form)] if turn.form and not decided else []


def leave_form() -> Events:
    return [ActiveLoop(None), SlotSet("requested_slot", None)]


def _line(error: Exception) -> str:
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_filename.rsplit('/', 1)[-1]}:{trace.tb_lineno}" if trace else "?"
