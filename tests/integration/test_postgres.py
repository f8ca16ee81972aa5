"""PostgreSQL: the same migrations, the same write path, the same claims; and what its own failures are told as.

Booking, holds, calendars and the race run on both databases in their own files; here are those written for SQLite.
"""

import asyncio
import dataclasses

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, inspect, text

from backend.app import build_house
from backend.errors import Unavailable
from backend.hosts.seed import seed
from backend.storage.engine import Storage
from backend.storage.tables import metadata
from tests.integration.conftest import Clock
from tests.integration.test_enquiries import *  # noqa: F403
from tests.integration.test_handoff_claim import *  # noqa: F403
from tests.integration.test_write_path import *  # noqa: F403
from tests.support import postgres
from tests.support.scripted_rasa import ScriptedRasa

pytestmark = [pytest.mark.postgres, pytest.mark.skipif(postgres.why_not() is not None, reason=str(postgres.why_not()))]


def with_demo_hosts(settings) -> str:
    """The name of a database with the demo hosts in it: their passwords are slow to hash, so it is done once."""
    url = postgres.fresh_url()

    async def fill() -> None:
        house = build_house(dataclasses.replace(settings, database_url=url), clock=Clock(), rasa=ScriptedRasa())
        await seed(house.storage, house.hosts, lambda m, channel: house.catalogue.channel(m, channel).appointment_places[0])
        await house.storage.close()

    asyncio.run(fill())
    return url.rpartition("/")[2]


_seeded: list[str] = []


@pytest.fixture
def settings(settings):
    """The shared fixture's, with PostgreSQL instead of SQLite."""
    if not _seeded:
        _seeded.append(with_demo_hosts(settings))
    return dataclasses.replace(settings, database_url=postgres.cluster().new_database(_seeded[0]))


@pytest.fixture
def plain_url() -> str:
    return postgres.fresh_url().replace("+asyncpg", "+psycopg")


def test_migrated_schema_equals_the_tables_in_code(plain_url):
    engine = create_engine(plain_url)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
    there = {index["name"] for table in metadata.tables for index in inspect(engine).get_indexes(table)}
    assert {index.name for table in metadata.tables.values() for index in table.indexes} <= there
    engine.dispose()


def test_no_two_talks_of_a_host_may_overlap_says_the_database(plain_url):
    engine = create_engine(plain_url)
    with engine.connect() as connection:
        found = connection.execute(text("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'x'")).scalars().all()
    assert len(found) == 1 and "tsrange" in found[0] and "host_id WITH =" in found[0] and "held" in found[0]
    engine.dispose()


def test_the_migrations_can_be_taken_back_and_run_again():
    from alembic import command
    from alembic.config import Config

    from backend.storage.migrate import HERE, upgrade

    url, config = postgres.fresh_url(), Config()
    config.set_main_option("script_location", str(HERE / "migrations"))
    config.set_main_option("sqlalchemy.url", url)
    command.downgrade(config, "0002")
    upgrade(url)
    assert postgres.cluster().execute("SELECT 1 FROM pg_constraint WHERE contype = 'x'", url.rpartition("/")[2])


# What its failures are told as: the guest hears that nothing was saved and that trying again helps


@pytest.fixture
async def storage():
    opened = Storage(postgres.fresh_url())
    yield opened
    await opened.close()


async def test_a_connection_cut_in_the_middle_or_at_the_commit(storage):
    for cut_at_commit in (False, True):
        with pytest.raises(Unavailable):
            async with storage.write() as tx:
                process = (await tx.execute(text("SELECT pg_backend_pid()"))).scalar_one()
                await asyncio.to_thread(postgres.cluster().execute, f"SELECT pg_terminate_backend({process})")
                if not cut_at_commit:
                    await tx.execute(text("SELECT 1"))
    async with storage.read() as tx:  # and the next one works again
        assert (await tx.execute(text("SELECT 1"))).scalar_one() == 1


async def test_a_statement_that_takes_too_long(storage):
    with pytest.raises(Unavailable):
        async with storage.write() as tx:
            await tx.execute(text("SET LOCAL statement_timeout = 30"))
            await tx.execute(text("SELECT pg_sleep(5)"))


async def test_a_deadlock_stops_one_of_the_two(storage):
    async def take(first: int, second: int) -> str:
        async with storage.write() as tx:
            await tx.execute(text(f"SELECT pg_advisory_xact_lock({first})"))
            await asyncio.sleep(0.2)
            await tx.execute(text(f"SELECT pg_advisory_xact_lock({second})"))
        return "done"

    outcomes = await asyncio.gather(take(1, 2), take(2, 1), return_exceptions=True)
    assert sorted(type(one).__name__ for one in outcomes) == ["Unavailable", "str"]


async def test_a_database_that_is_not_there_and_a_server_that_is_not_there(storage):
    there = storage.engine.url.render_as_string(hide_password=False)
    for url in (f"{there}x", there.replace(f":{postgres.cluster().port}/", ":1/")):
        missing = Storage(url)
        with pytest.raises(Unavailable):
            async with missing.read() as tx:
                await tx.execute(text("SELECT 1"))
        await missing.close()


async def test_a_fault_of_ours_is_not_hidden_as_a_busy_database(storage):
    with pytest.raises(Exception) as fault:
        async with storage.write() as tx:
            await tx.execute(text("SELECT nonsense"))
    assert not isinstance(fault.value, Unavailable)
