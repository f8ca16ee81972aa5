"""`action_ask_back`: when the model is not sure, the guest decides between its two or three best readings."""

from rasa_sdk.events import FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from bot.actions import reading, wording
from bot.actions.base import Domain, Events, HouseAction
from bot.actions.guidance.answer_about_door import answer_in_words
from bot.actions.guidance.guide import OWN_STATE, understand
from bot.actions.situation import from_slots
from bot.actions.turn import Turn

MOST = 3


class AskBackAction(HouseAction):
    """First tries whether the text answers the question that is open; only then asks back."""

    key = "action_ask_back"

    async def act(self, turn: Turn, say: CollectingDispatcher, domain: Domain) -> Events:
        answered = await answer_in_words(turn, say)
        if answered is not None:
            return answered
        if says_something_new(turn):
            return [FollowupAction("action_guide")]
        options = likely_readings(turn, domain)
        if len(options) >= 2:
            say.utter_message(response="utter_ask_back", buttons=options + wording.buttons(domain, "utter_none_of_these"))
        else:
            say.utter_message(response="utter_did_not_follow")
        return [SlotSet("times_unsure", int(turn.slots.get("times_unsure") or 0) + 1)]


def says_something_new(turn: Turn) -> bool:
    """Whether the text answers the open question of guidance, or tells something not known before."""
    known = from_slots(turn.slots)
    if turn.slots.get("awaiting") == OWN_STATE:
        return True
    return understand(turn) != known or (bool(turn.slots.get("awaiting")) and reading.is_skip(turn.said))


def likely_readings(turn: Turn, domain: Domain) -> list[wording.Button]:
    """Buttons for the best labels, each once, in the model's order; labels nobody would choose are left out."""
    found: list[wording.Button] = []
    for label, _ in turn.ranking:
        goal, _, sub = label.partition("/")
        options = (
            wording.pick_by_entity(domain, "utter_topic_choices", "topic", [sub])
            if goal == "guide_topic"
            else wording.pick_by_intent(domain, "utter_goal_choices", [goal])
        )
        found += [option for option in options if option not in found]
    return found[:MOST]
