"""SQLite, with one trip to the database's thread for each statement.

aiosqlite alone makes four: it opens, executes, fetches and closes a cursor one by one, and under load the waiting for a thread to
be woken is most of what a transaction costs (docs/handoff.md).
"""

import sqlite3
from collections.abc import Sequence
from functools import partial

import aiosqlite
from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine


class Cursor:
    """What SQLAlchemy asks of an asynchronous cursor. Everything has been fetched when `execute` returns."""

    description, rowcount, lastrowid, arraysize = None, -1, None, 1

    def __init__(self, connection: "Connection") -> None:
        self._connection, self._rows = connection, []

    async def __aenter__(self) -> "Cursor":
        return self

    async def execute(self, statement: str, parameters: Sequence = ()) -> None:
        await self._connection.in_thread(self._run, "execute", statement, parameters)

    async def executemany(self, statement: str, rows: Sequence[Sequence]) -> None:
        await self._connection.in_thread(self._run, "executemany", statement, rows)

    def _run(self, connection: sqlite3.Connection, how: str, statement: str, parameters: Sequence) -> None:
        cursor = getattr(connection, how)(statement, parameters)
        self._rows = cursor.fetchall()
        self.description, self.rowcount, self.lastrowid = cursor.description, cursor.rowcount, cursor.lastrowid
        cursor.close()

    async def fetchall(self) -> list:
        return self._rows

    async def close(self) -> None:
        return None


class Connection(aiosqlite.Connection):
    def __init__(self, connect) -> None:
        super().__init__(connect, iter_chunk_size=64)
        self._thread.daemon = True

    def cursor(self) -> Cursor:
        return Cursor(self)

    async def in_thread(self, function, *arguments):
        return await self._execute(partial(function, self._conn), *arguments)


def in_one_trip(engine: AsyncEngine) -> None:
    """Let the engine open such connections."""

    @event.listens_for(engine.sync_engine, "do_connect")
    def _connect(_dialect, _record, arguments, options) -> None:
        options["async_creator_fn"] = lambda *args, **kwargs: Connection(partial(sqlite3.connect, *args, **kwargs))
