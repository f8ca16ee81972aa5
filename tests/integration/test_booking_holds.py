"""A time is kept while the guest decides, for five minutes at a time, and leaves no trace when they don't."""

from datetime import timedelta

import pytest

from backend.appointments.service import Booking, SlotTaken
from backend.domain.appointments import BOOKED, HELD
from tests.integration import booking_parts
from tests.integration.booking_parts import together
from tests.integration.conftest import new_id

desk = booking_parts.on_both


@pytest.fixture
async def slots(desk):
    await desk.shift(await desk.host())
    return await desk.slots(await desk.guest(), 4)


async def book(desk, cid, slot):
    return await desk.appointments.book(cid, new_id(), Booking(slot.id))


async def test_a_held_time_is_taken_for_others_and_free_for_oneself(desk, slots):
    mine, theirs = await desk.guest(), await desk.guest()
    held = await desk.appointments.hold(mine, slots[0].id)
    assert held["id"] == slots[0].id and held["held_until"] == (desk.now + timedelta(minutes=5)).isoformat()
    assert (await desk.slots(mine, 1))[0].id == slots[0].id != (await desk.slots(theirs, 1))[0].id
    for wanted in (book(desk, theirs, slots[0]), desk.appointments.hold(theirs, slots[0].id)):
        with pytest.raises(SlotTaken) as taken:
            await wanted
        assert slots[0].id not in [slot["id"] for slot in taken.value.details["slots"]]


async def test_the_same_conversation_turns_it_into_a_booking(desk, slots):
    cid = await desk.guest()
    await desk.appointments.hold(cid, slots[0].id)
    (held,) = await desk.rows(HELD)
    card = await book(desk, cid, slots[0])
    (row,) = await desk.rows()
    assert (row["id"], row["status"], row["expires_at"]) == (held["id"], BOOKED, None) and card["status"] == BOOKED
    assert held["content"] is None and held["reference_hash"] == b""


async def test_it_is_kept_longer_while_the_guest_decides(desk, slots):
    mine, theirs = await desk.guest(), await desk.guest()
    for _ in range(4):
        await desk.appointments.hold(mine, slots[0].id)
        desk.now += timedelta(minutes=4)
    with pytest.raises(SlotTaken):
        await book(desk, theirs, slots[0])
    assert len(await desk.rows(HELD)) == 1


async def test_after_five_minutes_it_is_free_even_before_it_is_swept(desk, slots):
    mine, theirs = await desk.guest(), await desk.guest()
    await desk.appointments.hold(mine, slots[1].id)
    desk.now += timedelta(minutes=5)
    assert slots[1].id in [slot.id for slot in await desk.slots(theirs)]
    await book(desk, theirs, slots[1])
    with pytest.raises(SlotTaken):  # the first guest says yes too late
        await book(desk, mine, slots[1])


async def test_saying_yes_too_late_still_books_a_time_nobody_took(desk, slots):
    cid = await desk.guest()
    await desk.appointments.hold(cid, slots[0].id)
    desk.now += timedelta(minutes=6)
    await desk.appointments.release_expired()
    assert (await book(desk, cid, slots[0]))["status"] == BOOKED


async def test_the_notice_runs_out_while_the_guest_decides_and_the_time_is_still_theirs(desk, slots):
    cid, late = await desk.guest(), await desk.guest()
    assert slots[0].starts_at == desk.now + timedelta(hours=1)
    await desk.appointments.hold(cid, slots[0].id)
    desk.now += timedelta(minutes=4)
    assert (await desk.slots(late, 1))[0].id == slots[1].id
    assert (await book(desk, cid, slots[0]))["status"] == BOOKED
    desk.now = slots[1].starts_at - timedelta(minutes=44)
    with pytest.raises(SlotTaken):  # nobody can drop in without any notice at all
        await book(desk, late, slots[1])


async def test_the_sweeper_lets_go_of_what_has_expired_and_nothing_else(desk, slots):
    one, two, three = [await desk.guest() for _ in range(3)]
    await desk.appointments.hold(one, slots[0].id)
    desk.now += timedelta(minutes=3)
    await desk.appointments.hold(two, slots[1].id)
    await book(desk, three, slots[2])
    desk.now += timedelta(minutes=3)
    assert await desk.appointments.release_expired() == 1 and await desk.appointments.release_expired() == 0
    assert [row["status"] for row in await desk.rows()] == [HELD, BOOKED]


async def test_a_conversation_holds_one_time(desk, slots):
    cid = await desk.guest()
    await desk.appointments.hold(cid, slots[0].id)
    await desk.appointments.hold(cid, slots[1].id)
    (row,) = await desk.rows()
    assert row["starts_at"] == slots[1].starts_at
    await book(desk, cid, slots[2])
    (row,) = await desk.rows()
    assert row["starts_at"] == slots[2].starts_at and row["status"] == BOOKED


async def test_a_hold_that_is_not_won_leaves_the_old_one(desk, slots):
    mine, theirs = await desk.guest(), await desk.guest()
    await desk.appointments.hold(mine, slots[0].id)
    await desk.appointments.hold(theirs, slots[1].id)
    with pytest.raises(SlotTaken):
        await desk.appointments.hold(mine, slots[1].id)
    assert len(await desk.rows(HELD)) == 2


async def test_one_of_twenty_holds_it(desk, slots):
    guests = [await desk.guest() for _ in range(20)]
    outcomes = await together(*(desk.appointments.hold(cid, slots[0].id) for cid in guests))
    assert sum(isinstance(one, dict) for one in outcomes) == 1
    assert sum(isinstance(one, SlotTaken) for one in outcomes) == 19


async def test_moving_to_a_time_one_holds(desk, slots):
    cid = await desk.guest()
    card = await book(desk, cid, slots[0])
    await desk.appointments.hold(cid, slots[1].id)
    moved = await desk.appointments.reschedule(cid, card["reference"], slots[1].id)
    (row,) = await desk.rows()
    assert moved["starts_at"] == slots[1].starts_at.isoformat() and row["starts_at"] == slots[1].starts_at


async def test_forgetting_lets_go(desk, slots):
    cid = await desk.guest()
    await desk.appointments.hold(cid, slots[0].id)
    async with desk.conversations.change(cid) as change:
        assert await desk.appointments.release(change) == 0
    assert await desk.rows() == []


async def test_the_sweeper_runs_it(desk, slots):
    from backend.jobs.sweeper import Sweeper

    class Never:
        async def run_once(self):
            raise ValueError("the other jobs go on")

        async def forget_idle(self):
            return 0

    await desk.appointments.hold(await desk.guest(), slots[0].id)
    desk.now += timedelta(minutes=6)
    import asyncio

    running = asyncio.create_task(Sweeper(Never(), Never(), desk.appointments).run())
    for _ in range(100):
        await asyncio.sleep(0.05)
        if not await desk.rows():
            break
    running.cancel()
    assert await desk.rows() == []


async def test_letting_go_makes_it_free_at_once(desk, slots):
    mine, theirs = await desk.guest(), await desk.guest()
    await desk.appointments.hold(mine, slots[0].id)
    await desk.appointments.let_go(mine)
    await desk.appointments.let_go(mine)  # a retry does no harm
    assert (await book(desk, theirs, slots[0]))["status"] == BOOKED
    await desk.appointments.let_go(theirs)
    assert [row["status"] for row in await desk.rows()] == [BOOKED]


async def test_the_loser_is_offered_times_in_the_form_they_asked_for(desk, slots):
    mine, theirs = await desk.guest(), await desk.guest()
    await desk.shift(await desk.host("Ali"), forms="phone")
    await desk.appointments.hold(mine, slots[0].id)
    with pytest.raises(SlotTaken) as taken:
        await desk.appointments.hold(theirs, slots[0].id, "phone")
    assert {slot["form"] for slot in taken.value.details["slots"]} == {"phone"}
