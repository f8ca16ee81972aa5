"""From bot to human and back. Claims are decided by the database; the bot is silent while a human has the chat."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from backend.conversations.events import Draft, state_change
from backend.conversations.service import Change, ConversationService
from backend.conversations.tables import conversations
from backend.domain.conversation import CLOSED, WAITING, WITH_BOT, WITH_HOST, is_serious
from backend.domain.queue import place_of
from backend.errors import Conflict, NotAllowed
from backend.handoffs.repository import HandoffRepository
from backend.handoffs.tables import handoffs

CHATS_PER_HOST = 3
QUEUE_PER_HOST = 4
WORDS_OF = {"closed": "handoff_unavailable", "nobody_there": "handoff_unavailable", "queue_full": "queue_full"}
ALTERNATIVES_AFTER = timedelta(minutes=5)


class AlreadyClaimed(Conflict):
    code, message = "already_claimed", "Samtalen er taget af en anden vært."


class NotYours(NotAllowed):
    code, message = "not_yours", "Samtalen er ikke længere din. Hent den igen i køen."


@dataclass(frozen=True)
class Host:
    """Who acts in the console. `alias` is what a guest sees."""

    id: str
    alias: str
    municipality: str
    role: str


@dataclass(frozen=True)
class Availability:
    """One truth for widget, bot and console. `reason` is None when a guest may be admitted."""

    reason: str | None
    opens: dict

    @property
    def open(self) -> bool:
        return self.reason is None


class HandoffService:
    def __init__(self, conversations_: ConversationService, repository: HandoffRepository, opening: Callable, clock: Callable[[], datetime]):
        """`opening(municipality, channel, now)` → the `Open` of the hosts' chat in that channel."""
        self.conversations, self.repository, self.opening, self.clock = conversations_, repository, opening, clock

    async def availability(self, municipality: str, channel: str) -> Availability:
        async with self.conversations.storage.read() as tx:
            return await self._availability(tx, municipality, channel)

    async def _availability(self, tx, municipality: str, channel: str) -> Availability:
        now = self.clock()
        opens = self.opening(municipality, channel, now)
        present = await self.repository.hosts_present(tx, municipality, now)
        waiting = await self.repository.waiting(tx, municipality)
        if opens.get("now") is False:
            return Availability("closed", opens)
        if not present:
            return Availability("nobody_there", opens)
        if len(waiting) >= QUEUE_PER_HOST * len(present):
            return Availability("queue_full", opens)
        return Availability(None, opens)

    async def request(self, conversation_id: str, answered_n: int | None = None) -> dict:
        """Put the conversation in the queue, or say at once why not and what else there is.

        → {state: waiting|with_host|unavailable, queue_position, text, opens}. Someone in danger is always admitted when a host is there.
        """
        async with self.conversations.change(conversation_id) as change:
            conversation = change.conversation
            if conversation.state == WITH_BOT:
                result = await self._admit(change)
            else:
                result = {"state": "with_host" if conversation.state == WITH_HOST else conversation.state}
                result["queue_position"] = await self._place(change)
            if answered_n is not None:
                await change.update(only_if=[conversations.c.answered_n < answered_n], answered_n=answered_n)
        await self.tell_places(conversation.municipality)
        return result

    async def _admit(self, change: Change) -> dict:
        conversation = change.conversation
        found = await self._availability(change.tx, conversation.municipality, conversation.channel)
        squeezed_in = found.reason == "queue_full" and is_serious(conversation.risk)
        if not found.open and not squeezed_in:
            words = self._words(change, WORDS_OF[found.reason], opens=found.opens["text"] if found.reason == "closed" else "")
            await change.say(*words)
            return {"state": "unavailable", "text": _text(words), "opens": found.opens}
        await change.become(WAITING)
        await self.repository.add(
            change.tx, id=uuid.uuid4().hex, conversation_id=conversation.id, status="waiting", requested_at=change.now, lost_host=False
        )
        place = await self._place(change)
        words = self._words(change, "handoff_waiting", position=place)
        await change.say(*words, state_change(WAITING, queue_position=place))
        await self._told(change, place)
        return {"state": WAITING, "queue_position": place, "text": _text(words), "opens": found.opens}

    async def _place(self, change: Change) -> int | None:
        return place_of(change.conversation.id, await self.repository.waiting(change.tx, change.conversation.municipality))

    async def _told(self, change: Change, place: int | None) -> None:
        row = await self.repository.open_one(change.tx, change.conversation.id)
        if row:
            await self.repository.change(change.tx, row["id"], told_place=place)

    async def tell_places(self, municipality: str) -> None:
        """Tell everybody whose place has changed, and nobody else."""
        async with self.conversations.storage.read() as tx:
            rows = await self.repository.rows(tx, municipality)
            waiting = await self.repository.waiting(tx, municipality)
        for row in rows:
            place = place_of(row["conversation_id"], waiting)
            if place != row["told_place"]:
                async with self.conversations.change(row["conversation_id"]) as change:
                    if change.conversation.state == WAITING:
                        await change.say(state_change(WAITING, queue_position=place))
                        await self.repository.change(change.tx, row["id"], told_place=place)

    async def leave_queue(self, conversation_id: str, answered_n: int | None = None) -> None:
        """The guest would rather go on with the bot; what was written stays."""
        async with self.conversations.change(conversation_id) as change:
            if await change.become(WITH_BOT, answered_n=change.conversation.last_n):
                await self._end(change)
                await change.say(*self._words(change, "handoff_left"), state_change(WITH_BOT))
        await self.tell_places(change.conversation.municipality)

    async def claim(self, conversation_id: str, host: Host) -> int:
        """One conditional UPDATE: one winner. → the fence to send with every message. Raises AlreadyClaimed with who."""
        async with self.conversations.change(conversation_id) as change:
            _same_team(change, host)
            fence = change.conversation.fence + 1
            if not await change.become(WITH_HOST, owner_id=host.id, fence=fence):
                raise await self._who_has_it(change)
            row = await self.repository.open_one(change.tx, conversation_id)
            await self.repository.change(change.tx, row["id"], status="claimed", claimed_by=host.id, claimed_at=change.now, told_place=None)
            words = self._words(change, "handoff_claimed", alias=host.alias)
            await change.say(*words, state_change(WITH_HOST, host={"alias": host.alias}))
        await self.tell_places(change.conversation.municipality)
        return fence

    async def _who_has_it(self, change: Change) -> AlreadyClaimed:
        rows = await self.repository.rows(change.tx, change.conversation.municipality, "claimed")
        alias = next((r["host_alias"] for r in rows if r["conversation_id"] == change.conversation.id), None)
        return AlreadyClaimed(host=alias)

    async def say(self, conversation_id: str, host: Host, client_id: str, text: str) -> int:
        """A host's message, stored only while the chat is theirs. Repeating a `client_id` changes nothing. → its number."""
        async with self.conversations.change(conversation_id) as change:
            own_id = f"host:{client_id}"
            known = await self.conversations.repository.by_client_id(change.tx, change.conversation, own_id)
            if known:
                return known.n
            await self._require_owner(change, host)
            (stored,) = await change.say(Draft("message", "host", {"text": text, "host": {"alias": host.alias}}, own_id))
            return stored.n

    async def hand_back(self, conversation_id: str, host: Host) -> None:
        """Back to the bot with a marker and a fresh stretch; what is known of the situation comes along."""
        async with self.conversations.change(conversation_id) as change:
            await self._require_owner(change, host)
            conversation = change.conversation
            await change.become(WITH_BOT, owner_id=None, epoch=conversation.epoch + 1, answered_n=conversation.last_n, fence=conversation.fence + 1)
            await self._end(change)
            await change.say(*self._words(change, "handoff_back_to_bot", alias=host.alias), state_change(WITH_BOT))

    async def close(self, conversation_id: str, host: Host) -> None:
        async with self.conversations.change(conversation_id) as change:
            await self._require_owner(change, host)
            await change.become(CLOSED, owner_id=None, closed_at=change.now)
            await self._end(change)
            await change.say(*self._words(change, "conversation_closed"), state_change(CLOSED))

    async def requeue_lost(self) -> int:
        """Chats of hosts who went silent go back, first in line, and the guest is told. → how many."""
        now = self.clock()
        async with self.conversations.storage.read() as tx:
            lost = await self.repository.left_by_host(tx, now)
        for conversation_id in lost:
            await self._requeue(conversation_id)
        return len(lost)

    async def _requeue(self, conversation_id: str) -> None:
        async with self.conversations.change(conversation_id) as change:
            row = await self.repository.open_one(change.tx, conversation_id)
            if row is None or not await change.become(WAITING, owner_id=None, fence=change.conversation.fence + 1):
                return
            await self.repository.change(change.tx, row["id"], status="waiting", claimed_by=None, claimed_at=None, lost_host=True, told_place=None)
            place = await self._place(change)
            await change.say(*self._words(change, "handoff_host_lost", position=place), state_change(WAITING, queue_position=place))
            await self.repository.change(change.tx, row["id"], told_place=place)

    async def offer_alternatives(self) -> int:
        """Five minutes in the queue: something else to choose, once. → how many were told."""
        async with self.conversations.storage.read() as tx:
            long = await self.repository.waiting_since(tx, self.clock() - ALTERNATIVES_AFTER)
        for conversation_id in long:
            async with self.conversations.change(conversation_id) as change:
                row = await self.repository.open_one(change.tx, conversation_id)
                only_once = [handoffs.c.alternatives_at.is_(None), handoffs.c.status == "waiting"]
                if row and await self.repository.change(change.tx, row["id"], only_once, alternatives_at=change.now):
                    await change.say(*self._words(change, "handoff_still_waiting", position=await self._place(change)))
        return len(long)

    async def end_for(self, change: Change) -> None:
        """A conversation that is closed or forgotten leaves the queue."""
        await self._end(change)

    async def _end(self, change: Change) -> None:
        row = await self.repository.open_one(change.tx, change.conversation.id)
        if row:
            await self.repository.change(change.tx, row["id"], status="ended", ended_at=change.now)

    async def _require_owner(self, change: Change, host: Host) -> None:
        _same_team(change, host)
        if change.conversation.state != WITH_HOST or change.conversation.owner_id != host.id:
            raise NotYours()

    def _words(self, change: Change, key: str, **values) -> list[Draft]:
        return self.conversations.reactions.words(change.conversation, key, **values)


def _same_team(change: Change, host: Host) -> None:
    if change.conversation.municipality != host.municipality:
        raise NotAllowed("Samtalen hører til et andet team.")


def _text(words: list[Draft]) -> str:
    return "\n".join(draft.body.get("text", "") for draft in words)


