"""Moving and cancelling with the code alone: plain forms, neutral words, no code in any address."""

import re
from datetime import datetime, timedelta

import aiohttp
import pytest

from backend.appointments.service import Booking, Window
from backend.appointments.waiting import Wanted
from tests.integration.conftest import new_id


@pytest.fixture
async def page(server):
    async with aiohttp.ClientSession(server.settings.public_url) as session:
        yield session


@pytest.fixture
async def card(server):
    cid = (await server.conversations.open("rodovre", "municipality"))[0]
    slot = (await server.appointments.search(cid, Window(), "phone", False, 1))[0][0]
    return await server.appointments.book(cid, new_id(), Booking(slot.id, "phone", nickname="Storm"))


async def post(page, path: str, status: int = 200, **fields: str) -> str:
    async with page.post(f"/aftale{path}", data=fields) as answer:
        text = await answer.text()
        assert answer.status == status, text
        assert answer.headers["cache-control"] == "no-store" and "script-src" not in answer.headers["content-security-policy"]
        return text


def hidden(text: str, name: str) -> str:
    return re.search(rf'name="{name}" value="([^"]+)"', text).group(1)


async def test_the_page_asks_for_nothing_but_the_code(page):
    async with page.get("/aftale") as answer:
        text = await answer.text()
    assert answer.status == 200 and '<html lang="da">' in text and "<script" not in text
    for told in ("headspace", "psyk", "angst", "kommune", "samtale om"):
        assert told not in text.lower()


async def test_the_code_shows_the_appointment_and_no_name_of_the_guest(page, card):
    text = await post(page, "", code=card["reference"].lower().replace("-", " "))
    assert card["label"] in text and "Storm" not in text and "Find en anden tid" in text
    assert "headspace" not in text.lower()


async def test_moving(page, card, server):
    text = await post(page, "/tider", code=card["reference"])
    slots = re.findall(r'name="slot" value="([^"]+)"', text)
    assert len(slots) == 12
    moved = await post(page, "/flyt", code=card["reference"], slot=slots[5], key=hidden(text, "key"))
    assert "Aftalen er flyttet" in moved and card["label"] not in moved
    assert await post(page, "/flyt", code=card["reference"], slot=slots[5], key=hidden(text, "key")) == moved
    free = (await server.appointments.search(await a_guest(server), Window(), "phone", False, 1))[0][0]
    assert free.starts_at == datetime.fromisoformat(card["starts_at"])  # free at once


async def test_later_times(page, card):
    first = await post(page, "/tider", code=card["reference"])
    second = await post(page, "/tider", code=card["reference"], since=hidden(first, "since"))
    both = [set(re.findall(r'name="slot" value="([^"]+)"', text)) for text in (first, second)]
    assert all(both) and not both[0] & both[1]


async def test_a_time_somebody_took_meanwhile_leaves_the_old_one(page, card, server):
    text = await post(page, "/tider", code=card["reference"])
    slot = re.search(r'name="slot" value="([^"]+)"', text).group(1)
    await server.appointments.book(await a_guest(server), new_id(), Booking(slot))
    told = await post(page, "/flyt", 409, code=card["reference"], slot=slot, key=hidden(text, "key"))
    assert "nåede en anden" in told and card["label"] in told and slot not in told


async def test_cancelling_is_asked_about_once_and_free_at_once(page, card, server):
    asked = await post(page, "/aflys", code=card["reference"])
    assert "Vil du aflyse?" in asked and card["label"] in asked
    done = await post(page, "/aflyst", code=card["reference"], key=hidden(asked, "key"))
    assert "er aflyst" in done
    assert await post(page, "/aflyst", code=card["reference"], key=hidden(asked, "key")) == done
    free = (await server.appointments.search(await a_guest(server), Window(), "phone", False, 1))[0][0]
    assert free.starts_at == datetime.fromisoformat(card["starts_at"])
    assert "kan ikke finde" in await post(page, "", 404, code=card["reference"])


async def test_the_guests_chat_is_told(page, card, server):
    row = (await rows(server))[0]
    await post(page, "/aflyst", code=card["reference"], key="a" * 32)
    _, events = await server.conversations.events_after(row["conversation_id"], 0)
    assert events[-1].type == "booking" and "aflyst" in events[-1].body["text"]


@pytest.mark.parametrize("path", ["", "/tider", "/aflys", "/aflyst", "/flyt"])
async def test_a_wrong_code_is_told_in_the_page(page, path):
    assert "kan ikke finde en aftale" in await post(page, path, 404, code="K7XM-9QPT-4RWD", slot="x.1")


async def test_guessing_is_stopped_for_the_address_and_the_right_code_with_it(page, card):
    for _ in range(10):
        await post(page, "", 404, code="K7XM-9QPT-4RWD")
    for path in ("", "/aflyst"):
        assert "for mange koder" in await post(page, path, 429, code=card["reference"])


async def test_a_time_that_has_begun_is_shown_and_cannot_be_changed(page, card, clock):
    clock.now = datetime.fromisoformat(card["starts_at"])
    text = await post(page, "", code=card["reference"])
    assert "er begyndt eller gået" in text and "Aflys" not in text


async def test_the_calendar_file_has_a_neutral_title(page, card):
    async with page.post("/api/v1/appointments/calendar.ics", data={"code": card["reference"]}) as answer:
        file = await answer.text()
    assert "SUMMARY:Aftale" in file and "headspace" not in file.lower() and card["reference"] not in file


async def test_what_a_code_stands_for_is_told_to_the_bot(server, card):
    cid, headers = await a_guest(server), {"x-service-token": server.settings.service_token}
    async with aiohttp.ClientSession(server.settings.public_url, headers=headers) as bot:
        async with bot.post("/internal/appointments/find", json={"conversation_id": cid, "reference": card["reference"]}) as answer:
            assert (await answer.json())["label"] == card["label"]
        async with bot.post("/internal/appointments/find", json={"conversation_id": cid, "reference": "K7XM-9QPT-4RWD"}) as answer:
            assert answer.status == 404


async def a_guest(server) -> str:
    return (await server.conversations.open("rodovre", "municipality"))[0]


async def rows(server) -> list:
    from sqlalchemy import select

    from backend.appointments.tables import appointments

    async with server.storage.read() as tx:
        return list((await tx.execute(select(appointments))).mappings())


async def test_what_to_write_about_is_chosen_and_taken_back(page, server):
    server.appointments.cards.reminders = ("email",)
    cid = await a_guest(server)
    slot = (await server.appointments.search(cid, Window(server.conversations.clock() + timedelta(days=3)), "phone", False, 1))[0][0]
    card = await server.appointments.book(cid, new_id(), Booking(slot.id, "phone"))
    code = {"code": card["reference"]}
    assert "checked" not in await post(page, "", **code)
    assert "Vi mangler" in await post(page, "/beskeder", 422, remind="yes", **code)
    assert "Dér kan vi ikke" in await post(page, "/beskeder", 422, remind="yes", contact="36 37 70 00", **code)
    saved = await post(page, "/beskeder", remind="yes", follow_up="yes", earlier="yes", contact="storm@example.org", **code)
    assert saved.count(" checked") == 3 and "Det er gemt" in saved and "storm@example.org" not in saved
    row = (await rows(server))[0]
    assert row["remind_at"] and row["follow_up_at"]
    assert "checked" not in await post(page, "/beskeder", **code)
    row = (await rows(server))[0]
    owner = await server.conversations.find(row["conversation_id"])
    assert not row["remind_at"] and not row["follow_up_at"] and "contact" not in server.appointments.content_of(owner, row)


@pytest.mark.parametrize("answer, told", [("yes", "Aftalen er flyttet"), ("no", "Din aftale"), ("stop", "Så siger vi ikke til mere")])
async def test_an_earlier_time_is_answered_on_the_page(page, server, clock, answer, told):
    """Everything before is taken, then one guest cancels."""
    clock.now = clock.now.replace(hour=12)
    cids = [await a_guest(server) for _ in range(2)]
    first, second = (await server.appointments.search(cids[0], Window(clock.now + timedelta(days=2)), "phone", False, 2))[0]
    cards = [await server.appointments.book(cid, new_id(), Booking(slot.id, "phone")) for cid, slot in zip(cids, (first, second), strict=True)]
    code = {"code": cards[1]["reference"]}
    await post(page, "/beskeder", earlier="yes", **code)
    await server.appointments.cancel(cids[0], cards[0]["reference"])
    shown = await post(page, "", **code)
    assert cards[0]["label"] in shown and "Ja, tag den" in shown
    answered = await post(page, "/svar", answer=answer, **code)
    assert told in answered and "Ja, tag den" not in answered
    now = await post(page, "", **code)
    assert (cards[0] if answer == "yes" else cards[1])["label"] in now


async def test_who_waits_without_an_appointment_sees_that_with_their_code(page, server):
    told = await server.appointments.waiting.wait(await a_guest(server), Wanted(Window(), "phone"))
    shown = await post(page, "", code=told["reference"])
    assert "Du står på venteliste" in shown and "Aflys" not in shown
    await post(page, "/svar", code=told["reference"], answer="stop")
    await post(page, "", 404, code=told["reference"])
