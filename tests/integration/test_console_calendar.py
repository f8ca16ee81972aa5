"""«Mine tider» over HTTP: shifts, link, other work and one tap, each host their own and nobody else's."""

import re
from datetime import date, timedelta

import aiohttp
import pytest

from backend.appointments.outside import CalendarFetcher
from backend.appointments.service import Booking, HostWish, Window
from backend.console.calendar import TABLE
from tests.integration.conftest import new_id
from tests.integration.console_client import ConsoleClient
from tests.integration.queue_parts import host

SHIFT = {
    "days": ["TU", "TH"], "every": "2", "starts": "09:00", "ends": "12:00", "first_on": "2026-11-24", "until": "2027-06-30",
    "place": "rodovre-town-hall", "forms": ["in_person", "phone"], "slot_minutes": "30", "buffer_minutes": "10",
}  # fmt: skip
OTHER_WORK = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//X//X//DA
BEGIN:VEVENT
UID:1@x
DTSTAMP:20261101T000000Z
DTSTART:20261125T090000Z
DTEND:20261125T110000Z
SUMMARY:Fortroligt møde
END:VEVENT
END:VCALENDAR
"""


@pytest.fixture
async def maja(server):
    async with ConsoleClient(server.settings.public_url) as client:
        yield await client.sign_in("maja")


async def send(client, path: str, status: int = 303, **fields) -> tuple[str, str]:
    """→ (where it leads, the page)."""
    pairs = [(name, one) for name, value in fields.items() for one in (value if isinstance(value, list) else [value])]
    data = aiohttp.FormData([("csrf", client.csrf), *pairs])
    async with client.http.post(f"{client.url}/console/calendar{path}", data=data, allow_redirects=False) as answer:
        text = await answer.text()
        assert answer.status == status, text
        return answer.headers.get("location", ""), text


async def shifts_of(server, name: str) -> list[dict]:
    return await server.appointments.shifts.of_host((await host(server, name)).id)


async def test_a_new_shift_can_be_booked_at_once(server, maja):
    where, _ = await send(maja, "/shifts", **SHIFT)
    assert where == "/console/calendar?said=saved"
    new = next(row for row in await shifts_of(server, "maja") if row["slot_minutes"] == 30)
    assert new["rule"] == "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,TH;UNTIL=20270630T235959"
    _, text = await maja.get("/calendar?said=saved")
    assert "tirsdag, torsdag" in text and "Hver anden uge" in text and "tors. 26. nov." in text and "Gemt." in text


async def test_changing_and_removing(server, maja):
    shift = (await shifts_of(server, "maja"))[0]
    _, text = await maja.get(f"/calendar/shifts/{shift['id']}")
    assert 'value="MO" checked' in text and f'value="{shift["starts"]}"' in text
    await send(maja, f"/shifts/{shift['id']}", **SHIFT | {"every": "last", "days": ["FR"], "until": ""})
    changed = next(row for row in await shifts_of(server, "maja") if row["id"] == shift["id"])
    assert (changed["rule"], changed["slot_minutes"]) == ("FREQ=MONTHLY;BYDAY=-1FR", 30)
    await send(maja, f"/shifts/{shift['id']}/remove")
    assert shift["id"] not in {row["id"] for row in await shifts_of(server, "maja")}


async def test_a_day_off_and_back(server, maja, clock):
    shift = next(row for row in await shifts_of(server, "maja") if row["starts"] == "10:00")
    day = clock.now.date() + timedelta(days=1)
    await send(maja, f"/shifts/{shift['id']}/leave-out", day=day.isoformat())
    _, text = await maja.get("/calendar")
    assert "Ikke ons. 25. nov." in text
    await send(maja, f"/shifts/{shift['id']}/put-back", day=day.isoformat())
    assert "Ikke ons." not in (await maja.get("/calendar"))[1]


@pytest.mark.parametrize("wrong,told", [
    ({"days": []}, "dagene"), ({"every": "9"}, "dagene"), ({"starts": "25:00"}, "begynder"), ({"first_on": "i morgen"}, "første dag"),
    ({"ends": "09:10"}, "slutter"), ({"forms": ["brevdue"]}, "hvordan I taler"), ({"place": "månen"}, "sted"),
    ({"slot_minutes": "3"}, "længde"), ({"slot_minutes": "²"}, "længde"), ({"buffer_minutes": "-1"}, "pause"), ({"until": "x"}, "sidste dag"),
])  # fmt: skip
async def test_what_cannot_be_is_told_by_its_name(maja, wrong, told):
    _, text = await send(maja, "/shifts", 422, **SHIFT | wrong)
    assert re.search(rf'role="alert"><p>Det kan ikke lade sig gøre\. Se på: [^<]*{told}', text)


async def test_rules_for_all_shifts(server, maja):
    await send(maja, "/rules", notice_minutes="120", most_a_day="", languages="da, ar")
    rules = await server.appointments.shifts.rules((await host(server, "maja")).id)
    assert (rules.notice_minutes, rules.most_a_day, rules.languages) == (120, None, ("da", "ar"))


async def test_the_link_is_shown_once_and_a_new_one_ends_the_old(server, maja):
    links = []
    for _ in range(2):
        _, text = await send(maja, "/feed", 200)
        links.append(re.search(r'readonly value="([^"]+)"', text).group(1))
        assert links[-1] not in (await maja.get("/calendar"))[1]
    statuses = []
    for link in links:
        async with maja.http.get(link) as answer:
            statuses.append(answer.status)
    assert statuses == [404, 200]
    await send(maja, "/feed/close")
    async with maja.http.get(links[1]) as answer:
        assert answer.status == 404


async def upload(client, body: bytes, status: int = 303) -> str:
    data = aiohttp.FormData()
    data.add_field("csrf", client.csrf)
    data.add_field("file", body, filename="mit.ics", content_type="text/calendar")
    async with client.http.post(f"{client.url}/console/calendar/file", data=data, allow_redirects=False) as answer:
        text = await answer.text()
        assert answer.status == status, text
        return text


async def test_a_file_keeps_guests_off_the_other_work(server, maja):
    guest = (await server.conversations.open("rodovre", "municipality"))[0]
    at_ten = lambda slots: [slot for slot in slots if slot.starts_at.isoformat() == "2026-11-25T09:00:00+00:00"]  # noqa: E731
    assert at_ten((await server.appointments.search(guest, Window(), None, False, 12))[0])
    await upload(maja, OTHER_WORK.encode())
    assert not at_ten((await server.appointments.search(guest, Window(), None, False, 12))[0])
    _, text = await maja.get("/calendar")
    assert "1 optagne" in text and "Fortroligt" not in text
    await send(maja, "/source/leave")
    assert at_ten((await server.appointments.search(guest, Window(), None, False, 12))[0])


async def test_a_large_file_is_taken_and_one_too_large_is_not(server, maja):
    event = OTHER_WORK[OTHER_WORK.index("BEGIN:VEVENT") : OTHER_WORK.index("END:VCALENDAR")]
    many = OTHER_WORK.replace(event, "".join(event.replace("UID:1@x", f"UID:{n}@x") for n in range(1200)))
    assert len(many) > 150_000
    await upload(maja, many.encode())
    for body in (b"not a calendar", "æøå".encode("latin-1"), b""):
        assert 'role="alert"' in await upload(maja, body, 422)
    data = aiohttp.FormData()
    data.add_field("file", b"x" * 2_100_000, filename="mit.ics")
    with pytest.raises((aiohttp.ClientError, AssertionError)):
        async with maja.http.post(f"{maja.url}/console/calendar/file", data=data) as answer:
            assert answer.status == 200
    assert "1 optagne" in (await maja.get("/calendar"))[1]  # what was read first still holds


async def test_only_those_who_are_signed_in_may_send_a_large_body(server):
    data = aiohttp.FormData()
    data.add_field("file", b"x" * 500_000, filename="mit.ics")
    async with aiohttp.ClientSession() as stranger:
        try:
            async with stranger.post(f"{server.settings.public_url}/console/calendar/file", data=data, allow_redirects=False) as answer:
                assert answer.headers["location"] == "/console/login"
        except aiohttp.ClientError:
            pass  # hung up on before the body was sent


async def test_an_address_that_is_refused_is_told(server, maja):
    server.appointments.sources.fetcher = CalendarFetcher(plain_http=False)
    for address in ("http://example.org/a.ics", "https://127.0.0.1/a.ics", "file:///etc/passwd", "https://me:pw@example.org/"):
        _, text = await send(maja, "/source", 422, address=address)
        assert 'role="alert"' in text and address not in text


async def test_who_would_like_to_come_earlier_is_seen_and_counted(server, maja, clock):
    guest = (await server.conversations.open("rodovre", "municipality"))[0]
    slots, _ = await server.appointments.search(guest, Window(clock.now + timedelta(days=3)), None, False, 1, HostWish(alias="Maja"))
    await server.appointments.book(guest, new_id(), Booking(slots[0].id))
    _, before = await maja.get("/calendar")
    assert "Vil gerne før" not in before and "venter på en tidligere tid" not in before
    await server.appointments.waiting.join(guest)
    _, text = await maja.get("/calendar")
    assert "Vil gerne før" in text and "1 gæst i kommunen venter på en tidligere tid" in text


async def test_one_tap_and_the_other_takes_it_back(server, maja, clock):
    guest = (await server.conversations.open("rodovre", "municipality"))[0]
    slot = next(s for s in (await server.appointments.search(guest, Window(), None, False, 12))[0] if s.host_alias == "Maja")
    await server.appointments.book(guest, new_id(), Booking(slot.id, nickname="Storm", companion="friend", help=("interpreter",)))
    _, text = await maja.get("/calendar")
    assert "Storm" in text and "en ven" in text and "tolk" in text and "Kom ikke" not in text
    clock.now = slot.starts_at
    await maja.sign_in("maja")
    _, text = await maja.get("/calendar")
    path = re.search(r'action="/console/calendar(/appointments/[0-9a-f]{32})"', text).group(1)
    for came, shown in (("yes", ">Kom<"), ("no", ">Kom ikke<")):
        await send(maja, path, came=came)
        assert f'<span class="badge"{shown}' in (await maja.get("/calendar"))[1]
    async with ConsoleClient(server.settings.public_url) as other:
        await other.sign_in("amir")
        await send(other, path, 404, came="yes")


@pytest.mark.parametrize("username,status", [("amir", 404), ("jonas", 404), ("tove", 403), ("admin", 403), (None, 303)])
async def test_nobody_else_reaches_a_hosts_shifts(server, username, status):
    shift = (await shifts_of(server, "maja"))[0]["id"]
    async with ConsoleClient(server.settings.public_url) as client:
        if username:
            await client.sign_in(username)
        for route in (one for one in TABLE if one.about == "shift"):
            path = route.path.replace("<shift_id:str>", shift)
            if route.changes:
                assert (await send(client, path, status, day=date(2026, 12, 1).isoformat(), **SHIFT))[0] in ("", "/console/login")
            else:
                assert (await client.get(f"/calendar{path}", allow_redirects=False))[0] == status
    assert shift in {row["id"] for row in await shifts_of(server, "maja")}


async def test_a_change_from_another_page_is_refused(server, maja):
    maja.csrf = "somebody-elses"
    for route in (one for one in TABLE if one.changes and one.handler != "take_file"):
        path = route.path.replace("<shift_id:str>", "0" * 32).replace("<appointment_id:str>", "0" * 32)
        await send(maja, path, 403)
    await upload(maja, OTHER_WORK.encode(), 403)
