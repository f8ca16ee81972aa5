"""kill -9 in the middle of a conversation: nothing acknowledged is lost, nothing is doubled, nothing false is said."""

import asyncio
import contextlib
import sqlite3
import time

import aiohttp
import pytest

from tests.support.guest import Guest
from tests.support.stack import Stack, new_stack

pytestmark = [pytest.mark.live, pytest.mark.timeout(240)]


@pytest.fixture(scope="module")
def mortal(tmp_path_factory):
    """A stack of our own, since we kill it."""
    stack = new_stack(tmp_path_factory.mktemp("mortal"))
    stack.start_all()
    yield stack
    stack.stop()


@contextlib.asynccontextmanager
async def session_to(stack: Stack):
    async with aiohttp.ClientSession(stack.url) as session:
        yield session


def spoken(events: list[dict]) -> str:
    return " ".join(e.get("text", "") for e in events)


async def test_rasa_killed_the_guest_gets_a_way_on_and_the_crisis_card_still_comes(mortal):
    async with session_to(mortal) as session:
        guest = await Guest.arrive(session)
        mortal.kill("rasa")
        try:
            answer = await guest.say("jeg er ked af det")
            assert {"Tal med et menneske", "Hjælp nu"} <= set(guest.last_choices)
            await guest.choose("Se hvor")
            assert any((e.get("card") or {}).get("kind") == "doors" for e in guest.events)
            started = time.monotonic()
            answer = await guest.say("jeg vil slå mig selv ihjel i aften")
            assert time.monotonic() - started < 1.0
            card = next(e["card"] for e in answer if (e.get("card") or {}).get("kind") == "crisis")
            assert card["lines"][0]["phone"] == "112"
        finally:
            mortal.start("rasa")
            await mortal.ready("rasa")
        guest = await Guest.arrive(session)
        after = await guest.say("hej, er du en robot?")
        assert any(e["author"] == "bot" for e in after)


async def test_actions_killed_nothing_is_called_booked_or_saved(mortal):
    async with session_to(mortal) as session:
        guest = await Guest.arrive(session)
        await guest.say("jeg vil gerne booke en samtale")
        mortal.kill("actions")
        try:
            for text in ("i morgen", "den første", "ja", "jeg vil gerne skrive en henvendelse", "ja tak"):
                await guest.say(text)
            said = spoken([e for e in guest.events if e["author"] != "visitor"]).lower()
            for false in ("er på plads", "aftalen er", "er gemt", "er booket", "er sendt"):
                assert false not in said
            assert rows(mortal, "appointments") == 0 and rows(mortal, "enquiries") == 0
        finally:
            mortal.start("actions")
            await mortal.ready("actions")


async def test_backend_killed_between_messages_loses_and_doubles_nothing(mortal):
    """Four kills while five guests write and retry with the same ids."""
    async with session_to(mortal) as session:
        guests = [await Guest.arrive(session) for _ in range(5)]

        async def write(guest: Guest, number: int) -> None:
            for i in range(6):
                await guest.say(f"gæst {number} besked {i}", tries=40)

        async def kill_now_and_then() -> None:
            for _ in range(4):
                await asyncio.sleep(1.3)
                mortal.kill("backend")
                mortal.start("backend")
                await mortal.ready("backend")

        await asyncio.gather(kill_now_and_then(), *(write(guest, i) for i, guest in enumerate(guests)))
        for number, guest in enumerate(guests):
            stored = await guest.all_events()
            assert [e["n"] for e in stored] == list(range(1, len(stored) + 1))
            mine = {e["client_id"]: e["n"] for e in stored if e["author"] == "visitor"}
            assert mine == guest.acknowledged
            words = [e["text"] for e in stored if e["author"] == "visitor"]
            assert words == [f"gæst {number} besked {i}" for i in range(6)]


async def test_an_acknowledged_message_is_answered_after_the_backend_comes_back(mortal):
    async with session_to(mortal) as session:
        guest = await Guest.arrive(session)
        socket = await session.ws_connect(f"/api/v1/conversations/{guest.id}/feed")
        await socket.send_json({"type": "hello", "token": guest.token, "after": len(guest.events)})
        await socket.send_json({"type": "message", "client_id": "before-the-end", "text": "hvad kan du hjælpe med?"})
        while (await socket.receive_json(timeout=5)).get("type") != "ack":
            pass
        mortal.kill("backend")
        mortal.start("backend")
        await mortal.ready("backend")
    async with session_to(mortal) as session:
        guest.session = session
        limit = time.monotonic() + 15
        while time.monotonic() < limit:
            events = await guest.all_events()
            n = next(e["n"] for e in events if e.get("client_id") == "before-the-end")
            if any(e["n"] > n and e["author"] in ("bot", "system") for e in events):
                return
            await asyncio.sleep(0.3)
        raise AssertionError("the message was never answered")


async def test_no_word_of_a_guest_is_in_any_log(mortal):
    canary = "kanariefuglXYZZY"
    async with session_to(mortal) as session:
        guest = await Guest.arrive(session)
        for text in (f"jeg hedder {canary} og er ked af det", f"/inform{canary}", f"0101011234 {canary}", "x" * 2001 + canary):
            with contextlib.suppress(AssertionError):
                await guest.say(text)
    for name, text in mortal.logs.items():
        assert canary not in text, name
        assert guest.token not in text, name


def rows(stack: Stack, table: str) -> int:
    with sqlite3.connect(stack.database_path) as database:
        return database.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
