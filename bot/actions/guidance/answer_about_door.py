"""Follow-up questions about the doors that were named: price, what happens, the way there, whether parents are told."""

from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from bot.actions.backend_client import backend
from bot.actions.base import Domain, Events, HouseAction
from bot.actions.guidance.door_meant import asked_in_words, meant_door, named_door, speaks_of_door
from bot.actions.turn import Turn

QUESTIONS = {
    "door_cost": "cost",
    "door_what_happens": "what_happens",
    "parents_know": "parents",
    "contact_info": "contact",
}


# In the middle of a booking these are about the talk being booked.
TALK_FORMS = ("booking_form", "reschedule_form")
ABOUT_THE_TALK = {"door_cost": "talk_cost", "door_what_happens": "talk_what_happens"}


class AnswerAboutDoorAction(HouseAction):
    """Says what the backend answers about the door in focus, with its card when there is one."""

    key = "action_answer_about_door"
    returns_to_guidance = True
    when_down = "utter_guidance_down"

    async def act(self, turn: Turn, say: CollectingDispatcher, domain: Domain) -> Events:
        if turn.form and turn.goal == "parents_know" and meant_door(turn) is None:
            return await _answer_about_this_talk(turn, say)
        if turn.form in TALK_FORMS and turn.goal in ABOUT_THE_TALK and named_door(turn) is None and not speaks_of_door(turn):
            answer = await backend().answer_about_door(turn.conversation_id, ABOUT_THE_TALK[turn.goal], None)
            say.utter_message(text=answer.text)
            return []
        question = asked_in_words(turn) or QUESTIONS.get(turn.goal, "what_happens")
        return await answer_about_door(turn, say, question)


async def answer_about_door(
    turn: Turn, say: CollectingDispatcher, question: str, days: tuple[str, str] | None = None
) -> Events:
    """The backend's answer about the door meant, and that door in focus from here on."""
    return await _answer(turn, say, question, await _door(turn), days)


async def answer_in_words(turn: Turn, say: CollectingDispatcher) -> Events | None:
    """The answer when the words ask for the way or for whom it is, and there is a door to ask about; else None."""
    question = asked_in_words(turn)
    door_id = await _door(turn) if question else None
    return await _answer(turn, say, question, door_id) if question and door_id else None


async def _door(turn: Turn) -> str | None:
    """A door called by name counts, also one that was never shown."""
    shown = named_door(turn)
    return shown or meant_door(turn, await backend().door_names(turn.conversation_id) if turn.said else ())


async def _answer(
    turn: Turn, say: CollectingDispatcher, question: str, door_id: str | None, days: tuple[str, str] | None = None
) -> Events:
    answer = await backend().answer_about_door(turn.conversation_id, question, door_id, days)
    card = {"kind": "doors", "doors": [answer.door]} if answer.door else None
    say.utter_message(text=answer.text, json_message=card) if card else say.utter_message(text=answer.text)
    return [SlotSet("door_focus", door_id)]


async def _answer_about_this_talk(turn: Turn, say: CollectingDispatcher) -> Events:
    """Asked in the middle of a booking, and about it: what this channel promises, and no door."""
    promises = await backend().promises(turn.conversation_id)
    say.utter_message(text="\n\n".join(text for text in (promises.anonymity, promises.readers) if text))
    return []
