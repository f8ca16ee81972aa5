"""A reader of one conversation: what came after N, in order, once, however it is woken."""

import asyncio
import json
from collections.abc import Awaitable, Callable

from backend.conversations.hub import conversation_topic, guest_topic
from backend.conversations.service import ConversationService
from backend.errors import NotFound

HEARTBEAT_SECONDS = 20


class Feed:
    """The hub only says that something happened; the numbers in the database decide what is sent."""

    def __init__(self, service: ConversationService, conversation_id: str, after: int) -> None:
        self.service, self.conversation_id, self.after = service, conversation_id, after
        self.ended = False

    async def wait_for_news(self, seconds: float) -> None:
        """Returns as soon as there is an event after `after`, or when the time is up."""
        with self.service.hub.watch(conversation_topic(self.conversation_id), guest_topic(self.conversation_id)) as woken:
            limit = asyncio.get_running_loop().time() + seconds
            while not await self._news():
                left = limit - asyncio.get_running_loop().time()
                if left <= 0:
                    return
                try:
                    async with asyncio.timeout(left):
                        await woken.get()
                except TimeoutError:
                    return

    async def push_to(self, send: Callable[[str], Awaitable[None]]) -> None:
        """Send every event from `after` on, and typing marks as they come, until cancelled or erased."""
        with self.service.hub.watch(conversation_topic(self.conversation_id), guest_topic(self.conversation_id)) as woken:
            await self._push_news(send)
            while not self.ended:
                signal = await self._next(woken)
                author = signal.partition(":")[2]
                if signal.startswith("typing:") and author != "visitor":
                    await send(json.dumps({"type": "typing", "author": author}))
                elif signal.startswith("seen:") and not author.startswith("visitor"):
                    await send(json.dumps({"type": "seen", "author": author}))
                elif signal in ("events", "heartbeat"):
                    await self._push_news(send)

    async def _push_news(self, send: Callable[[str], Awaitable[None]]) -> None:
        for frame in await self._take():
            await send(json.dumps(frame, ensure_ascii=False))
            self.ended = self.ended or frame["type"] == "erased"

    async def _next(self, woken: asyncio.Queue) -> str:
        # Not wait_for: before Python 3.12 it swallows a cancellation that meets a wake, and the feed would never end.
        try:
            async with asyncio.timeout(HEARTBEAT_SECONDS):
                return await woken.get()
        except TimeoutError:
            return "heartbeat"

    async def _take(self) -> list[dict]:
        try:
            _, events = await self.service.events_after(self.conversation_id, self.after)
        except NotFound:
            return [{"type": "erased", "author": "system"}]
        if events:
            self.after = events[-1].n
        return [event.public() for event in events]

    async def _news(self) -> bool:
        _, events = await self.service.events_after(self.conversation_id, self.after)
        return bool(events)
