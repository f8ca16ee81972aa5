"""A card from somebody who cares: a short code that opens one door page, once. Who gave it is known to nobody.

It is made without a conversation's token, so that the house itself cannot tell which chat it came from. Opening it takes
a press of a button (a preview of the link does not use it up) and deletes the row. After that the code looks like any
code that never was.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from limits import parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from sqlalchemy import delete, insert

from backend.catalogue import Catalogue
from backend.catalogue.calendar import local
from backend.domain.reference import SHORT, new_reference, read_reference
from backend.door_cards.tables import door_cards
from backend.errors import Busy, NotFound
from backend.storage.engine import Storage
from backend.storage.keys import KeyRing

KEPT = timedelta(days=14)
MAKING = parse("20/hour")  # a family or a ward behind one address
OPENING = parse("30/5minutes")


@dataclass(frozen=True, slots=True)
class DoorCard:
    """`door` in `municipality` (`_national` where it is everybody's); the card works to the end of `expires_on`."""

    code: str
    municipality: str
    door: str
    expires_on: date


@dataclass(frozen=True)
class DoorCards:
    storage: Storage
    keys: KeyRing
    catalogue: Catalogue
    clock: Callable[[], datetime]
    _limiter: MovingWindowRateLimiter = field(default_factory=lambda: MovingWindowRateLimiter(MemoryStorage()), repr=False)
    _salt: str = field(default_factory=lambda: secrets.token_hex(16), repr=False)

    async def make(self, municipality: str, door: str, address: str) -> DoorCard:
        """Raises NotFound for a door without a page, Busy when one address makes very many."""
        known = self.catalogue.municipality(municipality).doors.get(door)
        if known is None or not known.listed:
            raise NotFound()
        self._may(MAKING, address)
        card = DoorCard(new_reference(secrets.choice, SHORT), municipality, door, self._today() + KEPT)
        async with self.storage.write() as tx:
            await tx.execute(insert(door_cards).values(self._row(card)))
        return card

    def _row(self, card: DoorCard) -> dict:
        return {
            "code_hash": self.keys.fingerprint(card.code),
            "municipality": card.municipality,
            "door": card.door,
            "expires_on": card.expires_on,
        }

    async def open(self, code: str, address: str) -> tuple[str, str] | None:
        """Uses the card up: → (municipality, door), or None for one that is used, out of date or never was."""
        self._may(OPENING, address)
        written = read_reference(code, SHORT)
        if written is None:
            return None
        mine = door_cards.c.code_hash == self.keys.fingerprint(written)
        used = delete(door_cards).where(mine).returning(door_cards.c.municipality, door_cards.c.door, door_cards.c.expires_on)
        async with self.storage.write() as tx:
            row = (await tx.execute(used)).first()
        return (row.municipality, row.door) if row and row.expires_on >= self._today() else None

    async def forget_expired(self) -> int:
        """→ how many were thrown away."""
        async with self.storage.write() as tx:
            return (await tx.execute(delete(door_cards).where(door_cards.c.expires_on < self._today()))).rowcount

    def _today(self) -> date:
        return local(self.clock()).date()

    def _may(self, limit, address: str) -> None:
        if not self._limiter.hit(limit, self._salt + address):
            raise Busy()
