"""`action_opening_hours`: when there is somebody here, or at the door asked about, today or on the days the guest names."""

from rasa_sdk.executor import CollectingDispatcher

from bot.actions import reading
from bot.actions.backend_client import backend
from bot.actions.base import Domain, Events, HouseAction
from bot.actions.guidance.answer_about_door import answer_about_door
from bot.actions.guidance.door_meant import speaks_of_door
from bot.actions.turn import Turn


class OpeningHoursAction(HouseAction):
    key = "action_opening_hours"
    returns_to_guidance = True
    when_down = "utter_guidance_down"

    async def act(self, turn: Turn, say: CollectingDispatcher, domain: Domain) -> Events:
        if speaks_of_door(turn):
            return await answer_about_door(turn, say, "hours", _days_asked(turn))
        say.utter_message(text=await backend().opening_hours(turn.conversation_id, _days_asked(turn)))
        return []


def _days_asked(turn: Turn) -> tuple[str, str] | None:
    wish = reading.time_wish(turn.said, turn.now)
    first, last = reading.first_day(wish), reading.last_day(wish)
    return (first, last) if first and last else None
