"""All SQL about shifts as seen by booking, and about appointments."""

from collections.abc import Sequence
from datetime import datetime, time

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from backend.appointments.tables import appointments
from backend.domain.appointments import BOOKED, TAKES_SLOT, Busy, Shift
from backend.hosts.tables import hosts, shift_exceptions, shifts


class AppointmentRepository:
    async def shifts(self, tx: AsyncConnection, municipality: str) -> list[Shift]:
        wanted = (
            select(shifts, hosts.c.alias, hosts.c.peer)
            .join(hosts, hosts.c.id == shifts.c.host_id)
            .where(hosts.c.municipality == municipality, hosts.c.disabled_at.is_(None))
        )
        away = await self._exceptions(tx)
        return [_shift(row, away.get(row["id"], ())) for row in (await tx.execute(wanted)).mappings()]

    async def _exceptions(self, tx: AsyncConnection) -> dict[str, tuple]:
        days: dict[str, tuple] = {}
        for row in await tx.execute(select(shift_exceptions)):
            days[row.shift_id] = (*days.get(row.shift_id, ()), row.except_on)
        return days

    async def busy(self, tx: AsyncConnection, since: datetime, until: datetime) -> list[Busy]:
        taken = select(appointments.c.host_id, appointments.c.starts_at, appointments.c.ends_at).where(
            appointments.c.status.in_(TAKES_SLOT), appointments.c.ends_at > since, appointments.c.starts_at < until
        )
        return [Busy(*row) for row in await tx.execute(taken)]

    async def lock_host(self, tx: AsyncConnection, host_id: str) -> None:
        """Bookings with one host take their turn, so that overlapping slots of other lengths are seen too."""
        await tx.execute(update(hosts).where(hosts.c.id == host_id).values(id=host_id))

    async def add(self, tx: AsyncConnection, **row) -> bool:
        """False when the unique index says that somebody else has the slot."""
        try:
            async with tx.begin_nested():
                await tx.execute(insert(appointments).values(row))
        except IntegrityError:
            return False
        return True

    async def by_key(self, tx: AsyncConnection, idempotency_key: str):
        return await self._one(tx, appointments.c.idempotency_key == idempotency_key)

    async def by_reference(self, tx: AsyncConnection, reference_hash: bytes, municipality: str | None = None):
        return await self._one(tx, appointments.c.reference_hash == reference_hash, appointments.c.status == BOOKED)

    async def _one(self, tx: AsyncConnection, *conditions):
        return (await tx.execute(select(appointments).where(*conditions))).mappings().first()

    async def change(self, tx: AsyncConnection, appointment_id: str, only_if: Sequence = (), **values) -> bool:
        changed = update(appointments).where(appointments.c.id == appointment_id, *only_if).values(**values)
        return (await tx.execute(changed)).rowcount == 1

    async def of_conversation(self, tx: AsyncConnection, conversation_id: str, after: datetime) -> list:
        wanted = select(appointments).where(
            appointments.c.conversation_id == conversation_id, appointments.c.status == BOOKED, appointments.c.starts_at > after
        )
        return list((await tx.execute(wanted)).mappings())

    async def upcoming(self, tx: AsyncConnection, municipality: str, since: datetime, limit: int = 50) -> list:
        wanted = (
            select(appointments, hosts.c.alias)
            .join(hosts, hosts.c.id == appointments.c.host_id)
            .where(hosts.c.municipality == municipality, appointments.c.starts_at > since, appointments.c.status == BOOKED)
            .order_by(appointments.c.starts_at)
            .limit(limit)
        )
        return list((await tx.execute(wanted)).mappings())


def _shift(row, away: tuple) -> Shift:
    return Shift(
        id=row["id"],
        host_id=row["host_id"],
        host_alias=row["alias"],
        peer=row["peer"],
        rule=row["rule"],
        first_on=row["first_on"],
        starts=time.fromisoformat(row["starts"]),
        ends=time.fromisoformat(row["ends"]),
        forms=tuple(row["forms"].split()),
        place=row["place"],
        slot_minutes=row["slot_minutes"],
        buffer_minutes=row["buffer_minutes"],
        except_on=away,
    )
