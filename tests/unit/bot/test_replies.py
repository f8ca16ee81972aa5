"""Answers that depend on the goal alone, and on whether anything was said before."""

import pytest
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from bot.actions.shared.reply import ReplyAction


def tracker(goal: str, epoch: int, said_before: int) -> Tracker:
    events = [{"event": "action", "name": "action_listen"}, {"event": "user"}] * (said_before + 1)
    message = {"text": "kys", "intent": {"name": goal, "confidence": 0.9}, "entities": [], "metadata": {"turn": 4}}
    return Tracker(f"abc.{epoch}", {}, message, events, False, None, {}, "action_listen")


@pytest.mark.parametrize(
    ("goal", "epoch", "said_before", "response"),
    [("thanks_bye", 1, 0, "utter_greet"), ("thanks_bye", 1, 1, "utter_thanks_bye"), ("thanks_bye", 2, 0, "utter_thanks_bye"), ("chitchat", 1, 0, "utter_chitchat")],
)
async def test_a_kiss_as_the_first_word_is_no_goodbye(goal, epoch, said_before, response):
    say = CollectingDispatcher()
    await ReplyAction().run(say, tracker(goal, epoch, said_before), {})
    assert [message["response"] for message in say.messages] == [response]
