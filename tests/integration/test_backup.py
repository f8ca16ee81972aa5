"""A copy and the way back, on SQLite: everything kept is there, everything forgotten since is forgotten again."""

import asyncio
import sqlite3
from contextlib import closing

import pytest
from sqlalchemy import func, select, update

from backend.app import build_house
from backend.backup.copies import NotPossible, make, restore
from backend.conversations.service import Incoming
from backend.conversations.tables import conversations
from backend.domain.enquiry import Contact
from backend.enquiries.service import NewEnquiry
from backend.enquiries.tables import enquiries
from backend.errors import NotFound
from backend.hosts.seed import PASSWORD
from backend.hosts.tables import host_sessions, hosts
from benchmarks.handoff import prepared, settings_with
from tests.integration import booking_parts
from tests.integration.conftest import new_id

pytestmark = pytest.mark.timeout(120)


@pytest.fixture(params=["sqlite"])
def url(request, tmp_path):
    return booking_parts.new_url(request, tmp_path)


async def told(house, cid: str) -> str:
    return " ".join(event.body.get("text", "") for event in (await house.conversations.events_after(cid, 0))[1])


async def enquiry(house, cid: str) -> None:
    new = NewEnquiry({"relation": "self", "topics": ["school"]}, "ring", "det her er mit", Contact("phone", "20304050", "hej"), "v1")
    await house.enquiries.save(cid, new_id(), new)


async def test_what_was_kept_is_back_and_what_was_forgotten_stays_forgotten(url, tmp_path):
    settings = settings_with(url, 1)
    house = await prepared(url, 1)
    kept, forgotten, withdrawn = [(await house.conversations.open("rodovre", "municipality"))[0] for _ in range(3)]
    for cid in (kept, forgotten, withdrawn):
        await house.conversations.receive(cid, Incoming(new_id(), text="min hemmelige linje"))
        await enquiry(house, cid)
    await house.hosts.sign_in("load0", PASSWORD)
    copy = await asyncio.to_thread(make, settings, tmp_path / "copies")
    raw = copy.read_bytes()
    assert copy.stat().st_mode & 0o077 == 0 and b"hemmelige" not in raw and settings.master_key not in raw
    await house.forgetting.forget(forgotten)
    async with house.storage.write() as tx:
        gone = enquiries.c.conversation_id == withdrawn
        await tx.execute(update(enquiries).where(gone).values(content=None, status="withdrawn"))
        await tx.execute(update(hosts).where(hosts.c.username == "load1").values(disabled_at=house.conversations.clock()))
    later = (await house.conversations.open("rodovre", "municipality"))[0]
    await house.storage.close()

    assert await asyncio.to_thread(restore, settings, copy, build_house) == 1
    house = await prepared_again(url)
    try:
        assert "min hemmelige linje" in await told(house, kept)
        for cid in (forgotten, later):
            with pytest.raises(NotFound):
                await house.conversations.find(cid)
        async with house.storage.read() as tx:
            key = (await tx.execute(select(conversations.c.key_wrapped).where(conversations.c.id == forgotten))).scalar_one()
            left = dict((await tx.execute(select(enquiries.c.conversation_id, enquiries.c.content))).all())
            sessions = (await tx.execute(select(func.count()).select_from(host_sessions))).scalar_one()
            shut = (await tx.execute(select(hosts.c.disabled_at).where(hosts.c.username == "load1"))).scalar_one()
        assert key is None and left[kept] and left[withdrawn] is None and left.get(forgotten) is None
        assert sessions == 0 and shut is not None
    finally:
        await house.storage.close()


async def prepared_again(url: str):
    from backend.app import build_house
    from benchmarks.handoff import Clock
    from tests.support.scripted_rasa import ScriptedRasa

    return build_house(settings_with(url, 1), clock=Clock(), rasa=ScriptedRasa())


def dump(path) -> list[str]:
    """All that is in it; the bytes differ by a mark that opening it sets."""
    with closing(sqlite3.connect(path)) as connection:
        return list(connection.iterdump())


def test_a_file_that_is_no_copy_leaves_the_database_as_it_was(tmp_path):
    database = tmp_path / "live.sqlite3"
    database.write_bytes(booking_parts._tables_of_sqlite())
    settings, before = settings_with(f"sqlite+aiosqlite:///{database}", 1), dump(database)
    broken = tmp_path / "broken.sqlite3"
    broken.write_bytes(b"not a database at all" * 400)
    for path in (broken, tmp_path / "nowhere"):
        with pytest.raises(NotPossible):
            restore(settings, path, build_house)
    assert before and dump(database) == before


def test_without_the_present_database_nobody_knows_what_was_forgotten(tmp_path):
    good = tmp_path / "good.sqlite3"
    good.write_bytes(booking_parts._tables_of_sqlite())
    with pytest.raises(NotPossible, match="unreadable_now"):
        restore(settings_with(f"sqlite+aiosqlite:///{tmp_path / 'lost.sqlite3'}", 1), good, build_house)
