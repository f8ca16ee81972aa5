"""Other calendars that are read again and again: which, how it went last time, and when next."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, insert, select, update

from backend.appointments.calendars import HostCalendars
from backend.appointments.outside import CalendarFetcher
from backend.appointments.tables import calendar_sources
from backend.errors import IndgangError
from backend.storage.engine import Storage
from backend.storage.keys import KeyRing

log = logging.getLogger(__name__)
AGAIN, AGAIN_AFTER_FAILURE = timedelta(minutes=30), timedelta(minutes=10)
AT_ONCE = 5


@dataclass(frozen=True)
class Source:
    """What a host is told of it. `site` is the address without its secret part; `problem` an error code or None."""

    site: str
    read_at: datetime | None
    problem: str | None


class CalendarSources:
    def __init__(
        self, storage: Storage, keys: KeyRing, calendars: HostCalendars, fetcher: CalendarFetcher, clock: Callable[[], datetime]
    ) -> None:
        self.storage, self.keys, self.calendars, self.fetcher, self.clock = storage, keys, calendars, fetcher, clock

    async def follow(self, host_id: str, address: str) -> int:
        """Read the calendar now and from now on → busy stretches. Nothing is kept of an address that can't be read.

        Raises AddressRefused, CalendarNotFetched and UnreadableCalendar.
        """
        address = self.fetcher.checked(address)
        count = await self.calendars.read_busy(host_id, await self.fetcher.fetch(address))
        key, wrapped = self.keys.new(_place(host_id))
        row = {"wrapped": wrapped, "sealed": key.seal(address, _place(host_id)), "problem": None}
        now = self.clock()
        async with self.storage.write() as tx:
            await tx.execute(delete(calendar_sources).where(calendar_sources.c.host_id == host_id))
            await tx.execute(insert(calendar_sources).values(host_id=host_id, read_at=now, next_at=now + AGAIN, **row))
        return count

    async def leave(self, host_id: str) -> None:
        """Stop reading; what was read is forgotten."""
        async with self.storage.write() as tx:
            await tx.execute(delete(calendar_sources).where(calendar_sources.c.host_id == host_id))
        await self.calendars.forget_busy(host_id)

    async def take_file(self, host_id: str, text: str) -> int:
        """A file instead of an address → busy stretches. Raises UnreadableCalendar and then leaves everything as it was."""
        count = await self.calendars.read_busy(host_id, text)
        async with self.storage.write() as tx:
            await tx.execute(delete(calendar_sources).where(calendar_sources.c.host_id == host_id))
        return count

    async def of_host(self, host_id: str) -> Source | None:
        async with self.storage.read() as tx:
            row = (await tx.execute(select(calendar_sources).where(calendar_sources.c.host_id == host_id))).mappings().first()
        if row is None:
            return None
        return Source(self._address(row).split("/")[2], row["read_at"], row["problem"])

    async def refresh(self) -> int:
        """Read those that are due → how many were read. What can't be read keeps what was read last: nobody is set free by a fault."""
        due = select(calendar_sources).where(calendar_sources.c.next_at <= self.clock()).order_by(calendar_sources.c.next_at).limit(AT_ONCE)
        async with self.storage.read() as tx:
            rows = list((await tx.execute(due)).mappings())
        return sum([await self._again(row) for row in rows])

    async def _again(self, row) -> bool:
        problem = None
        try:
            await self.calendars.read_busy(row["host_id"], await self.fetcher.fetch(self._address(row)))
        except IndgangError as error:
            problem = error.code
            log.warning("calendar of host %s not read: %s", row["host_id"], problem)
        now = self.clock()
        done = {"next_at": now + AGAIN_AFTER_FAILURE} if problem else {"next_at": now + AGAIN, "read_at": now}
        async with self.storage.write() as tx:
            same = (calendar_sources.c.host_id == row["host_id"], calendar_sources.c.wrapped == row["wrapped"])
            await tx.execute(update(calendar_sources).where(*same).values(problem=problem, **done))
        return problem is None

    def _address(self, row) -> str:
        return str(self.keys.unwrap(row["wrapped"], _place(row["host_id"])).open(row["sealed"], _place(row["host_id"])))


def _place(host_id: str) -> str:
    return f"calendar_sources:{host_id}:address"
