"""Follow-up questions about the doors that were named: price, what happens, contact, whether parents are told."""

from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from bot.actions import reading
from bot.actions.backend_client import backend
from bot.actions.base import Domain, Events, HouseAction
from bot.actions.turn import Turn

QUESTIONS = {
    "door_cost": "cost",
    "door_what_happens": "what_happens",
    "parents_know": "parents",
    "contact_info": "contact",
}


class AnswerAboutDoorAction(HouseAction):
    """Says what the backend answers about the door in focus, with its card when there is one."""

    key = "action_answer_about_door"
    returns_to_guidance = True
    when_down = "utter_guidance_down"

    async def act(self, turn: Turn, say: CollectingDispatcher, domain: Domain) -> Events:
        door_id = _meant_door(turn)
        answer = await backend().answer_about_door(turn.conversation_id, QUESTIONS.get(turn.goal, "what_happens"), door_id)
        card = {"kind": "doors", "doors": [answer.door]} if answer.door else None
        say.utter_message(text=answer.text, json_message=card) if card else say.utter_message(text=answer.text)
        return [SlotSet("door_focus", door_id)]


def _meant_door(turn: Turn) -> str | None:
    """The door the guest names among those shown, else the one talked about last."""
    shown = turn.slots.get("shown_doors") or []
    named = [d["id"] for d in shown if d.get("name") and d["name"].split()[0].lower() in turn.said.lower()]
    if named:
        return named[0]
    picked = reading.choice(turn.said, [d.get("name") or "" for d in shown]) if turn.said and shown else None
    return shown[picked]["id"] if picked is not None else turn.slots.get("door_focus")
