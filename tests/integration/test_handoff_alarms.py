"""The alarm ladder: who was rung, who answered, who was rung after thirty seconds, and what a host did. Never a guest's word."""

import asyncio

import pytest
from sqlalchemy import select

from backend.domain.alarm import ACTS, SILENT_AFTER
from backend.errors import BadInput, NotFound
from backend.handoffs.alarms import AlreadyAnswered
from backend.handoffs.tables import alarm_steps, alarms
from tests.integration.conftest import new_id
from tests.integration.queue_parts import choose, events, guest, host, state, told, write

ACUTE = "jeg har taget alle pillerne nu"
HIGH = "jeg vil ikke leve mere"


async def steps(house, cid) -> list[tuple]:
    """(kind, rung, alias, act) of the conversation's latest alarm, oldest first."""
    repository = house.handoffs.alarms.repository
    async with house.storage.read() as tx:
        row = await repository.latest_of(tx, cid)
        return [(s["kind"], s["rung"], s["alias"], s["act"]) for s in await repository.steps(tx, [row["id"]])] if row else []


async def seconds(house, clock, count: float, *here: str) -> None:
    """Time passes, the named hosts' consoles stay open, the clockwork runs."""
    clock.pass_by(seconds=count)
    for name in here:
        await host(house, name)
    await house.clockwork.run_once()


# hazard: H5
async def test_acute_words_to_the_bot_ring_those_who_take_guests_and_after_thirty_seconds_the_whole_team(house, clock):
    await host(house, "maja")
    karen = await host(house, "karen")
    await house.hosts.set_available(karen.id, False)
    cid = await guest(house, ACUTE)
    assert await steps(house, cid) == [("opened", None, None, None), ("rung", 1, "Maja", None)]
    await seconds(house, clock, 29, "maja", "karen")
    assert len(await steps(house, cid)) == 2
    await seconds(house, clock, 1, "maja", "karen")
    assert set((await steps(house, cid))[2:]) == {("rung", 2, "Karen", None), ("rung", 2, "Maja", None)}
    await seconds(house, clock, 30, "maja", "karen")
    assert len(await steps(house, cid)) == 4  # everybody once for each rung; it goes on ringing without more rows


async def test_who_comes_to_work_while_it_rings_is_rung_too_and_nobody_there_is_written_down(house, clock):
    cid = await guest(house, ACUTE)
    assert await steps(house, cid) == [("opened", None, None, None), ("nobody", 1, None, None)]
    await seconds(house, clock, 5)
    await seconds(house, clock, 30)
    assert [s[:2] for s in await steps(house, cid)][1:] == [("nobody", 1), ("nobody", 2)]
    await host(house, "amir")
    await seconds(house, clock, 5)
    assert (await steps(house, cid))[-1] == ("rung", 2, "Amir", None)


async def test_another_teams_hosts_are_never_rung(house, clock):
    for name in ("jonas", "nora"):
        await host(house, name)
    cid = await guest(house, ACUTE)
    await seconds(house, clock, 31, "jonas", "nora")
    assert {s[0] for s in await steps(house, cid)} == {"opened", "nobody"}


async def test_high_words_ring_once_a_human_is_asked_for_and_not_while_the_bot_asks_its_own_question(house):
    await host(house, "maja")
    cid = await guest(house, HIGH)
    assert await steps(house, cid) == []
    await house.handoffs.request(cid)
    await write(house, cid, HIGH)
    assert (await steps(house, cid))[0][0] == "opened"


async def test_a_yes_to_the_direct_question_rings(house):
    await host(house, "maja")
    cid = await guest(house, HIGH)
    await choose(house, cid, "Ja")
    assert ("rung", 1, "Maja", None) in await steps(house, cid)


async def test_of_fifty_who_answer_at_once_one_is_written_down_and_the_others_are_told_who(house):
    hosts_ = [await host(house, name) for name in ("maja", "amir", "karen")]
    cid = await guest(house, ACUTE)
    answers = await asyncio.gather(*(house.handoffs.alarms.acknowledge(cid, hosts_[i % 3]) for i in range(50)), return_exceptions=True)
    answered = [s for s in await steps(house, cid) if s[0] == "answered"]
    assert len(answered) == 1
    for i, answer in enumerate(answers):
        first = hosts_[i % 3].alias == answered[0][2]
        assert answer is None if first else isinstance(answer, AlreadyAnswered) and answer.details["host"] == answered[0][2]


async def test_once_answered_nobody_else_is_rung(house, clock):
    maja = await host(house, "maja")
    cid = await guest(house, ACUTE)
    await house.handoffs.alarms.acknowledge(cid, maja)
    await seconds(house, clock, 31, "maja", "amir")
    assert ("rung", 2, "Amir", None) not in await steps(house, cid)


async def test_taking_the_chat_or_writing_in_it_answers_the_alarm(house):
    maja = await host(house, "maja")
    cid = await guest(house, HIGH)
    await house.handoffs.request(cid)
    await write(house, cid, HIGH)
    await house.handoffs.claim(cid, maja)
    assert (await steps(house, cid))[-1] == ("answered", None, "Maja", "claimed")
    await house.handoffs.alarms.write_down(cid, maja, "talked")
    await write(house, cid, ACUTE)
    assert (await steps(house, cid))[-1] == ("rung", 1, "Maja", None)  # the host who has the chat, nobody else, first
    await house.handoffs.say(cid, maja, new_id(), "jeg er her")
    assert (await steps(house, cid))[-1] == ("answered", None, "Maja", "wrote")


async def test_a_host_who_is_lost_before_anything_is_written_down_makes_it_ring_again(house, clock):
    maja = await host(house, "maja")
    cid = await guest(house, ACUTE)
    await house.handoffs.go_in(cid, maja)
    await seconds(house, clock, 46, "amir")
    kinds = [s[:3] for s in await steps(house, cid)]
    assert kinds[-2:] == [("host_lost", None, None), ("rung", 1, "Amir")] and await state(house, cid) == "waiting"


async def test_it_rings_again_when_it_gets_worse_or_is_told_again_while_no_human_is_there(house, clock):
    maja = await host(house, "maja")
    cid = await guest(house)
    await house.handoffs.request(cid)
    await write(house, cid, HIGH)
    await house.handoffs.alarms.acknowledge(cid, maja)
    await write(house, cid, HIGH)
    assert "again" not in [s[0] for s in await steps(house, cid)]
    await write(house, cid, ACUTE)
    assert [s[0] for s in await steps(house, cid)].count("again") == 1
    await house.handoffs.alarms.acknowledge(cid, maja)
    clock.pass_by(minutes=6)
    await host(house, "maja")
    await write(house, cid, ACUTE)
    assert [s[0] for s in await steps(house, cid)].count("again") == 2


async def test_a_host_goes_in_to_a_guest_in_danger_who_asked_for_nobody_and_the_guest_is_told_why(house):
    maja, amir = await host(house, "maja"), await host(house, "amir")
    calm = await guest(house, "hej")
    with pytest.raises(NotFound):
        await house.handoffs.go_in(calm, maja)  # without an alarm a guest with the bot is left in peace
    cid = await guest(house, ACUTE)
    results = await asyncio.gather(*(house.handoffs.go_in(cid, one) for one in (maja, amir)), return_exceptions=True)
    assert sum(isinstance(one, int) for one in results) == 1
    assert await state(house, cid) == "with_host"
    assert any("Det er et menneske. Jeg sagde til, fordi" in text for text in await told(house, cid))
    last = [e for e in await events(house, cid) if e.body.get("state")][-1]
    assert last.body["state"] == "with_host" and last.body["host"]["alias"] in ("Maja", "Amir")


async def test_what_was_done_is_a_row_by_a_named_host_and_who_decided_with_whom(house):
    maja, karen = await host(house, "maja"), await host(house, "karen")
    cid = await guest(house, ACUTE)
    await house.handoffs.alarms.acknowledge(cid, maja)
    await house.handoffs.alarms.write_down(cid, maja, "called_112_agreed")
    await house.handoffs.alarms.write_down(cid, maja, "notified_municipality", karen.id)
    async with house.storage.read() as tx:
        row = await house.handoffs.alarms.repository.latest_of(tx, cid)
        last = (await house.handoffs.alarms.repository.steps(tx, [row["id"]]))[-1]
    assert row["closed_at"] is not None and (last["act"], last["alias"], last["with_alias"]) == ("notified_municipality", "Maja", "Karen")
    with pytest.raises(BadInput):
        await house.handoffs.alarms.write_down(cid, maja, "called_the_parents")
    jonas = await host(house, "jonas")
    for deed in (house.handoffs.alarms.acknowledge(cid, jonas), house.handoffs.alarms.write_down(cid, jonas, "talked")):
        with pytest.raises(NotFound):
            await deed


async def test_only_a_hosts_word_that_it_has_eased_lets_the_bot_go_on_as_usual(house, rasa):
    maja = await host(house, "maja")
    cid = await guest(house, ACUTE)
    assert (await house.conversations.find(cid)).phase == "acute_open"
    await house.handoffs.go_in(cid, maja)
    assert (await house.conversations.find(cid)).phase == "host_present"
    await house.handoffs.alarms.write_down(cid, maja, "eased")
    assert (await house.conversations.find(cid)).phase == "eased"
    await house.handoffs.hand_back(cid, maja)
    await write(house, cid, "kan jeg få en tid")
    assert rasa.asked[-1][1] == "kan jeg få en tid"


async def test_every_act_a_host_can_choose_can_be_written_down(house):
    maja = await host(house, "maja")
    cid = await guest(house, ACUTE)
    for act in ACTS:
        await house.handoffs.alarms.write_down(cid, maja, act)
    assert [s[3] for s in await steps(house, cid) if s[0] == "act"] == list(ACTS)


async def test_a_forgotten_conversation_stops_ringing_and_no_row_holds_a_word_of_it(house, clock):
    await host(house, "maja")
    cid = await guest(house, ACUTE)
    await house.commands.forget(cid)
    await seconds(house, clock, 31, "maja", "amir")
    assert (await steps(house, cid))[-1][0] == "forgotten"
    async with house.storage.read() as tx:
        rows = [*(await tx.execute(select(alarms))).all(), *(await tx.execute(select(alarm_steps))).all()]
    assert "pillerne" not in repr(rows)


async def test_alarms_long_past_are_thrown_away_and_newer_ones_kept(house, clock):
    await host(house, "maja")
    old = await guest(house, ACUTE)
    clock.pass_by(days=100)
    newer = await guest(house, ACUTE)
    assert await house.handoffs.alarms.forget_old() == 0
    clock.pass_by(days=81)
    assert await house.handoffs.alarms.forget_old() == 1
    assert not await steps(house, old) and await steps(house, newer)


# hazard: H1
async def test_an_alarm_that_fails_never_costs_the_message_or_the_card(house, monkeypatch, caplog):
    async def broken(change, level):
        await change.tx.exec_driver_sql("SELECT * FROM no_such_table")

    monkeypatch.setattr(house.conversations, "on_danger", broken)
    cid = await guest(house, ACUTE)
    found = await events(house, cid)
    assert any(e.author == "visitor" for e in found) and any((e.body.get("card") or {}).get("kind") == "crisis" for e in found)
    assert "alarm failed" in caplog.text and "pillerne" not in caplog.text


async def test_half_an_hour_later_it_is_still_there_but_startles_nobody(house, clock):
    cid = await guest(house, ACUTE)
    clock.pass_by(minutes=31)
    maja = await host(house, "maja")
    await house.clockwork.run_once()
    async with house.storage.read() as tx:
        rows = await house.handoffs.alarms.repository.for_host(tx, maja.id, "rodovre", ("municipality",), clock() - SILENT_AFTER)
    assert [row["conversation_id"] for row in rows] == [cid]
