"""What a guest can do with the code alone, from no conversation: see, move and cancel."""

from collections.abc import Set
from dataclasses import dataclass
from datetime import datetime

from backend.appointments.booking import NotSentThere, UnknownReference, reminder_contact
from backend.appointments.reminders import FOLLOW_UP, REMINDER
from backend.appointments.service import AppointmentService, Window
from backend.domain.reference import read_reference

TIMES_SHOWN = 12


@dataclass(frozen=True)
class ByCode:
    """`who` is the address that asks: wrong codes are counted against it. All raise UnknownReference and TooManyCodes."""

    service: AppointmentService

    async def card(self, code: str, who: str) -> dict:
        """→ the card of the booked appointment, with `is_ahead`: whether it can still be changed."""
        async with self.service.conversations.storage.read() as tx:
            row = await self.service.find(tx, code, who)
            owner = await self.service.conversations.repository.get(tx, row["conversation_id"])
        return self.service.cards.appointment(owner, row) | {"is_ahead": row["starts_at"] > self.service.clock()}

    async def times(self, code: str, who: str, since: datetime | None = None) -> dict:
        """→ {card, slots, exact}: free times to move to, talked in the same way as the appointment."""
        card, owner = await self.card(code, who), await self._owner(code, who)
        found, exact = await self.service.search(owner, Window(since), card["form"], False, TIMES_SHOWN)
        municipality = (await self.service.conversations.find(owner)).municipality
        return {"card": card, "slots": [self.service.cards.slot(municipality, slot, card["form"]) for slot in found], "exact": exact}

    async def cancel(self, code: str, who: str, key: str) -> dict:
        """→ the card, cancelled. The same key again gives the same answer."""
        return await self.service.cancel(await self._owner(code, who), code, key)

    async def move(self, code: str, who: str, slot_id: str, key: str) -> dict:
        """→ the card at its new time. Raises SlotTaken with the nearest others."""
        return await self.service.reschedule(await self._owner(code, who), code, slot_id, key)

    async def shown(self, code: str, who: str) -> dict:
        """→ {card or None for somebody who only waits, waiting: {waits, offer}, messages: what they have asked to be written about,
        has_contact}."""
        owner, service = await self._owner(code, who), self.service
        async with service.conversations.storage.read() as tx:
            row = await service.repository.by_reference(tx, self._fingerprint(code))
            conversation = await service.conversations.repository.get(tx, owner)
        waiting = await service.waiting.shown(owner)
        if row is None and not waiting["by_code"]:
            raise UnknownReference()
        messages = {kind for kind, name in ((REMINDER, "remind_at"), (FOLLOW_UP, "follow_up_at")) if row and row[name]}
        has_contact = bool(row and service.content_of(conversation, row).get("contact"))
        card = service.cards.appointment(conversation, row) | {"is_ahead": row["starts_at"] > service.clock()} if row else None
        return {"card": card, "waiting": waiting, "messages": messages, "has_contact": has_contact}

    async def write_to(self, code: str, who: str, contact: dict | None, about: Set[str], earlier: bool) -> None:
        """Where and about what to write, as it stands on the page. Raises BadInput for what can't be."""
        owner, waiting = await self._owner(code, who), self.service.waiting
        if contact and contact["kind"] not in self.service.cards.reminders:
            raise NotSentThere(fields=[{"field": "contact.kind", "problem": "not_offered"}])
        await self.service.write_to(owner, code, reminder_contact(contact), about, keep=earlier, exactly=True)
        is_waiting = (await waiting.shown(owner))["waits"]
        if earlier and not is_waiting:
            await waiting.join_by_code(owner, code)
        elif is_waiting and not earlier:
            await waiting.stop(owner)

    async def answer(self, code: str, who: str, accepted: bool) -> dict | None:
        """To an offer of something earlier → the card at that time; None when it was declined or is gone."""
        owner, waiting = await self._owner(code, who), self.service.waiting
        return await (waiting.accept(owner) if accepted else waiting.decline(owner))

    async def stop_waiting(self, code: str, who: str) -> None:
        await self.service.waiting.stop(await self._owner(code, who))

    def _fingerprint(self, code: str) -> bytes:
        read = read_reference(code)
        return self.service.conversations.repository.keys.fingerprint(read) if read else b""

    async def _owner(self, code: str, who: str) -> str:
        """The conversation the appointment was made in, also when it is cancelled by now, so that a retry is answered; or that waits."""
        self.service.attempts.may_try(who)
        fingerprint = self._fingerprint(code)
        async with self.service.conversations.storage.read() as tx:
            owner = fingerprint and (
                await self.service.repository.owner_of(tx, fingerprint) or await self.service.waiting.by_reference(tx, fingerprint)
            )
        if not owner:
            self.service.attempts.was_wrong(who)
            raise UnknownReference()
        return owner
