"""All SQL about alarms and their steps."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import and_, delete, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from backend.conversations.tables import conversations
from backend.domain.alarm import AtDesk
from backend.handoffs.repository import ACTIVE_WITHIN, CHATTING_ROLES, Team
from backend.handoffs.tables import alarm_steps, alarms
from backend.hosts.tables import hosts

TOLD = hosts.alias("told")
COMPANION = hosts.alias("companion")
WITH_STATE = (alarms, conversations.c.municipality, conversations.c.channel, conversations.c.state, conversations.c.owner_id, conversations.c.erased_at)


class AlarmRepository:
    async def add(self, tx: AsyncConnection, **row) -> None:
        await tx.execute(insert(alarms).values(row))

    async def open_of(self, tx: AsyncConnection, conversation_id: str):
        """The conversation's alarm that nobody has written an end to, or None."""
        wanted = select(alarms).where(alarms.c.conversation_id == conversation_id, alarms.c.closed_at.is_(None))
        return (await tx.execute(wanted)).mappings().first()

    async def latest_of(self, tx: AsyncConnection, conversation_id: str):
        wanted = select(*WITH_STATE).join(conversations).where(alarms.c.conversation_id == conversation_id)
        return (await tx.execute(wanted.order_by(alarms.c.closed_at.is_not(None), alarms.c.opened_at.desc()).limit(1))).mappings().first()

    async def change(self, tx: AsyncConnection, alarm_id: str, only_if: Sequence = (), **values) -> bool:
        changed = update(alarms).where(alarms.c.id == alarm_id, *only_if).values(**values)
        return (await tx.execute(changed)).rowcount == 1

    async def ringing(self, tx: AsyncConnection, since: datetime) -> list:
        """Alarms nobody has answered that began to ring after `since`, with where their guest is."""
        wanted = select(*WITH_STATE).join(conversations).where(
            alarms.c.closed_at.is_(None), alarms.c.acknowledged_by.is_(None), alarms.c.rang_at > since
        )
        return list((await tx.execute(wanted)).mappings())

    async def for_host(self, tx: AsyncConnection, host_id: str, municipality: str, channels: Iterable[str], silent: datetime) -> list:
        """Open alarms of the host's teams that the host has answered, or that nobody has: those that rang for this host, and the old ones.

        `silent`: what rang before it is old, and everybody's to look at.
        """
        rung = select(alarm_steps.c.alarm_id).where(alarm_steps.c.host_id == host_id, alarm_steps.c.kind == "rung")
        wanted = (
            select(*WITH_STATE, hosts.c.alias.label("owner_alias"))
            .join(conversations, conversations.c.id == alarms.c.conversation_id)
            .outerjoin(hosts, hosts.c.id == conversations.c.owner_id)
            .where(
                alarms.c.closed_at.is_(None),
                conversations.c.municipality == municipality,
                conversations.c.channel.in_(tuple(channels)),
                or_(alarms.c.acknowledged_by == host_id, and_(alarms.c.acknowledged_by.is_(None), or_(alarms.c.id.in_(rung), alarms.c.rang_at <= silent))),
            )
            .order_by(alarms.c.opened_at)
        )
        return list((await tx.execute(wanted)).mappings())

    async def of_team(self, tx: AsyncConnection, municipality: str, channels: Iterable[str], since: datetime) -> list:
        """The team's alarms since then, newest first."""
        wanted = (
            select(*WITH_STATE)
            .join(conversations)
            .where(alarms.c.opened_at > since, conversations.c.municipality == municipality, conversations.c.channel.in_(tuple(channels)))
            .order_by(alarms.c.opened_at.desc())
        )
        return list((await tx.execute(wanted)).mappings())

    # Steps

    async def note(self, tx: AsyncConnection, alarm_id: str, kind: str, now: datetime, **more) -> None:
        await tx.execute(insert(alarm_steps).values(alarm_id=alarm_id, kind=kind, at=now, **more))

    async def steps(self, tx: AsyncConnection, alarm_ids: Sequence[str]) -> list:
        """Steps of the alarms, oldest first, with the aliases of the hosts in them."""
        wanted = (
            select(alarm_steps, TOLD.c.alias, COMPANION.c.alias.label("with_alias"))
            .outerjoin(TOLD, TOLD.c.id == alarm_steps.c.host_id)
            .outerjoin(COMPANION, COMPANION.c.id == alarm_steps.c.with_host)
            .where(alarm_steps.c.alarm_id.in_(alarm_ids))
            .order_by(alarm_steps.c.id)
        )
        return list((await tx.execute(wanted)).mappings())

    async def forget(self, tx: AsyncConnection, before: datetime) -> int:
        """Delete the alarms opened before then, and their steps. → how many."""
        old = select(alarms.c.id).where(alarms.c.opened_at < before).scalar_subquery()
        await tx.execute(delete(alarm_steps).where(alarm_steps.c.alarm_id.in_(old)))
        return (await tx.execute(delete(alarms).where(alarms.c.opened_at < before))).rowcount

    async def desks(self, tx: AsyncConnection, team: Team, now: datetime) -> list[AtDesk]:
        """The team's hosts whose console is open now."""
        wanted = select(hosts).where(
            hosts.c.municipality == team.municipality, hosts.c.role.in_(CHATTING_ROLES), hosts.c.present_until > now, hosts.c.disabled_at.is_(None)
        )
        rows = [row for row in (await tx.execute(wanted)).mappings() if team.channel in row["channels"].split()]
        return [AtDesk(row["id"], _takes_guests(row, now)) for row in rows]


def _takes_guests(row, now: datetime) -> bool:
    lately = row["active_at"] is not None and row["active_at"] > now - ACTIVE_WITHIN
    return row["available"] and lately and (row["resting_until"] is None or row["resting_until"] <= now)
