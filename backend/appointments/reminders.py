"""What is written to a guest who asked for it: a reminder before, a greeting after. Stopped by cancelling, forgotten with the appointment."""

from collections.abc import Callable, Mapping
from datetime import datetime, time, timedelta

from sqlalchemy import and_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from backend.appointments.labels import label
from backend.appointments.messengers import Message
from backend.appointments.outbox import AT_ONCE, Outbox, Sending, unsent
from backend.appointments.tables import appointments
from backend.conversations.repository import ConversationRepository
from backend.domain.appointments import ATTENDED, BOOKED, COPENHAGEN

AHEAD = timedelta(hours=24)
SHORTLY, NOT_AT_ONCE, LATEST = timedelta(hours=2), timedelta(hours=1), timedelta(minutes=15)
GREETED_AT, GREETED_WITHIN = time(12), timedelta(days=7)
REMINDER, FOLLOW_UP = "reminder", "follow_up"


def remind_at(starts_at: datetime, contact: Mapping | None, now: datetime) -> datetime | None:
    """A day before, or two hours before what is booked on shorter notice. None without a way to be reminded, or without the time."""
    if not contact:
        return None
    return next((moment for moment in (starts_at - AHEAD, starts_at - SHORTLY) if moment > now + NOT_AT_ONCE), None)


def follow_up_at(ends_at: datetime) -> datetime:
    """At noon on the day after."""
    return datetime.combine(ends_at.astimezone(COPENHAGEN).date() + timedelta(days=1), GREETED_AT, COPENHAGEN)


class Reminders:
    def __init__(self, outbox: Outbox, conversations: ConversationRepository, cards, clock: Callable[[], datetime]) -> None:
        self.outbox, self.conversations, self.cards, self.clock = outbox, conversations, cards, clock

    async def send_due(self) -> int:
        """→ how many were sent."""
        return await self._send(REMINDER, appointments.c.starts_at, _to_be_reminded(self.clock()))

    async def send_follow_ups(self) -> int:
        """To those who wished it and whose host says they came; nobody is reminded of a talk they stayed away from. → how many."""
        return await self._send(FOLLOW_UP, appointments.c.ends_at, _to_be_greeted(self.clock()))

    async def _send(self, kind: str, at, due) -> int:
        not_done = unsent(kind, appointments.c.id, at, self.clock())
        wanted = select(appointments.c.id, at.label("at")).outerjoin(not_done.table, not_done.same).where(due, not_done.due)
        async with self.outbox.storage.read() as tx:
            rows = list((await tx.execute(wanted.order_by(at).limit(AT_ONCE))).mappings())
        sendings = [Sending(kind, row["id"], row["at"], self._writer(kind, row["id"], and_(at == row["at"], due))) for row in rows]
        return sum([await self.outbox.send_once(sending) for sending in sendings])

    def _writer(self, kind: str, appointment_id: str, still):
        """Neutral words: when, and where only if the guest said that it may stand there. Never who, what or the code."""

        async def write(tx: AsyncConnection) -> tuple[str, Message] | None:
            wanted = select(appointments).where(appointments.c.id == appointment_id, still)
            row = (await tx.execute(wanted)).mappings().first()
            found = await self.conversations.many(tx, [row["conversation_id"]]) if row else []
            contact = self.cards.content_of(found[0], row).get("contact") if found else None
            if not contact:
                return None
            wording, place = self.cards.catalogue.wording, self.cards.place(found[0].municipality, row["place"]).name
            key = f"{kind}_with_place" if kind == REMINDER and contact.get("may_say") == "time_place" else kind
            told = wording(found[0].municipality, key, label=label(row["starts_at"]), place=place).text
            subject = wording(found[0].municipality, f"{kind}_subject").text
            moment = row["starts_at"] if kind == REMINDER else row["ends_at"]
            return contact["kind"], Message(f"{row['id']}-{int(moment.timestamp())}", contact["value"], subject, told, self.clock())

        return write


def _to_be_reminded(now: datetime):
    is_ahead = appointments.c.starts_at > now + LATEST
    return and_(appointments.c.status == BOOKED, appointments.c.remind_at <= now, is_ahead)


def _to_be_greeted(now: datetime):
    """A process that was down for long sends no greeting weeks later."""
    is_fresh = appointments.c.follow_up_at > now - GREETED_WITHIN
    return and_(appointments.c.status == ATTENDED, appointments.c.follow_up_at <= now, is_fresh)
