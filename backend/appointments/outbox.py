"""Sending once. A row with a unique key is committed before anything is sent: a process that dies in between rather loses a message than
sends it twice."""

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Table, and_, insert, or_, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from backend.appointments.messengers import Message, Messenger, NotSent
from backend.appointments.tables import sendings
from backend.storage.engine import Storage

log = logging.getLogger(__name__)
AGAIN_AFTER, MOST_TRIES = timedelta(minutes=10), 6
AT_ONCE = 20
SENDING, SENT, FAILED, LOST = "sending", "sent", "failed", "lost"


@dataclass(frozen=True)
class Sending:
    """What kind, about which row, and for which moment of it: sent once each.

    `write` → (kind of contact, message) as things stand inside its transaction, or None when there is nothing to say any more.
    """

    kind: str
    about: str
    at: datetime
    write: Callable[[AsyncConnection], Awaitable[tuple[str, Message] | None]]

    @property
    def key(self) -> dict:
        return {"kind": self.kind, "about": self.about, "at": self.at}


@dataclass(frozen=True)
class Unsent:
    """To find what is to be sent: outer join `table` on `same`, and keep what is `due`."""

    table: Table
    same: object
    due: object


def unsent(kind: str, about, at, now: datetime) -> Unsent:
    """Not tried yet, or failed a while ago."""
    same = and_(sendings.c.kind == kind, sendings.c.about == about, sendings.c.at == at)
    once_more = and_(sendings.c.status == FAILED, sendings.c.tries < MOST_TRIES, sendings.c.changed_at <= now - AGAIN_AFTER)
    return Unsent(sendings, same, or_(sendings.c.about.is_(None), once_more))


class Outbox:
    """`messengers` are by kind of contact; a kind without one is not offered and never sent to."""

    def __init__(self, storage: Storage, messengers: Mapping[str, Messenger], clock: Callable[[], datetime]) -> None:
        self.storage, self.messengers, self.clock = storage, messengers, clock

    async def send_once(self, sending: Sending) -> bool:
        async with self.storage.write() as tx:
            written = await sending.write(tx)
            messenger = self.messengers.get(written[0]) if written else None
            if messenger is None or written is None or not await self._take(tx, sending):
                return False
        try:
            await messenger.send(written[1])
        except NotSent as error:
            log.warning("%s about %s not sent: %s", sending.kind, sending.about, error.reason)
            await self._note(sending, FAILED if error.again else LOST)
            return False
        await self._note(sending, SENT)
        return True

    async def _take(self, tx: AsyncConnection, sending: Sending) -> bool:
        now = self.clock()
        again = _of(sending, sendings.c.status == FAILED).values(status=SENDING, tries=sendings.c.tries + 1, changed_at=now)
        if (await tx.execute(again)).rowcount == 1:
            return True
        try:
            async with tx.begin_nested():
                await tx.execute(insert(sendings).values(**sending.key, status=SENDING, tries=1, changed_at=now))
        except IntegrityError:
            return False
        return True

    async def _note(self, sending: Sending, status: str) -> None:
        async with self.storage.write() as tx:
            await tx.execute(_of(sending).values(status=status, changed_at=self.clock()))


def _of(sending: Sending, *more):
    return update(sendings).where(*(sendings.c[name] == value for name, value in sending.key.items()), *more)
