"""The waiting list for something earlier: first come, first offered. What is free is found as for anybody else, so it does not matter
how a time came free; an offer is an ordinary hold with a deadline. The database keeps one open offer a guest and one a time."""

import logging
import secrets
from collections.abc import Awaitable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, time, timedelta

from sqlalchemy import and_, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from backend.appointments.booking import Booking, HostWish, SlotTaken, UnknownReference
from backend.appointments.labels import clock_label, label
from backend.appointments.messengers import Message
from backend.appointments.outbox import AT_ONCE, Sending, unsent
from backend.appointments.repository import OFFER, hold_row, offer_hold
from backend.appointments.tables import appointments, wait_offers, waits
from backend.conversations.service import Change
from backend.conversations.tables import conversations
from backend.domain.appointments import BOOKED, COPENHAGEN, HELD, HORIZON, Slot, Window
from backend.domain.conversation import Conversation
from backend.domain.reference import new_reference

log = logging.getLogger(__name__)
LEAD = timedelta(hours=3)
TO_ANSWER, TO_ANSWER_HERE, AT_LATEST = timedelta(hours=2), timedelta(minutes=30), timedelta(hours=2)
FROM, TO = time(8), time(21)
FREE_ALREADY = 48
OPEN, DECLINED, LAPSED = "open", "declined", "lapsed"
EARLIER = "earlier"


@dataclass(frozen=True)
class Wanted:
    """What somebody without an appointment waits for."""

    window: Window
    form: str | None = None
    host: HostWish = HostWish()


class WaitingList:
    """`desk` is the AppointmentService; `page` the address of the guest's page, told in a message."""

    def __init__(self, desk, page: str) -> None:
        self.desk, self.page = desk, page
        self.conversations, self.repository, self.cards, self.clock = desk.conversations, desk.repository, desk.cards, desk.clock

    # Asking to be told

    async def join(self, conversation_id: str) -> bool:
        """For the guest's next appointment → False when there is none. Asking twice keeps the place in the line."""
        async with self.conversations.change(conversation_id) as change:
            ahead = await self.repository.of_conversation(change.tx, conversation_id, change.now)
            if not ahead:
                await self._say(change, "earlier_no_appointment")
                return False
            await self._join(change, change.conversation, min(ahead, key=lambda row: row["starts_at"]))
        return True

    async def join_by_code(self, conversation_id: str, reference: str) -> None:
        """Raises UnknownReference and TooManyCodes."""
        async with self.desk._by_code(conversation_id, reference, None) as (change, owner, row):
            if row["status"] != BOOKED:
                raise UnknownReference()
            await self._join(change, owner, row)

    async def _join(self, change: Change, owner: Conversation, row: Mapping) -> None:
        if row["starts_at"] <= change.now + LEAD:
            await self._say(change, "earlier_too_late")
            return
        content = self.cards.content_of(owner, row)
        wanted = Wanted(Window(until=row["starts_at"]), row["form"], HostWish(**content.get("host_wish") or {}))
        free = await self._free(change.tx, owner, wanted, row["starts_at"], change.now)
        if not await self._known(change.tx, owner.id, row["id"]):
            await self.leave(change.tx, owner.id)
            await self._add(change, owner, wanted, row["starts_at"], free, appointment_id=row["id"])
        key = "earlier_free_already" if free else "earlier_joined" if content.get("contact") else "earlier_joined_here"
        await self._say(change, key, label=label(row["starts_at"]))

    async def wait(self, conversation_id: str, wanted: Wanted) -> dict:
        """For somebody without an appointment, on days where everything is taken → {reference, reminders}: a code for the guest's page."""
        async with self.conversations.change(conversation_id) as change:
            until = min(wanted.window.until or change.now + HORIZON, change.now + HORIZON)
            free = await self._free(change.tx, change.conversation, wanted, until, change.now)
            await self.leave(change.tx, conversation_id)
            reference = new_reference(secrets.choice)
            await self._add(change, change.conversation, wanted, until, free, reference=reference)
            await self._say(change, "wait_joined", reference=reference)
        return {"reference": reference, "reminders": list(self.cards.reminders)}

    async def _add(
        self, change: Change, owner: Conversation, wanted: Wanted, until: datetime, free: list[Slot],
        appointment_id: str | None = None, reference: str | None = None,
    ) -> None:  # fmt: skip
        """`free` are times the guest could have taken already; they are not told of those."""
        content = {"window": _stored(wanted.window), "host": asdict(wanted.host), "free": [int(slot.starts_at.timestamp()) for slot in free]}
        if reference:
            content["reference"] = reference
        row = {
            "conversation_id": owner.id, "appointment_id": appointment_id, "form": wanted.form, "until": until, "asked_at": change.now,
            "reference_hash": self.conversations.repository.keys.fingerprint(reference) if reference else None,
            "content": self._seal(owner, content),
        }  # fmt: skip
        await change.tx.execute(insert(waits).values(row))

    async def set_contact(self, tx: AsyncConnection, reference_hash: bytes, contact: dict | None) -> dict | None:
        """Where to write to somebody who waits without an appointment → what they wait with, or None."""
        row = (await tx.execute(select(waits).where(waits.c.reference_hash == reference_hash))).mappings().first()
        found = await self.conversations.repository.many(tx, [row["conversation_id"]]) if row else []
        if row is None or not found:
            return None
        content = self._open(found[0], row) | {"contact": contact}
        await tx.execute(_same(update(waits), row["conversation_id"]).values(content=self._seal(found[0], content)))
        return {"kind": "wait", "reference": content["reference"]}

    async def stop(self, conversation_id: str) -> None:
        async with self.conversations.change(conversation_id) as change:
            await self.leave(change.tx, conversation_id)
            await self._say(change, "earlier_stopped")
        await self.offer_freed()

    async def leave(self, tx: AsyncConnection, conversation_id: str) -> None:
        """Nothing is kept of a wait that is over: neither the wish, nor what was offered, nor a time held for it."""
        await tx.execute(delete(appointments).where(offer_hold(conversation_id)))
        for table in (wait_offers, waits):
            await tx.execute(delete(table).where(table.c.conversation_id == conversation_id))

    # Offering, in order

    async def offer_freed(self) -> None:
        """Right after a time has come free, so that the line is asked before others find it. The clockwork does the rest."""
        await self._safely(self.offer())

    async def offer(self) -> int:
        """Close what nobody answered, and offer what is free to the first in the line whom it suits. → how many were offered."""
        now = self.clock()
        async with self.conversations.storage.read() as tx:
            rows = await self._line(tx)
        waiting = [row["conversation_id"] for row in rows if await self._safely(self._still_waits(row, now))]
        if not FROM <= now.astimezone(COPENHAGEN).time() < TO:
            return 0
        return sum([await self._safely(self._offer_to(conversation_id)) for conversation_id in waiting])

    async def _safely(self, work: Awaitable[int]) -> int:
        """One guest's fault does not hold up the line behind them."""
        try:
            return await work
        except Exception as error:  # tried again next time; the type says enough, the text may hold words
            log.error("waiting list: %s", type(error).__name__)
            return 0

    async def _still_waits(self, row: Mapping, now: datetime) -> bool:
        """Whether they may be offered something now; what is over is put in order first."""
        if row["until"] <= now + LEAD or row["appointment_id"] and row["status"] != BOOKED:
            async with self.conversations.storage.write() as tx:
                await self.leave(tx, row["conversation_id"])
            return False
        if row["offer_id"] and _is_held(row, now):
            return False
        if row["offer_id"]:
            async with self.conversations.change(row["conversation_id"]) as change:
                if await self._close(change.tx, row["offer_id"], LAPSED):
                    await self._say(change, "earlier_lapsed", label=label(row["offered"]))
        return True

    async def _line(self, tx: AsyncConnection) -> list[Mapping]:
        """Everybody who waits, the first first, with their open offer and whether its time is still held."""
        hold, mine = appointments.alias(), appointments.alias()
        wanted = (
            select(
                waits.c.conversation_id, waits.c.appointment_id, waits.c.until, mine.c.status, wait_offers.c.id.label("offer_id"),
                wait_offers.c.starts_at.label("offered"), wait_offers.c.answer_by, hold.c.status.label("hold"),
            )
            .outerjoin(mine, mine.c.id == waits.c.appointment_id)
            .outerjoin(wait_offers, and_(wait_offers.c.conversation_id == waits.c.conversation_id, wait_offers.c.status == OPEN))
            .outerjoin(hold, hold.c.id == wait_offers.c.id)
            .order_by(waits.c.asked_at, waits.c.conversation_id)
        )  # fmt: skip
        return list((await tx.execute(wanted)).mappings())

    async def _offer_to(self, conversation_id: str) -> bool:
        async with self.conversations.storage.read() as tx:
            if await self._suitable(tx, conversation_id) is None:
                return False
        async with self.conversations.change(conversation_id) as change:
            found = await self._suitable(change.tx, conversation_id)
            if found is None:
                return False
            row, slot, content = found
            await self.repository.lock_host(change.tx, slot.host_id)
            await self.repository.release_expired(change.tx, change.now, slot.host_id)
            by = min(change.now + (TO_ANSWER if content.get("contact") else TO_ANSWER_HERE), slot.starts_at - AT_LATEST)
            if not await self._hold(change, slot, by):
                return False
            key = "earlier_offer" if row["appointment_id"] else "wait_offer"
            shown = self.cards.slot(change.conversation.municipality, slot, row["form"])
            await self._say(change, key, label=shown["label"], place=shown["place"], host_alias=slot.host_alias, answer_by=clock_label(by))
            return True

    async def _suitable(self, tx: AsyncConnection, conversation_id: str) -> tuple[Mapping, Slot, dict] | None:
        """→ (wait, the earliest free time not offered before, what they wait with). None while the guest is choosing another time."""
        row = (await tx.execute(_same(select(waits), conversation_id))).mappings().first()
        found = await self.conversations.repository.many(tx, [conversation_id]) if row else []
        choosing = select(appointments.c.id).where(appointments.c.conversation_id == conversation_id, appointments.c.status == HELD)
        if row is None or not found or (await tx.execute(choosing)).first():
            return None
        content = await self._content(tx, found[0], row)
        offered = _same(select(wait_offers.c.starts_at), conversation_id, wait_offers)
        known = {*content["free"], *(int(one.timestamp()) for one in (await tx.execute(offered)).scalars())}
        wanted = Wanted(_window(content["window"]), row["form"], HostWish(**content["host"]))
        free = await self._free(tx, found[0], wanted, row["until"], self.clock())
        slot = next((slot for slot in free if int(slot.starts_at.timestamp()) not in known), None)
        return slot and (row, slot, content)

    async def _hold(self, change: Change, slot: Slot, by: datetime) -> bool:
        """False when the database says that somebody else has the time, or that this guest has an offer already."""
        hold = hold_row(change.conversation.id, slot, change.now, by, OFFER)
        offer = {name: hold[name] for name in ("id", "conversation_id", "host_id", "starts_at")}
        try:
            async with change.tx.begin_nested():
                await change.tx.execute(insert(appointments).values(hold))
                await change.tx.execute(insert(wait_offers).values(**offer, answer_by=by, status=OPEN))
        except IntegrityError:
            return False
        return True

    async def _free(self, tx: AsyncConnection, owner: Conversation, wanted: Wanted, until: datetime, now: datetime) -> list[Slot]:
        since = max(now + LEAD, wanted.window.since or now)
        window = Window(since, until, wanted.window.excluded, wanted.window.parts)
        wish = await self.desk._wish(tx, owner.id, window, wanted.form, False, wanted.host)
        return await self.desk.availability.within(tx, owner, wish, FREE_ALREADY, now) if since < until else []

    # Answering

    async def accept(self, conversation_id: str) -> dict | None:
        """→ the card at the earlier time, told in the chat as any booking; None when the offer is no longer there, which is told."""
        async with self.conversations.storage.read() as tx:
            found = await self._open_offer(tx, conversation_id)
            owner = await self.conversations.repository.get(tx, conversation_id)
            mine = await self.repository.by_id(tx, found["appointment_id"]) if found and found["appointment_id"] else None
        if found is None:
            return await self._gone(conversation_id)
        slot_id, key = f"{found['host_id']}.{int(found['starts_at'].timestamp()) // 60}", f"{OFFER}{found['id']}"
        try:
            if mine:
                return await self.desk.reschedule(conversation_id, self.cards.content_of(owner, mine)["reference"], slot_id, key)
            contact = self._open(owner, found).get("contact")
            return await self.desk.book(conversation_id, key, Booking(slot_id, found["form"], contact=contact))
        except (SlotTaken, UnknownReference):
            return await self._gone(conversation_id)

    async def decline(self, conversation_id: str) -> None:
        """The guest stays in the line, and the time goes to the next."""
        async with self.conversations.change(conversation_id) as change:
            found = await self._open_offer(change.tx, conversation_id)
            if found:
                await self._close(change.tx, found["id"], DECLINED)
                await self._say(change, "earlier_declined")
        await self.offer_freed()

    async def _gone(self, conversation_id: str) -> None:
        async with self.conversations.change(conversation_id) as change:
            found = await self._open_offer(change.tx, conversation_id)
            if found:
                await self._close(change.tx, found["id"], LAPSED)
            await self._say(change, "earlier_gone")

    async def _open_offer(self, tx: AsyncConnection, conversation_id: str) -> Mapping | None:
        wanted = (
            select(wait_offers, waits.c.appointment_id, waits.c.form, waits.c.content)
            .join(waits, waits.c.conversation_id == wait_offers.c.conversation_id)
            .where(wait_offers.c.conversation_id == conversation_id, wait_offers.c.status == OPEN, wait_offers.c.answer_by > self.clock())
        )
        return (await tx.execute(wanted)).mappings().first()

    async def _close(self, tx: AsyncConnection, offer_id: str, status: str) -> bool:
        await tx.execute(delete(appointments).where(appointments.c.id == offer_id, appointments.c.status == HELD))
        closed = update(wait_offers).where(wait_offers.c.id == offer_id, wait_offers.c.status == OPEN).values(status=status)
        return (await tx.execute(closed)).rowcount == 1

    # Telling

    async def send_offers(self) -> int:
        """Open offers, by the contact the guest gave. → how many were sent."""
        not_done = unsent(EARLIER, wait_offers.c.id, wait_offers.c.starts_at, self.clock())
        due = (wait_offers.c.status == OPEN, wait_offers.c.answer_by > self.clock(), not_done.due)
        wanted = select(wait_offers.c.id, wait_offers.c.starts_at).outerjoin(not_done.table, not_done.same).where(*due).limit(AT_ONCE)
        async with self.conversations.storage.read() as tx:
            rows = list((await tx.execute(wanted)).mappings())
        sendings = [Sending(EARLIER, row["id"], row["starts_at"], self._writer(row["id"])) for row in rows]
        return sum([await self.desk.outbox.send_once(sending) for sending in sendings])

    def _writer(self, offer_id: str):
        """Neutral words: that there is an earlier time, when, and how long it is kept. Never who, where or the code."""

        async def write(tx: AsyncConnection) -> tuple[str, Message] | None:
            wanted = select(wait_offers).where(wait_offers.c.id == offer_id, wait_offers.c.status == OPEN)
            offer = (await tx.execute(wanted)).mappings().first()
            row = offer and (await tx.execute(_same(select(waits), offer["conversation_id"]))).mappings().first()
            found = await self.conversations.repository.many(tx, [row["conversation_id"]]) if row else []
            contact = (await self._content(tx, found[0], row)).get("contact") if found else None
            if not contact:
                return None
            wording, by = self.cards.catalogue.wording, clock_label(offer["answer_by"])
            words = wording(found[0].municipality, "earlier_message", label=label(offer["starts_at"]), answer_by=by, page=self.page).text
            subject = wording(found[0].municipality, "reminder_subject").text
            return contact["kind"], Message(offer_id, contact["value"], subject, words, self.clock())

        return write

    async def shown(self, conversation_id: str) -> dict:
        """For the guest's page → {waits, by_code: without an appointment, offer: None or {label, answer_by}}."""
        async with self.conversations.storage.read() as tx:
            offer = await self._open_offer(tx, conversation_id)
            row = (await tx.execute(_same(select(waits), conversation_id))).mappings().first()
        told = {"label": label(offer["starts_at"]), "answer_by": clock_label(offer["answer_by"])} if offer else None
        return {"waits": row is not None, "by_code": bool(row and row["reference_hash"]), "offer": told}

    async def appointments_of(self, tx: AsyncConnection, appointment_ids: Sequence[str]) -> set[str]:
        """Those of the appointments whose guests would like something earlier."""
        return set((await tx.execute(select(waits.c.appointment_id).where(waits.c.appointment_id.in_(appointment_ids)))).scalars())

    async def count(self, municipality: str) -> int:
        """How many wait in the municipality: a number for hosts, and nothing about whom."""
        wanted = select(func.count()).select_from(waits).join(conversations, conversations.c.id == waits.c.conversation_id)
        async with self.conversations.storage.read() as tx:
            return (await tx.execute(wanted.where(conversations.c.municipality == municipality))).scalar_one()

    async def by_reference(self, tx: AsyncConnection, reference_hash: bytes) -> str | None:
        """The conversation that waits with that code, without an appointment."""
        return (await tx.execute(select(waits.c.conversation_id).where(waits.c.reference_hash == reference_hash))).scalar_one_or_none()

    async def _say(self, change: Change, key: str, **values: str) -> None:
        words = self.conversations.reactions.words(change.conversation, key, **values)
        await change.say(*words)

    # What is sealed

    async def _content(self, tx: AsyncConnection, owner: Conversation, row: Mapping) -> dict:
        """With the contact of the appointment it is about, when there is one: it is kept in one place only."""
        content = self._open(owner, row)
        if not row["appointment_id"]:
            return content
        mine = await self.repository.by_id(tx, row["appointment_id"])
        return content | {"contact": self.cards.content_of(owner, mine).get("contact") if mine else None}

    def _seal(self, owner: Conversation, content: dict) -> bytes:
        return self.conversations.repository.key_of(owner).seal(content, f"waits:{owner.id}:content")

    def _open(self, owner: Conversation, row: Mapping) -> dict:
        return self.conversations.repository.key_of(owner).open(row["content"], f"waits:{owner.id}:content")

    async def _known(self, tx: AsyncConnection, conversation_id: str, appointment_id: str) -> bool:
        same = _same(select(waits.c.appointment_id), conversation_id).where(waits.c.appointment_id == appointment_id)
        return (await tx.execute(same)).first() is not None


def _same(statement, conversation_id: str, table=waits):
    return statement.where(table.c.conversation_id == conversation_id)


def _is_held(row: Mapping, now: datetime) -> bool:
    return row["hold"] == HELD and row["answer_by"] > now


def _stored(window: Window) -> dict:
    return {"since": window.since and window.since.isoformat(), "excluded": [day.isoformat() for day in window.excluded], "parts": window.parts}


def _window(stored: Mapping) -> Window:
    since = datetime.fromisoformat(stored["since"]) if stored["since"] else None
    days = tuple(datetime.fromisoformat(day).date() for day in stored["excluded"])
    return Window(since, None, days, tuple((start, end) for start, end in stored["parts"]))
