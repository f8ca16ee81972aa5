"""Hosts helping each other with one guest: transfer with yes or no, a co-host who writes, a listener who only reads."""

import uuid

from backend.conversations.events import state_change
from backend.conversations.hub import conversation_topic
from backend.conversations.service import Change
from backend.conversations.tables import conversations
from backend.domain.conversation import WITH_HOST
from backend.errors import Conflict, NotFound
from backend.handoffs.service import FIRST_WORD_WITHIN, HandoffService, Host, require_team, team_of


class TransferGone(Conflict):
    code, message = "transfer_gone", "Overdragelsen gælder ikke længere."


class AlreadyOffered(Conflict):
    code, message = "already_offered", "Samtalen er allerede tilbudt en kollega. Træk det tilbage først."


class Company:
    def __init__(self, handoffs: HandoffService) -> None:
        self.handoffs, self.conversations, self.repository = (
            handoffs,
            handoffs.conversations,
            handoffs.repository,
        )

    async def offer(
        self, conversation_id: str, host: Host, to_host: str | None, note: str | None = None
    ) -> None:
        """Offer the chat to a colleague, or with `to_host` None to whoever of the team says yes first. Nothing changes for the guest yet."""
        async with self.conversations.change(conversation_id) as change:
            row = await self.handoffs.require_owner(change, host)
            if to_host is not None:
                await self._colleague(change, host, to_host)
            if await self.repository.offered(change.tx, row["id"]):
                raise AlreadyOffered()
            await self.repository.offer(
                change.tx,
                id=uuid.uuid4().hex,
                handoff_id=row["id"],
                from_host=host.id,
                to_host=to_host,
                status="offered",
                offered_at=change.now,
            )
            if note:
                await self.handoffs.add_note(change, host, note)
            change.queue_moved = True

    async def withdraw(self, conversation_id: str, host: Host) -> None:
        async with self.conversations.change(conversation_id) as change:
            row = await self.handoffs.require_owner(change, host)
            await self.repository.answer_transfer(change.tx, row["id"], "withdrawn", change.now)
            change.queue_moved = True

    async def accept(self, conversation_id: str, host: Host) -> int:
        """→ the new owner's fence. One conditional UPDATE, so two who both say yes are one owner. Raises TransferGone."""
        async with self.conversations.change(conversation_id) as change:
            row, offer = await self._offer_to(change, host)
            fence = change.conversation.fence + 1
            still = [conversations.c.owner_id == offer["from_host"], conversations.c.state == WITH_HOST]
            if not await change.update(only_if=still, owner_id=host.id, fence=fence):
                raise TransferGone()
            await self.repository.answer_transfer(change.tx, row["id"], "accepted", change.now)
            await self.repository.uninvite(change.tx, row["id"], host.id)
            colour = await self.repository.free_colour(change.tx, host.id)
            await self.repository.change(
                change.tx,
                row["id"],
                claimed_by=host.id,
                answer_by=change.now + FIRST_WORD_WITHIN,
                colour=colour,
            )
            await self.handoffs.alarms.host_came(change, host.id, "claimed")
            await change.say(
                *self.handoffs.words(change, "handoff_transferred", alias=host.alias),
                state_change(WITH_HOST, host={"alias": host.alias}),
            )
            change.queue_moved = True
        return fence

    async def decline(self, conversation_id: str, host: Host, note: str | None = None) -> None:
        """The chat stays where it is; the one who asked sees it at once."""
        async with self.conversations.change(conversation_id) as change:
            row, offer = await self._offer_to(change, host)
            if offer["to_host"] is None:
                return  # offered to the whole team: one no is not everybody's
            await self.repository.answer_transfer(change.tx, row["id"], "declined", change.now)
            if note:
                await self.handoffs.add_note(change, host, note)
            change.queue_moved = True
        self.conversations.hub.wake(conversation_topic(conversation_id), "notes")

    async def invite(self, conversation_id: str, host: Host, other: str, writes: bool) -> None:
        """Ask a colleague along: `writes` as co-host, otherwise as a silent listener."""
        async with self.conversations.change(conversation_id) as change:
            row = await self.handoffs.require_owner(change, host)
            await self._colleague(change, host, other)
            await self.repository.invite(change.tx, row["id"], other, writes, change.now)
            change.queue_moved = True

    async def join(self, conversation_id: str, host: Host) -> None:
        """The guest is told who came along, also when it is only to read."""
        async with self.conversations.change(conversation_id) as change:
            require_team(change, host)
            row = await self.repository.open_one(change.tx, conversation_id)
            along = row and await self.repository.companion(change.tx, row["id"], host.id)
            if not along or change.conversation.state != WITH_HOST:
                raise TransferGone()
            if await self.repository.join(change.tx, row["id"], host.id, change.now):
                key = "cohost_joined" if along["writes"] else "listener_joined"
                await change.say(*self.handoffs.words(change, key, alias=host.alias))
                change.queue_moved = True

    async def part(self, conversation_id: str, host: Host, other: str | None = None) -> None:
        """The companion leaves, or the owner ends the invitation of `other`."""
        async with self.conversations.change(conversation_id) as change:
            require_team(change, host)
            row = await self.repository.open_one(change.tx, conversation_id)
            if row is None:
                raise NotFound()
            if other is not None:
                await self.handoffs.require_owner(change, host)
            leaving = await self.repository.companion(change.tx, row["id"], other or host.id)
            if leaving is None:
                raise NotFound()
            await self.repository.uninvite(change.tx, row["id"], other or host.id)
            if leaving["joined_at"]:
                alias = next(
                    (
                        c["alias"]
                        for c in await self.repository.colleagues(
                            change.tx, team_of(change.conversation), change.now
                        )
                        if c["id"] == (other or host.id)
                    ),
                    "",
                )
                await change.say(*self.handoffs.words(change, "companion_left", alias=alias))
            change.queue_moved = True

    async def _offer_to(self, change: Change, host: Host):
        require_team(change, host)
        row = await self.repository.open_one(change.tx, change.conversation.id)
        offer = row and await self.repository.offered(change.tx, row["id"])
        if not offer or offer["to_host"] not in (host.id, None) or offer["from_host"] == host.id:
            raise TransferGone()
        return row, offer

    async def _colleague(self, change: Change, host: Host, other: str):
        found = await self.repository.colleague(change.tx, other, team_of(change.conversation))
        if found is None or other == host.id:
            raise NotFound("Den kollega er ikke på dit hold.")
        return found
