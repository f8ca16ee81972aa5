"""`action_opening_hours`: when there is somebody, today or on the day the guest names."""

from rasa_sdk.executor import CollectingDispatcher

from bot.actions import reading
from bot.actions.backend_client import backend
from bot.actions.base import Domain, Events, HouseAction
from bot.actions.turn import Turn


class OpeningHoursAction(HouseAction):
    key = "action_opening_hours"
    returns_to_guidance = True
    when_down = "utter_guidance_down"

    async def act(self, turn: Turn, say: CollectingDispatcher, domain: Domain) -> Events:
        say.utter_message(text=await backend().opening_hours(turn.conversation_id, _day_asked(turn)))
        return []


def _day_asked(turn: Turn) -> str | None:
    return reading.first_day(reading.time_wish(turn.said, turn.now))
