"""`action_reply`: an answer that only depends on the goal. An action and not a bare response, so that it can be given in
the middle of a form, which then goes on."""
from rasa_sdk.events import FollowupAction
from rasa_sdk.executor import CollectingDispatcher

from bot.actions.base import Domain, Events, HouseAction
from bot.actions.guidance.answer_about_door import answer_in_words
from bot.actions.turn import Turn

RESPONSES = {
    "greet": "utter_greet",
    "thanks_bye": "utter_thanks_bye",
    "chitchat": "utter_chitchat",
    "bot_identity": "utter_bot_identity",
    "other_language": "utter_other_language",
    "forget_me": "utter_forget_me",
    "send_help": "utter_send_help",
    "stop": "utter_stopped",
}
OUT_OF_SCOPE = {
    "municipal": "utter_out_of_scope_municipal",
    "general": "utter_out_of_scope_general",
    "noise": "utter_out_of_scope_noise",
}


class ReplyAction(HouseAction):
    key = "action_reply"

    async def act(self, turn: Turn, say: CollectingDispatcher, domain: Domain) -> Events:
        answered = await answer_in_words(turn, say) if turn.goal == "bot_identity" else None
        if answered is not None:
            return answered
        goal = "greet" if turn.goal == "thanks_bye" and turn.is_first else turn.goal  # »kys« or »knus« as the first words is no goodbye
        say.utter_message(response=RESPONSES.get(goal, "utter_did_not_follow"))
        goes_on = turn.goal == "bot_identity" and turn.slots.get("awaiting") and not turn.form
        return [FollowupAction("action_guide")] if goes_on else []


class OutOfScopeAction(HouseAction):
    """Says that this is another counter, without guessing which; noise is asked about kindly."""

    key = "action_out_of_scope"
    returns_to_guidance = True

    async def act(self, turn: Turn, say: CollectingDispatcher, domain: Domain) -> Events:
        answered = await answer_in_words(turn, say)
        if answered is not None:
            return answered
        kind = turn.subs[0][0] if turn.subs else "general"
        say.utter_message(response=OUT_OF_SCOPE.get(kind, "utter_out_of_scope_general"))
        return []
