"""Booking: the database decides, one winner, and what is said is what the row says."""

import asyncio
from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select

from backend.appointments.service import Booking, SlotTaken, UnknownReference, Window
from backend.appointments.tables import appointments
from backend.domain.appointments import TAKES_SLOT
from tests.integration.conftest import new_id


async def guest(house):
    cid, _, _ = await house.conversations.open("rodovre", "municipality")
    return cid


async def first_slot(house, cid, window=None):
    slots, _ = await house.appointments.search(cid, window or Window(), None, False, 1)
    return slots[0]


async def rows(house):
    async with house.storage.read() as tx:
        taken = select(func.count()).where(appointments.c.status.in_(TAKES_SLOT))
        return (await tx.execute(taken)).scalar_one()


async def test_a_slot_has_one_winner_and_the_others_get_the_nearest_times(house):
    guests = [await guest(house) for _ in range(20)]
    slot = await first_slot(house, guests[0])
    outcomes = await asyncio.gather(*(house.appointments.book(cid, new_id(), Booking(slot.id)) for cid in guests), return_exceptions=True)
    won = [one for one in outcomes if isinstance(one, dict)]
    lost = [one for one in outcomes if isinstance(one, SlotTaken)]
    assert len(won) == 1 and len(lost) == 19 and await rows(house) == 1
    assert all(one.details["slots"] and slot.id not in [s["id"] for s in one.details["slots"]] for one in lost)


async def test_the_unique_index_alone_also_decides(house):
    """The last line of defence: two writers that both believe the slot is free."""
    cid = await guest(house)
    slot = await first_slot(house, cid)
    async with house.conversations.change(cid) as change:
        one = house.appointments._row(change, new_id(), Booking(slot.id), slot)
        two = house.appointments._row(change, new_id(), Booking(slot.id), slot)
        assert await house.appointments.repository.add(change.tx, **one) is True
        assert await house.appointments.repository.add(change.tx, **two) is False
    assert await rows(house) == 1


async def test_the_same_key_is_one_appointment_and_the_same_answer(house):
    cid = await guest(house)
    slot = await first_slot(house, cid)
    first = await house.appointments.book(cid, "key-000001", Booking(slot.id))
    again = await house.appointments.book(cid, "key-000001", Booking(slot.id))
    assert first == again and await rows(house) == 1


async def test_the_confirmation_is_an_event_written_with_the_row(house):
    cid = await guest(house)
    slot = await first_slot(house, cid)
    card = await house.appointments.book(cid, new_id(), Booking(slot.id, nickname="Sol"))
    _, events = await house.conversations.events_after(cid, 0)
    assert events[-1].type == "booking" and events[-1].body["card"] == card
    assert card["label"] in events[-1].body["text"] and card["reference"] in events[-1].body["text"]


async def test_a_cancelled_time_is_free_again_at_once(house):
    cid = await guest(house)
    slot = await first_slot(house, cid)
    card = await house.appointments.book(cid, new_id(), Booking(slot.id))
    other = await guest(house)
    assert (await first_slot(house, other)).id != slot.id
    await house.appointments.cancel(other, card["reference"].lower().replace("-", " "))  # with the code alone, from anywhere
    assert (await first_slot(house, other)).id == slot.id
    with pytest.raises(UnknownReference):
        await house.appointments.cancel(other, card["reference"])


async def test_moving_keeps_the_old_time_when_the_new_one_is_gone(house):
    mine, theirs = await guest(house), await guest(house)
    slots, _ = await house.appointments.search(mine, Window(), None, False, 3)
    card = await house.appointments.book(mine, new_id(), Booking(slots[0].id))
    await house.appointments.book(theirs, new_id(), Booking(slots[1].id))
    with pytest.raises(SlotTaken):
        await house.appointments.reschedule(mine, card["reference"], slots[1].id)
    moved = await house.appointments.reschedule(mine, card["reference"], slots[2].id)
    assert moved["starts_at"] == slots[2].starts_at.isoformat() and moved["reference"] == card["reference"]
    assert await rows(house) == 2


async def test_wrong_codes_open_nothing(house):
    cid = await guest(house)
    for code in ("", "x", "AAAA-AAAA-AAAA", "%", "0" * 40):
        with pytest.raises(UnknownReference):
            await house.appointments.cancel(cid, code)


async def test_made_up_slots_are_not_bookable(house):
    cid = await guest(house)
    for slot_id in ("", "x", "x.1", "x.99999999999999", f"{(await first_slot(house, cid)).host_id}.29000001"):
        with pytest.raises(SlotTaken):
            await house.appointments.book(cid, new_id(), Booking(slot_id))


async def test_a_wish_with_no_free_time_gets_the_nearest_others(house):
    cid = await guest(house)
    night = Window(datetime(2026, 11, 25, 1, tzinfo=UTC), datetime(2026, 11, 25, 4, tzinfo=UTC))
    slots, exact = await house.appointments.search(cid, night, None, False, 3)
    assert not exact and len(slots) == 3


async def test_nobody_is_offered_a_time_on_a_holiday_or_a_closing_day(house, clock):
    clock.now = datetime(2026, 12, 22, 11, tzinfo=UTC)
    cid = await guest(house)
    slots, _ = await house.appointments.search(cid, Window(), None, False, 12)
    days = {slot.starts_at.date().isoformat() for slot in slots}
    assert not days & {"2026-12-24", "2026-12-25", "2026-12-26", "2026-12-31", "2027-01-01"}


async def test_a_peer_can_be_asked_for(house):
    cid = await guest(house)
    slots, _ = await house.appointments.search(cid, Window(), None, True, 5)
    assert slots and {slot.host_alias for slot in slots} == {"Amir"}


async def test_the_calendar_file_is_read_by_an_independent_library_and_gives_nothing_away(house):
    from icalendar import Calendar

    cid = await guest(house)
    slot = await first_slot(house, cid)
    card = await house.appointments.book(cid, new_id(), Booking(slot.id))
    (event,) = [part for part in Calendar.from_ical(card["calendar_file"]).walk("VEVENT")]
    assert event.start == slot.starts_at and event.end == slot.ends_at
    assert str(event["summary"]) == "Aftale"
