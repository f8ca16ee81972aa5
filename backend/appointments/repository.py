"""All SQL about shifts as seen by booking, and about appointments."""

import uuid
from collections.abc import Sequence
from datetime import datetime, time

from sqlalchemy import and_, delete, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from backend.appointments.tables import appointments, booking_rules, external_busy
from backend.domain.appointments import BOOKED, HELD, NOTICE_MINUTES, Busy, Shift, Slot, default_form
from backend.hosts.tables import hosts, shift_exceptions, shifts

OFFER = "offer:"


def offer_hold(conversation_id: str):
    """A time held for somebody on the waiting list, while they are asked."""
    of = appointments.c
    return and_(of.conversation_id == conversation_id, of.status == HELD, of.idempotency_key.startswith(OFFER))


def hold_row(conversation_id: str, slot: Slot, now: datetime, until: datetime, key: str = "hold:") -> dict:
    """A hold carries no words and no code: only who, when and how long. `key` begins its idempotency key."""
    hold_id = uuid.uuid4().hex
    return {
        "id": hold_id,
        "conversation_id": conversation_id,
        "host_id": slot.host_id,
        "starts_at": slot.starts_at,
        "ends_at": slot.ends_at,
        "status": HELD,
        "form": default_form(slot),
        "place": slot.place,
        "idempotency_key": f"{key}{hold_id}",
        "reference_hash": b"",
        "booked_at": now,
        "changed_at": now,
        "expires_at": until,
    }


class AppointmentRepository:
    # What hosts have to give

    async def shifts(self, tx: AsyncConnection, municipality: str, channel: str | None = None, host_id: str | None = None) -> list[Shift]:
        rules = booking_rules.c
        wanted = (
            select(shifts, hosts.c.alias, hosts.c.peer, hosts.c.channels, rules.notice_minutes, rules.most_a_day, rules.languages)
            .join(hosts, hosts.c.id == shifts.c.host_id)
            .outerjoin(booking_rules, rules.host_id == hosts.c.id)
            .where(hosts.c.municipality == municipality, hosts.c.disabled_at.is_(None))
        )
        if host_id is not None:
            wanted = wanted.where(hosts.c.id == host_id)
        rows = [row for row in (await tx.execute(wanted)).mappings() if channel is None or channel in row["channels"].split()]
        away = await self._exceptions(tx, {row["id"] for row in rows})
        return [_shift(row, away.get(row["id"], ())) for row in rows]

    async def _exceptions(self, tx: AsyncConnection, shift_ids: set[str]) -> dict[str, tuple]:
        days: dict[str, tuple] = {}
        for row in await tx.execute(select(shift_exceptions)):
            if row.shift_id in shift_ids:
                days[row.shift_id] = (*days.get(row.shift_id, ()), row.except_on)
        return days

    # What is taken

    async def busy(
        self,
        tx: AsyncConnection,
        hosts_asked: set[str],
        since: datetime,
        until: datetime,
        now: datetime,
        conversation_id: str = "",
        except_for: str = "",
    ) -> list[Busy]:
        """Appointments, others' running holds and hosts' other work. A conversation's own hold is free to itself."""
        held = and_(
            appointments.c.status == HELD, appointments.c.expires_at > now, appointments.c.conversation_id != conversation_id
        )
        taken = select(appointments.c.host_id, appointments.c.starts_at, appointments.c.ends_at).where(
            or_(appointments.c.status == BOOKED, held),
            appointments.c.id != except_for,
            appointments.c.ends_at > since,
            appointments.c.starts_at < until,
        )
        other = select(external_busy.c.host_id, external_busy.c.starts_at, external_busy.c.ends_at).where(
            external_busy.c.ends_at > since, external_busy.c.starts_at < until
        )
        talks = [Busy(*row) for row in await tx.execute(taken) if row.host_id in hosts_asked]
        work = [Busy(*row, external=True) for row in await tx.execute(other) if row.host_id in hosts_asked]
        return talks + work

    async def lock_host(self, tx: AsyncConnection, host_id: str) -> None:
        """Bookings with one host take their turn, so that slots of other lengths and the day's limit are seen too.

        SQLite has one writer anyway and leaves the lock out; on PostgreSQL it lets foreign keys through.
        """
        await tx.execute(select(hosts.c.id).where(hosts.c.id == host_id).with_for_update(key_share=True))

    # Appointments

    async def add(self, tx: AsyncConnection, **row) -> bool:
        """False when the database says that somebody else has the time."""
        return await self._unless_taken(tx, insert(appointments).values(row))

    async def move(self, tx: AsyncConnection, appointment_id: str, only_if: Sequence = (), **values) -> bool:
        """Like `change`, for values that may collide with another appointment. False when they do."""
        return await self._unless_taken(tx, update(appointments).where(appointments.c.id == appointment_id, *only_if).values(**values))

    async def _unless_taken(self, tx: AsyncConnection, statement) -> bool:
        try:
            async with tx.begin_nested():
                return (await tx.execute(statement)).rowcount == 1
        except IntegrityError:
            return False

    async def change(self, tx: AsyncConnection, appointment_id: str, only_if: Sequence = (), **values) -> bool:
        changed = update(appointments).where(appointments.c.id == appointment_id, *only_if).values(**values)
        return (await tx.execute(changed)).rowcount == 1

    async def by_key(self, tx: AsyncConnection, idempotency_key: str):
        return await self._one(tx, appointments.c.idempotency_key == idempotency_key)

    async def by_reference(self, tx: AsyncConnection, reference_hash: bytes, key: str | None = None):
        """The booked appointment with that code; also one that was changed under just this `key`, so that a retry is answered."""
        again = appointments.c.last_key == key if key else appointments.c.status == BOOKED
        return await self._one(tx, appointments.c.reference_hash == reference_hash, or_(appointments.c.status == BOOKED, again))

    async def owner_of(self, tx: AsyncConnection, reference_hash: bytes) -> str | None:
        wanted = select(appointments.c.conversation_id).where(appointments.c.reference_hash == reference_hash)
        return (await tx.execute(wanted)).scalar_one_or_none()

    async def by_id(self, tx: AsyncConnection, appointment_id: str):
        wanted = select(appointments, hosts.c.municipality).join(hosts, hosts.c.id == appointments.c.host_id)
        return (await tx.execute(wanted.where(appointments.c.id == appointment_id))).mappings().first()

    async def latest_host(self, tx: AsyncConnection, conversation_id: str) -> str | None:
        """Who the guest of this conversation was to meet last time."""
        wanted = (
            select(appointments.c.host_id)
            .where(appointments.c.conversation_id == conversation_id, appointments.c.status != HELD)
            .order_by(appointments.c.starts_at.desc())
            .limit(1)
        )
        return (await tx.execute(wanted)).scalar_one_or_none()

    async def _one(self, tx: AsyncConnection, *conditions):
        return (await tx.execute(select(appointments).where(*conditions))).mappings().first()

    async def of_conversation(self, tx: AsyncConnection, conversation_id: str, after: datetime) -> list:
        wanted = select(appointments).where(
            appointments.c.conversation_id == conversation_id, appointments.c.status == BOOKED, appointments.c.starts_at > after
        )
        return list((await tx.execute(wanted)).mappings())

    async def of_host(self, tx: AsyncConnection, host_id: str, since: datetime, statuses: Sequence[str] = (BOOKED,)) -> list:
        wanted = (
            select(appointments)
            .where(appointments.c.host_id == host_id, appointments.c.status.in_(statuses), appointments.c.ends_at > since)
            .order_by(appointments.c.starts_at)
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

    # Holds

    async def hold_on(self, tx: AsyncConnection, conversation_id: str, host_id: str, starts_at: datetime):
        mine = (appointments.c.conversation_id == conversation_id, appointments.c.status == HELD)
        return await self._one(tx, *mine, appointments.c.host_id == host_id, appointments.c.starts_at == starts_at)

    async def let_go(self, tx: AsyncConnection, conversation_id: str, except_for: str = "") -> None:
        """A conversation holds one time: the others are free again. What it was offered from the waiting list stays until it is answered."""
        mine = (appointments.c.conversation_id == conversation_id, appointments.c.status == HELD)
        await tx.execute(delete(appointments).where(*mine, appointments.c.id != except_for, ~offer_hold(conversation_id)))

    async def release_expired(self, tx: AsyncConnection, now: datetime, host_id: str | None = None) -> int:
        """Holds nobody turned into a booking in time leave no trace. → how many."""
        expired = [appointments.c.status == HELD, appointments.c.expires_at <= now]
        if host_id is not None:
            expired.append(appointments.c.host_id == host_id)
        return (await tx.execute(delete(appointments).where(*expired))).rowcount

    async def any_expired(self, tx: AsyncConnection, now: datetime) -> bool:
        expired = select(func.count()).where(appointments.c.status == HELD, appointments.c.expires_at <= now)
        return (await tx.execute(expired)).scalar_one() > 0


def _shift(row, away: tuple) -> Shift:
    notice = row["notice_minutes"]
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
        notice_minutes=NOTICE_MINUTES if notice is None else notice,
        most_a_day=row["most_a_day"],
        languages=tuple((row["languages"] or "da").split()),
    )
