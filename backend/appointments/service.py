"""Booking: slots are computed, the database decides, and what is said is read from the row."""

import hashlib
import secrets
import uuid
from collections.abc import AsyncIterator, Callable, Mapping, Sequence, Set
from contextlib import asynccontextmanager
from datetime import datetime

from backend.appointments.attempts import Attempts
from backend.appointments.availability import Availability
from backend.appointments.booking import (
    ANY_HOST,
    Booking,
    HostWish,
    NowhereToWrite,
    SlotTaken,
    TooEarly,
    UnknownReference,
    reminder_contact,
)
from backend.appointments.calendars import HostCalendars
from backend.appointments.cards import Cards
from backend.appointments.messengers import Messenger
from backend.appointments.outbox import Outbox
from backend.appointments.outside import CalendarFetcher
from backend.appointments.reminders import FOLLOW_UP, REMINDER, Reminders, follow_up_at, remind_at
from backend.appointments.repository import AppointmentRepository, hold_row
from backend.appointments.shifts import ShiftBook
from backend.appointments.sources import CalendarSources
from backend.appointments.tables import appointments
from backend.appointments.waiting import WaitingList
from backend.catalogue import Catalogue
from backend.contact import checked
from backend.conversations.events import Draft
from backend.conversations.service import Change, ConversationService
from backend.domain.appointments import (
    ATTENDED,
    BOOKED,
    CANCELLED,
    HELD,
    HELD_FOR,
    NOT_ATTENDED,
    Slot,
    Window,
    Wish,
    default_form,
    read_slot_id,
)
from backend.domain.conversation import Conversation
from backend.domain.enquiry import Contact
from backend.domain.reference import new_reference, read_reference
from backend.errors import BadInput

ALTERNATIVES = 3

__all__ = ["AppointmentService", "Booking", "HostWish", "SlotTaken", "TooEarly", "UnknownReference", "Window"]


class AppointmentService:
    def __init__(
        self,
        conversations: ConversationService,
        repository: AppointmentRepository,
        catalogue: Catalogue,
        is_closed: Callable[[str], Callable],
        clock: Callable[[], datetime],
        video_link: str = "",
        fetcher: CalendarFetcher | None = None,
        messengers: Mapping[str, Messenger] | None = None,
        page: str = "",
    ) -> None:
        self.conversations, self.repository, self.catalogue, self.clock = conversations, repository, catalogue, clock
        self.availability = Availability(repository, catalogue, is_closed)
        self.cards = Cards(conversations.repository, catalogue, video_link, tuple(messengers or ()))
        self.outbox = Outbox(conversations.storage, messengers or {}, clock)
        self.reminders = Reminders(self.outbox, conversations.repository, self.cards, clock)
        self.waiting = WaitingList(self, page)
        self.calendars = HostCalendars(conversations.storage, conversations.repository.keys, repository, catalogue, clock)
        self.sources = CalendarSources(
            conversations.storage, conversations.repository.keys, self.calendars, fetcher or CalendarFetcher(plain_http=False), clock
        )
        self.shifts = ShiftBook(conversations.storage, catalogue)
        self.attempts = Attempts()

    # Looking

    async def search(
        self, conversation_id: str, window: Window, form: str | None, peer: bool, limit: int, host: HostWish = ANY_HOST
    ) -> tuple[list[Slot], bool]:
        """→ (slots in order of time, whether they lie within the wish). The nearest others when the wish has none."""
        async with self.conversations.storage.read() as tx:
            conversation = await self.conversations.repository.get(tx, conversation_id)
            wish = await self._wish(tx, conversation_id, window, form, peer, host)
            return await self.availability.find(tx, conversation, wish, limit, self.clock())

    async def offers(
        self, conversation_id: str, window: Window, form: str | None, peer: bool, limit: int, host: HostWish = ANY_HOST
    ) -> dict:
        """The answer to `/internal/slots/search` → {slots, exact, walk_in}."""
        slots, exact = await self.search(conversation_id, window, form, peer, limit, host)
        conversation = await self.conversations.find(conversation_id)
        shown = [self.cards.slot(conversation.municipality, slot, form) for slot in slots]
        return {"slots": shown, "exact": exact, "walk_in": self.availability.walk_in(conversation, window, self.clock())}

    async def host_named(self, conversation_id: str, names: Sequence[str]) -> str | None:
        async with self.conversations.storage.read() as tx:
            conversation = await self.conversations.repository.get(tx, conversation_id)
            shifts = await self.repository.shifts(tx, conversation.municipality, conversation.channel)
        wanted = {name.casefold() for name in names}
        return next((shift.host_alias for shift in shifts if shift.host_alias.casefold() in wanted), None)

    async def _wish(self, tx, conversation_id: str, window: Window, form: str | None, peer: bool, host: HostWish) -> Wish:
        last = await self.repository.latest_host(tx, conversation_id) if host.same_as_last else None
        return Wish(window, form, peer or host.peer, host.alias, last, host.language)

    # Holding and booking

    async def hold(self, conversation_id: str, slot_id: str, form: str | None = None) -> dict:
        """Keep a time while the guest decides → the slot with `held_until`. Again extends it. Raises SlotTaken with alternatives.

        `form` is how the guest wants to talk: the alternatives have it too.
        """
        async with self.conversations.change(conversation_id) as change:
            slot, held = await self._claimable(change, slot_id, form=form)
            until = max(change.now + HELD_FOR, held["expires_at"] if held else change.now)
            if held:
                won = await self.repository.change(change.tx, held["id"], expires_at=until, changed_at=change.now)
            else:
                won = await self.repository.add(change.tx, **hold_row(conversation_id, slot, change.now, until))
            if not won:
                raise await self._taken(change, slot_id, change.conversation, form)
            return self.cards.slot(change.conversation.municipality, slot, form) | {"held_until": until.isoformat()}

    async def let_go(self, conversation_id: str) -> None:
        """The guest has changed their mind: what they held is free for others at once."""
        async with self.conversations.change(conversation_id) as change:
            await self.repository.let_go(change.tx, conversation_id)

    async def book(self, conversation_id: str, key: str, booking: Booking) -> dict:
        """→ the appointment card, read from the committed row. Raises SlotTaken with alternatives."""
        contact, key = reminder_contact(booking.contact), own_key(conversation_id, "book", key)
        call = checked(Contact("phone", booking.call, None)).value if booking.call else None
        async with self.conversations.change(conversation_id) as change:
            known = await self.repository.by_key(change.tx, key)
            if known:
                return self.cards.appointment(change.conversation, known)
            slot, held = await self._claimable(change, booking.slot_id, form=booking.form)
            row = self._row(change, key, Booking(**booking.__dict__ | {"contact": contact, "call": call}), slot, held and held["id"])
            if not await self._store(change, row, held):
                raise await self._taken(change, booking.slot_id, change.conversation, booking.form)
            await self.waiting.leave(change.tx, conversation_id)
            return await self._tell(change, change.conversation, row, "appointment_booked")

    async def _store(self, change: Change, row: dict, held) -> bool:
        if held is None:
            return await self.repository.add(change.tx, **row)
        return await self.repository.move(change.tx, held["id"], [appointments.c.status == HELD], **row)

    async def _claimable(
        self, change: Change, slot_id: str, moving: str = "", owner: Conversation | None = None, form: str | None = None
    ):
        """→ (the slot as it is free now with its host locked, this conversation's hold on it or None). Raises SlotTaken."""
        read, owner = read_slot_id(slot_id), owner or change.conversation
        if read is None:
            raise await self._taken(change, slot_id, owner, form)
        await self.repository.lock_host(change.tx, read[0])
        await self.repository.release_expired(change.tx, change.now, read[0])
        held = await self.repository.hold_on(change.tx, change.conversation.id, *read)
        await self.repository.let_go(change.tx, change.conversation.id, held["id"] if held and not moving else "")
        timetable = await self.availability.around(change.tx, owner, slot_id, change.now, moving, held is not None)
        slot = timetable and timetable.slot(slot_id)
        if not slot:
            raise await self._taken(change, slot_id, owner, form)
        return slot, held

    async def _taken(self, change: Change, slot_id: str, whose: Conversation, form: str | None = None) -> SlotTaken:
        read = read_slot_id(slot_id)
        wished = read[1] if read else change.now
        found = await self.availability.nearest(change.tx, whose, wished, ALTERNATIVES + 1, change.now, form)
        others = [slot for slot in found if slot.id != slot_id][:ALTERNATIVES]
        return SlotTaken(slots=[self.cards.slot(whose.municipality, slot, form) for slot in others])

    def _row(self, change: Change, key: str, booking: Booking, slot: Slot, appointment_id: str | None = None) -> dict:
        appointment_id, reference = appointment_id or uuid.uuid4().hex, new_reference(secrets.choice)
        form = _form(booking.form, slot)
        return {
            "id": appointment_id,
            "conversation_id": change.conversation.id,
            "host_id": slot.host_id,
            "starts_at": slot.starts_at,
            "ends_at": slot.ends_at,
            "status": BOOKED,
            "form": form,
            "place": self.cards.place_id(change.conversation.municipality, slot, form),
            "idempotency_key": key,
            "reference_hash": self.conversations.repository.keys.fingerprint(reference),
            "content": self.cards.seal(change.conversation, appointment_id, self.cards.content(booking, reference, slot)),
            "booked_at": change.now,
            "changed_at": change.now,
            "expires_at": None,
            "remind_at": remind_at(slot.starts_at, booking.contact, change.now),
        }

    async def remind(self, conversation_id: str, reference: str, contact: dict) -> dict:
        """Ask for a reminder of an appointment that is made → its card, or {kind: wait} for a code of the waiting list."""
        found = reminder_contact(contact)
        return await self._waits_without(reference, found) or await self.write_to(conversation_id, reference, found, {REMINDER})

    async def write_to(self, conversation_id: str, reference: str, contact: dict | None, about: Set[str], keep: bool = True, exactly: bool = False) -> dict:
        """Where to write, and about what (REMINDER, FOLLOW_UP) → the card. `exactly`: about nothing else than that; without `keep`
        the contact goes when there is nothing left to write. Raises UnknownReference, and BadInput where there is nowhere to write."""
        async with self._by_code(conversation_id, reference, None) as (change, owner, row):
            content = self.cards.content_of(owner, row)
            to = contact or (content.get("contact") if keep or about else None)
            if about and not to:
                raise NowhereToWrite(fields=[{"field": "contact.value", "problem": "missing"}])
            content = {name: value for name, value in (content | {"contact": to}).items() if value}
            done = {"content": self.cards.seal(owner, row["id"], content), "changed_at": change.now}
            if exactly or REMINDER in about:
                done["remind_at"] = remind_at(row["starts_at"], to, change.now) if REMINDER in about else None
            if exactly or FOLLOW_UP in about:
                done["follow_up_at"] = follow_up_at(row["ends_at"]) if FOLLOW_UP in about else None
            if not await self.repository.change(change.tx, row["id"], [appointments.c.status == BOOKED], **done):
                raise UnknownReference()
            return self.cards.appointment(owner, dict(row) | done)

    async def follow_up(self, conversation_id: str) -> None:
        """A tap in the chat: a greeting after the next talk, to the contact that is there already; told what came of it."""
        async with self.conversations.change(conversation_id) as change:
            ahead = await self.repository.of_conversation(change.tx, conversation_id, change.now)
            row = min(ahead, key=lambda row: row["starts_at"], default=None)
            known = row and self.cards.content_of(change.conversation, row).get("contact")
            if row and known:
                await self.repository.change(change.tx, row["id"], follow_up_at=follow_up_at(row["ends_at"]), changed_at=change.now)
            await change.say(*self.conversations.reactions.words(change.conversation, "follow_up_set" if known else "follow_up_nowhere"))

    async def _waits_without(self, reference: str, contact: dict | None) -> dict | None:
        code = read_reference(reference)
        async with self.conversations.storage.write() as tx:
            return await self.waiting.set_contact(tx, self.conversations.repository.keys.fingerprint(code), contact) if code else None

    # Changing one's mind: with the code alone, from any conversation

    async def cancel(self, conversation_id: str, reference: str, key: str | None = None) -> dict:
        """→ the card, cancelled; the time is free at once. The same `key` again gives the same answer. Raises UnknownReference."""
        key = key and own_key(conversation_id, "cancel", key)
        async with self._by_code(conversation_id, reference, key) as (change, owner, row):
            if row["status"] == CANCELLED:
                return self.cards.appointment(owner, row)
            done = {"status": CANCELLED, "changed_at": change.now, "last_key": key}
            if not await self.repository.change(change.tx, row["id"], [appointments.c.status == BOOKED], **done):
                raise UnknownReference()
            await self.waiting.leave(change.tx, owner.id)
            card = await self._tell(change, owner, dict(row) | done, "appointment_cancelled")
        await self.waiting.offer_freed()
        return card

    async def reschedule(self, conversation_id: str, reference: str, slot_id: str, key: str | None = None) -> dict:
        """Move to another slot in one transaction: the old time is free only if the new one was won. Retries as in `cancel`."""
        key = key and own_key(conversation_id, "reschedule", key)
        async with self._by_code(conversation_id, reference, key) as (change, owner, row):
            if key and row["last_key"] == key:
                return self.cards.appointment(owner, row)
            slot, _ = await self._claimable(change, slot_id, row["id"], owner, row["form"])
            moved = self._moved(change, owner, row, slot) | {"last_key": key}
            await self.waiting.leave(change.tx, owner.id)
            if not await self.repository.move(change.tx, row["id"], [appointments.c.status == BOOKED], **moved):
                raise await self._taken(change, slot_id, owner, row["form"])
            card = await self._tell(change, owner, dict(row) | moved, "appointment_moved")
        await self.waiting.offer_freed()
        return card

    def _moved(self, change: Change, owner: Conversation, row, slot: Slot) -> dict:
        """A new time may mean a new host and place; what the guest said with the booking stays."""
        form = _form(row["form"], slot)
        content = self.cards.content_of(owner, row) | {"host_alias": slot.host_alias}
        return {
            "changed_at": change.now,
            "host_id": slot.host_id,
            "starts_at": slot.starts_at,
            "ends_at": slot.ends_at,
            "place": self.cards.place_id(owner.municipality, slot, form),
            "content": self.cards.seal(owner, row["id"], content),
            "remind_at": remind_at(slot.starts_at, content.get("contact"), change.now),
            "follow_up_at": follow_up_at(slot.ends_at) if row["follow_up_at"] else None,
        }

    @asynccontextmanager
    async def _by_code(self, conversation_id: str, reference: str, key: str | None) -> AsyncIterator[tuple]:
        """A change in the conversation that speaks, on an appointment that may belong to another → (change, owner, row)."""
        async with self.conversations.change(conversation_id) as change:
            row, owner = await self.find(change.tx, reference, conversation_id, key), change.conversation
            if row["conversation_id"] != owner.id:
                owner = await self.conversations.repository.get(change.tx, row["conversation_id"])
            yield change, owner, row

    async def find(self, tx, reference: str, who: str, key: str | None = None):
        """The row with that code. Raises UnknownReference, and TooManyCodes when `who` has guessed too often."""
        self.attempts.may_try(who)
        code = read_reference(reference)
        row = await self.repository.by_reference(tx, self.conversations.repository.keys.fingerprint(code), key) if code else None
        if row is None:
            self.attempts.was_wrong(who)
            raise UnknownReference()
        return row

    async def calendar(self, reference: str, who: str = "") -> str:
        """iCalendar text with a neutral title. Raises UnknownReference."""
        async with self.conversations.storage.read() as tx:
            found = await self.find(tx, reference, who)
            conversation = await self.conversations.repository.get(tx, found["conversation_id"])
        return self.cards.calendar_file(conversation.municipality, found)

    async def release(self, change: Change) -> int:
        """Cancel what lies ahead for a conversation that is being forgotten. → how many."""
        await self.repository.let_go(change.tx, change.conversation.id)
        await self.waiting.leave(change.tx, change.conversation.id)
        ahead = await self.repository.of_conversation(change.tx, change.conversation.id, change.now)
        for row in ahead:
            done = {"status": CANCELLED, "changed_at": change.now, "content": None}
            await self.repository.change(change.tx, row["id"], [appointments.c.status == BOOKED], **done)
        return len(ahead)

    # For hosts and jobs

    async def mark_attended(self, municipality: str, appointment_id: str, attended: bool) -> None:
        """A host's one tap, which can be taken back by the other. Raises UnknownReference, and TooEarly before it has begun."""
        async with self.conversations.storage.write() as tx:
            row = await self.repository.by_id(tx, appointment_id)
            if row is None or row["municipality"] != municipality:
                raise UnknownReference()
            if row["starts_at"] > self.clock():
                raise TooEarly()
            kept = [appointments.c.status.in_((BOOKED, ATTENDED, NOT_ATTENDED))]
            done = {"status": ATTENDED if attended else NOT_ATTENDED, "changed_at": self.clock()}
            if not await self.repository.change(tx, appointment_id, kept, **done):
                raise UnknownReference()

    async def release_expired(self) -> int:
        """Holds nobody turned into a booking in time are free again. → how many. Writes only when there is something to do."""
        now = self.clock()
        async with self.conversations.storage.read() as tx:
            if not await self.repository.any_expired(tx, now):
                return 0
        async with self.conversations.storage.write() as tx:
            return await self.repository.release_expired(tx, now)

    async def of_host(self, host_id: str, since: datetime) -> list[dict]:
        """A host's appointments from `since` on, also those already marked, without forgotten guests → rows with `content`, `place_name`, `video_url` and `wants_earlier`."""
        async with self.conversations.storage.read() as tx:
            rows = await self.repository.of_host(tx, host_id, since, (BOOKED, ATTENDED, NOT_ATTENDED))
            known = await self.conversations.repository.many(tx, [row["conversation_id"] for row in rows])
            waiting = await self.waiting.appointments_of(tx, [row["id"] for row in rows])
        owners = {one.id: one for one in known}
        shown = [self._for_host(owners[row["conversation_id"]], row) for row in rows if row["conversation_id"] in owners]
        return [row | {"wants_earlier": row["id"] in waiting} for row in shown]

    def _for_host(self, owner: Conversation, row) -> dict:
        place = self.cards.place(owner.municipality, row["place"]).name
        return dict(row) | {"content": self.content_of(owner, row), "place_name": place, "video_url": self.cards.video_url(row)}

    def content_of(self, conversation: Conversation, row) -> dict:
        return self.cards.content_of(conversation, row)

    async def _tell(self, change: Change, owner: Conversation, row: dict, wording: str) -> dict:
        """Say what the row says, in the same transaction: a guest is never told of a booking that is not there."""
        card = self.cards.appointment(owner, row)
        words = self.conversations.reactions.words(change.conversation, wording, **{k: v for k, v in card.items() if v})
        text = " ".join(draft.body.get("text", "") for draft in words)
        await change.say(Draft("booking", "system", {"text": text, "card": card}))
        return card


def own_key(conversation_id: str, action: str, key: str) -> str:
    """The same key from another conversation, or for another thing, is another key. → 64 characters."""
    return hashlib.sha256(f"{conversation_id}:{action}:{key}".encode()).hexdigest()


def _form(wanted: str | None, slot: Slot) -> str:
    if wanted is not None and wanted not in slot.forms:
        raise BadInput(fields=[{"field": "form", "problem": "not_offered"}])
    return wanted or default_form(slot)
