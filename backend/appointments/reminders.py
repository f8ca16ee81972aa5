"""Reminders of appointments: only for those who asked, sent once, stopped by cancelling.

A row with a unique key is committed before anything is sent. A process that dies in between leaves the row, so that the
reminder is rather lost than doubled.
"""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from sqlalchemy import and_, insert, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from backend.appointments.labels import label
from backend.appointments.messengers import Message, Messenger, NotSent
from backend.appointments.tables import appointments, reminders
from backend.conversations.repository import ConversationRepository
from backend.domain.appointments import BOOKED
from backend.domain.conversation import Conversation
from backend.storage.engine import Storage

log = logging.getLogger(__name__)
AHEAD = timedelta(hours=24)
SHORTLY, NOT_AT_ONCE, LATEST = timedelta(hours=2), timedelta(hours=1), timedelta(minutes=15)
AGAIN_AFTER, MOST_TRIES = timedelta(minutes=10), 6
AT_ONCE = 20
SENDING, SENT, FAILED, LOST = "sending", "sent", "failed", "lost"


def remind_at(starts_at: datetime, contact: Mapping | None, now: datetime) -> datetime | None:
    """A day before, or two hours before what is booked on shorter notice. None without a way to be reminded, or without the time."""
    if not contact:
        return None
    return next((moment for moment in (starts_at - AHEAD, starts_at - SHORTLY) if moment > now + NOT_AT_ONCE), None)


class Reminders:
    """`messengers` are by kind of contact; a kind without one is not offered and never sent to."""

    def __init__(
        self,
        storage: Storage,
        conversations: ConversationRepository,
        cards,
        messengers: Mapping[str, Messenger],
        clock: Callable[[], datetime],
    ) -> None:
        self.storage, self.conversations, self.cards = storage, conversations, cards
        self.messengers, self.clock = messengers, clock

    async def send_due(self) -> int:
        """→ how many were sent."""
        async with self.storage.read() as tx:
            rows = list((await tx.execute(_due(self.clock()))).mappings())
        return sum([await self._remind(row) for row in rows])

    async def _remind(self, row: Mapping) -> bool:
        async with self.storage.write() as tx:
            message, messenger = await self._claim(tx, row)
        if message is None or messenger is None:
            return False
        try:
            await messenger.send(message)
        except NotSent as error:
            log.warning("reminder of appointment %s not sent: %s", row["id"], error.reason)
            await self._note(row, FAILED if error.again else LOST)
            return False
        await self._note(row, SENT)
        return True

    async def _claim(self, tx: AsyncConnection, row: Mapping) -> tuple[Message | None, Messenger | None]:
        """The appointment as it stands now, with its row in `reminders` taken; (None, None) when there is nothing to send."""
        same = (appointments.c.id == row["id"], appointments.c.starts_at == row["starts_at"], appointments.c.status == BOOKED)
        now = (await tx.execute(select(appointments).where(*same))).mappings().first()
        found = await self.conversations.many(tx, [row["conversation_id"]])
        if now is None or not found or not await self._take(tx, row):
            return None, None
        contact = self.cards.content_of(found[0], now).get("contact") or {}
        return self._message(found[0], now, contact), self.messengers.get(contact.get("kind", ""))

    async def _take(self, tx: AsyncConnection, row: Mapping) -> bool:
        now, key = self.clock(), {"appointment_id": row["id"], "starts_at": row["starts_at"]}
        failed = (reminders.c.appointment_id == row["id"], reminders.c.starts_at == row["starts_at"], reminders.c.status == FAILED)
        again = update(reminders).where(*failed).values(status=SENDING, tries=reminders.c.tries + 1, changed_at=now)
        if (await tx.execute(again)).rowcount == 1:
            return True
        try:
            async with tx.begin_nested():
                await tx.execute(insert(reminders).values(**key, status=SENDING, tries=1, changed_at=now))
        except IntegrityError:
            return False
        return True

    async def _note(self, row: Mapping, status: str) -> None:
        same = (reminders.c.appointment_id == row["id"], reminders.c.starts_at == row["starts_at"])
        async with self.storage.write() as tx:
            await tx.execute(update(reminders).where(*same).values(status=status, changed_at=self.clock()))

    def _message(self, owner: Conversation, row: Mapping, contact: Mapping) -> Message:
        """Neutral words: when, and where only if the guest said that it may stand there. Never who, what or the code."""
        wording, place = self.cards.catalogue.wording, self.cards.place(owner.municipality, row["place"]).name
        key = "reminder_with_place" if contact.get("may_say") == "time_place" else "reminder"
        text = wording(owner.municipality, key, label=label(row["starts_at"]), place=place).text
        subject = wording(owner.municipality, "reminder_subject").text
        return Message(f"{row['id']}-{int(row['starts_at'].timestamp())}", contact.get("value", ""), subject, text, self.clock())


def _due(now: datetime):
    """Booked appointments to be reminded of, not yet reminded of at that time; those that failed are tried again for a while."""
    tried = and_(reminders.c.appointment_id == appointments.c.id, reminders.c.starts_at == appointments.c.starts_at)
    once_more = and_(reminders.c.status == FAILED, reminders.c.tries < MOST_TRIES, reminders.c.changed_at <= now - AGAIN_AFTER)
    return (
        select(appointments.c.id, appointments.c.starts_at, appointments.c.conversation_id)
        .outerjoin(reminders, tried)
        .where(
            appointments.c.status == BOOKED,
            appointments.c.remind_at <= now,
            appointments.c.starts_at > now + LATEST,
            or_(reminders.c.appointment_id.is_(None), once_more),
        )
        .order_by(appointments.c.starts_at)
        .limit(AT_ONCE)
    )
