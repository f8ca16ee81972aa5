"""The alarm about a guest in danger: rung, answered, handled, and written down step by step without a guest's word.

The product rings hosts and nobody else. Whatever is done about the guest is a host's own decision.
"""

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta

from backend.conversations.hub import QUEUE_TOPIC, conversation_topic
from backend.conversations.service import Change, ConversationService
from backend.domain.alarm import (
    ACTS,
    ASKED_AGAIN_AFTER,
    EASED_BY,
    SILENT_AFTER,
    audience,
    calls_for_hosts,
    rung_at,
)
from backend.domain.conversation import RISKS, WITH_HOST, Conversation
from backend.errors import BadInput, Conflict, NotFound
from backend.handoffs.alarm_repository import AlarmRepository
from backend.handoffs.repository import HandoffRepository, Team
from backend.handoffs.tables import alarms
from backend.safety.continuation import Continuation

KEPT_FOR = timedelta(days=180)


class AlreadyAnswered(Conflict):
    code, message = "already_answered", "En kollega har allerede taget alarmen."


class Alarms:
    def __init__(
        self, conversations: ConversationService, repository: AlarmRepository, handoffs: HandoffRepository, clock: Callable[[], datetime]
    ) -> None:
        self.conversations, self.repository, self.handoffs, self.clock = conversations, repository, handoffs, clock

    async def forget_old(self) -> int:
        """Alarms long past are thrown away with their steps, also who did what. → how many."""
        async with self.conversations.storage.write() as tx:
            return await self.repository.forget(tx, self.clock() - KEPT_FOR)

    async def raised(self, change: Change, level: str) -> None:
        """In the transaction of the message that told of danger: an alarm, unless it is rung for already."""
        conversation = change.conversation
        if not calls_for_hosts(level, conversation.state):
            return
        row = await self.repository.open_of(change.tx, conversation.id)
        if row is None:
            alarm_id = uuid.uuid4().hex
            await self.repository.add(
                change.tx, id=alarm_id, conversation_id=conversation.id, level=level, opened_at=change.now, rang_at=change.now
            )
            await self.repository.note(change.tx, alarm_id, "opened", change.now)
            await self._ring_now(change, alarm_id, conversation.owner_id)
        elif _calls_again(row, level, conversation, change.now):
            await self.repository.change(change.tx, row["id"], level=max(level, row["level"], key=RISKS.index))
            await self._ring_again(change, row, "again", conversation.owner_id)

    async def host_came(self, change: Change, host_id: str, how: str) -> None:
        """The host took the chat (`claimed`), wrote in it (`wrote`) or took it over: that answers the alarm, and the bot's phase knows."""
        await self._step(change, "host_claimed")
        row = await self.repository.open_of(change.tx, change.conversation.id)
        if row and row["acknowledged_by"] is None:
            await self._answer(change.tx, row, host_id, change.now, how)
            change.queue_moved = True

    async def host_lost(self, change: Change) -> None:
        """The one who had answered is gone before anything was written down: it rings once more."""
        await self._step(change, "host_left")
        row = await self.repository.open_of(change.tx, change.conversation.id)
        if row:
            await self._ring_again(change, row, "host_lost", owner_id=None)

    async def forgotten(self, change: Change) -> None:
        """The guest has deleted the conversation: nobody can be found any more, so nobody is rung."""
        row = await self.repository.open_of(change.tx, change.conversation.id)
        if row:
            await self.repository.note(change.tx, row["id"], "forgotten", change.now)
            await self.repository.change(change.tx, row["id"], closed_at=change.now)

    async def acknowledge(self, conversation_id: str, host) -> None:
        """«Jeg har set den». One conditional UPDATE: raises AlreadyAnswered with who was first, NotFound for another team's."""
        async with self.conversations.storage.write() as tx:
            row = await self._of(tx, conversation_id, host)
            if row["closed_at"] is not None:
                raise NotFound()
            if row["acknowledged_by"] != host.id and not await self._answer(tx, row, host.id, self.clock(), "seen"):
                first = [step["alias"] for step in await self.repository.steps(tx, [row["id"]]) if step["kind"] == "answered"]
                raise AlreadyAnswered(host=first[-1] if first else None)
        self._tell(conversation_id)

    async def write_down(self, conversation_id: str, host, act: str, with_host: str | None = None) -> None:
        """What this host did or decided, alone or together with a colleague of the team. The first act ends the alarm; more can follow."""
        async with self.conversations.storage.write() as tx:
            row, now = await self._of(tx, conversation_id, host), self.clock()
            if act not in ACTS:
                raise BadInput(fields=[{"field": "act", "problem": "unknown"}])
            if with_host and await self.handoffs.colleague(tx, with_host, _team(row)) is None:
                raise NotFound("Kollegaen er ikke på holdet.")
            if row["acknowledged_by"] is None:
                await self._answer(tx, row, host.id, now, "act")
            await self.repository.note(tx, row["id"], "act", now, host_id=host.id, act=act, with_host=with_host)
            await self.repository.change(tx, row["id"], [alarms.c.closed_at.is_(None)], closed_at=now)
            if act in EASED_BY and row["erased_at"] is None:
                await self._ease(tx, conversation_id)
        self._tell(conversation_id)

    async def ring_on(self) -> int:
        """Go up the ladder: whoever is to be rung by now and has not been. → how many were rung."""
        now, count = self.clock(), 0
        async with self.conversations.storage.read() as tx:
            ringing = await self.repository.ringing(tx, now - SILENT_AFTER)
        for row in ringing:
            async with self.conversations.storage.write() as tx:
                still = await self.repository.open_of(tx, row["conversation_id"])
                if still and still["acknowledged_by"] is None:
                    count += await self._ring(tx, dict(row) | {"rang_at": still["rang_at"]}, now)
        if count:
            self.conversations.hub.wake(QUEUE_TOPIC)
        return count

    async def may_read(self, tx, conversation: Conversation) -> bool:
        """While an alarm is open, hosts of the team may read a guest who has not asked for one."""
        return await self.repository.open_of(tx, conversation.id) is not None

    # Inside

    async def _ring_now(self, change: Change, alarm_id: str, owner_id: str | None) -> None:
        c = change.conversation
        where = {"municipality": c.municipality, "channel": c.channel, "owner_id": owner_id}
        await self._ring(change.tx, {"id": alarm_id, "rang_at": change.now, **where}, change.now)
        change.queue_moved = True

    async def _ring_again(self, change: Change, row, kind: str, owner_id: str | None) -> None:
        await self.repository.note(change.tx, row["id"], kind, change.now)
        await self.repository.change(change.tx, row["id"], rang_at=change.now, acknowledged_by=None, acknowledged_at=None)
        await self._ring_now(change, row["id"], owner_id)

    async def _ring(self, tx, row, now: datetime) -> int:
        """Note everybody who is rung from now on, once for each rung; or that nobody was there to ring."""
        rung = rung_at(row["rang_at"], now)
        desks = await self.repository.desks(tx, _team(row), now)
        since = [s for s in await self.repository.steps(tx, [row["id"]]) if s["at"] >= row["rang_at"] and s["kind"] in ("rung", "nobody")]
        told = {step["host_id"] for step in since if step["rung"] == rung}
        new = [one for one in audience(rung, row["owner_id"], desks) if one not in told]
        for host_id in new:
            await self.repository.note(tx, row["id"], "rung", now, rung=rung, host_id=host_id)
        if not new and not told:
            await self.repository.note(tx, row["id"], "nobody", now, rung=rung)
        return len(new)

    async def _answer(self, tx, row, host_id: str, now: datetime, how: str) -> bool:
        first = [alarms.c.acknowledged_by.is_(None), alarms.c.closed_at.is_(None)]
        if not await self.repository.change(tx, row["id"], first, acknowledged_by=host_id, acknowledged_at=now):
            return False
        await self.repository.note(tx, row["id"], "answered", now, host_id=host_id, act=how)
        return True

    async def _of(self, tx, conversation_id: str, host):
        row = await self.repository.latest_of(tx, conversation_id)
        if row is None or row["municipality"] != host.municipality or row["channel"] not in host.channels:
            raise NotFound()
        return row

    async def _step(self, change: Change, step: str) -> None:
        phase = Continuation(change.conversation.phase).after(step).phase
        if phase != change.conversation.phase:
            await change.update(phase=phase)

    async def _ease(self, tx, conversation_id: str) -> None:
        """Only a host's word ends a crisis: the bot may go on as usual if it gets the chat back."""
        conversation = await self.conversations.repository.get(tx, conversation_id, lock=True)
        phase = Continuation(conversation.phase).after("host_claimed").after("host_eased").phase
        await self.conversations.repository.change(tx, conversation_id, phase=phase)

    def _tell(self, conversation_id: str) -> None:
        self.conversations.hub.wake(QUEUE_TOPIC)
        self.conversations.hub.wake(conversation_topic(conversation_id), "notes")


def _calls_again(row, level: str, conversation: Conversation, now: datetime) -> bool:
    """Once answered, it rings anew when it got worse, or when the guest tells of danger again and no human is with them yet."""
    if RISKS.index(level) > RISKS.index(row["level"]):
        return True
    alone = conversation.state != WITH_HOST
    return row["acknowledged_by"] is not None and alone and now - row["acknowledged_at"] > ASKED_AGAIN_AFTER


def _team(row) -> Team:
    return Team(row["municipality"], row["channel"])


