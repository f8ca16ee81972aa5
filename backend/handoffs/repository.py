"""All SQL about the queue and who has claimed what."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, delete, func, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from backend.conversations.tables import conversations
from backend.domain.queue import LOOK_BACK, Waiting
from backend.handoffs.tables import companions, handoffs, notes, transfers
from backend.hosts.roles import CHAT, RIGHTS
from backend.hosts.tables import hosts

OPEN = ("waiting", "claimed")
ACTIVE_WITHIN = timedelta(minutes=15)
CHATTING_ROLES = tuple(role for role, rights in RIGHTS.items() if CHAT in rights)


@dataclass(frozen=True)
class Team:
    """Those who answer one channel of one municipality. Nobody outside it sees its guests."""

    municipality: str
    channel: str


class HandoffRepository:
    async def add(self, tx: AsyncConnection, **row) -> None:
        await tx.execute(insert(handoffs).values(row))

    async def open_one(self, tx: AsyncConnection, conversation_id: str):
        wanted = select(handoffs).where(
            handoffs.c.conversation_id == conversation_id, handoffs.c.status.in_(OPEN)
        )
        return (await tx.execute(wanted)).mappings().first()

    async def change(self, tx: AsyncConnection, handoff_id: str, only_if: Sequence = (), **values) -> bool:
        changed = update(handoffs).where(handoffs.c.id == handoff_id, *only_if).values(**values)
        return (await tx.execute(changed)).rowcount == 1

    async def waiting(self, tx: AsyncConnection, team: Team) -> list[Waiting]:
        wanted = (
            select(
                handoffs.c.conversation_id,
                conversations.c.risk,
                handoffs.c.requested_at,
                handoffs.c.lost_host,
            )
            .join(conversations, conversations.c.id == handoffs.c.conversation_id)
            .where(handoffs.c.status == "waiting", *_of_team(team))
        )
        return [Waiting(*row) for row in await tx.execute(wanted)]

    async def rows(
        self, tx: AsyncConnection, municipality: str, channels: Iterable[str], status: str = "waiting"
    ) -> list:
        """Open handoffs of the channels with what a list shows: risk, channel, the host's alias. Oldest first."""
        wanted = (
            select(handoffs, conversations.c.risk, conversations.c.channel, hosts.c.alias.label("host_alias"))
            .join(conversations, conversations.c.id == handoffs.c.conversation_id)
            .outerjoin(hosts, hosts.c.id == handoffs.c.claimed_by)
            .where(
                handoffs.c.status == status,
                conversations.c.municipality == municipality,
                conversations.c.channel.in_(tuple(channels)),
            )
            .order_by(handoffs.c.requested_at)
        )
        return list((await tx.execute(wanted)).mappings())

    async def teams_with_queue(self, tx: AsyncConnection) -> list[Team]:
        wanted = (
            select(conversations.c.municipality, conversations.c.channel)
            .join(handoffs, handoffs.c.conversation_id == conversations.c.id)
            .where(handoffs.c.status == "waiting")
            .distinct()
        )
        return [Team(*row) for row in await tx.execute(wanted)]

    async def hosts_present(self, tx: AsyncConnection, team: Team, now: datetime) -> list[str]:
        """Hosts of the team with a fresh heartbeat, lately active, who say they are available and are not resting."""
        wanted = select(hosts.c.id, hosts.c.channels).where(
            hosts.c.municipality == team.municipality,
            hosts.c.role.in_(CHATTING_ROLES),
            hosts.c.available.is_(True),
            hosts.c.present_until > now,
            hosts.c.active_at > now - ACTIVE_WITHIN,
            or_(hosts.c.resting_until.is_(None), hosts.c.resting_until <= now),
            hosts.c.disabled_at.is_(None),
        )
        return [row.id for row in await tx.execute(wanted) if team.channel in row.channels.split()]

    async def pickups(self, tx: AsyncConnection, team: Team, now: datetime) -> list[datetime]:
        """When guests of the team were fetched from the queue lately."""
        wanted = (
            select(handoffs.c.claimed_at)
            .join(conversations, conversations.c.id == handoffs.c.conversation_id)
            .where(handoffs.c.claimed_at > now - LOOK_BACK, *_of_team(team))
        )
        return list((await tx.execute(wanted)).scalars())

    async def last_risks(self, tx: AsyncConnection, host_id: str, since: datetime, count: int) -> list[str]:
        """The risk of the host's latest chats, newest first."""
        wanted = (
            select(conversations.c.risk)
            .join(handoffs, handoffs.c.conversation_id == conversations.c.id)
            .where(handoffs.c.claimed_by == host_id, handoffs.c.claimed_at > since)
            .order_by(handoffs.c.claimed_at.desc())
            .limit(count)
        )
        return list((await tx.execute(wanted)).scalars())

    async def chats_of(self, tx: AsyncConnection, host_id: str) -> list[str]:
        wanted = select(handoffs.c.conversation_id).where(
            handoffs.c.status == "claimed", handoffs.c.claimed_by == host_id
        )
        return list((await tx.execute(wanted.order_by(handoffs.c.claimed_at))).scalars())

    async def readers(self, tx: AsyncConnection) -> dict[str, set[str]]:
        """Host → the chats they own or have joined, for all hosts."""
        own = select(handoffs.c.claimed_by, handoffs.c.conversation_id).where(handoffs.c.status == "claimed")
        along = (
            select(companions.c.host_id, handoffs.c.conversation_id)
            .join(handoffs, handoffs.c.id == companions.c.handoff_id)
            .where(handoffs.c.status == "claimed", companions.c.joined_at.is_not(None))
        )
        found: dict[str, set[str]] = {}
        for host_id, conversation_id in (await tx.execute(own.union(along))).all():
            found.setdefault(host_id, set()).add(conversation_id)
        return found

    async def free_colour(self, tx: AsyncConnection, host_id: str) -> int:
        """The first colour none of the host's open chats has."""
        wanted = select(handoffs.c.colour).where(
            handoffs.c.status == "claimed", handoffs.c.claimed_by == host_id
        )
        taken = set((await tx.execute(wanted)).scalars())
        return next(colour for colour in range(len(taken) + 1) if colour not in taken)

    async def left_by_host(self, tx: AsyncConnection, now: datetime) -> list[str]:
        """Conversations whose host has had no heartbeat, is signed out or disabled, or never wrote the first word in time."""
        wanted = (
            select(handoffs.c.conversation_id)
            .join(hosts, hosts.c.id == handoffs.c.claimed_by)
            .where(
                handoffs.c.status == "claimed",
                or_(
                    hosts.c.present_until.is_(None),
                    hosts.c.present_until < now,
                    hosts.c.disabled_at.is_not(None),
                    handoffs.c.answer_by < now,
                ),
            )
        )
        return list((await tx.execute(wanted)).scalars())

    async def waiting_since(self, tx: AsyncConnection, before: datetime) -> list[str]:
        wanted = select(handoffs.c.conversation_id).where(
            handoffs.c.status == "waiting",
            handoffs.c.requested_at < before,
            handoffs.c.alternatives_at.is_(None),
        )
        return list((await tx.execute(wanted)).scalars())

    async def gone(self, tx: AsyncConnection, before: datetime) -> list[str]:
        """Waiting guests nobody has heard from since `before`, except those in danger: a host decides about them."""
        wanted = (
            select(handoffs.c.conversation_id)
            .join(conversations, conversations.c.id == handoffs.c.conversation_id)
            .where(
                handoffs.c.status == "waiting",
                func.coalesce(handoffs.c.guest_seen_at, handoffs.c.requested_at) < before,
                conversations.c.risk.not_in(("high", "acute")),
            )
        )
        return list((await tx.execute(wanted)).scalars())

    async def seen(self, tx: AsyncConnection, conversation_ids: Sequence[str], now: datetime) -> None:
        """The guests' chats are open somewhere right now."""
        here = and_(handoffs.c.status.in_(OPEN), handoffs.c.conversation_id.in_(conversation_ids))
        await tx.execute(update(handoffs).where(here).values(guest_seen_at=now))

    # Companions

    async def companion(self, tx: AsyncConnection, handoff_id: str, host_id: str):
        same = and_(companions.c.handoff_id == handoff_id, companions.c.host_id == host_id)
        return (await tx.execute(select(companions).where(same))).mappings().first()

    async def companions_of(self, tx: AsyncConnection, handoff_id: str) -> list:
        wanted = (
            select(companions, hosts.c.alias)
            .join(hosts, hosts.c.id == companions.c.host_id)
            .where(companions.c.handoff_id == handoff_id)
            .order_by(companions.c.invited_at)
        )
        return list((await tx.execute(wanted)).mappings())

    async def invited_to(self, tx: AsyncConnection, host_id: str) -> list:
        """Open chats this host is asked along to, or has joined."""
        wanted = (
            select(
                companions,
                handoffs.c.conversation_id,
                conversations.c.risk,
                hosts.c.alias.label("host_alias"),
            )
            .join(handoffs, handoffs.c.id == companions.c.handoff_id)
            .join(conversations, conversations.c.id == handoffs.c.conversation_id)
            .join(hosts, hosts.c.id == handoffs.c.claimed_by)
            .where(companions.c.host_id == host_id, handoffs.c.status == "claimed")
        )
        return list((await tx.execute(wanted)).mappings())

    async def invite(
        self, tx: AsyncConnection, handoff_id: str, host_id: str, writes: bool, now: datetime
    ) -> None:
        await self.uninvite(tx, handoff_id, host_id)
        await tx.execute(
            insert(companions).values(handoff_id=handoff_id, host_id=host_id, writes=writes, invited_at=now)
        )

    async def uninvite(self, tx: AsyncConnection, handoff_id: str, host_id: str | None = None) -> None:
        those = [companions.c.handoff_id == handoff_id] + (
            [companions.c.host_id == host_id] if host_id else []
        )
        await tx.execute(delete(companions).where(*those))

    async def join(self, tx: AsyncConnection, handoff_id: str, host_id: str, now: datetime) -> bool:
        mine = [
            companions.c.handoff_id == handoff_id,
            companions.c.host_id == host_id,
            companions.c.joined_at.is_(None),
        ]
        return (await tx.execute(update(companions).where(*mine).values(joined_at=now))).rowcount == 1

    # Transfers

    async def offer(self, tx: AsyncConnection, **row) -> None:
        await tx.execute(insert(transfers).values(row))

    async def offered(self, tx: AsyncConnection, handoff_id: str):
        wanted = select(transfers).where(
            transfers.c.handoff_id == handoff_id, transfers.c.status == "offered"
        )
        return (await tx.execute(wanted)).mappings().first()

    async def offers_to(
        self, tx: AsyncConnection, host_id: str, municipality: str, channels: Iterable[str]
    ) -> list:
        """Transfers waiting for this host's yes or no: to the host in person, or to anybody in the team."""
        wanted = (
            select(
                transfers, handoffs.c.conversation_id, conversations.c.risk, hosts.c.alias.label("from_alias")
            )
            .join(handoffs, handoffs.c.id == transfers.c.handoff_id)
            .join(conversations, conversations.c.id == handoffs.c.conversation_id)
            .join(hosts, hosts.c.id == transfers.c.from_host)
            .where(
                transfers.c.status == "offered",
                conversations.c.municipality == municipality,
                conversations.c.channel.in_(tuple(channels)),
                or_(
                    transfers.c.to_host == host_id,
                    and_(transfers.c.to_host.is_(None), transfers.c.from_host != host_id),
                ),
            )
        )
        return list((await tx.execute(wanted)).mappings())

    async def answer_transfer(self, tx: AsyncConnection, handoff_id: str, status: str, now: datetime) -> bool:
        open_ = [transfers.c.handoff_id == handoff_id, transfers.c.status == "offered"]
        return (
            await tx.execute(update(transfers).where(*open_).values(status=status, answered_at=now))
        ).rowcount > 0

    # Notes

    async def add_note(self, tx: AsyncConnection, **row) -> None:
        await tx.execute(insert(notes).values(row))

    async def notes_of(self, tx: AsyncConnection, conversation_id: str) -> list:
        wanted = (
            select(notes, hosts.c.alias)
            .join(hosts, hosts.c.id == notes.c.author_id)
            .where(notes.c.conversation_id == conversation_id)
            .order_by(notes.c.at)
        )
        return list((await tx.execute(wanted)).mappings())

    async def forget(self, tx: AsyncConnection, conversation_id: str) -> None:
        """The words go; that somebody waited, and how long, stays as a number."""
        await tx.execute(delete(notes).where(notes.c.conversation_id == conversation_id))
        await tx.execute(
            update(handoffs).where(handoffs.c.conversation_id == conversation_id).values(wish=None)
        )

    async def colleague(self, tx: AsyncConnection, host_id: str, team: Team):
        """A host of the team who may chat, or None."""
        wanted = select(hosts).where(
            hosts.c.id == host_id,
            hosts.c.municipality == team.municipality,
            hosts.c.disabled_at.is_(None),
            hosts.c.role.in_(CHATTING_ROLES),
        )
        found = (await tx.execute(wanted)).mappings().first()
        return found if found and team.channel in found["channels"].split() else None

    async def colleagues(self, tx: AsyncConnection, team: Team, now: datetime) -> list:
        """The team's hosts with `here`: whether the console is open."""
        wanted = select(hosts).where(
            hosts.c.municipality == team.municipality,
            hosts.c.disabled_at.is_(None),
            hosts.c.role.in_(CHATTING_ROLES),
        )
        found = (await tx.execute(wanted.order_by(hosts.c.alias))).mappings()
        return [
            {
                "id": row["id"],
                "alias": row["alias"],
                "here": bool(row["present_until"] and row["present_until"] > now),
            }
            for row in found
            if team.channel in row["channels"].split()
        ]

    async def rest(self, tx: AsyncConnection, host_id: str, until: datetime | None) -> None:
        await tx.execute(update(hosts).where(hosts.c.id == host_id).values(resting_until=until))


def _of_team(team: Team) -> tuple:
    return conversations.c.municipality == team.municipality, conversations.c.channel == team.channel
