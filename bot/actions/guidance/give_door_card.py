"""`action_give_door_card`: a card for the young person, with the door that suits them.

The bot names the door and nothing else: the browser fetches the code itself, so that it is in no conversation.
"""

from rasa_sdk.executor import CollectingDispatcher

from bot.actions.backend_client import backend
from bot.actions.base import Domain, Events, HouseAction
from bot.actions.guidance.guide import situation_events, understand
from bot.actions.situation import for_the_young
from bot.actions.turn import Turn


class GiveDoorCardAction(HouseAction):
    key = "action_give_door_card"
    returns_to_guidance = True
    when_down = "utter_guidance_down"

    async def act(self, turn: Turn, say: CollectingDispatcher, domain: Domain) -> Events:
        situation = understand(turn)
        found = await backend().guidance(turn.conversation_id, for_the_young(situation).as_json(), [])
        door = next((one for one in found.doors if one.get("page")), None)
        if door is None:
            say.utter_message(response="utter_no_doors")
            return []
        say.utter_message(response="utter_door_card", json_message=_card(door))
        return situation_events(situation)


def _card(door: dict) -> dict:
    """The door's own page tells whose it is: `/rodovre/tilbud/headspace`, or `/tilbud/livslinien` for everybody's."""
    first, *rest = door["page"].strip("/").split("/")
    make = {"door": door["id"], **({"municipality": first} if len(rest) == 2 else {})}
    return {"kind": "door_card", "name": door["name"], "make": make}
