"""What a guest can do with the code alone, from no conversation: see, move and cancel."""

from dataclasses import dataclass
from datetime import datetime

from backend.appointments.booking import UnknownReference
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

    async def _owner(self, code: str, who: str) -> str:
        """The conversation the appointment was made in, also when it is cancelled by now, so that a retry is answered."""
        self.service.attempts.may_try(who)
        repository, read = self.service.repository, read_reference(code)
        async with self.service.conversations.storage.read() as tx:
            fingerprint = self.service.conversations.repository.keys.fingerprint(read) if read else b""
            owner = await repository.owner_of(tx, fingerprint) if read else None
        if owner is None:
            self.service.attempts.was_wrong(who)
            raise UnknownReference()
        return owner
