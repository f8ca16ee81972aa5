"""The waiting list for something earlier, on both databases: in order, once, held while it is thought over, and decided by the database."""

import asyncio
from datetime import UTC, timedelta

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from backend.appointments.messengers import EMAIL
from backend.appointments.reminders import FOLLOW_UP
from backend.appointments.service import Booking, Window
from backend.appointments.tables import appointments, sendings, wait_offers, waits
from backend.appointments.waiting import WaitingList, Wanted
from backend.domain.appointments import BOOKED, HELD
from backend.errors import BadInput
from tests.integration import booking_parts
from tests.integration.conftest import new_id
from tests.integration.test_reminders import MailServer

desk = booking_parts.on_both
MAIL = {"kind": "email", "value": "storm@example.org", "may_say": "time"}


@pytest.fixture
async def mail(desk):
    async with MailServer() as server:
        desk.appointments.outbox.messengers = {EMAIL: server.messenger}
        yield server


@pytest.fixture
async def full(desk):
    """One host with two times a day; tomorrow is taken by guests who don't wait."""
    host = await desk.host()
    await desk.shift(host, starts="10:00", ends="12:00")
    return [await booked(desk, at=slot) for slot in (await desk.slots(await desk.guest(), 2))]


async def booked(desk, at=None, contact=None, **more) -> tuple[str, dict]:
    cid = await desk.guest()
    slot = at or (await desk.slots(cid, 1))[0]
    return cid, await desk.appointments.book(cid, new_id(), Booking(slot.id, "in_person", contact=contact, **more))


async def waiting(desk, contact=None) -> tuple[str, dict]:
    cid, card = await booked(desk, contact=contact)
    assert await desk.appointments.waiting.join(cid)
    desk.now += timedelta(minutes=1)
    return cid, card


async def said(desk, cid: str) -> list:
    return (await desk.conversations.events_after(cid, 0))[1]


async def offered(desk, cid: str) -> str | None:
    return ((await desk.appointments.waiting.shown(cid))["offer"] or {}).get("label")


async def cancel(desk, guest: tuple[str, dict]) -> None:
    await desk.appointments.cancel(guest[0], guest[1]["reference"], new_id())


async def count(desk, table) -> int:
    async with desk.storage.read() as tx:
        return len((await tx.execute(select(table))).all())


async def test_a_freed_time_goes_to_the_first_in_the_line_and_then_to_the_next(desk, full):
    first, second = await waiting(desk), await waiting(desk)
    await cancel(desk, full[0])
    label = full[0][1]["label"]
    assert await offered(desk, first[0]) == label and await offered(desk, second[0]) is None
    last = (await said(desk, first[0]))[-1]
    assert label in last.body["text"] and [c["payload"] for c in last.body["choices"]] == ["!earlier_yes", "!earlier_no", "!earlier_stop"]
    assert full[0][1]["starts_at"] not in [s.starts_at.isoformat() for s in await desk.slots(await desk.guest(), 12)]  # kept from everybody else
    await desk.appointments.waiting.decline(first[0])
    assert await offered(desk, first[0]) is None and await offered(desk, second[0]) == label
    desk.now += timedelta(minutes=31)
    await desk.appointments.release_expired()
    assert await desk.appointments.waiting.offer() == 0  # nobody is left who has not been asked
    assert full[0][1]["starts_at"] in [s.starts_at.isoformat() for s in await desk.slots(await desk.guest(), 12)]


async def test_yes_moves_the_appointment_and_frees_the_old_time_for_the_next(desk, full):
    first, second = await waiting(desk), await waiting(desk)
    await cancel(desk, full[0])
    card = await desk.appointments.waiting.accept(first[0])
    assert card["label"] == full[0][1]["label"] and card["reference"] == first[1]["reference"]
    assert await offered(desk, second[0]) == first[1]["label"]  # what the first left
    assert len(await desk.rows(BOOKED)) == 3 and not (await desk.appointments.waiting.shown(first[0]))["waits"]
    assert await desk.appointments.waiting.accept(first[0]) is None  # pressing twice changes nothing
    assert len(await desk.rows(BOOKED)) == 3


@pytest.mark.parametrize("how", ["another move", "the host's shift"])
async def test_it_does_not_matter_how_a_time_comes_free(desk, full, how):
    cid, card = await waiting(desk)
    if how == "another move":
        later = (await desk.slots(full[0][0], 1))[0]
        await desk.appointments.reschedule(full[0][0], full[0][1]["reference"], later.id)
    else:
        await desk.shift(await desk.host("Amir"), starts="09:00", ends="10:00")
        await desk.appointments.waiting.offer()
    assert await offered(desk, cid) not in (None, card["label"])


async def test_what_was_free_when_they_asked_is_told_and_not_offered(desk, full):
    await cancel(desk, full[0])
    cid, card = await booked(desk, at=(await desk.slots(await desk.guest(), 2))[1])
    await desk.appointments.waiting.join(cid)
    assert "allerede ledige" in (await said(desk, cid))[-1].body["text"]
    assert await desk.appointments.waiting.offer() == 0
    await cancel(desk, full[1])
    assert await offered(desk, cid) == full[1][1]["label"]


async def test_nothing_is_promised_before_an_appointment_that_is_about_to_begin(desk, full):
    cid, card = await booked(desk)
    desk.now = (await desk.rows(BOOKED))[-1]["starts_at"] - timedelta(hours=2)
    await desk.appointments.waiting.join(cid)
    assert "lige om lidt" in (await said(desk, cid))[-1].body["text"] and await count(desk, waits) == 0


async def test_asking_twice_keeps_the_place_in_the_line(desk, full):
    first, _second = await waiting(desk), await waiting(desk)
    await desk.appointments.waiting.join(first[0])
    await cancel(desk, full[0])
    assert await offered(desk, first[0])


async def test_not_in_the_night_and_not_what_is_too_soon(desk, full):
    cid, _ = await waiting(desk)
    desk.now = desk.now.replace(hour=22)
    await cancel(desk, full[0])
    assert await offered(desk, cid) is None
    desk.now = (desk.now + timedelta(days=1)).replace(hour=7, minute=30, tzinfo=UTC)  # 8.30 in Copenhagen, an hour and a half before it
    assert await desk.appointments.waiting.offer() == 0


async def test_it_is_written_once_to_those_who_gave_a_way(desk, full, mail):
    cid, _ = await waiting(desk, MAIL)
    await cancel(desk, full[0])
    for _ in range(3):
        again = WaitingList(desk.appointments, "https://indgang.example/aftale")  # a process that has just started
        await again.offer()
        await again.send_offers()
    ((to, letter),) = mail.mails
    text = " ".join(letter.get_content().split())
    assert to == ["storm@example.org"] and full[0][1]["label"] in text and "https://indgang.example/aftale" in text
    for secret in (full[0][1]["place"], "Maja", "headspace", "kommune", (await said(desk, cid))[0].body.get("reference", "AAAA")):
        assert secret.lower() not in str(letter).lower(), secret


async def test_nobody_without_a_way_is_written_to_and_what_lapsed_is_not_sent(desk, full, mail):
    await waiting(desk)
    second = await waiting(desk, MAIL)
    await cancel(desk, full[0])
    assert await desk.appointments.waiting.send_offers() == 0
    desk.now += timedelta(minutes=31)
    await desk.appointments.waiting.offer()
    assert await offered(desk, second[0])
    desk.now += timedelta(hours=2)
    assert await desk.appointments.waiting.send_offers() == 0 and mail.mails == []


@pytest.mark.parametrize("end", ["cancel", "move", "forget", "stop", "begin"])
async def test_nothing_is_left_of_a_wait_that_is_over(desk, full, end):
    cid, card = await waiting(desk)
    await cancel(desk, full[0])
    assert await offered(desk, cid)
    if end == "cancel":
        await desk.appointments.cancel(cid, card["reference"])
    elif end == "move":
        await desk.appointments.reschedule(cid, card["reference"], (await desk.slots(cid, 3, Window(desk.now + timedelta(days=5))))[0].id)
    elif end == "forget":
        async with desk.conversations.change(cid) as change:
            await desk.appointments.release(change)
    elif end == "stop":
        await desk.appointments.waiting.stop(cid)
    else:
        desk.now += timedelta(days=3)
        await desk.appointments.waiting.offer()
    assert await count(desk, waits) == 0 and await count(desk, wait_offers) == 0 and await desk.rows(HELD) == []


async def test_somebody_without_an_appointment_gets_the_day_they_asked_for(desk, full):
    cid = await desk.guest()
    day = full[0][1]["starts_at"]
    since = desk.now.replace(hour=0) + timedelta(days=1)
    told = await desk.appointments.waiting.wait(cid, Wanted(Window(since, since + timedelta(days=1)), "in_person"))
    assert told["reference"] in (await said(desk, cid))[-1].body["text"]
    await desk.appointments.remind(cid, told["reference"], MAIL)
    await cancel(desk, full[0])
    card = await desk.appointments.waiting.accept(cid)
    assert card["starts_at"] == day and await count(desk, waits) == 0
    (row,) = [row for row in await desk.rows(BOOKED) if row["conversation_id"] == cid]
    owner = await desk.conversations.find(cid)
    assert desk.appointments.content_of(owner, row)["contact"]["value"] == "storm@example.org"


async def test_two_processes_at_once_offer_once(desk, full):
    cid, _ = await waiting(desk)
    other, _ = await waiting(desk)
    desk.appointments.waiting.offer_freed = lambda: asyncio.sleep(0)
    await cancel(desk, full[0])
    made = await asyncio.gather(*(WaitingList(desk.appointments, "").offer() for _ in range(6)))
    assert sum(made) == 1 and await offered(desk, cid) and not await offered(desk, other) and len(await desk.rows(HELD)) == 1


async def test_the_database_itself_keeps_one_open_offer_a_guest_and_one_a_time(desk, full):
    one, two = await waiting(desk), await waiting(desk)
    await cancel(desk, full[0])
    async with desk.storage.read() as tx:
        row = dict((await tx.execute(select(wait_offers))).mappings().one())
    for change in ({"starts_at": row["starts_at"] + timedelta(hours=1)}, {"conversation_id": two[0]}):
        with pytest.raises(IntegrityError):
            async with desk.storage.write() as tx:
                await tx.execute(insert(wait_offers).values(row | {"id": new_id()[:32]} | change))
    assert one[0] == row["conversation_id"]


async def test_a_race_for_the_offered_time_has_one_winner(desk, full):
    cid, _ = await waiting(desk)
    await cancel(desk, full[0])
    slot_id = (await desk.rows(HELD))[0]
    taken = f"{slot_id['host_id']}.{int(slot_id['starts_at'].timestamp()) // 60}"
    tries = [desk.appointments.book(await desk.guest(), new_id(), Booking(taken)) for _ in range(6)]
    told = await booking_parts.together(desk.appointments.waiting.accept(cid), *tries)
    assert isinstance(told[0], dict) and all(isinstance(one, Exception) for one in told[1:])
    assert booking_parts.doubles(await desk.rows()) == []


async def test_choosing_another_time_in_the_chat_leaves_the_offer_and_taking_it_there_works_too(desk, full):
    cid, card = await waiting(desk)
    await cancel(desk, full[0])
    mine = await desk.slots(cid, 2)
    assert mine[0].starts_at.isoformat() == full[0][1]["starts_at"]  # free to the one it is held for
    await desk.appointments.hold(cid, mine[1].id)
    await desk.appointments.let_go(cid)
    assert await offered(desk, cid)
    moved = await desk.appointments.reschedule(cid, card["reference"], mine[0].id)
    assert moved["label"] == full[0][1]["label"] and await count(desk, waits) == 0


async def test_one_guest_at_fault_does_not_hold_up_the_line(desk, full):
    broken, well = await waiting(desk), await waiting(desk)
    async with desk.storage.write() as tx:
        await tx.execute(waits.update().where(waits.c.conversation_id == broken[0]).values(content=b"no such words"))
    await cancel(desk, full[0])
    assert await offered(desk, well[0])


# A greeting afterwards


async def talked(desk, contact=MAIL, attended: bool | None = True):
    cid, card = await booked(desk, contact=contact)
    await desk.appointments.follow_up(cid)
    (row,) = [row for row in await desk.rows(BOOKED) if row["conversation_id"] == cid]
    desk.now = row["ends_at"]
    if attended is not None:
        await desk.appointments.mark_attended("rodovre", row["id"], attended)
    desk.now += timedelta(days=1, hours=3)
    return cid, card


async def test_a_greeting_the_day_after_once_and_without_a_word_about_what(desk, full, mail):
    await talked(desk)
    for _ in range(3):
        await desk.appointments.reminders.send_follow_ups()
    ((_, letter),) = mail.mails
    assert letter["Subject"] == "Hilsen"
    for secret in ("Maja", "headspace", "kommune", "aftale", full[0][1]["place"]):
        assert secret.lower() not in letter.get_content().lower(), secret


@pytest.mark.parametrize("attended", [False, None])
async def test_nobody_who_stayed_away_is_reminded_of_it(desk, full, mail, attended):
    await talked(desk, attended=attended)
    assert await desk.appointments.reminders.send_follow_ups() == 0


async def test_no_greeting_without_asking_or_after_cancelling_or_weeks_late(desk, full, mail):
    cid, card = await booked(desk, contact=MAIL)
    await desk.appointments.follow_up(cid)
    await desk.appointments.cancel(cid, card["reference"])
    await talked(desk, contact=None)
    assert await desk.appointments.reminders.send_follow_ups() == 0
    await talked(desk)
    desk.now += timedelta(days=8)
    assert await desk.appointments.reminders.send_follow_ups() == 0 and await count(desk, sendings) == 0


async def test_a_greeting_needs_somewhere_to_go(desk, full):
    cid, card = await booked(desk)
    with pytest.raises(BadInput):
        await desk.appointments.write_to(cid, card["reference"], None, {FOLLOW_UP})
    await desk.appointments.follow_up(cid)
    assert "mangler vi et sted" in (await said(desk, cid))[-1].body["text"]
    async with desk.storage.read() as tx:
        assert (await tx.execute(select(appointments.c.follow_up_at).where(appointments.c.follow_up_at.is_not(None)))).all() == []
