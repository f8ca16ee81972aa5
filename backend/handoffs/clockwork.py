"""What happens in the queue with nobody asking: lost hosts, long waits, closing time, guests who left."""

from datetime import datetime, timedelta

from backend.conversations.events import state_change
from backend.conversations.hub import guest_topic
from backend.conversations.service import Change
from backend.domain.conversation import WAITING, WITH_BOT
from backend.domain.queue import LAST_ADMISSION
from backend.errors import NotFound
from backend.handoffs.reception import clock_time
from backend.handoffs.repository import Team
from backend.handoffs.service import HandoffService, team_of
from backend.handoffs.tables import handoffs

ALTERNATIVES_AFTER = timedelta(minutes=5)
PLACE_KEPT = timedelta(minutes=10)
GUEST_TOPIC = guest_topic("")


class Clockwork:
    """Every method is safe to run again, and by several processes at once: each step is one conditional change."""

    def __init__(self, service: HandoffService) -> None:
        self.handoffs, self.conversations, self.repository, self.clock = (
            service,
            service.conversations,
            service.repository,
            service.clock,
        )

    async def run_once(self) -> None:
        await self.handoffs.alarms.ring_on()
        await self.note_presence()
        await self.requeue_lost()
        await self.let_go_of_gone()
        await self.watch_queues()
        await self.offer_alternatives()

    async def note_presence(self) -> int:
        """Write down which guests have their chat open in this process. → how many."""
        here = [topic.removeprefix(GUEST_TOPIC) for topic in self.conversations.hub.watched(GUEST_TOPIC)]
        if here:
            async with self.conversations.storage.write() as tx:
                await self.repository.seen(tx, here, self.clock())
        return len(here)

    async def requeue_lost(self) -> int:
        """Chats of hosts who went silent go back, first in line, and the guest is told. → how many."""
        async with self.conversations.storage.read() as tx:
            lost = await self.repository.left_by_host(tx, self.clock())
        for conversation_id in lost:
            await self._each(conversation_id, self._requeue)
        return len(lost)

    async def _requeue(self, change: Change) -> None:
        row = await self.repository.open_one(change.tx, change.conversation.id)
        still_lost = row and row["conversation_id"] in await self.repository.left_by_host(
            change.tx, change.now
        )
        if not still_lost or not await change.become(
            WAITING, owner_id=None, fence=change.conversation.fence + 1
        ):
            return
        await self.repository.answer_transfer(change.tx, row["id"], "withdrawn", change.now)
        await self.repository.uninvite(change.tx, row["id"])
        await self.repository.change(
            change.tx, row["id"], status="waiting", claimed_by=None, claimed_at=None, answer_by=None, lost_host=True, told_place=None,
            alternatives_at=None, closing_told_at=None,
        )  # fmt: skip
        await self.handoffs.alarms.host_lost(change)
        place = await self.handoffs.place(change)
        await change.say(
            *self.handoffs.words(change, "handoff_host_lost", position=place),
            state_change(WAITING, queue_position=place),
        )
        await self.repository.change(change.tx, row["id"], told_place=place)

    async def offer_alternatives(self) -> int:
        """Five minutes in the queue: something else to choose, with a day by which it is answered, once. → how many were told."""
        async with self.conversations.storage.read() as tx:
            long = await self.repository.waiting_since(tx, self.clock() - ALTERNATIVES_AFTER)
        for conversation_id in long:
            await self._each(conversation_id, self._offer_alternatives)
        return len(long)

    async def _offer_alternatives(self, change: Change) -> None:
        row = await self.repository.open_one(change.tx, change.conversation.id)
        only_once = [handoffs.c.alternatives_at.is_(None), handoffs.c.status == "waiting"]
        if row and await self.repository.change(change.tx, row["id"], only_once, alternatives_at=change.now):
            day = self.handoffs.reception.answered_on(team_of(change.conversation), change.now)
            await change.say(
                *self.handoffs.words(
                    change, "handoff_still_waiting", position=await self.handoffs.place(change), day=day
                )
            )

    async def let_go_of_gone(self) -> int:
        """A guest away for ten minutes loses the place but nothing that was written. → how many."""
        async with self.conversations.storage.read() as tx:
            gone = await self.repository.gone(tx, self.clock() - PLACE_KEPT)
        for conversation_id in gone:
            await self._each(conversation_id, self._let_go)
        return len(gone)

    async def _let_go(self, change: Change) -> None:
        if change.conversation.id not in await self.repository.gone(change.tx, change.now - PLACE_KEPT):
            return  # came back while we were looking
        await self._back_to_bot(change, "guest_gone", "guest_was_gone")

    async def watch_queues(self) -> None:
        """Places that moved without anybody asking (danger told while waiting), and closing time: ten minutes before it
        everybody waiting is told; when it comes they are offered what else there is."""
        async with self.conversations.storage.read() as tx:
            teams = await self.repository.teams_with_queue(tx)
        for team in teams:
            await self.handoffs.tell_places(team)
            await self._closing(team)

    async def _closing(self, team: Team) -> None:
        opens = self.handoffs.reception.opening(team.municipality, team.channel, self.clock())
        closes_at = datetime.fromisoformat(opens["until"]) if opens.get("until") else None
        async with self.conversations.storage.read() as tx:
            waiting = [one.conversation_id for one in await self.repository.waiting(tx, team)]
        if opens.get("now") is False:
            for conversation_id in waiting:
                await self._each(conversation_id, lambda change: self._close_queue(change, opens["text"]))
        elif closes_at and closes_at - self.clock() <= LAST_ADMISSION:
            for conversation_id in waiting:
                await self._each(conversation_id, lambda change: self._warn_of_closing(change, closes_at))

    async def _warn_of_closing(self, change: Change, closes_at: datetime) -> None:
        row = await self.repository.open_one(change.tx, change.conversation.id)
        only_once = [handoffs.c.closing_told_at.is_(None), handoffs.c.status == "waiting"]
        if row and await self.repository.change(change.tx, row["id"], only_once, closing_told_at=change.now):
            day = self.handoffs.reception.answered_on(team_of(change.conversation), change.now)
            await change.say(
                *self.handoffs.words(change, "queue_closing", time=clock_time(closes_at), day=day)
            )

    async def _close_queue(self, change: Change, opens: str) -> None:
        if change.conversation.state == WAITING:
            day = self.handoffs.reception.answered_on(team_of(change.conversation), change.now)
            await self._back_to_bot(change, "closing_time", "queue_closed", opens=opens, day=day)

    async def _back_to_bot(self, change: Change, outcome: str, words: str, **values) -> None:
        if await change.become(WITH_BOT, answered_n=change.conversation.last_n):
            await self.handoffs.end(change, outcome)
            await change.say(*self.handoffs.words(change, words, **values), state_change(WITH_BOT))

    async def _each(self, conversation_id: str, step) -> None:
        try:
            async with self.conversations.change(conversation_id) as change:
                await step(change)
        except NotFound:
            return  # forgotten meanwhile
        if change.queue_moved:
            await self.handoffs.tell_places(team_of(change.conversation))
