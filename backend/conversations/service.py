"""A conversation from opening to forgetting. The only way to write into it, for every other room too."""

import logging
import secrets
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from backend.conversations.events import Draft, Event, state_change
from backend.conversations.hub import QUEUE_TOPIC, Hub, conversation_topic
from backend.conversations.meant import meant_payload
from backend.conversations.reactions import ANONYMITY, Reactions, phase_in
from backend.conversations.repository import ConversationRepository
from backend.conversations.tables import conversations
from backend.domain.conversation import (
    CLOSED,
    WAITING,
    WITH_BOT,
    Conversation,
    is_serious,
    may_become,
    worse_risk,
)
from backend.errors import BadInput, Conflict, NotSignedIn, Unavailable
from backend.safety.masking import find_personal_data, without_cpr
from backend.storage.engine import Storage

log = logging.getLogger(__name__)
MAX_TEXT = 2000
RESUME = "!resume"
ASKS_FOR_CONTACT = ("enquiry_contact_kind", "enquiry_contact_value", "booking_phone", "reminder_contact")


class ConversationClosed(Conflict):
    code, message = "conversation_closed", "Samtalen er afsluttet. Du kan altid begynde en ny."


class UnknownChoice(BadInput):
    code, message = "unknown_choice", "Det valg findes ikke længere. Skriv det med dine egne ord i stedet."


@dataclass(frozen=True)
class Incoming:
    """What a visitor sent: either `text` (1–2,000 characters) or the id of a `choice` we offered."""

    client_id: str
    text: str | None = None
    choice: str | None = None


@dataclass(frozen=True)
class Received:
    """`n` is the message's number; `turn` is true when the bot has to answer; `command` is a choice for the backend itself."""

    n: int
    turn: bool
    command: str | None = None
    again: bool = False


@dataclass
class Change:
    """One transaction on one conversation. Events are published after the commit, never before."""

    tx: AsyncConnection
    conversation: Conversation
    now: datetime
    repository: ConversationRepository
    written: list[Event] = field(default_factory=list)
    queue_moved: bool = False

    async def say(self, *drafts: Draft) -> list[Event]:
        stored = await self.repository.append(self.tx, self.conversation, drafts, self.now)
        self.written += stored
        return stored

    async def update(self, *, only_if: Sequence = (), **values) -> bool:
        return await self.repository.change(self.tx, self.conversation.id, only_if=only_if, **values)

    async def become(self, state: str, **values) -> bool:
        """Move to `state` if the row is still where we read it; False when somebody else was faster."""
        if not may_become(self.conversation.state, state):
            return False
        values |= {"phase": phase_in(self.conversation, state)}
        moved = await self.update(only_if=[conversations.c.state == self.conversation.state], state=state, **values)
        self.queue_moved = self.queue_moved or moved
        return moved


# Told in the message's own transaction that a guest is in danger, and how much. A room above answers; see `app.py`.
OnDanger = Callable[[Change, str], Awaitable[None]]


class ConversationService:
    def __init__(self, storage: Storage, repository: ConversationRepository, hub: Hub, reactions: Reactions, clock: Callable[[], datetime]):
        self.storage, self.repository, self.hub, self.reactions, self.clock = storage, repository, hub, reactions, clock
        self.on_danger: OnDanger | None = None

    async def open(self, municipality: str, channel: str) -> tuple[str, str, list[Event]]:
        """→ (id, token, greeting events). Raises BadInput for an unknown municipality or channel."""
        greeting = self.reactions.greeting(municipality, channel)
        conversation_id, token, now = uuid.uuid4().hex, secrets.token_urlsafe(32), self.clock()
        _, wrapped = self.repository.keys.new(conversation_id)
        conversation = Conversation(
            conversation_id, municipality, channel, WITH_BOT, 1, 0, 0, "none", None, 0, wrapped, None, now, now, None, None
        )
        async with self.storage.write() as tx:
            await self.repository.add(tx, conversation, token)
            events = await self.repository.append(tx, conversation, greeting, now)
        return conversation_id, token, events

    @asynccontextmanager
    async def change(self, conversation_id: str) -> AsyncIterator[Change]:
        async with self.storage.write() as tx:
            conversation = await self.repository.get(tx, conversation_id, lock=True)
            change = Change(tx, conversation, self.clock(), self.repository)
            yield change
        self._publish(conversation_id, change.written, change.queue_moved)

    async def find(self, conversation_id: str) -> Conversation:
        async with self.storage.read() as tx:
            return await self.repository.get(tx, conversation_id)

    async def authorise(self, conversation_id: str, token: str) -> Conversation:
        """Raises NotSignedIn alike for an unknown conversation, an erased one and a wrong token."""
        async with self.storage.read() as tx:
            conversation = await self.repository.with_token(tx, conversation_id, token)
        if conversation is None:
            raise NotSignedIn("Samtalen findes ikke, eller den er slettet. Du kan begynde en ny.")
        return conversation

    async def receive(self, conversation_id: str, incoming: Incoming) -> Received:
        """Screen, store and acknowledge one message. The same `client_id` again changes nothing.

        With the database gone it raises Unavailable; `details.crisis` then holds the crisis card if the words call for it.
        """
        try:
            async with self.change(conversation_id) as change:
                return await self._receive(change, incoming)
        except Unavailable as error:
            alone = self.reactions.assess(incoming.text or "", ())
            if is_serious(alone.level):
                raise Unavailable(crisis=self.reactions.crisis_alone(alone)) from error
            raise

    async def _receive(self, change: Change, incoming: Incoming) -> Received:
        conversation, repository = change.conversation, self.repository
        known = await repository.by_client_id(change.tx, conversation, incoming.client_id)
        if known:
            return Received(known.n, conversation.answered_n < known.n, again=True)
        if conversation.state == CLOSED:
            raise await self._closed(change, incoming)
        offered = await repository.offered_last(change.tx, conversation)
        body = self._as_choice(conversation, await self._body(change, incoming), offered)
        # An answer to a question is read by itself: the words that led to the question have been reacted to.
        previous = [] if "payload" in body else await repository.last_words(change.tx, conversation, 2)
        relation = repository.situation_of(conversation).get("slots", {}).get("relation")
        assessment = self.reactions.assess(incoming.text or "", previous, conversation.phase, relation)
        (message,) = await change.say(Draft("message", "visitor", body, incoming.client_id))
        command = command_in(conversation, str(body.get("payload", "")))
        reaction = self.reactions.to(conversation, assessment, command, incoming.text or "", offered)
        await self._warn(change, incoming.text or "")
        await self._apply(change, message.n, reaction, assessment.level)
        if reaction.instead_of_bot:
            return Received(message.n, False, RESUME if reaction.resume else None)
        return Received(message.n, conversation.bot_may_speak and command is None, command)

    async def _warn(self, change: Change, text: str) -> None:
        """Before any host acts, and once: what was written may end the guest's anonymity."""
        conversation, repository = change.conversation, self.repository
        if not find_personal_data(text):
            return
        asked = repository.situation_of(conversation).get("slots", {}).get("asked")
        told = asked in ASKS_FOR_CONTACT or any(
            event.body.get("told") == ANONYMITY for event in await repository.events_after(change.tx, conversation)
        )
        await change.say(*self.reactions.on_personal_data(conversation, text, told))

    async def _closed(self, change: Change, incoming: Incoming) -> ConversationClosed:
        """Nothing more is stored, but words of danger still get the card, whatever the chat was closed for."""
        assessment = self.reactions.assess(incoming.text or "", await self.repository.last_words(change.tx, change.conversation, 2))
        if not is_serious(assessment.level):
            return ConversationClosed()
        return ConversationClosed(crisis=self.reactions.crisis_alone(assessment, change.conversation.municipality))

    async def _apply(self, change: Change, n: int, reaction, level: str) -> None:
        conversation = change.conversation
        risk = worse_risk(worse_risk(conversation.risk, level), reaction.level)
        drafts = list(reaction.drafts)
        if reaction.phase != conversation.phase:
            await change.update(phase=reaction.phase)
        if risk != conversation.risk:
            await change.update(risk=risk)
            drafts.append(state_change(conversation.state, risk=risk))
            change.queue_moved = change.queue_moved or is_serious(risk)
        await change.say(*drafts)
        level_now = worse_risk(level, reaction.level)
        if is_serious(level_now):
            await self._tell_of_danger(change, level_now)
        if reaction.instead_of_bot or not conversation.bot_may_speak:
            await change.update(answered_n=n)

    async def _tell_of_danger(self, change: Change, level: str) -> None:
        """The message and its card are kept whatever becomes of the alarm."""
        if self.on_danger is None:
            return
        try:
            async with change.tx.begin_nested():
                await self.on_danger(change, level)
        except Exception as error:  # the type says enough, the text may hold words
            log.error("alarm failed conversation=%s error=%s", change.conversation.id, type(error).__name__)

    @staticmethod
    def _as_choice(conversation: Conversation, body: dict, offered: Sequence[dict]) -> dict:
        """Typed words that mean a choice on the screen are that choice; the words stay as they were written."""
        payload = None if "payload" in body else meant_payload(body["text"], offered, conversation)
        return body | {"payload": payload} if payload else body

    async def _body(self, change: Change, incoming: Incoming) -> dict:
        if incoming.choice is None:
            return {"text": without_cpr(incoming.text or "")}
        number, _, index = incoming.choice.partition("-")
        offered = number.isdigit() and index.isdigit() and len(number) < 9 and len(index) < 4
        event = await self.repository.event(change.tx, change.conversation, int(number)) if offered else None
        choices = event.body.get("choices", []) if event and event.author != "visitor" else []
        if not offered or int(index) >= len(choices):
            raise UnknownChoice()
        chosen = choices[int(index)]
        return {"text": chosen["title"], "payload": chosen["payload"]}

    async def store_reply(self, conversation: Conversation, n: int, drafts: Sequence[Draft], situation: dict | None) -> bool:
        """The bot's answer to message `n`, kept only if the bot still owns this stretch of the conversation."""
        async with self.change(conversation.id) as change:
            owns = [conversations.c.state == WITH_BOT, conversations.c.epoch == conversation.epoch]
            values: dict = {"answered_n": n}
            if situation is not None:
                values["situation"] = self.repository.seal_situation(change.conversation, situation)
            if not await change.update(only_if=[*owns, conversations.c.answered_n < n], **values):
                return False
            known = situation or {}
            goal, relation = known.get("understanding", {}).get("goal"), known.get("slots", {}).get("relation")
            await change.say(*await self._fitting(change, n, drafts, goal, relation))
        return True

    async def _fitting(self, change: Change, n: int, drafts: Sequence[Draft], goal: str | None = None, relation: str | None = None) -> list[Draft]:
        since = await self.repository.events_after(change.tx, change.conversation, n)
        known = relation or await self.repository.relation_in_danger(change.tx, change.conversation)
        return self.reactions.fitting(change.conversation, drafts, since, goal, known)

    async def store_late_reply(self, conversation: Conversation, n: int, drafts: Sequence[Draft]) -> bool:
        """An answer that came after the guest was told of a delay: kept only if nothing was said since."""
        async with self.change(conversation.id) as change:
            still = change.conversation.state == WITH_BOT and change.conversation.epoch == conversation.epoch
            newer = await self.repository.unanswered(change.tx, change.conversation)
            if still and not newer and change.conversation.answered_n == n:
                await change.say(*await self._fitting(change, n, drafts))
                return True
        return False

    async def slow_down(self, conversation_id: str, n: int) -> None:
        """Too many questions a minute: say so kindly instead of asking the bot. The message itself is kept."""
        async with self.change(conversation_id) as change:
            owns = [conversations.c.state == WITH_BOT, conversations.c.answered_n < n]
            if await change.update(only_if=owns, answered_n=n):
                await change.say(*self.reactions.words(change.conversation, "too_fast"))

    async def ask_again(self, conversation_id: str, n: int) -> None:
        """«Prøv igen»: the guest's last own words count as unanswered once more."""
        async with self.change(conversation_id) as change:
            if not change.conversation.bot_may_speak:
                return
            spoken = await self.repository.spoken_before(change.tx, change.conversation, n)
            await change.update(answered_n=spoken.n - 1 if spoken else n)

    async def bump_epoch(self, conversation_id: str) -> None:
        """Rasa may have half a turn in memory: give it a new name and seed it afresh next time."""
        async with self.change(conversation_id) as change:
            await change.update(epoch=conversations.c.epoch + 1)

    async def events_after(self, conversation_id: str, after: int) -> tuple[Conversation, list[Event]]:
        async with self.storage.read() as tx:
            conversation = await self.repository.get(tx, conversation_id)
            return conversation, await self.repository.events_after(tx, conversation, after)

    async def close(self, conversation_id: str, reason: str = "conversation_closed") -> None:
        async with self.change(conversation_id) as change:
            if await change.become(CLOSED, closed_at=change.now, owner_id=None):
                await change.say(*self.reactions.words(change.conversation, reason), state_change(CLOSED))

    def publish(self, conversation_id: str, events: Sequence[Event] = ()) -> None:
        self._publish(conversation_id, events, True)

    def _publish(self, conversation_id: str, events: Sequence[Event], queue_moved: bool) -> None:
        if events or queue_moved:
            self.hub.wake(conversation_topic(conversation_id))
        if queue_moved:
            self.hub.wake(QUEUE_TOPIC, conversation_id)


def command_in(conversation: Conversation, payload: str) -> str | None:
    """What the backend itself must do about a choice. Something the bot does, chosen in the queue, means leaving the queue first."""
    if payload.startswith("!"):
        return payload
    return "!leave_for_bot" if payload and conversation.state == WAITING else None
