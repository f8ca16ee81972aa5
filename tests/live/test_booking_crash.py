"""Whatever breaks in the moment of booking: nothing is called booked without a row, and no row is there twice."""

import asyncio
import sqlite3
import sys
import time

import aiohttp
import pytest

from tests.support.guest import Guest
from tests.support.stack import Stack, new_stack

pytestmark = [pytest.mark.live, pytest.mark.timeout(400)]
CLAIMS = ("er på plads", "er booket", "er bekræftet", "din aftale er", "vi ses")


@pytest.fixture(scope="module")
def mortal(tmp_path_factory):
    """A stack of our own, since we break it."""
    folder = tmp_path_factory.mktemp("breakable")
    stack = new_stack(folder, INDGANG_FAULT_DONE=str(folder / "done"))
    stack.start_all()
    yield stack
    stack.stop()


async def faulty(stack: Stack, name: str, what: str) -> None:
    """The process `name` again, now with a fault that happens once."""
    (stack.folder / "done").unlink(missing_ok=True)
    plain = stack._command
    stack._command = lambda which: [sys.executable, "-m", "tests.support.faulty", what] if which == name else plain(which)
    stack.kill(name)
    stack.start(name)
    stack._command = plain
    await stack.ready(name)


async def whole(stack: Stack, name: str) -> None:
    if stack.processes[name].poll() is None:
        stack.kill(name)
    stack.start(name)
    await stack.ready(name)


async def at_the_yes(session) -> Guest:
    guest = await Guest.arrive(session)
    await guest.say("jeg vil gerne booke en tid")
    for title in ("Første ledige", "Chat"):
        await guest.choose(title)
    await guest.choose("kl.")
    await guest.choose("Spring over")
    return guest


def booked(stack: Stack, guest: Guest) -> int:
    with sqlite3.connect(stack.database_path) as database:
        wanted = "SELECT count(*) FROM appointments WHERE conversation_id = ? AND status = 'booked'"
        return database.execute(wanted, (guest.id,)).fetchone()[0]


def claimed(events: list[dict]) -> bool:
    said = " ".join(e.get("text") or "" for e in events if e["author"] != "visitor").lower()
    card = any((e.get("card") or {}).get("status") == "booked" for e in events)
    return card or any(claim in said for claim in CLAIMS)


async def settled(stack: Stack, guest: Guest, seconds: float = 40) -> list[dict]:
    """The events once nothing new has come for a while."""
    limit, seen, still = time.monotonic() + seconds, -1, 0
    events: list[dict] = []
    while time.monotonic() < limit and still < 8:
        events = await guest.all_events()
        still, seen = (still + 1, seen) if len(events) == seen else (0, len(events))
        await asyncio.sleep(0.5)
    return events


@pytest.mark.parametrize("what", ["slow", "raising"])
async def test_the_action_that_books_is_slow_or_raises(mortal, what):
    async with aiohttp.ClientSession(mortal.url) as session:
        await faulty(mortal, "actions", what)
        try:
            guest = await at_the_yes(session)
            await guest.choose("book den")
            assert (mortal.folder / "done").exists()
            events = await guest.all_events()
            assert not claimed(events) and booked(mortal, guest) == 0
            last = [e for e in events if e["author"] != "visitor"][-1]
            assert last.get("text") and last.get("choices")  # told, with a way on
        finally:
            await whole(mortal, "actions")


async def test_the_action_server_is_gone_and_comes_back(mortal):
    async with aiohttp.ClientSession(mortal.url) as session:
        guest = await at_the_yes(session)
        mortal.kill("actions")
        try:
            await guest.choose("book den")
            assert not claimed(await guest.all_events()) and booked(mortal, guest) == 0
        finally:
            mortal.start("actions")
            await mortal.ready("actions")


@pytest.mark.parametrize("when,least", [("before", 0), ("after", 1)])
async def test_the_backend_dies_around_the_commit(mortal, when, least):
    """Before it: no row and no claim until a retry makes both. After it: the row is there, once, and is what is told."""
    async with aiohttp.ClientSession(mortal.url) as session:
        await faulty(mortal, "backend", when)
        guest = await at_the_yes(session)
        choosing = asyncio.create_task(guest.choose("book den", tries=60))
        while mortal.processes["backend"].poll() is None and not choosing.done():
            await asyncio.sleep(0.1)
        assert (mortal.folder / "done").exists() and booked(mortal, guest) == least
        await whole(mortal, "backend")
        await choosing
    async with aiohttp.ClientSession(mortal.url) as session:
        guest.session = session
        events = await settled(mortal, guest)
        assert booked(mortal, guest) in (least, 1)
        assert claimed(events) == (booked(mortal, guest) == 1), [e.get("text") for e in events[-4:]]
        if booked(mortal, guest) == 0:  # the guest says it once more
            guest.events = events
            await guest.say("ja, book den")
            events = await settled(mortal, guest)
            assert claimed(events) == (booked(mortal, guest) == 1)


