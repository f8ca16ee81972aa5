"""Reminders against a real mail server and a real gateway on this machine: once, neutral, and not after cancelling."""

import asyncio
import email
import json
from datetime import timedelta
from email import policy

import pytest
from aiohttp import web
from sqlalchemy import select

from backend.appointments.messengers import (
    EMAIL,
    PHONE,
    FileOutbox,
    Message,
    NotSent,
    SmsGateway,
    SmtpMessenger,
)
from backend.appointments.outbox import Outbox
from backend.appointments.reminders import Reminders, remind_at
from backend.appointments.service import Booking, Window
from backend.appointments.tables import sendings
from tests.integration import booking_parts
from tests.integration.conftest import new_id

desk = booking_parts.on_both


class MailServer:
    """Speaks enough SMTP. `refuses` is an answer to RCPT; `hangs_up` breaks off after the words were sent, before the yes."""

    def __init__(self) -> None:
        self.mails, self.refuses, self.hangs_up, self.server = [], b"", False, None

    async def __aenter__(self) -> "MailServer":
        self.server = await asyncio.start_server(self._talk, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_exc) -> None:
        self.server.close()

    @property
    def messenger(self) -> SmtpMessenger:
        return SmtpMessenger(f"smtp://127.0.0.1:{self.server.sockets[0].getsockname()[1]}", "aftale@indgang.example")

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 here\r\n")
        to = []
        while line := await reader.readline():
            word = line[:4].upper().strip()
            if word == b"DATA":
                writer.write(b"354 go on\r\n")
                await self._take(reader, to)
                if self.hangs_up:
                    break
                writer.write(b"250 taken\r\n")
            elif word == b"RCPT":
                to.append(line.split(b"<")[1].split(b">")[0].decode())
                writer.write(self.refuses or b"250 ok\r\n")
            else:
                writer.write({b"QUIT": b"221 bye\r\n", b"EHLO": b"250-here\r\n250 8BITMIME\r\n"}.get(word, b"250 ok\r\n"))
        writer.close()

    async def _take(self, reader: asyncio.StreamReader, to: list[str]) -> None:
        body = await reader.readuntil(b"\r\n.\r\n")
        self.mails.append((to, email.message_from_bytes(body[:-5], policy=policy.default)))


@pytest.fixture
async def mail(desk):
    async with MailServer() as server:
        desk.appointments.outbox.messengers = {EMAIL: server.messenger}
        yield server


@pytest.fixture
async def shift(desk):
    return await desk.shift(await desk.host())


async def booked(desk, may_say: str = "time", **more) -> tuple[str, dict]:
    """An appointment four days ahead, with a reminder by mail."""
    cid = await desk.guest()
    since = desk.now + timedelta(days=3)
    slot = (await desk.slots(cid, 1, window=Window(since)))[0]
    contact = {"kind": "email", "value": "storm@example.org", "may_say": may_say} | more
    return cid, await desk.appointments.book(cid, new_id(), Booking(slot.id, "in_person", nickname="Regnvejr", contact=contact))


def another(desk, mail) -> Reminders:
    """The job in another process."""
    outbox = Outbox(desk.storage, {EMAIL: mail.messenger}, lambda: desk.now)
    return Reminders(outbox, desk.conversations.repository, desk.appointments.cards, lambda: desk.now)


async def rows(desk) -> list[tuple[str, int]]:
    async with desk.storage.read() as tx:
        return [(row.status, row.tries) for row in await tx.execute(select(sendings))]


async def test_a_day_before_in_neutral_words_and_only_once(desk, shift, mail):
    _, card = await booked(desk)
    assert await desk.appointments.reminders.send_due() == 0
    desk.now += timedelta(days=2, hours=2)
    assert await desk.appointments.reminders.send_due() == 1
    for _ in range(3):  # the job runs again, also in a process that has just started
        desk.now += timedelta(minutes=11)
        fresh = another(desk, mail)
        assert await fresh.send_due() == 0
    ((to, letter),) = mail.mails
    text = letter.get_content()
    assert to == ["storm@example.org"] and letter["Subject"] == "Aftale" and letter["Auto-Submitted"] == "auto-generated"
    assert card["label"] in " ".join(text.split()) and await rows(desk) == [("sent", 1)]
    for secret in ("Regnvejr", card["reference"], card["place"], "Maja", "headspace", "kommune", "samtale"):
        assert secret.lower() not in str(letter).lower().replace("indgang.example", ""), secret


async def test_the_place_only_when_the_guest_said_so(desk, shift, mail):
    _, card = await booked(desk, "time_place")
    desk.now += timedelta(days=2, hours=2)
    await desk.appointments.reminders.send_due()
    assert card["place"] in " ".join(mail.mails[0][1].get_content().split())


async def test_many_at_once_send_one(desk, shift, mail):
    await booked(desk)
    desk.now += timedelta(days=2, hours=2)
    jobs = [another(desk, mail) for _ in range(8)]
    sent = await asyncio.gather(*(job.send_due() for job in jobs))
    assert sum(sent) == 1 and len(mail.mails) == 1


async def test_cancelling_stops_it_and_so_does_forgetting(desk, shift, mail):
    (cid, card), (other, _) = await booked(desk), await booked(desk)
    await desk.appointments.cancel(cid, card["reference"])
    async with desk.conversations.change(other) as change:
        await desk.appointments.release(change)
    desk.now += timedelta(days=2, hours=2)
    assert await desk.appointments.reminders.send_due() == 0 and mail.mails == []


async def test_moving_reminds_of_the_new_time(desk, shift, mail):
    cid, card = await booked(desk)
    desk.now += timedelta(days=2, hours=2)
    await desk.appointments.reminders.send_due()
    later = (await desk.slots(cid, 1, window=Window(desk.now + timedelta(days=4))))[0]
    moved = await desk.appointments.reschedule(cid, card["reference"], later.id)
    assert await desk.appointments.reminders.send_due() == 0
    desk.now += timedelta(days=3, hours=2)
    assert await desk.appointments.reminders.send_due() == 1
    assert moved["label"] in " ".join(mail.mails[1][1].get_content().split())


async def test_nobody_who_did_not_ask_is_written_to(desk, shift, mail):
    cid = await desk.guest()
    slot = (await desk.slots(cid, 1, window=Window(desk.now + timedelta(days=3))))[0]
    card = await desk.appointments.book(cid, new_id(), Booking(slot.id, "phone", call="36 37 70 00"))
    desk.now += timedelta(days=2, hours=2)
    assert await desk.appointments.reminders.send_due() == 0
    asked = await desk.appointments.remind(cid, card["reference"], {"kind": "email", "value": "sol@example.org", "may_say": "time"})
    assert asked["reference"] == card["reference"] and await desk.appointments.reminders.send_due() == 0
    desk.now = slot.starts_at - timedelta(hours=2)  # asked for on the last day, so shortly before instead of at once
    assert await desk.appointments.reminders.send_due() == 1
    assert mail.mails[0][0] == ["sol@example.org"]


async def test_a_server_that_is_gone_is_tried_again_and_one_that_may_have_taken_it_is_not(desk, shift, mail):
    await booked(desk)
    desk.now += timedelta(days=2, hours=2)
    here = desk.appointments.outbox.messengers
    desk.appointments.outbox.messengers = {EMAIL: SmtpMessenger("smtp://127.0.0.1:1", "aftale@indgang.example")}
    assert await desk.appointments.reminders.send_due() == 0 and await rows(desk) == [("failed", 1)]
    desk.appointments.outbox.messengers = here
    assert await desk.appointments.reminders.send_due() == 0  # not at once
    desk.now += timedelta(minutes=10)
    mail.refuses = b"451 later\r\n"
    assert await desk.appointments.reminders.send_due() == 0 and await rows(desk) == [("failed", 2)]
    desk.now += timedelta(minutes=10)
    mail.refuses, mail.hangs_up = b"", True
    assert await desk.appointments.reminders.send_due() == 0 and await rows(desk) == [("lost", 3)]
    desk.now += timedelta(minutes=10)
    mail.hangs_up = False
    assert await desk.appointments.reminders.send_due() == 0 and len(mail.mails) == 1


async def test_an_address_that_does_not_exist_is_given_up(desk, shift, mail):
    await booked(desk)
    desk.now += timedelta(days=2, hours=2)
    mail.refuses = b"550 nobody here\r\n"
    assert await desk.appointments.reminders.send_due() == 0 and await rows(desk) == [("lost", 1)]


async def test_a_process_that_dies_while_sending_rather_loses_it_than_sends_it_twice(desk, shift, mail):
    class Dies:
        async def send(self, message):
            raise asyncio.CancelledError

    await booked(desk)
    desk.now += timedelta(days=2, hours=2)
    here, desk.appointments.outbox.messengers = desk.appointments.outbox.messengers, {EMAIL: Dies()}
    with pytest.raises(asyncio.CancelledError):
        await desk.appointments.reminders.send_due()
    desk.appointments.outbox.messengers = here
    desk.now += timedelta(minutes=30)
    assert await desk.appointments.reminders.send_due() == 0 and mail.mails == [] and await rows(desk) == [("sending", 1)]


async def test_too_late_is_not_sent(desk, shift, mail):
    await booked(desk)
    desk.now += timedelta(days=3, minutes=50)
    assert await desk.appointments.reminders.send_due() == 0


@pytest.mark.parametrize("status,again", [(200, None), (429, True), (503, True), (400, False), (500, False)])
async def test_text_messages_through_a_gateway(status, again):
    taken = []

    async def take(request):
        taken.append((await request.json(), request.headers["authorization"], request.headers["idempotency-key"]))
        return web.Response(status=status)

    app = web.Application()
    app.router.add_post("/send", take)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    gateway = SmsGateway(f"http://127.0.0.1:{site._server.sockets[0].getsockname()[1]}/send", "a-token", "Aftale")
    message = Message("one-1", "+4536377000", "Aftale", "Husk din aftale", booking_parts.TUESDAY_NOON)
    try:
        await gateway.send(message)
        assert again is None
    except NotSent as error:
        assert error.again is again
    await runner.cleanup()
    body = {"to": "+4536377000", "from": "Aftale", "text": "Husk din aftale", "id": "one-1"}
    assert taken == [(body, "Bearer a-token", "one-1")]


async def test_the_outbox_is_a_file_a_message(desk, shift, tmp_path):
    desk.appointments.outbox.messengers = {PHONE: FileOutbox(tmp_path / "outbox")}
    await booked(desk, kind="phone", value="36377000")
    desk.now += timedelta(days=2, hours=2)
    assert await desk.appointments.reminders.send_due() == 1
    (file,) = (tmp_path / "outbox").iterdir()
    assert json.loads(file.read_text("utf-8"))["to"] == "+4536377000"


@pytest.mark.parametrize("hours,before", [(72, 24), (26, 24), (25, 2), (4, 2), (3, None), (1, None)])
def test_in_good_time_and_never_at_once(hours, before):
    now = booking_parts.TUESDAY_NOON
    starts_at = now + timedelta(hours=hours)
    assert remind_at(starts_at, {"kind": "email"}, now) == (before and starts_at - timedelta(hours=before))
    assert remind_at(starts_at, None, now) is None
