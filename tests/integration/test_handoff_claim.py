"""Claiming: one winner, the loser told who, and only owner and co-host may write. (mission-anchors 3: rows 4, 5, 6)"""

import asyncio
import os

import pytest

from backend.conversations.service import ConversationClosed
from backend.errors import IndgangError, NotFound
from backend.handoffs.service import AlreadyClaimed, NoLongerWaiting, NotYours, ThirdHeavy, TooManyChats
from tests.integration.conftest import new_id
from tests.integration.queue_parts import events, guest, host, state, told, write

ROUNDS = 1000 if os.environ.get("HYPOTHESIS_PROFILE") == "thorough" else 8


async def a_waiting_guest(house, text=None, **where):
    cid = await guest(house, text, **where)
    assert (await house.handoffs.request(cid))["state"] == "waiting"
    return cid


@pytest.mark.timeout(900)
async def test_fifty_claims_at_once_have_one_winner_in_every_round(house):
    maja, amir, karen = [await host(house, name) for name in ("maja", "amir", "karen")]
    for _ in range(ROUNDS):
        cid = await a_waiting_guest(house)
        claimants = [(maja, amir, karen)[i % 3] for i in range(50)]
        results = await asyncio.gather(*(house.handoffs.claim(cid, one) for one in claimants), return_exceptions=True)
        owner = (await house.conversations.find(cid)).owner_id
        for claimant, result in zip(claimants, results, strict=True):
            if claimant.id == owner:
                assert isinstance(result, int)
            else:
                winner = next(one for one in (maja, amir, karen) if one.id == owner)
                assert isinstance(result, AlreadyClaimed) and result.details["host"] == winner.alias
        claims = [e for e in await events(house, cid) if e.body.get("state") == "with_host"]
        assert len(claims) == 1
        await house.handoffs.close(cid, next(one for one in (maja, amir, karen) if one.id == owner))


async def test_a_claim_of_a_guest_who_left_says_so(house):
    maja = await host(house, "maja")
    cid = await a_waiting_guest(house)
    await house.handoffs.leave_queue(cid)
    with pytest.raises(NoLongerWaiting):
        await house.handoffs.claim(cid, maja)


# hazard: H7
async def test_only_the_owner_writes(house):
    maja, amir, jonas, nora = [await host(house, name) for name in ("maja", "amir", "jonas", "nora")]
    cid = await a_waiting_guest(house)
    with pytest.raises(NotYours):
        await house.handoffs.say(cid, maja, new_id(), "ikke min endnu")
    await house.handoffs.claim(cid, maja)
    await house.handoffs.say(cid, maja, new_id(), "hej")
    with pytest.raises(NotYours):
        await house.handoffs.say(cid, amir, new_id(), "jeg blander mig")
    for stranger in (jonas, nora):
        with pytest.raises(NotFound):
            await house.handoffs.say(cid, stranger, new_id(), "forkert hold")
    assert [t for t in await told(house, cid) if t in ("hej", "jeg blander mig", "forkert hold", "ikke min endnu")] == ["hej"]


async def test_a_message_sent_twice_is_one(house):
    maja = await host(house, "maja")
    cid = await a_waiting_guest(house)
    await house.handoffs.claim(cid, maja)
    same = new_id()
    assert await house.handoffs.say(cid, maja, same, "hej") == await house.handoffs.say(cid, maja, same, "hej")
    assert (await told(house, cid)).count("hej") == 1


async def test_a_message_under_an_old_claim_is_refused(house, clock):
    maja = await host(house, "maja")
    cid = await a_waiting_guest(house)
    fence = await house.handoffs.claim(cid, maja)
    clock.pass_by(seconds=46)
    await house.clockwork.requeue_lost()
    maja = await host(house, "maja")
    newer = await house.handoffs.claim(cid, maja)
    assert newer > fence
    with pytest.raises(NotYours):
        await house.handoffs.say(cid, maja, new_id(), "fra den gamle fane", fence)
    await house.handoffs.say(cid, maja, new_id(), "fra den nye fane", newer)


async def test_no_third_heavy_chat_in_a_row_without_asking_and_two_minutes_rest(house, clock):
    maja = await host(house, "maja")
    for _ in range(2):
        cid = await a_waiting_guest(house, "jeg vil ikke leve mere")
        await house.handoffs.claim(cid, maja)
        await house.handoffs.close(cid, maja)
        assert not (await house.handoffs.availability("rodovre", "municipality")).open  # resting
        clock.pass_by(minutes=3)
        await host(house, "maja")
    third = await a_waiting_guest(house, "jeg vil ikke leve mere")
    with pytest.raises(ThirdHeavy):
        await house.handoffs.claim(third, maja)
    assert await state(house, third) == "waiting"
    await house.handoffs.claim(third, maja, accept_heavy=True)


async def test_a_host_does_not_collect_chats(house):
    maja, amir = await host(house, "maja"), await host(house, "amir")
    for _ in range(4):
        await house.handoffs.claim(await a_waiting_guest(house), maja)
    fifth = await a_waiting_guest(house)
    with pytest.raises(TooManyChats):
        await house.handoffs.claim(fifth, maja)
    await house.handoffs.claim(fifth, amir)


async def test_what_the_bot_knows_follows_and_half_a_form_does_not(house, rasa):
    """Hand-back: a marker, a fresh stretch for Rasa, clean forms, and no question asked again (row 3)."""
    maja = await host(house, "maja")
    cid = await a_waiting_guest(house, "jeg er ensom")
    conversation = await house.conversations.find(cid)
    async with house.conversations.change(cid) as change:
        known = {"slots": {"relation": "self", "topic": "loneliness"}, "form": "enquiry_form"}
        await change.update(situation=house.conversations.repository.seal_situation(conversation, known))
    await house.handoffs.claim(cid, maja)
    await write(house, cid, "mellem os to")
    await house.handoffs.hand_back(cid, maja)
    after = await house.conversations.find(cid)
    assert after.state == "with_bot" and after.epoch == conversation.epoch + 1
    situation = house.conversations.repository.situation_of(after)
    assert situation["slots"]["topic"] == "loneliness" and "form" not in situation
    assert any("Maja har givet samtalen tilbage" in text for text in await told(house, cid))
    asked = len(rasa.asked)
    await write(house, cid, "tak")
    assert rasa.asked[asked:] == [(after.sender, "tak")]  # what was said between people is not answered by the bot


async def test_misuse_is_ended_kindly_with_the_numbers(house):
    maja = await host(house, "maja")
    cid = await a_waiting_guest(house)
    await house.handoffs.claim(cid, maja)
    await house.handoffs.warn(cid, maja)
    await house.handoffs.end_misuse(cid, maja)
    found = await events(house, cid)
    assert found[-1].body["card"]["kind"] == "crisis" and await state(house, cid) == "closed"
    with pytest.raises(IndgangError):
        await write(house, cid, "mere")


# hazard: H1
async def test_a_misused_crisis_word_still_brings_the_crisis_card_every_time_and_after_the_end(house):
    maja = await host(house, "maja")
    cid = await a_waiting_guest(house)
    await house.handoffs.claim(cid, maja)
    await house.handoffs.warn(cid, maja)
    for _ in range(3):
        before = (await house.conversations.find(cid)).last_n
        await write(house, cid, "jeg slår mig selv ihjel din nar haha")
        assert any((e.body.get("card") or {}).get("kind") == "crisis" for e in await events(house, cid) if e.n > before)
    await house.handoffs.end_misuse(cid, maja)
    with pytest.raises(ConversationClosed) as refused:
        await write(house, cid, "jeg har taget alle pillerne nu")
    assert refused.value.details["crisis"]["lines"][0]["phone"] == "112"
    with pytest.raises(ConversationClosed) as refused:
        await write(house, cid, "hallo")
    assert "crisis" not in refused.value.details
