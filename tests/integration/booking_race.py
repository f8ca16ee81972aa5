"""Twenty clients who want the same few times at once, round after round, in every way there is to want one.

Every round has a time of its own that all go for, so a round without a winner shows. Some clients are blind: they look at
nothing and just write, as a broken program would, so that only the database stands in their way.
"""

import asyncio
import random
import uuid
from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta

from backend.appointments.service import Booking, SlotTaken, UnknownReference
from backend.domain.appointments import BOOKED, Slot
from backend.errors import Unavailable
from tests.integration.booking_parts import Desk, doubles

CLIENTS, BLIND = 20, 4
EXPECTED = (SlotTaken, UnknownReference, Unavailable)


@dataclass
class Outcome:
    """What a race came to. `errors` are those nobody has planned for; `busy` were told to try again."""

    rounds: int = 0
    doubles: int = 0
    without_winner: int = 0
    busy: int = 0
    told_wrong: int = 0
    errors: Counter = field(default_factory=Counter)
    tried: Counter = field(default_factory=Counter)
    won: Counter = field(default_factory=Counter)


class Race:
    def __init__(self, desk: Desk, host_id: str, guests: list[str], seed: int, blind: int = BLIND) -> None:
        self.desk, self.host_id, self.guests, self.chance, self.blind = desk, host_id, guests, random.Random(seed), blind
        self.outcome = Outcome()

    async def run(self, rounds: int) -> Outcome:
        while self.outcome.rounds < rounds:
            for slot in (await _in_time(lambda: self.desk.slots(self.guests[0], 40)))[: rounds - self.outcome.rounds]:
                await self._round(slot)
            await _in_time(self._clean)
        return self.outcome

    async def _round(self, slot: Slot) -> None:
        clients = [self._blind(slot) if i < self.blind else self._client(guest, slot) for i, guest in enumerate(self.guests)]
        self.chance.shuffle(clients)
        told = await asyncio.gather(*clients, return_exceptions=True)
        self._count(told)
        rows = await _in_time(self.desk.rows)
        here = [row for row in rows if row["host_id"] == self.host_id and row["starts_at"] < slot.ends_at and slot.starts_at < row["ends_at"]]
        self.outcome.rounds += 1
        self.outcome.doubles += len(doubles(here))
        self.outcome.without_winner += not here
        said_yes = [card for card in told if isinstance(card, dict) and card.get("status") == BOOKED and card["starts_at"] == slot.starts_at.isoformat()]
        self.outcome.told_wrong += len({card["reference"] for card in said_yes}) > 1

    def _count(self, told: list) -> None:
        for one in told:
            if isinstance(one, Unavailable):
                self.outcome.busy += 1
            elif isinstance(one, BaseException) and not isinstance(one, EXPECTED):
                self.outcome.errors[type(one).__name__] += 1

    async def _client(self, guest: str, slot: Slot) -> dict | None:
        """One of the ways people and their programs go about it. → the card, when the time was said to be theirs to the end."""
        way = self.chance.choice((self._books, self._books, self._books_twice, self._holds_then_books, self._holds, self._moves, self._books_and_regrets))
        self.outcome.tried[way.__name__] += 1
        card = await way(guest, slot)
        self.outcome.won[way.__name__] += 1
        return card

    async def _books(self, guest: str, slot: Slot):
        return await self.desk.appointments.book(guest, uuid.uuid4().hex, Booking(slot.id))

    async def _books_twice(self, guest: str, slot: Slot):
        """The answer got lost: the same key again, at once."""
        key = uuid.uuid4().hex
        first, second = await asyncio.gather(*(self.desk.appointments.book(guest, key, Booking(slot.id)) for _ in range(2)), return_exceptions=True)
        if isinstance(first, dict) and isinstance(second, dict):
            assert first == second
        return first if isinstance(first, dict) else _raised(second)

    async def _holds(self, guest: str, slot: Slot):
        await self.desk.appointments.hold(guest, slot.id)

    async def _holds_then_books(self, guest: str, slot: Slot):
        await self.desk.appointments.hold(guest, slot.id)
        return await self._books(guest, slot)

    async def _moves(self, guest: str, slot: Slot):
        """Books something next to it and then wants this one after all."""
        others = [one for one in await self.desk.slots(guest, 12) if one.id != slot.id]
        card = await self._books(guest, self.chance.choice(others))
        try:
            return await self.desk.appointments.reschedule(guest, card["reference"], slot.id, uuid.uuid4().hex)
        except SlotTaken:
            await self.desk.appointments.cancel(guest, card["reference"], uuid.uuid4().hex)
            raise

    async def _books_and_regrets(self, guest: str, slot: Slot):
        """Takes it, gives it back, and takes it again with another key."""
        card = await self._books(guest, slot)
        await self.desk.appointments.cancel(guest, card["reference"], uuid.uuid4().hex)
        return await self._books(guest, slot)

    async def _blind(self, slot: Slot) -> None:
        """Writes without looking and without waiting for its turn, a little askew every other time."""
        guest = await self.desk.conversations.find(self.guests[0])
        late = timedelta(minutes=self.chance.choice((0, 0, 20)))
        async with self.desk.storage.write() as tx:
            row = {
                "id": uuid.uuid4().hex, "conversation_id": guest.id, "host_id": self.host_id, "starts_at": slot.starts_at + late,
                "ends_at": slot.ends_at + late, "status": BOOKED, "form": "chat", "place": "chat", "idempotency_key": uuid.uuid4().hex,
                "reference_hash": b"", "booked_at": self.desk.now, "changed_at": self.desk.now, "expires_at": None,
            }  # fmt: skip
            if not await self.desk.appointments.repository.add(tx, **row):
                raise SlotTaken()

    async def _clean(self) -> None:
        """Everything free again, so that the calendar lasts for any number of rounds."""
        from sqlalchemy import delete

        from backend.appointments.tables import appointments

        async with self.desk.storage.write() as tx:
            await tx.execute(delete(appointments))


async def _in_time(look):
    """The referee is told to try again too, when the machine is busy, and does: its looks are no part of the race."""
    while True:
        try:
            return await look()
        except Unavailable:
            await asyncio.sleep(0.5)


def _raised(one):
    if isinstance(one, BaseException):
        raise one
    return one


async def entered(desk: Desk, seed: int = 1, clients: int = CLIENTS, blind: int = BLIND) -> Race:
    """A race with its host, its shift and its guests, not yet begun."""
    host_id = await desk.host()
    await desk.shift(host_id, rule="FREQ=DAILY", starts="08:00", ends="20:00", buffer_minutes=0, slot_minutes=30)
    return Race(desk, host_id, [await desk.guest() for _ in range(clients)], seed, blind)


async def run_race(desk: Desk, rounds: int, seed: int = 1, clients: int = CLIENTS, blind: int = BLIND) -> Outcome:
    return await (await entered(desk, seed, clients, blind)).run(rounds)
