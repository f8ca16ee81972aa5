"""Beside the web pages: what somebody wrote cannot add a line to a calendar or a header to a mail."""

from datetime import UTC, datetime, timedelta

import pytest

from backend.appointments.calendar_file import calendar_feed, calendar_file, event
from backend.appointments.messengers import Message, NotSent
from backend.appointments.service import Booking
from backend.errors import BadInput
from tests.integration import booking_parts
from tests.integration.conftest import new_id
from tests.integration.test_calendar_feed import Reader
from tests.integration.test_reminders import MailServer

desk = booking_parts.on_sqlite
NOW = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
ROW = {"id": "a1", "starts_at": NOW, "ends_at": NOW + timedelta(hours=1), "booked_at": NOW, "changed_at": NOW, "status": "booked"}
OUR_LINES = {
    "BEGIN", "END", "VERSION", "PRODID", "CALSCALE", "METHOD", "X-WR-CALNAME", "X-WR-TIMEZONE", "REFRESH-INTERVAL", "X-PUBLISHED-TTL", "UID", "DTSTAMP",
    "LAST-MODIFIED", "DTSTART", "DTEND", "SUMMARY", "LOCATION", "STATUS", "CLASS", "TRANSP", "SEQUENCE", "TZID", "TZOFFSETFROM", "TZOFFSETTO", "TZNAME", "RRULE",
}  # fmt: skip
BREAKS = ("\r\n", "\n", "\r", "\u2028", "\u2029", "\x85", "\x0b", "\x0c", "\\n", "\r\n ")
EVIL = [f"Sol{cut}ATTACH:https://evil.example{cut}END:VEVENT{cut}BEGIN:VALARM" for cut in BREAKS] + ["æ" * 300 + ";,\\:" + "😀" * 60, "x;ENCODING=BASE64:y", '"quoted"']


@pytest.mark.parametrize("evil", EVIL)
def test_a_calendar_has_only_the_lines_we_wrote(evil):
    """Folded at 75 bytes, and everything a reader could take for the end of a line is inside a value."""
    for text in (calendar_file(ROW, evil, evil), calendar_feed(evil, [event(ROW, evil, evil)])):
        reader = Reader(text)
        assert "\r" not in text.replace("\r\n", "")
        lines = [part for line in reader.lines for part in line.splitlines()]  # also the breaks that only some readers know
        assert {line.partition(":")[0].partition(";")[0] for line in lines} <= OUR_LINES
        assert len(reader.events()) == 1 and not any("VALARM" in line for line in lines if line.startswith("BEGIN"))


async def test_what_a_guest_calls_themselves_is_not_in_the_feed_at_all(desk):
    maja = await desk.host("Maja")
    await desk.shift(maja)
    for evil in EVIL[:4]:
        cid = await desk.guest()
        await desk.appointments.book(cid, new_id(), Booking((await desk.slots(cid, 1))[0].id, nickname=evil, companion=evil))
    text = await desk.appointments.calendars.feed(await desk.appointments.calendars.open_feed(maja))
    assert len(Reader(text).events()) == 4 and "evil" not in text and "VALARM" not in text


@pytest.mark.parametrize("cut", ["\r\n", "\n", "\r", "\u2028", "\x0b"])
async def test_an_address_with_a_line_in_it_is_refused(desk, cut):
    await desk.shift(await desk.host())
    cid = await desk.guest()
    slot = (await desk.slots(cid, 1))[0]
    contact = {"kind": "email", "value": f"sol@eksempel.dk{cut}Bcc:alle@evil.example", "may_say": "time"}
    with pytest.raises(BadInput):
        await desk.appointments.book(cid, new_id(), Booking(slot.id, contact=contact))


@pytest.mark.parametrize("evil", ["Aftale\r\nBcc: alle@evil.example", "Aftale\nX: y", "Aftale\r\r\n\r\nandet brev"])
@pytest.mark.parametrize("where", ["to", "subject", "id"])
async def test_a_mail_with_a_line_in_a_header_is_never_sent(where, evil):
    """Not even once, and without stopping the reminders behind it."""
    async with MailServer() as server:
        fields = {"id": "a1", "to": "sol@eksempel.dk", "subject": "Aftale", "text": "Du har en aftale."} | {where: evil}
        with pytest.raises(NotSent) as refused:
            await server.messenger.send(Message(at=NOW, **fields))
        assert server.mails == [] and not refused.value.again
        await server.messenger.send(Message("a2", "sol@eksempel.dk", "Aftale", "Du har en aftale.\r\n.\r\nBcc: x\r\n", NOW))
        [(to, mail)] = server.mails
        assert to == ["sol@eksempel.dk"] and mail["Bcc"] is None and mail["Subject"] == "Aftale"
