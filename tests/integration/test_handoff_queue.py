"""Waiting: places, lost hosts, lost guests, alternatives, closing time. (mission-anchors 3: rows 7, 8, 9, 10, 11, 12, 14; H5, H6)"""

from datetime import UTC, datetime

import pytest

from backend.app import build_house
from backend.conversations.hub import guest_topic
from backend.errors import NotFound
from backend.handoffs.repository import Team
from backend.handoffs.service import NotYours
from tests.integration.conftest import new_id
from tests.integration.queue_parts import choose, events, guest, host, state, told, write


async def waiting(house, *texts, **where):
    cids = []
    for text in texts or (None,):
        house.conversations.clock.pass_by(seconds=1)
        cids.append(await guest(house, text, **where))
        await house.handoffs.request(cids[-1])
    return cids


async def place(house, cid):
    places = [e.body["queue_position"] for e in await events(house, cid) if e.body.get("queue_position")]
    return places[-1] if places else None


# hazard: H5 H15
async def test_the_one_who_waited_longest_is_next_and_danger_goes_first(house):
    await host(house, "maja"), await host(house, "amir")
    first, second = await waiting(house, None, None)
    (danger,) = await waiting(house, "jeg vil ikke leve mere")
    assert [await place(house, cid) for cid in (danger, first, second)] == [1, 2, 3]


async def test_places_are_told_on_every_change_and_only_to_those_they_concern(house):
    maja = await host(house, "maja")
    first, second, third = await waiting(house, None, None, None)
    await house.handoffs.leave_queue(second)
    assert [await place(house, first), await place(house, third)] == [1, 2]
    before = len(await events(house, first))
    await house.handoffs.tell_places(Team("rodovre", "municipality"))
    assert len(await events(house, first)) == before
    await house.handoffs.claim(first, maja)
    assert await place(house, third) == 1


# hazard: H5
async def test_danger_told_while_waiting_moves_the_guest_forward(house):
    await host(house, "maja")
    first, second = await waiting(house, None, None)
    await write(house, second, "jeg har taget en masse piller")
    await house.clockwork.run_once()
    assert [await place(house, second), await place(house, first)] == [1, 2]


async def test_the_estimate_is_honest(house, clock):
    maja, amir = await host(house, "maja"), await host(house, "amir")
    (cid,) = await waiting(house)
    assert any("Jeg ved ikke, hvor længe" in text for text in await told(house, cid))
    await house.handoffs.claim(cid, maja)
    for _ in range(3):
        (one,) = await waiting(house)
        clock.pass_by(minutes=4)
        await host(house, "maja"), await host(house, "amir")
        await house.handoffs.claim(one, amir)
        await house.handoffs.close(one, amir)
    (last,) = await waiting(house)
    assert any("omkring 5 minutter" in text for text in await told(house, last))


# hazard: H5 H11
async def test_nobody_is_put_in_a_queue_nobody_reads(house, clock):
    (cid,) = await waiting(house)
    assert await state(house, cid) == "with_bot"
    text = " ".join(await told(house, cid))
    assert "senest onsdag den 25. november" in text  # a dated promise
    maja = await host(house, "maja")
    assert (await house.handoffs.availability("rodovre", "municipality")).open
    for away in ({"seconds": 46}, {"minutes": 20}):
        await host(house, "maja")
        clock.pass_by(**away)
        assert (await house.handoffs.availability("rodovre", "municipality")).reason == "nobody_there"
    await house.hosts.set_available(maja.id, False)
    await host(house, "maja")
    assert (await house.handoffs.availability("rodovre", "municipality")).reason == "nobody_there"


async def test_a_heartbeat_without_a_person_is_not_presence(house, clock):
    maja = await host(house, "maja")
    for _ in range(40):
        clock.pass_by(seconds=30)
        await house.hosts.heartbeat("no session", maja.id, False)
    assert (await house.handoffs.availability("rodovre", "municipality")).reason == "nobody_there"


async def test_the_queue_is_capped_by_the_hosts_who_are_there_but_never_for_danger(house):
    await host(house, "maja")
    await waiting(house, None, None, None, None)
    (refused,) = await waiting(house)
    assert await state(house, refused) == "with_bot"
    (danger,) = await waiting(house, "jeg vil ikke leve mere")
    assert await state(house, danger) == "waiting"


async def test_a_host_on_another_team_does_not_open_this_teams_door(house):
    await host(house, "nora"), await host(house, "jonas")
    assert not (await house.handoffs.availability("rodovre", "municipality")).open
    assert (await house.handoffs.availability("rodovre", "headspace")).open


# hazard: H5 H6
@pytest.mark.parametrize("way", ["silent", "signed_out", "disabled", "never_wrote"])
async def test_a_lost_host_puts_the_guest_first_in_line_and_tells_within_a_minute(house, clock, way):
    maja = await host(house, "maja")
    (cid,) = await waiting(house)
    await house.handoffs.claim(cid, maja)
    if way != "never_wrote":
        await house.handoffs.say(cid, maja, new_id(), "hej")
    (later,) = await waiting(house)
    if way == "silent":
        clock.pass_by(seconds=46)
    elif way == "signed_out":
        await house.hosts.sign_out("the only session", maja.id)
    elif way == "disabled":
        admin = await house.hosts.sign_in("admin", "demo-vaert-1")
        await house.hosts.dismiss(admin[1], maja.id)
    else:
        clock.pass_by(seconds=91)
        await host(house, "maja")
    await house.clockwork.run_once()
    assert await state(house, cid) == "waiting" and [await place(house, cid), await place(house, later)] == [1, 2]
    assert any("røg" in text for text in await told(house, cid))
    with pytest.raises(NotYours):
        await house.handoffs.say(cid, maja, new_id(), "for sent")
    await house.clockwork.run_once()
    assert sum("røg" in text for text in await told(house, cid)) == 1


async def test_writing_keeps_the_claim_before_the_first_word(house, clock):
    maja = await host(house, "maja")
    (cid,) = await waiting(house)
    await house.handoffs.claim(cid, maja)
    for _ in range(6):
        clock.pass_by(seconds=25)
        await host(house, "maja")
        await house.handoffs.is_typing(cid, maja)
        await house.clockwork.run_once()
    assert await state(house, cid) == "with_host"


# hazard: H5
async def test_five_minutes_bring_alternatives_once_and_the_guest_keeps_the_place(house, clock):
    maja = await host(house, "maja")
    (cid,) = await waiting(house)
    for _ in range(12):
        clock.pass_by(seconds=31)
        await host(house, "maja")
        with house.hub.watch(guest_topic(cid)):
            await house.clockwork.run_once()
    texts = [t for t in await told(house, cid) if "Tak fordi du venter" in t]
    assert len(texts) == 1 and await state(house, cid) == "waiting"
    await house.handoffs.claim(cid, maja)


@pytest.mark.parametrize("title,payload", [("Skriv til os", "/enquiry"), ("Find en tid i stedet", "/book")])
async def test_choosing_something_else_in_the_queue_really_leads_there(house, clock, rasa, title, payload):
    await host(house, "maja")
    (cid,) = await waiting(house)
    await write(house, cid, "skrevet mens jeg ventede")
    clock.pass_by(minutes=6)
    await host(house, "maja")
    with house.hub.watch(guest_topic(cid)):
        await house.clockwork.run_once()
    n = await choose(house, cid, title)
    assert await state(house, cid) == "with_bot" and rasa.asked[-1][1] == payload
    answers = [e for e in await events(house, cid) if e.n > n and e.author == "bot"]
    assert len(answers) == 1


async def test_a_guest_who_leaves_keeps_what_was_written(house):
    await host(house, "maja")
    (cid,) = await waiting(house)
    await write(house, cid, "det her skal ikke væk")
    await choose(house, cid, "Gå tilbage til chatbotten")
    assert await state(house, cid) == "with_bot" and "det her skal ikke væk" in await told(house, cid)


async def test_a_guest_away_keeps_the_place_for_ten_minutes_and_then_the_words(house, clock):
    maja = await host(house, "maja")
    (cid,) = await waiting(house)
    await write(house, cid, "mine ord")
    for minutes in (2, 7):
        clock.pass_by(minutes=minutes)
        await host(house, "maja")
        await house.clockwork.run_once()
        assert await state(house, cid) == "waiting"
    with house.hub.watch(guest_topic(cid)):  # the phone wakes up
        await house.clockwork.run_once()
    clock.pass_by(minutes=9)
    await host(house, "maja")
    await house.clockwork.run_once()
    assert await state(house, cid) == "waiting"
    clock.pass_by(minutes=2)
    await host(house, "maja")
    await house.clockwork.run_once()
    assert await state(house, cid) == "with_bot" and "mine ord" in await told(house, cid)
    with pytest.raises(Exception, match="ikke længere"):
        await house.handoffs.claim(cid, maja)


# hazard: H5
async def test_a_guest_in_danger_is_not_let_go_by_a_clock(house, clock):
    await host(house, "maja")
    (cid,) = await waiting(house, "jeg vil ikke leve mere")
    clock.pass_by(minutes=30)
    await host(house, "maja")
    await house.clockwork.run_once()
    assert await state(house, cid) == "waiting"


async def test_both_lost_host_and_guest(house, clock):
    maja = await host(house, "maja")
    (cid,) = await waiting(house)
    await house.handoffs.claim(cid, maja)
    await house.handoffs.say(cid, maja, new_id(), "hej")
    clock.pass_by(minutes=1)
    await house.clockwork.run_once()
    assert await state(house, cid) == "waiting"
    clock.pass_by(minutes=11)
    await house.clockwork.run_once()
    assert await state(house, cid) == "with_bot"


async def test_closing_time_admits_nobody_who_cannot_be_reached_and_tells_all_in_time(house, clock):
    """Rødovre closes at 21 in Copenhagen, which is 20 UTC."""
    clock.now = datetime(2026, 11, 24, 19, 45, tzinfo=UTC)
    await host(house, "maja")
    (cid,) = await waiting(house)
    assert await state(house, cid) == "waiting"
    clock.now = datetime(2026, 11, 24, 19, 50, 30, tzinfo=UTC)
    await host(house, "maja")
    (late,) = await waiting(house)
    assert await state(house, late) == "with_bot" and any("lukker klokken 21.00" in t for t in await told(house, late))
    (danger,) = await waiting(house, "jeg vil ikke leve mere")
    assert await state(house, danger) == "waiting"
    with house.hub.watch(guest_topic(cid)):
        await house.clockwork.run_once()
        await house.clockwork.run_once()
    warned = [e for e in await events(house, cid) if "lukker klokken 21.00" in e.body.get("text", "")]
    assert len(warned) == 1 and await state(house, cid) == "waiting"
    clock.now = datetime(2026, 11, 24, 20, 0, 5, tzinfo=UTC)
    await host(house, "maja")
    await house.clockwork.run_once()
    last = [e for e in await events(house, cid) if e.body.get("choices")][-1]
    titles = {c["title"] for c in last.body["choices"]}
    assert await state(house, cid) == "with_bot" and {"Skriv til os", "Find en tid", "Hvem har åbent nu", "Hjælp nu"} <= titles
    assert (await house.handoffs.availability("rodovre", "municipality")).reason == "closed"


async def test_a_running_chat_may_finish_after_closing(house, clock):
    clock.now = datetime(2026, 11, 24, 19, 45, tzinfo=UTC)
    maja = await host(house, "maja")
    (cid,) = await waiting(house)
    await house.handoffs.claim(cid, maja)
    clock.now = datetime(2026, 11, 24, 20, 10, tzinfo=UTC)
    await host(house, "maja")
    await house.handoffs.say(cid, maja, new_id(), "vi tager den tid, vi skal")
    await house.clockwork.run_once()
    assert await state(house, cid) == "with_host"


async def test_the_queue_outlives_the_process_and_the_last_host(house, settings, clock, rasa):
    maja = await host(house, "maja")
    first, second = await waiting(house, None, None)
    await house.hosts.sign_out("the only session", maja.id)
    again = build_house(settings, clock=clock, rasa=rasa)
    assert [await place(again, first), await place(again, second)] == [1, 2]
    amir = await host(again, "amir")
    await again.handoffs.claim(first, amir)
    assert await place(again, second) == 1
    await again.storage.close()


async def test_forgetting_takes_the_wish_and_the_notes_along(house):
    maja = await host(house, "maja")
    cid = await guest(house)
    await house.handoffs.request(cid, wish="jeg vil tale med en kvinde")
    await house.handoffs.claim(cid, maja)
    await house.handoffs.note(cid, maja, "ring til mor? nej")
    await house.forgetting.forget(cid)
    async with house.storage.read() as tx:
        assert await house.handoffs.repository.notes_of(tx, cid) == []
        assert await house.handoffs.repository.open_one(tx, cid) is None
    with pytest.raises(NotFound):
        await house.handoffs.say(cid, maja, new_id(), "er du der?")


async def test_a_guest_who_closes_is_out_of_the_queue_and_the_host_cannot_write(house):
    maja = await host(house, "maja")
    (cid,) = await waiting(house)
    await house.handoffs.claim(cid, maja)
    await house.conversations.close(cid)
    await house.commands.run("!closed", cid, 1)
    with pytest.raises(NotYours):
        await house.handoffs.say(cid, maja, new_id(), "hallo?")
    async with house.storage.read() as tx:
        assert await house.handoffs.repository.chats_of(tx, maja.id) == []
