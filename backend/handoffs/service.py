"""From bot to human and back. Claims are decided by the database; the bot is silent while a human has the chat."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from backend.conversations.events import Draft, state_change
from backend.conversations.hub import conversation_topic
from backend.conversations.service import Change, ConversationService
from backend.conversations.tables import conversations
from backend.domain.conversation import CLOSED, WAITING, WITH_BOT, WITH_HOST, Conversation, is_serious
from backend.domain.queue import place_of
from backend.errors import Conflict, NotAllowed, NotFound
from backend.handoffs.alarm_repository import AlarmRepository
from backend.handoffs.alarms import Alarms
from backend.handoffs.reception import Availability, Reception, clock_time
from backend.handoffs.repository import HandoffRepository, Team
from backend.handoffs.tables import handoffs
from backend.rasa.client import without_forms

FIRST_WORD_WITHIN = timedelta(seconds=90)
MORE_TIME = timedelta(seconds=60)
CHATS_PER_HOST = 4
HEAVY_IN_A_ROW = 2
SHIFT = timedelta(hours=9)
DEBRIEF = timedelta(minutes=2)
WISH_LENGTH = 500
WORDS_OF = {
    "closed": "handoff_unavailable",
    "nobody_there": "handoff_nobody",
    "closing": "handoff_closing",
    "queue_full": "queue_full",
}


class AlreadyClaimed(Conflict):
    code, message = "already_claimed", "Samtalen er taget af en anden vært."


class NoLongerWaiting(Conflict):
    code, message = "no_longer_waiting", "Gæsten er ikke længere i køen."


class TooManyChats(Conflict):
    code, message = (
        "too_many_chats",
        "Du har allerede mange samtaler. Afslut en, eller lad en kollega tage den her.",
    )


class ThirdHeavy(Conflict):
    code, message = (
        "third_heavy",
        "Du har lige haft to tunge samtaler i træk. Vil du tage en til, eller skal en kollega?",
    )


class NotYours(NotAllowed):
    code, message = "not_yours", "Samtalen er ikke længere din. Hent den igen i køen."


@dataclass(frozen=True)
class Host:
    """Who acts in the console. `alias` is what a guest sees; `channels` are the host's teams in the municipality."""

    id: str
    alias: str
    municipality: str
    role: str
    channels: tuple[str, ...]

    def is_of(self, conversation: Conversation) -> bool:
        return conversation.municipality == self.municipality and conversation.channel in self.channels


class HandoffService:
    def __init__(
        self,
        conversations_: ConversationService,
        repository: HandoffRepository,
        opening: Callable[[str, str, datetime], dict],
        clock: Callable[[], datetime],
    ) -> None:
        """`opening(municipality, channel, now)` → the `Open` of the hosts' chat in that channel."""
        self.conversations, self.repository, self.clock = conversations_, repository, clock
        self.reception = Reception(repository, opening)
        self.alarms = Alarms(conversations_, AlarmRepository(), repository, clock)

    async def availability(self, municipality: str, channel: str) -> Availability:
        async with self.conversations.storage.read() as tx:
            return await self.reception.availability(tx, Team(municipality, channel), self.clock())

    # The guest

    async def request(
        self, conversation_id: str, answered_n: int | None = None, wish: str | None = None
    ) -> dict:
        """Put the conversation in the queue, or say at once why not and what else there is.

        → {state: waiting|with_host|unavailable, queue_position, text, opens}. Someone in danger is always admitted when a host is there.
        """
        async with self.conversations.change(conversation_id) as change:
            conversation = change.conversation
            if conversation.state == WITH_BOT:
                result = await self._admit(change, wish)
            else:
                result = {"state": "with_host" if conversation.state == WITH_HOST else conversation.state}
                result["queue_position"] = await self.place(change)
            if answered_n is not None:
                await change.update(only_if=[conversations.c.answered_n < answered_n], answered_n=answered_n)
        await self.tell_places(team_of(conversation))
        return result

    async def _admit(self, change: Change, wish: str | None) -> dict:
        conversation, team = change.conversation, team_of(change.conversation)
        found = await self.reception.availability(change.tx, team, change.now, is_serious(conversation.risk))
        if not found.open:
            return await self._refuse(change, team, found)
        await change.become(WAITING)
        handoff_id = uuid.uuid4().hex
        await self.repository.add(
            change.tx, id=handoff_id, conversation_id=conversation.id, status="waiting", requested_at=change.now, lost_host=False,
            guest_seen_at=change.now, wish=self._sealed_wish(conversation, handoff_id, wish),
        )  # fmt: skip
        place = await self.place(change)
        words = self.words(
            change, "handoff_waiting", position=place, estimate=self._estimate(change, found, place)
        )
        await change.say(*words, state_change(WAITING, queue_position=place))
        await self.repository.change(change.tx, handoff_id, told_place=place)
        return {"state": WAITING, "queue_position": place, "text": _text(words), "opens": found.opens}

    async def _refuse(self, change: Change, team: Team, found: Availability) -> dict:
        closes = clock_time(found.closes_at) if found.closes_at else ""
        day = self.reception.answered_on(team, change.now)
        words = self.words(
            change,
            WORDS_OF[found.reason],
            opens=found.opens["text"] if found.reason == "closed" else "",
            time=closes,
            day=day,
        )
        await change.say(*words)
        return {"state": "unavailable", "text": _text(words), "opens": found.opens}

    def _estimate(self, change: Change, found: Availability, place: int | None) -> str:
        minutes = found.minutes_for(place)
        key = "wait_estimate" if minutes else "wait_unknown"
        return _text(self.words(change, key, minutes=minutes))

    async def leave_queue(self, conversation_id: str, answered_n: int | None = None) -> None:
        """The guest would rather go on with the bot; what was written stays."""
        async with self.conversations.change(conversation_id) as change:
            if change.conversation.state == WAITING and await change.become(
                WITH_BOT, answered_n=change.conversation.last_n
            ):
                await self.end(change, "left")
                await change.say(*self.words(change, "handoff_left"), state_change(WITH_BOT))
        await self.tell_places(team_of(change.conversation))

    async def leave_for_bot(self, conversation_id: str, n: int) -> None:
        """The guest chose something the bot does (write to us, find a time) in message `n`: out of the queue, on with the bot."""
        async with self.conversations.change(conversation_id) as change:
            if change.conversation.state == WAITING and await change.become(WITH_BOT, answered_n=n - 1):
                await self.end(change, "chose_other")
                await change.say(state_change(WITH_BOT))
        await self.tell_places(team_of(change.conversation))

    async def closed_by_guest(self, conversation_id: str) -> None:
        """After the guest has closed: out of the queue, and away from the host."""
        async with self.conversations.change(conversation_id) as change:
            await self.end(change, "guest_closed")
            change.queue_moved = True
        await self.tell_places(team_of(change.conversation))

    async def seen_by_guest(self, conversation_id: str, n: int) -> None:
        """The guest has had event `n` on the screen."""
        async with self.conversations.storage.write() as tx:
            row = await self.repository.open_one(tx, conversation_id)
            newer = row and row["status"] == "claimed" and n > (row["guest_seen_n"] or 0)
            if newer:
                await self.repository.change(tx, row["id"], guest_seen_n=n)
        if newer:
            self.conversations.hub.wake(conversation_topic(conversation_id), f"seen:visitor:{n}")

    # The host

    async def claim(self, conversation_id: str, host: Host, accept_heavy: bool = False) -> int:
        """One conditional UPDATE: one winner. → the fence to send with every message.

        Raises AlreadyClaimed with who has it, NoLongerWaiting, TooManyChats, or ThirdHeavy unless the host has said yes to that.
        """
        async with self.conversations.change(conversation_id) as change:
            require_team(change, host)
            if change.conversation.owner_id == host.id:
                return change.conversation.fence
            if change.conversation.state != WAITING:
                raise await self._who_has_it(change)
            await self._spare(change, host, accept_heavy)
            await self._give_to(change, host)
            words = self.words(change, "handoff_claimed", alias=host.alias)
            await change.say(*words, state_change(WITH_HOST, host={"alias": host.alias}))
        await self.tell_places(team_of(change.conversation))
        return change.conversation.fence + 1

    async def _spare(self, change: Change, host: Host, accept_heavy: bool) -> None:
        if len(await self.repository.chats_of(change.tx, host.id)) >= CHATS_PER_HOST:
            raise TooManyChats()
        if not accept_heavy and is_serious(change.conversation.risk) and await self.had_heavy(change, host):
            raise ThirdHeavy()

    async def had_heavy(self, change: Change, host: Host) -> bool:
        """Whether the host's latest chats were all heavy, so that one more should be their own choice."""
        last = await self.repository.last_risks(change.tx, host.id, change.now - SHIFT, HEAVY_IN_A_ROW)
        return len(last) == HEAVY_IN_A_ROW and all(map(is_serious, last))

    async def _give_to(self, change: Change, host: Host) -> None:
        if not await change.become(WITH_HOST, owner_id=host.id, fence=change.conversation.fence + 1):
            raise await self._who_has_it(change)
        row = await self.repository.open_one(change.tx, change.conversation.id)
        await self.repository.change(
            change.tx, row["id"], status="claimed", claimed_by=host.id, claimed_at=change.now, told_place=None,
            answer_by=change.now + FIRST_WORD_WITHIN, colour=await self.repository.free_colour(change.tx, host.id),
        )  # fmt: skip
        await self.alarms.host_came(change, host.id, "claimed")

    async def go_in(self, conversation_id: str, host: Host, accept_heavy: bool = False) -> int:
        """A host goes in to a guest in danger who is still with the bot and has not asked for anybody. → the fence.

        Only while an alarm is open. The guest is told who came, and why. Raises as `claim` does.
        """
        async with self.conversations.change(conversation_id) as change:
            require_team(change, host)
            if change.conversation.state == WITH_BOT:
                await self._go_in(change, host, accept_heavy)
                return change.conversation.fence + 1
        return await self.claim(conversation_id, host, accept_heavy)

    async def _go_in(self, change: Change, host: Host, accept_heavy: bool) -> None:
        if not await self.alarms.may_read(change.tx, change.conversation):
            raise NotFound()
        await self._spare(change, host, accept_heavy)
        await self.repository.add(
            change.tx, id=uuid.uuid4().hex, conversation_id=change.conversation.id, status="waiting", requested_at=change.now,
            lost_host=False, guest_seen_at=change.now,
        )  # fmt: skip
        await self._give_to(change, host)
        words = self.words(change, "handoff_went_in", alias=host.alias)
        await change.say(*words, state_change(WITH_HOST, host={"alias": host.alias}))

    async def _who_has_it(self, change: Change) -> Conflict:
        if change.conversation.state != WITH_HOST:
            return NoLongerWaiting()
        rows = await self.repository.rows(
            change.tx, change.conversation.municipality, [change.conversation.channel], "claimed"
        )
        alias = next((r["host_alias"] for r in rows if r["conversation_id"] == change.conversation.id), None)
        return AlreadyClaimed(host=alias)

    async def say(
        self,
        conversation_id: str,
        host: Host,
        client_id: str,
        text: str,
        fence: int | None = None,
        card: dict | None = None,
    ) -> int:
        """A host's message, stored only while the chat is theirs or they are invited to write. → its number.

        Repeating a `client_id` changes nothing. `fence` from an older claim is refused. `card` as in docs/protocol.md.
        """
        async with self.conversations.change(conversation_id) as change:
            require_team(change, host)
            own_id = f"host:{host.id[:8]}:{client_id}"[:64]
            row = await self._require_writer(change, host, fence)
            known = await self.conversations.repository.by_client_id(change.tx, change.conversation, own_id)
            if known:
                return known.n
            body = {"text": text, "host": {"alias": host.alias}} | ({"card": card} if card else {})
            (stored,) = await change.say(Draft("message", "host", body, own_id))
            await self._answered(change, row, host)
            if is_serious(change.conversation.risk):
                await self.alarms.host_came(change, host.id, "wrote")
            return stored.n

    async def _answered(self, change: Change, row, host: Host) -> None:
        if row["claimed_by"] == host.id and (row["answer_by"] or not row["first_answer_at"]):
            await self.repository.change(
                change.tx, row["id"], answer_by=None, first_answer_at=row["first_answer_at"] or change.now
            )

    async def is_typing(self, conversation_id: str, host: Host) -> bool:
        """The host is writing: the guest sees it, and the deadline for the first word moves. False when it is not theirs to write in."""
        async with self.conversations.storage.read() as tx:
            conversation = await self.conversations.repository.get(tx, conversation_id)
            row = await self.repository.open_one(tx, conversation_id)
            if (
                not host.is_of(conversation)
                or row is None
                or not await self._may_write(tx, conversation, row, host)
            ):
                return False
        if (
            row["answer_by"]
            and row["claimed_by"] == host.id
            and row["answer_by"] < self.clock() + MORE_TIME / 2
        ):
            async with self.conversations.storage.write() as tx:
                still = [handoffs.c.claimed_by == host.id, handoffs.c.answer_by.is_not(None)]
                await self.repository.change(tx, row["id"], still, answer_by=self.clock() + MORE_TIME)
        self.conversations.hub.wake(conversation_topic(conversation_id), "typing:host")
        return True

    async def note(self, conversation_id: str, host: Host, text: str) -> None:
        """For colleagues only. Sealed under the conversation's key, so it is forgotten with it."""
        async with self.conversations.change(conversation_id) as change:
            await self.require_party(change, host)
            await self.add_note(change, host, text)
        self.conversations.hub.wake(conversation_topic(conversation_id), "notes")

    async def add_note(self, change: Change, host: Host, text: str) -> None:
        note_id = uuid.uuid4().hex
        body = self.conversations.repository.key_of(change.conversation).seal(text, f"notes:{note_id}:body")
        row = {
            "id": note_id,
            "conversation_id": change.conversation.id,
            "author_id": host.id,
            "at": change.now,
            "body": body,
        }
        await self.repository.add_note(change.tx, **row)

    async def hand_back(self, conversation_id: str, host: Host) -> None:
        """Back to the bot with a marker and a fresh stretch; what is known of the situation comes along, half a form does not."""
        async with self.conversations.change(conversation_id) as change:
            await self.require_owner(change, host)
            conversation = change.conversation
            known = {"slots": without_forms(self.conversations.repository.situation_of(conversation).get("slots", {}))}
            await change.become(
                WITH_BOT, owner_id=None, epoch=conversation.epoch + 1, answered_n=conversation.last_n, fence=conversation.fence + 1,
                situation=self.conversations.repository.seal_situation(conversation, known),
            )  # fmt: skip
            await self.end(change, "handed_back")
            await self._rest_after_heavy(change, host)
            await change.say(
                *self.words(change, "handoff_back_to_bot", alias=host.alias), state_change(WITH_BOT)
            )

    async def close(self, conversation_id: str, host: Host, words: str = "host_closed") -> None:
        """Raises NotYours. `words`: the key of what the guest is told (host_closed, or misuse_end)."""
        async with self.conversations.change(conversation_id) as change:
            await self.require_owner(change, host)
            await change.become(CLOSED, owner_id=None, closed_at=change.now)
            await self.end(change, "misuse" if words == "misuse_end" else "closed")
            await self._rest_after_heavy(change, host)
            await change.say(*self.words(change, words, alias=host.alias), state_change(CLOSED))

    async def end_misuse(self, conversation_id: str, host: Host) -> None:
        """End with a kind text and the numbers. Only this conversation is shut, and nothing is kept about who it was."""
        await self.close(conversation_id, host, "misuse_end")
        async with self.conversations.change(conversation_id) as change:
            c = change.conversation
            card = self.conversations.reactions.catalogue.crisis(c.municipality, change.now).as_json()
            await change.say(Draft("notice", "system", {"text": card["lead"], "card": card}))

    async def warn(self, conversation_id: str, host: Host) -> None:
        async with self.conversations.change(conversation_id) as change:
            await self.require_owner(change, host)
            await change.say(*self.words(change, "misuse_warning"))

    async def _rest_after_heavy(self, change: Change, host: Host) -> None:
        if is_serious(change.conversation.risk):
            await self.repository.rest(change.tx, host.id, change.now + DEBRIEF)

    async def ready_again(self, host_id: str) -> None:
        async with self.conversations.storage.write() as tx:
            await self.repository.rest(tx, host_id, None)

    # Shared by the rooms of this floor

    async def place(self, change: Change) -> int | None:
        return place_of(
            change.conversation.id, await self.repository.waiting(change.tx, team_of(change.conversation))
        )

    async def tell_places(self, team: Team) -> None:
        """Tell everybody whose place has changed, and nobody else."""
        async with self.conversations.storage.read() as tx:
            rows = await self.repository.rows(tx, team.municipality, [team.channel])
            waiting = await self.repository.waiting(tx, team)
        for row in rows:
            if place_of(row["conversation_id"], waiting) != row["told_place"]:
                await self._tell_place(row["conversation_id"])

    async def _tell_place(self, conversation_id: str) -> None:
        try:
            async with self.conversations.change(conversation_id) as change:
                row, place = (
                    await self.repository.open_one(change.tx, conversation_id),
                    await self.place(change),
                )
                if row and row["status"] == "waiting" and place != row["told_place"]:
                    await change.say(state_change(WAITING, queue_position=place))
                    await self.repository.change(change.tx, row["id"], told_place=place)
        except NotFound:
            return  # forgotten while the queue moved

    async def end_for(self, change: Change) -> None:
        """A conversation that is forgotten leaves the queue, and the hosts' notes about it go too."""
        await self.end(change, "forgotten")
        await self.alarms.forgotten(change)
        await self.repository.forget(change.tx, change.conversation.id)

    async def end(self, change: Change, outcome: str) -> None:
        row = await self.repository.open_one(change.tx, change.conversation.id)
        if row:
            await self.repository.answer_transfer(change.tx, row["id"], "withdrawn", change.now)
            await self.repository.change(
                change.tx, row["id"], status="ended", ended_at=change.now, outcome=outcome, answer_by=None
            )

    async def require_owner(self, change: Change, host: Host):
        """→ the open handoff. Raises NotYours unless the chat is this host's own."""
        require_team(change, host)
        if change.conversation.state != WITH_HOST or change.conversation.owner_id != host.id:
            raise NotYours()
        return await self.repository.open_one(change.tx, change.conversation.id)

    async def require_party(self, change: Change, host: Host):
        """→ the open handoff. The owner, or somebody invited who has joined."""
        require_team(change, host)
        row = await self.repository.open_one(change.tx, change.conversation.id)
        if row is None or change.conversation.state != WITH_HOST:
            raise NotYours()
        along = await self.repository.companion(change.tx, row["id"], host.id)
        if change.conversation.owner_id != host.id and not (along and along["joined_at"]):
            raise NotYours()
        return row

    async def _require_writer(self, change: Change, host: Host, fence: int | None):
        row = await self.repository.open_one(change.tx, change.conversation.id)
        stale = (
            fence is not None
            and fence != change.conversation.fence
            and change.conversation.owner_id == host.id
        )
        if row is None or stale or not await self._may_write(change.tx, change.conversation, row, host):
            raise NotYours()
        return row

    async def _may_write(self, tx, conversation: Conversation, row, host: Host) -> bool:
        if conversation.state != WITH_HOST:
            return False
        along = (
            None
            if conversation.owner_id == host.id
            else await self.repository.companion(tx, row["id"], host.id)
        )
        return conversation.owner_id == host.id or bool(along and along["joined_at"] and along["writes"])

    def words(self, change: Change, key: str, **values) -> list[Draft]:
        return self.conversations.reactions.words(change.conversation, key, **values)

    def _sealed_wish(self, conversation: Conversation, handoff_id: str, wish: str | None) -> bytes | None:
        if not wish:
            return None
        return self.conversations.repository.key_of(conversation).seal(
            wish[:WISH_LENGTH], f"handoffs:{handoff_id}:wish"
        )

    def wish_of(self, conversation: Conversation, row) -> str | None:
        if row is None or row["wish"] is None:
            return None
        return str(
            self.conversations.repository.key_of(conversation).open(row["wish"], f"handoffs:{row['id']}:wish")
        )


def team_of(conversation: Conversation) -> Team:
    return Team(conversation.municipality, conversation.channel)


def require_team(change: Change, host: Host) -> None:
    """Another team's conversation looks like one that does not exist."""
    if not host.is_of(change.conversation):
        raise NotFound()


def _text(words: list[Draft]) -> str:
    return "\n".join(draft.body.get("text", "") for draft in words)
