"""The bot is silent while a human has the chat: random interleavings, and proof that the property can fail. (mission-anchors 3: rows 1, 2)"""

import os
import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backend.conversations.service import ConversationService
from tests.integration.queue_parts import host
from tests.support.interleavings import DEEDS, HeldBackRasa, Schedule, random_deeds

SCHEDULES = 10_000 if os.environ.get("HYPOTHESIS_PROFILE") == "thorough" else 60
DEED = st.lists(st.sampled_from(DEEDS), min_size=1, max_size=3).map(tuple)


@pytest.fixture
def rasa() -> HeldBackRasa:
    return HeldBackRasa()


@pytest.fixture
async def schedule(house, rasa, clock) -> Schedule:
    return Schedule(house, rasa, clock, await host(house, "maja"), await host(house, "amir"))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(deeds=st.lists(DEED, min_size=4, max_size=25))
async def test_the_bot_never_speaks_out_of_turn(schedule, deeds):
    assert await schedule.run(deeds) == []


@pytest.mark.timeout(7200)
async def test_the_bot_never_speaks_out_of_turn_in_many_random_schedules(schedule):
    chance = random.Random(20261122)
    for _ in range(SCHEDULES):
        deeds = random_deeds(chance, chance.randint(6, 20))
        assert await schedule.run(deeds) == [], deeds


async def _store_reply_unchecked(self, conversation, n, drafts, situation):
    async with self.change(conversation.id) as change:
        await change.update(answered_n=n)
        await change.say(*drafts)
    return True


async def _store_late_reply_unchecked(self, conversation, n, drafts):
    return await _store_reply_unchecked(self, conversation, n, drafts, None)


async def _slow_down_unchecked(self, conversation_id, n):
    async with self.change(conversation_id) as change:
        await change.say(*self.reactions.words(change.conversation, "too_fast"))


async def test_the_schedules_find_a_bot_without_the_owner_check(schedule, monkeypatch):
    """The same schedules go red when `store_reply` no longer asks who owns the conversation."""
    monkeypatch.setattr(ConversationService, "store_reply", _store_reply_unchecked)
    chance = random.Random(20261122)
    found = [await schedule.run(random_deeds(chance, 15)) for _ in range(40)]
    assert sum(bool(wrong) for wrong in found) >= 5


SPEEDING = [("guest_is_too_fast", "guest_asks_for_human", "first_claims")]


async def test_a_request_to_slow_down_is_not_said_after_the_human_has_come(schedule, monkeypatch):
    assert [await schedule.run(SPEEDING) for _ in range(5)] == [[]] * 5
    monkeypatch.setattr(ConversationService, "slow_down", _slow_down_unchecked)
    assert any([await schedule.run(SPEEDING) for _ in range(5)])


async def test_an_answer_too_late_for_its_deadline_is_not_said_after_the_human_has_come(schedule, monkeypatch):
    """The guest was told of the delay, asked for a human and got one; only then does Rasa answer."""
    deeds = [("guest_writes",), ("bot_is_excused",), ("guest_asks_for_human",), ("first_claims",), ("bot_late",)]
    assert await schedule.run(deeds) == []
    monkeypatch.setattr(ConversationService, "store_late_reply", _store_late_reply_unchecked)
    assert await schedule.run(deeds)


async def test_an_old_button_does_not_make_the_bot_speak_between_people(schedule):
    """«Se hvor du kan gå hen», still on the screen from before, pressed in the queue and with the host."""
    deeds = [("guest_asks_for_human",), ("guest_presses_doors",), ("first_claims",), ("guest_presses_doors",)]
    assert await schedule.run(deeds) == []
    _, events = await schedule.house.conversations.events_after(schedule.cid, 0)
    shown = [e.author for e in events if (e.body.get("card") or {}).get("kind") == "doors"]
    assert shown == ["system"]  # useful while waiting, silent once a human is there


# hazard: H7
async def test_an_answer_on_its_way_when_the_human_comes_is_dropped(schedule):
    """The handoff lands between the guest's message and the bot's answer."""
    deeds = [("guest_writes",), ("guest_asks_for_human",), ("first_claims",), ("bot_answers",), ("first_says",), ("guest_writes",)]
    assert await schedule.run(deeds) == []
    _, events = await schedule.house.conversations.events_after(schedule.cid, 0)
    assert not [e for e in events if e.author == "bot" and e.body.get("text", "").startswith("bot: ")]


async def test_after_the_hand_back_the_bot_answers_again_but_never_what_was_meant_for_the_human(schedule):
    deeds = [
        ("guest_asks_for_human",), ("first_claims",), ("guest_writes",), ("first_says",), ("first_hands_back",), ("guest_writes",), ("bot_answers",),
    ]  # fmt: skip
    assert await schedule.run(deeds) == []
    _, events = await schedule.house.conversations.events_after(schedule.cid, 0)
    assert [e.body["text"] for e in events if e.author == "bot"][-1] == "bot: hej"
    assert len([e for e in events if e.author == "bot" and e.body.get("text") == "bot: hej"]) == 1
