"""A host's calendar, out to their own program and their other work in. On both databases."""

from datetime import UTC, date, datetime, timedelta
from io import StringIO

import pytest
from dateutil import tz

from backend.appointments.service import Booking, SlotTaken
from backend.domain.appointments import COPENHAGEN, HELD
from backend.errors import NotFound
from tests.integration import booking_parts
from tests.integration.conftest import new_id

desk = booking_parts.on_both


@pytest.fixture
async def maja(desk):
    host_id = await desk.host("Maja")
    await desk.shift(host_id)
    return host_id


async def booked(desk, n, **said):
    cid = await desk.guest()
    slot = (await desk.slots(cid, n + 1))[n]
    return await desk.appointments.book(cid, new_id(), Booking(slot.id, **said))


class Reader:
    """RFC 5545 read by the letter, with no calendar library: lines, folding, components. Zones are dateutil's to read."""

    def __init__(self, text: str) -> None:
        assert text.endswith("\r\n") and "\n" not in text.replace("\r\n", "")
        assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
        self.lines = text.replace("\r\n ", "").replace("\r\n\t", "").split("\r\n")[:-1]
        assert self.lines[0] == "BEGIN:VCALENDAR" and self.lines[-1] == "END:VCALENDAR"
        zones = text[text.index("BEGIN:VTIMEZONE") : text.index("END:VTIMEZONE") + len("END:VTIMEZONE")]
        self.zone = tz.tzical(StringIO(zones.replace("\r\n", "\n"))).get()
        assert "VERSION:2.0" in self.lines and any(line.startswith("PRODID:") for line in self.lines)

    def events(self) -> list[dict[str, str]]:
        found, inside = [], None
        for line in self.lines:
            if line == "BEGIN:VEVENT":
                inside = {}
            elif line == "END:VEVENT":
                found.append(inside)
                inside = None
            elif inside is not None:
                name, _, value = line.partition(":")
                assert name not in inside, f"{name} stands twice"
                inside[name] = value
        return found

    def moment(self, event: dict[str, str], name: str) -> datetime:
        wall = datetime.strptime(event[f"{name};TZID=Europe/Copenhagen"], "%Y%m%dT%H%M%S")
        return wall.replace(tzinfo=self.zone).astimezone(UTC)


async def test_the_feed_is_read_by_others_and_names_nobody(desk, maja):
    card = await booked(desk, 0, nickname="Sol", companion="friend")
    await booked(desk, 1)
    reader = Reader(await desk.appointments.calendars.feed(await desk.appointments.calendars.open_feed(maja)))
    first, second = reader.events()
    assert reader.moment(first, "DTSTART").isoformat() == card["starts_at"] and reader.moment(first, "DTEND").isoformat() == card["ends_at"]
    assert first["SUMMARY"] == "Aftale" and first["CLASS"] == "PRIVATE" and first["UID"] != second["UID"]
    assert {"UID", "DTSTAMP", "SUMMARY", "LOCATION", "STATUS", "SEQUENCE"} <= set(first) and first["DTSTAMP"].endswith("Z")
    whole = "\n".join(reader.lines)
    assert not any(word in whole for word in ("Sol", "friend", "Maja", card["reference"]))


async def test_the_zone_in_the_file_is_copenhagens_for_ten_years(desk, maja):
    reader = Reader(await desk.appointments.calendars.feed(await desk.appointments.calendars.open_feed(maja)))
    for day in range(3652):
        for hour in (0, 1, 4, 12):
            wall = datetime(2026, 1, 1, hour) + timedelta(days=day)
            assert wall.replace(tzinfo=reader.zone).utcoffset() == wall.replace(tzinfo=COPENHAGEN).utcoffset(), wall


async def test_the_guests_file_is_read_by_others_too(desk, maja):
    card = await booked(desk, 0)
    reader = Reader(card["calendar_file"])
    (event,) = reader.events()
    assert reader.moment(event, "DTSTART").isoformat() == card["starts_at"] and "METHOD:PUBLISH" in reader.lines


async def test_a_change_keeps_its_name_and_is_newer_and_what_is_cancelled_is_gone(desk, maja):
    card = await booked(desk, 0)
    secret = await desk.appointments.calendars.open_feed(maja)
    (before,) = Reader(await desk.appointments.calendars.feed(secret)).events()
    desk.now += timedelta(minutes=2)
    cid = await desk.guest()
    later = (await desk.slots(cid, 3))[2]
    await desk.appointments.reschedule(cid, card["reference"], later.id)
    (after,) = Reader(await desk.appointments.calendars.feed(secret)).events()
    assert after["UID"] == before["UID"] and int(after["SEQUENCE"]) > int(before["SEQUENCE"])
    await desk.appointments.cancel(cid, card["reference"])
    assert Reader(await desk.appointments.calendars.feed(secret)).events() == []


async def test_a_time_that_is_only_held_is_not_in_the_feed(desk, maja):
    cid = await desk.guest()
    await desk.appointments.hold(cid, (await desk.slots(cid, 1))[0].id)
    assert len(await desk.rows(HELD)) == 1
    assert Reader(await desk.appointments.calendars.feed(await desk.appointments.calendars.open_feed(maja))).events() == []


async def test_the_link_is_secret_hashed_and_can_be_taken_back(desk, maja):
    from sqlalchemy import select, update

    from backend.appointments.tables import calendar_feeds
    from backend.hosts.tables import hosts

    calendars = desk.appointments.calendars
    first = await calendars.open_feed(maja)
    second = await calendars.open_feed(maja)
    async with desk.storage.read() as tx:
        rows = (await tx.execute(select(calendar_feeds))).all()
    assert len(rows) == 1 and second.encode() not in rows[0].secret_hash and len(second) >= 43
    assert await calendars.has_feed(maja) and await calendars.feed(second)
    for wrong in (first, "", "x", second[:-1], second + "a", "%", "\x00", "æ" * 43):
        with pytest.raises(NotFound):
            await calendars.feed(wrong)
    async with desk.storage.write() as tx:
        await tx.execute(update(hosts).where(hosts.c.id == maja).values(disabled_at=desk.now))
    with pytest.raises(NotFound):
        await calendars.feed(second)
    await calendars.close_feed(maja)
    assert not await calendars.has_feed(maja)


WORK = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//work//DA
BEGIN:VEVENT
UID:1@work
DTSTAMP:20261101T000000Z
DTSTART;TZID=Europe/Copenhagen:20261124T130000
DTEND;TZID=Europe/Copenhagen:20261124T150000
SUMMARY:Hemmeligt møde om en borger
ATTENDEE:mailto:nogen@example.org
RRULE:FREQ=DAILY
END:VEVENT
END:VCALENDAR
""".replace("\n", "\r\n")


async def test_nobody_is_booked_on_top_of_other_work(desk, maja):
    cid = await desk.guest()
    slots = await desk.slots(cid, 3)
    await desk.appointments.hold(cid, slots[0].id)
    assert await desk.appointments.calendars.read_busy(maja, WORK) == 60
    free = {slot.starts_at.astimezone(COPENHAGEN).strftime("%H:%M") for slot in await desk.slots(cid, 20)}
    assert "12:00" in free and "15:00" in free and not free & {"13:00", "14:00"}
    for slot in slots[:2]:  # also when it was seen, or even held, before the other work was known
        with pytest.raises(SlotTaken):
            await desk.appointments.book(cid, new_id(), Booking(slot.id))


async def test_only_when_the_host_is_busy_is_kept(desk, maja):
    from sqlalchemy import text

    await desk.appointments.calendars.read_busy(maja, WORK)
    async with desk.storage.read() as tx:
        rows = (await tx.execute(text("SELECT * FROM external_busy"))).mappings().all()
    assert set(rows[0]) == {"id", "host_id", "starts_at", "ends_at"}
    assert await desk.appointments.calendars.read_busy(maja, WORK) == 60  # read again: replaced, not doubled
    await desk.appointments.calendars.forget_busy(maja)
    assert (await desk.slots(await desk.guest(), 1))[0].starts_at == desk.now + timedelta(hours=1)


async def test_a_file_that_cant_be_read_changes_nothing(desk, maja):
    from backend.appointments.external import UnreadableCalendar

    await desk.appointments.calendars.read_busy(maja, WORK)
    with pytest.raises(UnreadableCalendar):
        await desk.appointments.calendars.read_busy(maja, "ikke en kalender")
    assert (await desk.slots(await desk.guest(), 1))[0].starts_at.astimezone(COPENHAGEN).hour == 15


async def test_one_hosts_other_work_is_not_anothers(desk, maja):
    other = await desk.host("Amir")
    await desk.shift(other)
    await desk.appointments.calendars.read_busy(maja, WORK)
    assert {slot.host_alias for slot in (await desk.slots(await desk.guest(), 2))} == {"Amir"}
    assert date(2026, 11, 24) == desk.now.date()
