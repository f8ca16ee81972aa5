"""All SQL about the queue and who has claimed what."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from backend.conversations.tables import conversations
from backend.domain.queue import Waiting
from backend.handoffs.tables import handoffs
from backend.hosts.tables import hosts

OPEN = ("waiting", "claimed")


class HandoffRepository:
    async def add(self, tx: AsyncConnection, **row) -> None:
        await tx.execute(insert(handoffs).values(row))

    async def open_one(self, tx: AsyncConnection, conversation_id: str):
        wanted = select(handoffs).where(handoffs.c.conversation_id == conversation_id, handoffs.c.status.in_(OPEN))
        return (await tx.execute(wanted)).mappings().first()

    async def change(self, tx: AsyncConnection, handoff_id: str, only_if: Sequence = (), **values) -> bool:
        changed = update(handoffs).where(handoffs.c.id == handoff_id, *only_if).values(**values)
        return (await tx.execute(changed)).rowcount == 1

    async def waiting(self, tx: AsyncConnection, municipality: str) -> list[Waiting]:
        return [Waiting(r["conversation_id"], r["risk"], r["requested_at"], r["lost_host"]) for r in await self.rows(tx, municipality)]

    async def rows(self, tx: AsyncConnection, municipality: str, status: str = "waiting") -> list:
        wanted = (
            select(handoffs, conversations.c.risk, conversations.c.channel, hosts.c.alias.label("host_alias"))
            .join(conversations, conversations.c.id == handoffs.c.conversation_id)
            .outerjoin(hosts, hosts.c.id == handoffs.c.claimed_by)
            .where(handoffs.c.status == status, conversations.c.municipality == municipality)
            .order_by(handoffs.c.requested_at)
        )
        return list((await tx.execute(wanted)).mappings())

    async def hosts_present(self, tx: AsyncConnection, municipality: str, now: datetime) -> list[str]:
        """Hosts with a fresh heartbeat who say they are available."""
        wanted = select(hosts.c.id).where(
            hosts.c.municipality == municipality, hosts.c.available.is_(True), hosts.c.present_until > now, hosts.c.disabled_at.is_(None)
        )
        return list((await tx.execute(wanted)).scalars())

    async def chats_of(self, tx: AsyncConnection, host_ids: Sequence[str]) -> int:
        wanted = select(func.count()).where(handoffs.c.status == "claimed", handoffs.c.claimed_by.in_(host_ids))
        return (await tx.execute(wanted)).scalar_one()

    async def left_by_host(self, tx: AsyncConnection, now: datetime) -> list[str]:
        """Conversations whose host has had no heartbeat for too long."""
        wanted = (
            select(handoffs.c.conversation_id)
            .join(hosts, hosts.c.id == handoffs.c.claimed_by)
            .where(handoffs.c.status == "claimed", func.coalesce(hosts.c.present_until, handoffs.c.claimed_at) < now)
        )
        return list((await tx.execute(wanted)).scalars())

    async def waiting_since(self, tx: AsyncConnection, before: datetime) -> list[str]:
        wanted = select(handoffs.c.conversation_id).where(
            handoffs.c.status == "waiting", handoffs.c.requested_at < before, handoffs.c.alternatives_at.is_(None)
        )
        return list((await tx.execute(wanted)).scalars())
