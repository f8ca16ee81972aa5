"""A host's own calendar: the feed others' programs subscribe to, and the other work that is read into ours."""

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import delete, func, insert, select

from backend.appointments.calendar_file import calendar_feed, event
from backend.appointments.external import busy_intervals
from backend.appointments.repository import AppointmentRepository
from backend.appointments.tables import calendar_feeds, external_busy
from backend.catalogue import Catalogue
from backend.domain.appointments import HORIZON
from backend.errors import NotFound
from backend.hosts.tables import hosts
from backend.storage.engine import Storage
from backend.storage.keys import KeyRing

BACK = timedelta(days=30)


class HostCalendars:
    def __init__(
        self, storage: Storage, keys: KeyRing, repository: AppointmentRepository, catalogue: Catalogue, clock: Callable[[], datetime]
    ) -> None:
        self.storage, self.keys, self.repository, self.catalogue, self.clock = storage, keys, repository, catalogue, clock

    # Out: the feed

    async def open_feed(self, host_id: str) -> str:
        """→ the secret part of the link, told this once. An older link of the host stops working."""
        secret = secrets.token_urlsafe(32)
        row = {"host_id": host_id, "secret_hash": self.keys.fingerprint(secret), "made_at": self.clock()}
        async with self.storage.write() as tx:
            await self._close(tx, host_id)
            await tx.execute(insert(calendar_feeds).values(row))
        return secret

    async def close_feed(self, host_id: str) -> None:
        async with self.storage.write() as tx:
            await self._close(tx, host_id)

    async def _close(self, tx, host_id: str) -> None:
        await tx.execute(delete(calendar_feeds).where(calendar_feeds.c.host_id == host_id))

    async def has_feed(self, host_id: str) -> bool:
        async with self.storage.read() as tx:
            return (await tx.execute(select(calendar_feeds.c.host_id).where(calendar_feeds.c.host_id == host_id))).first() is not None

    async def feed(self, secret: str) -> str:
        """iCalendar text with neutral titles: no word of a guest. Raises NotFound for a link that is not, or no longer, one."""
        wanted = (
            select(hosts.c.id, hosts.c.alias, hosts.c.municipality)
            .join(calendar_feeds, calendar_feeds.c.host_id == hosts.c.id)
            .where(calendar_feeds.c.secret_hash == self.keys.fingerprint(secret), hosts.c.disabled_at.is_(None))
        )
        async with self.storage.read() as tx:
            host = (await tx.execute(wanted)).first()
            if host is None:
                raise NotFound()
            rows = await self.repository.of_host(tx, host.id, self.clock() - BACK)
        title = self.catalogue.wording(host.municipality, "calendar_title").text
        places = self.catalogue.municipality(host.municipality).places
        name_of = {row["place"]: places[row["place"]].name if row["place"] in places else "" for row in rows}
        return calendar_feed(title, (event(row, title, name_of[row["place"]]) for row in rows))

    # In: other work

    async def read_busy(self, host_id: str, text: str) -> int:
        """Replace the host's other work by what an iCalendar text says. → busy stretches. Raises UnreadableCalendar."""
        now = self.clock()
        found = busy_intervals(text, now, now + HORIZON)
        rows = [{"host_id": host_id, "starts_at": start, "ends_at": end} for start, end in found]
        async with self.storage.write() as tx:
            await tx.execute(delete(external_busy).where(external_busy.c.host_id == host_id))
            if rows:
                await tx.execute(insert(external_busy), rows)
        return len(rows)

    async def count_busy(self, host_id: str) -> int:
        ahead = select(func.count()).where(external_busy.c.host_id == host_id, external_busy.c.ends_at > self.clock())
        async with self.storage.read() as tx:
            return (await tx.execute(ahead)).scalar_one()

    async def forget_busy(self, host_id: str) -> None:
        async with self.storage.write() as tx:
            await tx.execute(delete(external_busy).where(external_busy.c.host_id == host_id))
