"""The database: one write transaction at a time on SQLite, durable before anything is acknowledged."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import event
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from backend.errors import Unavailable
from backend.storage.sqlite import in_one_trip

PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "busy_timeout=5000",
    "foreign_keys=ON",
    "secure_delete=ON",
    "trusted_schema=OFF",
)


WAIT_FOR_TURN = 5.0
# PostgreSQL: connection, deadlock and serialisation, resources, locks, shutdown and cancelling, login, no such database
TRY_LATER = ("08", "40", "53", "55", "57", "28", "3D")


class Storage:
    """Hands out transactions. `write` commits when the block ends well; a failing database raises `Unavailable`."""

    def __init__(self, url: str) -> None:
        self.engine = _create_engine(url)
        self._one_writer = asyncio.Lock() if url.startswith("sqlite") else None

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        async with _as_unavailable(), _turn(self._one_writer), self.engine.connect() as connection:
            await connection.execution_options(indgang_write=True)
            async with connection.begin():
                yield connection

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        async with _as_unavailable(), self.engine.connect() as connection:
            yield connection

    async def close(self) -> None:
        await self.engine.dispose()


@asynccontextmanager
async def _turn(one_writer: asyncio.Lock | None) -> AsyncIterator[None]:
    """SQLite takes one writer at a time; in line here they are served in order, instead of sleeping and trying again there."""
    if one_writer is None:
        yield
        return
    async with asyncio.timeout(WAIT_FOR_TURN):
        await one_writer.acquire()
    try:
        yield
    finally:
        one_writer.release()


@asynccontextmanager
async def _as_unavailable() -> AsyncIterator[None]:
    try:
        yield
    except (OperationalError, InterfaceError, PoolTimeout, OSError, asyncio.TimeoutError) as error:
        raise Unavailable() from error
    except DBAPIError as error:
        if error.connection_invalidated or _may_work_later(error):
            raise Unavailable() from error
        raise


def _may_work_later(error: DBAPIError) -> bool:
    return (getattr(error.orig, "sqlstate", None) or "")[:2] in TRY_LATER


def _create_engine(url: str) -> AsyncEngine:
    if url.startswith("sqlite"):
        # All sixteen are kept: a connection opened for one query costs a thread and six pragmas.
        engine = create_async_engine(url, pool_size=16, max_overflow=0, pool_timeout=WAIT_FOR_TURN)
        in_one_trip(engine)
        event.listen(engine.sync_engine, "connect", _prepare_sqlite)
        event.listen(engine.sync_engine, "begin", _begin_sqlite)
        return engine
    return create_async_engine(url, pool_size=10, max_overflow=10, pool_timeout=2, pool_pre_ping=True)


def _prepare_sqlite(dbapi_connection, _record) -> None:
    dbapi_connection.isolation_level = None  # so that we choose between BEGIN and BEGIN IMMEDIATE ourselves
    cursor = dbapi_connection.cursor()
    for pragma in PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection) -> None:
    # A deferred BEGIN that later writes fails with "database is locked" under contention (research, D7).
    write = connection.get_execution_options().get("indgang_write")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")
