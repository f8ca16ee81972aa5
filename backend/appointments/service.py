"""Booking: slots are computed, the database decides, and what is said is read from the row."""

import secrets
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from backend.appointments.calendar_file import calendar_file
from backend.appointments.labels import label
from backend.appointments.repository import AppointmentRepository
from backend.appointments.tables import appointments
from backend.catalogue import Catalogue
from backend.conversations.events import Draft
from backend.conversations.service import Change, ConversationService
from backend.domain.appointments import BOOKED, CANCELLED, COPENHAGEN, Busy, Slot, free_slots, nearest
from backend.domain.reference import new_reference, read_reference
from backend.errors import BadInput, Conflict, NotFound

NOTICE = timedelta(hours=1)
HORIZON = timedelta(days=60)
ANY_FORM = "in_person"


class SlotTaken(Conflict):
    code, message = "slot_taken", "Den tid er lige blevet taget. Her er de nærmeste andre tider."


class UnknownReference(NotFound):
    code, message = "unknown_reference", "Vi kan ikke finde en aftale med den kode. Se efter, om alle tegn er med."


@dataclass(frozen=True)
class Window:
    """What the guest wished for: `since` and `until` are aware UTC; `parts` are clock spans in Copenhagen time."""

    since: datetime | None = None
    until: datetime | None = None
    excluded: tuple = ()
    parts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Booking:
    """A guest's choice of a slot and what they want to say with it; everything but the slot may be left out."""

    slot_id: str
    form: str | None = None
    nickname: str | None = None
    companion: str | None = None
    contact: dict | None = None


class AppointmentService:
    def __init__(
        self,
        conversations: ConversationService,
        repository: AppointmentRepository,
        catalogue: Catalogue,
        is_closed: Callable[[str], Callable],
        clock: Callable[[], datetime],
    ) -> None:
        self.conversations, self.repository, self.catalogue = conversations, repository, catalogue
        self.is_closed, self.clock = is_closed, clock

    async def search(self, conversation_id: str, window: Window, form: str | None, peer: bool, limit: int) -> tuple[list[Slot], bool]:
        """→ (slots in order of time, whether they lie within the wish). The nearest others when the wish has none."""
        async with self.conversations.storage.read() as tx:
            conversation = await self.conversations.repository.get(tx, conversation_id)
            free = await self._free(tx, conversation.municipality)
        suitable = [s for s in free if (form is None or form in s.forms) and (not peer or s.peer)]
        wished = [slot for slot in suitable if _inside(slot, window)]
        if wished:
            return _spread(wished, limit), True
        return nearest(suitable, window.since or self.clock(), limit), False

    async def book(self, conversation_id: str, key: str, booking: Booking) -> dict:
        """→ the appointment card, read from the committed row. Raises SlotTaken with alternatives."""
        async with self.conversations.change(conversation_id) as change:
            known = await self.repository.by_key(change.tx, key)
            if known:
                return self._card(change, known)
            slot = await self._claimable(change, booking)
            row = self._row(change, key, booking, slot)
            if not await self.repository.add(change.tx, **row):
                raise await self._taken(change, booking.slot_id)
            return await self._tell(change, row, "appointment_booked")

    async def cancel(self, conversation_id: str, reference: str) -> dict:
        async with self.conversations.change(conversation_id) as change:
            row = await self._by_reference(change, reference)
            await self._set(change, row, CANCELLED)
            return await self._tell(change, dict(row) | {"status": CANCELLED}, "appointment_cancelled")

    async def reschedule(self, conversation_id: str, reference: str, slot_id: str) -> dict:
        """Move to another slot in one transaction: the old time is free only if the new one was won."""
        async with self.conversations.change(conversation_id) as change:
            row = await self._by_reference(change, reference)
            slot = await self._claimable(change, Booking(slot_id, row["form"]))
            moved = {"changed_at": change.now, "host_id": slot.host_id, "starts_at": slot.starts_at, "ends_at": slot.ends_at, "place": slot.place}
            try:
                async with change.tx.begin_nested():
                    await self.repository.change(change.tx, row["id"], **moved)
            except Exception as error:
                raise await self._taken(change, slot_id) from error
            return await self._tell(change, dict(row) | moved, "appointment_moved")

    async def calendar(self, reference: str) -> str:
        """iCalendar text with a neutral title. Raises UnknownReference."""
        async with self.conversations.storage.read() as tx:
            found = await self._find(tx, reference)
            conversation = await self.conversations.repository.get(tx, found["conversation_id"])
        place = self.catalogue.place(conversation.municipality, found["place"])
        return self._calendar_file(conversation, found, place.name)

    def _calendar_file(self, conversation, row, place: str) -> str:
        title = self.catalogue.wording(conversation.municipality, "calendar_title").text
        return calendar_file(row["id"], title, row["starts_at"], row["ends_at"], place, row["changed_at"])

    async def release(self, change: Change) -> int:
        """Cancel what lies ahead for a conversation that is being forgotten. → how many."""
        ahead = await self.repository.of_conversation(change.tx, change.conversation.id, change.now)
        for row in ahead:
            await self._set(change, row, CANCELLED, content=None)
        return len(ahead)

    async def _free(self, tx, municipality: str) -> list[Slot]:
        since = self.clock() + NOTICE
        until = since + HORIZON
        shifts = await self.repository.shifts(tx, municipality)
        busy: Sequence[Busy] = await self.repository.busy(tx, since, until)
        return free_slots(shifts, busy, since, until, self.is_closed(municipality))

    async def _claimable(self, change: Change, booking: Booking) -> Slot:
        """The slot as it is free now, with its host locked. A slot that never was is a bad input, a gone one is taken."""
        host_id = booking.slot_id.partition(".")[0]
        await self.repository.lock_host(change.tx, host_id)
        free = {slot.id: slot for slot in await self._free(change.tx, change.conversation.municipality)}
        slot = free.get(booking.slot_id)
        if slot is None:
            raise await self._taken(change, booking.slot_id)
        if booking.form is not None and booking.form not in slot.forms:
            raise BadInput(fields=[{"field": "form", "problem": "not_offered"}])
        return slot

    async def _taken(self, change: Change, slot_id: str) -> SlotTaken:
        free = await self._free(change.tx, change.conversation.municipality)
        return SlotTaken(slots=[self.slot_json(slot) for slot in nearest(free, _wished(slot_id, change.now), 3)])

    def _row(self, change: Change, key: str, booking: Booking, slot: Slot) -> dict:
        appointment_id, reference = uuid.uuid4().hex, new_reference(secrets.choice)
        content = {
            "reference": reference,
            "host_alias": slot.host_alias,
            "nickname": booking.nickname,
            "companion": booking.companion,
            "contact": booking.contact,
        }
        return {
            "id": appointment_id,
            "conversation_id": change.conversation.id,
            "host_id": slot.host_id,
            "starts_at": slot.starts_at,
            "ends_at": slot.ends_at,
            "status": BOOKED,
            "form": booking.form or (ANY_FORM if ANY_FORM in slot.forms else slot.forms[0]),
            "place": slot.place,
            "idempotency_key": key,
            "reference_hash": self.conversations.repository.keys.fingerprint(reference),
            "content": self._seal(change, appointment_id, content),
            "booked_at": change.now,
            "changed_at": change.now,
        }

    def _seal(self, change: Change, appointment_id: str, content: dict) -> bytes:
        return self.conversations.repository.key_of(change.conversation).seal(content, f"appointments:{appointment_id}:content")

    def content_of(self, conversation, row) -> dict:
        if row["content"] is None:
            return {}
        return self.conversations.repository.key_of(conversation).open(row["content"], f"appointments:{row['id']}:content")

    async def _find(self, tx, reference: str):
        code = read_reference(reference)
        row = await self.repository.by_reference(tx, self.conversations.repository.keys.fingerprint(code)) if code else None
        if row is None:
            raise UnknownReference()
        return row

    async def _by_reference(self, change: Change, reference: str):
        return await self._find(change.tx, reference)

    async def _set(self, change: Change, row, status: str, **more) -> None:
        only_if = [appointments.c.status == BOOKED]
        if not await self.repository.change(change.tx, row["id"], only_if, status=status, changed_at=change.now, **more):
            raise UnknownReference()

    async def _tell(self, change: Change, row, wording: str) -> dict:
        """Say what the row says, in the same transaction: a guest is never told of a booking that is not there."""
        row = dict(row)
        if row["conversation_id"] != change.conversation.id:
            owner = await self.conversations.repository.get(change.tx, row["conversation_id"])
        else:
            owner = change.conversation
        card = self._card_for(owner, row)
        words = self.conversations.reactions.words(change.conversation, wording, **{k: v for k, v in card.items() if v})
        text = " ".join(draft.body.get("text", "") for draft in words)
        await change.say(Draft("booking", "system", {"text": text, "card": card}))
        return card

    def _card(self, change: Change, row) -> dict:
        return self._card_for(change.conversation, row)

    def _card_for(self, conversation, row) -> dict:
        content = self.content_of(conversation, row)
        place = self.catalogue.place(conversation.municipality, row["place"])
        reference = content.get("reference", "")
        return {
            "kind": "appointment",
            "reference": reference,
            "label": label(row["starts_at"]),
            "starts_at": row["starts_at"].isoformat(),
            "ends_at": row["ends_at"].isoformat(),
            "form": row["form"],
            "place": place.name,
            "how_to_get_in": place.how_to_get_in,
            "host_alias": content.get("host_alias", ""),
            "cancel_text": self.catalogue.wording(conversation.municipality, "appointment_how_to_cancel", reference=reference).text,
            "calendar_file": self._calendar_file(conversation, row, place.name),
            "status": row["status"],
        }

    def slot_json(self, slot: Slot) -> dict:
        return {
            "id": slot.id,
            "label": label(slot.starts_at),
            "starts_at": slot.starts_at.isoformat(),
            "ends_at": slot.ends_at.isoformat(),
            "form": ANY_FORM if ANY_FORM in slot.forms else slot.forms[0],
            "forms": list(slot.forms),
            "place": slot.place,
            "host_alias": slot.host_alias,
        }


def _inside(slot: Slot, window: Window) -> bool:
    if window.since and slot.starts_at < window.since or window.until and slot.starts_at >= window.until:
        return False
    local = slot.starts_at.astimezone(COPENHAGEN)
    if local.date() in window.excluded:
        return False
    clock = local.strftime("%H:%M")
    return not window.parts or any(start <= clock < end for start, end in window.parts)


def _spread(slots: list[Slot], limit: int) -> list[Slot]:
    """One slot per start time first: three hosts free at ten is one choice, not three."""
    seen, chosen = set(), []
    for slot in slots:
        if slot.starts_at not in seen:
            seen.add(slot.starts_at)
            chosen.append(slot)
    return chosen[:limit]


def _wished(slot_id: str, now: datetime) -> datetime:
    minutes = slot_id.partition(".")[2]
    if not minutes.isdigit() or len(minutes) > 9:
        return now
    return datetime.fromtimestamp(int(minutes) * 60, now.tzinfo)
