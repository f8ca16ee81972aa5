"""The bot's turns: one at a time per conversation, never lost by a crash, never silent."""

import asyncio
import contextlib
import logging
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from backend.conversations.events import Draft, Event, bot_says
from backend.conversations.hub import conversation_topic
from backend.conversations.service import ASKS_FOR_CONTACT, MAX_TEXT, ConversationService
from backend.domain.conversation import Conversation
from backend.errors import IndgangError, Unavailable
from backend.rasa.client import RasaClient, RasaUnavailable, Reply, as_plain_text
from backend.safety.masking import mask

log = logging.getLogger(__name__)
RECOVER_WITHIN = timedelta(hours=2)
RETRY_AFTER, MOST_TRIES = 0.5, 8  # half a second, one, two … about two minutes in all
HEARD_TOGETHER = ("asked_kindly",)


class Turns:
    def __init__(self, service: ConversationService, rasa: RasaClient, deadline_seconds: float) -> None:
        self.service, self.rasa, self.deadline = service, rasa, deadline_seconds
        self._running: dict[str, asyncio.Task] = {}
        self._waiting: dict[str, list[tuple[int, asyncio.Future]]] = {}
        self._again: set[str] = set()
        self._tries: dict[str, int] = {}
        self._stopped = False

    def start(self, conversation_id: str) -> asyncio.Task:
        """Answer whatever is unanswered. A turn that is already running will see the new message too."""
        task = self._running.get(conversation_id)
        if task is None or task.done():
            task = asyncio.create_task(self._run(conversation_id))
            self._running[conversation_id] = task
            task.add_done_callback(lambda done: self._forget(conversation_id, done))
        else:
            self._again.add(conversation_id)
        return task

    async def settle(self, conversation_id: str, n: int) -> None:
        """Wait until message `n` has been dealt with (a delay is announced by then, so this always ends)."""
        self.start(conversation_id)
        dealt = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(conversation_id, []).append((n, dealt))
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self.deadline + 3):
                await dealt

    def _dealt_with(self, conversation_id: str, n: float) -> None:
        waiting = self._waiting.pop(conversation_id, [])
        later = [(m, dealt) for m, dealt in waiting if m > n]
        if later:
            self._waiting[conversation_id] = later
        for m, dealt in waiting:
            if m <= n and not dealt.done():
                dealt.set_result(None)

    async def recover(self, now: datetime) -> int:
        """After a restart: answer what was acknowledged but not yet answered. → how many conversations."""
        async with self.service.storage.read() as tx:
            cut_short = await self.service.repository.with_open_turn(tx, now - RECOVER_WITHIN)
        for conversation_id in cut_short:
            await self.service.bump_epoch(conversation_id)
            self.start(conversation_id)
        return len(cut_short)

    async def stop(self) -> None:
        self._stopped = True
        for task in list(self._running.values()):
            task.cancel()
        await asyncio.gather(*self._running.values(), return_exceptions=True)

    async def _run(self, conversation_id: str) -> None:
        while True:
            self._again.discard(conversation_id)
            async with self.service.storage.read() as tx:
                conversation = await self.service.repository.get(tx, conversation_id)
                waiting = await self.service.repository.unanswered(tx, conversation) if conversation.bot_may_speak else []
                slots = self.service.repository.situation_of(conversation).get("slots", {})
                words = await self._words(tx, conversation, waiting[0], bool(slots.get("active_form"))) if waiting else ""
            if not waiting and conversation_id in self._again:
                continue  # a message came after we had looked and before we were done
            if not waiting:
                return
            self.service.hub.wake(conversation_topic(conversation_id), "typing:bot")
            await self._answer(conversation, waiting[0], words, slots)

    async def _words(self, tx: AsyncConnection, conversation: Conversation, message: Event, in_form: bool) -> str:
        """What the bot is to read: after a kind question also what led to it, so that nothing said is asked again.

        A form of ours may ask for a number, an address or a name to use; else the bot has no need to know who writes.
        """
        if "payload" in message.body:
            return message.body["payload"]
        before = await self.service.repository.set_aside(tx, conversation, message.n) if conversation.phase in HEARD_TOGETHER else []
        words = "\n".join([*before, message.body["text"]])[-MAX_TEXT:]
        return as_plain_text(words if in_form else mask(words))

    async def _answer(self, conversation: Conversation, message: Event, words: str, slots: dict) -> None:
        asking = asyncio.create_task(self._ask(conversation, message, words, slots))
        try:
            async with asyncio.timeout(self.deadline):
                reply = await asyncio.shield(asking)
        except RasaUnavailable:
            await self._excuse(conversation, message, new_epoch=True)
        except TimeoutError:
            await self._excuse(conversation, message, new_epoch=False)
            await self._wait_longer(asking, conversation, message)
        else:
            await self._store(conversation, message, reply)

    async def _ask(self, conversation: Conversation, message: Event, words: str, slots: dict) -> Reply:
        metadata = {
            "municipality": conversation.municipality,
            "channel": conversation.channel,
            "turn": message.n,
            "now": self.service.clock().isoformat(),
        }
        return await self.rasa.ask(conversation.sender, words, metadata, slots)

    async def _store(self, conversation: Conversation, message: Event, reply: Reply) -> None:
        drafts = _with_asked(drafts_of(reply), reply)
        situation = {"slots": reply.slots, "understanding": reply.understanding, "form": reply.active_form}
        if drafts:
            await self.service.store_reply(conversation, message.n, drafts, situation)
            self._dealt_with(conversation.id, message.n)
        elif not await self._left_the_bot(conversation.id, message.n):
            await self._excuse(conversation, message, new_epoch=True)

    async def _left_the_bot(self, conversation_id: str, n: int) -> bool:
        """Silence is right only when the turn itself handed over, or the backend wrote the answer from a row."""
        current, newer = await self.service.events_after(conversation_id, n)
        spoken = any(event.author != "visitor" for event in newer)
        if current.bot_may_speak and spoken:
            await self.service.store_reply(current, n, [], None)
        return spoken or not current.bot_may_speak

    async def _excuse(self, conversation: Conversation, message: Event, new_epoch: bool) -> None:
        log.warning("bot turn failed conversation=%s n=%d", conversation.id, message.n)
        words = self.service.reactions.words(conversation, "bot_unavailable")
        await self.service.store_reply(conversation, message.n, words, None)
        self._dealt_with(conversation.id, message.n)
        if new_epoch:
            await self.service.bump_epoch(conversation.id)

    async def _wait_longer(self, asking: asyncio.Task, conversation: Conversation, message: Event) -> None:
        try:
            reply = await asking
        except RasaUnavailable:
            await self.service.bump_epoch(conversation.id)
            return
        if not await self.service.store_late_reply(conversation, message.n, drafts_of(reply)):
            await self.service.bump_epoch(conversation.id)

    def _later(self, conversation_id: str) -> None:
        """The database was busy or gone: what is acknowledged is still to be answered. Ever longer between tries, then left to a restart."""
        tries = self._tries.get(conversation_id, 0)
        self._tries[conversation_id] = tries + 1
        if tries < MOST_TRIES and not self._stopped:
            asyncio.get_running_loop().call_later(RETRY_AFTER * 2**tries, self._retry, conversation_id)
        else:
            self._tries.pop(conversation_id)

    def _retry(self, conversation_id: str) -> None:
        if not self._stopped:
            self.start(conversation_id)

    def _forget(self, conversation_id: str, done: asyncio.Task) -> None:
        if self._running.get(conversation_id) is done:
            del self._running[conversation_id]
            self._dealt_with(conversation_id, float("inf"))
        if done.cancelled() or not done.exception():
            self._tries.pop(conversation_id, None)
        elif isinstance(done.exception(), Unavailable):
            self._later(conversation_id)
        if not done.cancelled() and (error := done.exception()):
            level = logging.WARNING if isinstance(error, (Unavailable, IndgangError)) else logging.ERROR
            log.log(level, "bot turn ended early conversation=%s reason=%s", conversation_id, type(error).__name__)


def _with_asked(drafts: list[Draft], reply: Reply) -> list[Draft]:
    """The last thing said tells the widget that a number or a mail address is asked for, so that it does not warn of one."""
    if not drafts or reply.slots.get("asked") not in ASKS_FOR_CONTACT:
        return drafts
    *before, last = drafts
    return [*before, replace(last, body=last.body | {"asks": "contact"})]


def drafts_of(reply: Reply) -> list[Draft]:
    """Rasa's messages as events; anything of the wrong shape is left out rather than shown."""
    drafts = []
    for item in reply.messages:
        text = item.get("text") if isinstance(item.get("text"), str) else None
        card = item.get("custom") if isinstance(item.get("custom"), dict) and item["custom"].get("kind") else None
        choices = [
            {"title": str(b["title"]), "payload": str(b["payload"])}
            for b in item.get("buttons") or []
            if isinstance(b, dict) and b.get("title") and b.get("payload")
        ]
        if text or card or choices:
            drafts.append(bot_says(text, choices or None, card))
    return drafts
