"""What keeps the waiting short when many are there at once, by counting what is done and not by the clock."""

import asyncio

import pytest
from sqlalchemy import text

from backend.console.together import Together
from backend.conversations.feed import Feed
from backend.conversations.hub import Hub, conversation_topic
from backend.storage.engine import Storage
from backend.storage.sqlite import Connection


async def test_twenty_who_ask_at_once_are_answered_by_one_look():
    looks = []

    async def look(key):
        looks.append(key)
        await asyncio.sleep(0.01)
        return len(looks)

    together = Together(look)
    assert await asyncio.gather(*(together.ask("queue") for _ in range(20))) == [1] * 20 and looks == ["queue"]


async def test_nobody_is_given_an_answer_from_before_they_asked():
    begun, go_on, looks = asyncio.Event(), asyncio.Event(), []

    async def look(_):
        looks.append(None)
        mine = len(looks)
        begun.set()
        await go_on.wait()
        return mine

    together = Together(look)
    first = asyncio.create_task(together.ask("queue"))
    await begun.wait()
    second = asyncio.create_task(together.ask("queue"))
    await asyncio.sleep(0)
    go_on.set()
    assert (await first, await second) == (1, 2)


async def test_a_look_that_fails_is_told_to_all_and_the_next_one_is_tried():
    async def look(key):
        if not tried:
            tried.append(key)
            raise LookupError
        return "there"

    tried: list[str] = []
    together = Together(look)
    assert [type(one) for one in await asyncio.gather(together.ask("a"), together.ask("a"), return_exceptions=True)] == [LookupError] * 2
    assert await together.ask("a") == "there"


async def test_a_statement_is_one_trip_to_the_databases_thread(tmp_path, monkeypatch):
    trips, trip = [], Connection._execute

    async def counted(self, function, *arguments):
        trips.append(function)
        return await trip(self, function, *arguments)

    storage = Storage(f"sqlite+aiosqlite:///{tmp_path / 'one.sqlite3'}")
    async with storage.write() as tx:
        await tx.execute(text("CREATE TABLE t (n INTEGER PRIMARY KEY, word TEXT UNIQUE)"))
    monkeypatch.setattr(Connection, "_execute", counted)
    async with storage.write() as tx:
        before = len(trips)
        done = await tx.execute(text("INSERT INTO t (word) VALUES ('hej'), ('med') RETURNING n"))
        assert len(trips) == before + 1 and [row.n for row in done] == [1, 2]
        changed = await tx.execute(text("UPDATE t SET word = word || '!'"))
        assert len(trips) == before + 2 and changed.rowcount == 2
    async with storage.read() as tx:
        await tx.execute(text("SELECT 1"))
        before = len(trips)
        assert (await tx.execute(text("SELECT word FROM t ORDER BY n"))).scalars().all() == ["hej!", "med!"]
        assert len(trips) == before + 1
    with pytest.raises(Exception, match="UNIQUE"):
        async with storage.write() as tx:
            await tx.execute(text("INSERT INTO t (word) VALUES ('hej!')"))
    async with storage.write() as tx:
        await tx.execute(text("DELETE FROM t"))
    await storage.close()


class Counting:
    def __init__(self) -> None:
        self.hub, self.reads = Hub(), 0

    async def events_after(self, conversation_id: str, after: int):
        self.reads += 1
        return None, []


async def test_a_mark_that_somebody_types_is_passed_on_without_a_look_in_the_database():
    service, sent = Counting(), []

    async def send(frame: str) -> None:
        sent.append(frame)

    pushing = asyncio.create_task(Feed(service, "c", 0).push_to(send))
    await asyncio.sleep(0.01)
    for signal in ["typing:host"] * 3 + ["typing:visitor", "seen:visitor:4", "notes"]:
        service.hub.wake(conversation_topic("c"), signal)
    await asyncio.sleep(0.01)
    assert service.reads == 1 and len(sent) == 3
    service.hub.wake(conversation_topic("c"))
    await asyncio.sleep(0.01)
    assert service.reads == 2
    pushing.cancel()
    await asyncio.gather(pushing, return_exceptions=True)


async def test_news_is_never_crowded_out_by_marks():
    hub = Hub()
    with hub.watch("conversation:c") as woken:
        for _ in range(300):
            hub.wake("conversation:c", "typing:visitor")
        hub.wake("conversation:c")
        signals = [woken.get_nowait() for _ in range(woken.qsize())]
    assert len(signals) <= 101 and signals[-1] == "events"
