"""Hosts' shifts, what holds for all of them, and the times to come by without an appointment."""

from dataclasses import replace
from datetime import date, time, timedelta

import pytest

from backend.appointments.service import Booking, SlotTaken, Window
from backend.appointments.shifts import BookingRules, ShiftForm
from backend.catalogue.model import Fact, Hours
from backend.domain.appointments import COPENHAGEN
from backend.domain.opening_hours import CLOSED, OpeningHours, parse_span
from backend.errors import BadInput, NotFound
from tests.integration import booking_parts
from tests.integration.conftest import new_id

desk = booking_parts.on_both

FORM = ShiftForm("FREQ=WEEKLY;BYDAY=TU,TH", date(2026, 1, 6), time(14), time(18), ("in_person", "chat"), "rodovre-town-hall")


async def hours(desk, cid, limit=20, **wish) -> list[str]:
    return [slot.starts_at.astimezone(COPENHAGEN).strftime("%a %H:%M") for slot in await desk.slots(cid, limit, **wish)]


async def test_a_shift_is_added_changed_left_out_and_removed(desk):
    host, cid, book = await desk.host(), await desk.guest(), desk.appointments.shifts
    shift = await book.add(host, FORM)
    assert (await hours(desk, cid))[:5] == ["Tue 14:00", "Tue 15:00", "Tue 16:00", "Tue 17:00", "Thu 14:00"]
    await book.leave_out(host, shift, date(2026, 11, 24))
    await book.leave_out(host, shift, date(2026, 11, 24))
    assert (await hours(desk, cid))[0] == "Thu 14:00" and (await book.of_host(host))[0]["except_on"] == [date(2026, 11, 24)]
    await book.put_back(host, shift, date(2026, 11, 24))
    await book.change(host, shift, replace(FORM, starts=time(16), slot_minutes=30, buffer_minutes=0))
    assert (await hours(desk, cid))[:5] == ["Tue 16:00", "Tue 16:30", "Tue 17:00", "Tue 17:30", "Thu 16:00"]
    await book.leave_out(host, shift, date(2026, 11, 26))
    await book.remove(host, shift)
    assert await hours(desk, cid) == [] and await book.of_host(host) == []


async def test_an_appointment_outlives_the_shift_it_was_made_in(desk):
    host, cid = await desk.host(), await desk.guest()
    shift = await desk.appointments.shifts.add(host, FORM)
    slots = await desk.slots(cid)
    card = await desk.appointments.book(cid, new_id(), Booking(slots[0].id))
    await desk.appointments.shifts.remove(host, shift)
    assert len(await desk.rows()) == 1
    with pytest.raises(SlotTaken):
        await desk.appointments.book(await desk.guest(), new_id(), Booking(slots[1].id))
    assert (await desk.appointments.cancel(cid, card["reference"]))["status"] == "cancelled"


@pytest.mark.parametrize(
    "field, wrong",
    [
        ("rule", "FREQ=SECONDLY"), ("rule", "hver tirsdag"), ("forms", ()), ("forms", ("letter",)), ("place", "nowhere"),
        ("slot_minutes", 5), ("slot_minutes", 600), ("buffer_minutes", -1), ("ends", time(14, 30)), ("ends", time(9)),
    ],
)  # fmt: skip
async def test_a_shift_that_makes_no_sense_is_told_by_its_field(desk, field, wrong):
    host = await desk.host()
    with pytest.raises(BadInput) as told:
        await desk.appointments.shifts.add(host, replace(FORM, **{field: wrong}))
    assert field in [one["field"] for one in told.value.details["fields"]]


async def test_a_host_edits_only_their_own(desk):
    mine, theirs, book = await desk.host(), await desk.host("Amir"), desk.appointments.shifts
    shift = await book.add(theirs, FORM)
    for attempt in (
        book.change(mine, shift, FORM), book.remove(mine, shift), book.leave_out(mine, shift, date(2026, 11, 24)),
        book.put_back(mine, shift, date(2026, 11, 24)), book.add("0" * 32, FORM),
    ):  # fmt: skip
        with pytest.raises(NotFound):
            await attempt


async def test_notice_limit_and_languages_hold_for_all_of_a_hosts_shifts(desk):
    host, book = await desk.host(), desk.appointments.shifts
    await book.add(host, FORM)
    assert await book.rules(host) == BookingRules()
    await book.set_rules(host, BookingRules(notice_minutes=180, most_a_day=2, languages=("da", "ar")))
    assert await book.rules(host) == BookingRules(180, 2, ("da", "ar"))
    cid, other = await desk.guest(), await desk.guest()
    assert (await hours(desk, cid))[:2] == ["Tue 15:00", "Tue 16:00"]
    slots = await desk.slots(cid, 3)
    await desk.appointments.book(cid, new_id(), Booking(slots[0].id))
    await desk.appointments.hold(other, slots[1].id)
    third = await desk.guest()
    assert (await hours(desk, third))[0] == "Thu 14:00"
    with pytest.raises(SlotTaken):
        await desk.appointments.book(third, new_id(), Booking(slots[2].id))
    for wrong in (BookingRules(-1), BookingRules(most_a_day=0), BookingRules(languages=()), BookingRules(languages=("dansk",))):
        with pytest.raises(BadInput):
            await book.set_rules(host, wrong)


async def test_the_days_limit_holds_when_many_want_the_last_place(desk):
    host = await desk.host()
    await desk.appointments.shifts.add(host, FORM)
    await desk.appointments.shifts.set_rules(host, BookingRules(most_a_day=2))
    guests = [await desk.guest() for _ in range(8)]
    slots = await desk.slots(guests[0], 4)
    wishes = (desk.appointments.book(cid, new_id(), Booking(slots[i % 4].id)) for i, cid in enumerate(guests))
    outcomes = await booking_parts.together(*wishes)
    assert sum(isinstance(one, dict) for one in outcomes) == 2 == len(await desk.rows())


# Places with hours of their own

SURE = Fact("prøve", date(2026, 11, 1), "prøve", date(2027, 12, 31), "V")


def with_hours(desk, week: str, closed_on: date | None = None, confidence: str = "V"):
    """The town hall open at `week` from Monday to Friday, for as long as the test lasts."""
    from backend.catalogue.catalogue import Catalogue

    old = desk.appointments.catalogue
    days = ((parse_span(week),),) * 5 + ((),) * 2
    opening = OpeningHours(days, on_holidays=CLOSED, on_closing_days=CLOSED, special={closed_on: ()} if closed_on else {})
    town = old.municipality("rodovre")
    place = replace(town.places["rodovre-town-hall"], hours=Hours(opening, replace(SURE, confidence=confidence)))
    town = replace(town, places={**town.places, place.id: place})
    new = Catalogue({**old.municipalities, "rodovre": town}, old.national, old.rules, old.closing_days, old.loaded_on)
    desk.appointments.catalogue = desk.appointments.availability.catalogue = desk.appointments.cards.catalogue = new


async def test_in_person_only_while_the_place_is_open(desk):
    host, cid = await desk.host(), await desk.guest()
    await desk.appointments.shifts.add(host, FORM)
    with_hours(desk, "09:00-16:00", closed_on=date(2026, 11, 26))
    assert (await hours(desk, cid, form="in_person"))[:3] == ["Tue 14:00", "Tue 15:00", "Tue 14:00"]
    assert (await hours(desk, cid, form="chat"))[:5] == ["Tue 14:00", "Tue 15:00", "Tue 16:00", "Tue 17:00", "Thu 14:00"]


async def test_times_to_come_by_are_named_as_such(desk):
    cid = await desk.guest()
    assert (await desk.appointments.offers(cid, Window(), None, False, 3))["walk_in"] == []
    with_hours(desk, "15:00-17:00")
    found = (await desk.appointments.offers(cid, Window(), None, False, 3))["walk_in"]
    assert [one["label"] for one in found] == ["tirsdag den 24. november kl. 15.00–17.00", "onsdag den 25. november kl. 15.00–17.00"]
    assert found[0]["place"] == "Rødovre Rådhus"
    thursday = Window(desk.now + timedelta(days=2), desk.now + timedelta(days=3))
    assert [one["label"][:7] for one in (await desk.appointments.offers(cid, thursday, None, False, 3))["walk_in"]] == ["torsdag"]


async def test_hours_nobody_has_verified_are_not_shown_and_close_nothing(desk):
    host, cid = await desk.host(), await desk.guest()
    await desk.appointments.shifts.add(host, FORM)
    with_hours(desk, "09:00-10:00", confidence="U")
    found = await desk.appointments.offers(cid, Window(), "in_person", False, 3)
    assert found["walk_in"] == [] and len(found["slots"]) == 3
