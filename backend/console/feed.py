"""The console's socket. Signals only: which list or chat to fetch again, never a word of what was written."""

import asyncio
import json
from contextlib import suppress

from sanic.server.websockets.impl import WebsocketImplProtocol

from backend.console.together import Together
from backend.conversations.hub import QUEUE_TOPIC, Hub, conversation_topic
from backend.errors import IndgangError
from backend.handoffs.service import HandoffService, Host
from backend.hosts.service import HostService

CHECK_SECONDS = 3  # a signed-out host's socket is closed within this, whatever else happens
GATHER_SECONDS = 0.8  # the first change is told at once, a storm of them about once a second


class Following:
    """Which chats each host reads now."""

    def __init__(self, handoffs: HandoffService) -> None:
        self._handoffs, self._readers = handoffs, Together(self._look)

    async def chats_of(self, host_id: str) -> set[str]:
        return (await self._readers.ask(None)).get(host_id, set())

    async def _look(self, _: None) -> dict[str, set[str]]:
        async with self._handoffs.conversations.storage.read() as tx:
            return await self._handoffs.repository.readers(tx)


class ConsoleFeed:
    """One socket of one signed-in host. Follows chats as they are claimed, passed on and given up."""

    def __init__(
        self,
        socket: WebsocketImplProtocol,
        hub: Hub,
        hosts: HostService,
        handoffs: HandoffService,
        following: Following,
        token: str,
        host: Host,
    ) -> None:
        self.socket, self.hub, self.hosts, self.handoffs = socket, hub, hosts, handoffs
        self.following, self.token, self.host = following, token, host
        self._out: asyncio.Queue[dict] = asyncio.Queue()
        self._chats: dict[str, asyncio.Task] = {}
        self._queue_moved = asyncio.Event()

    async def run(self) -> None:
        """Until the socket or the session ends."""
        await self._follow_chats()
        tasks = [
            asyncio.create_task(one) for one in (self._queue(), self._tell_queue(), self._session(), self._send(), self._read())
        ]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (*tasks, *self._chats.values()):
                task.cancel()
            await asyncio.gather(*tasks, *self._chats.values(), return_exceptions=True)
        await self.socket.close()

    async def _queue(self) -> None:
        with self.hub.watch(QUEUE_TOPIC) as woken:
            while True:
                await woken.get()
                while not woken.empty():
                    woken.get_nowait()
                try:
                    await self._follow_chats()
                except IndgangError:  # the database is busy: look again in a moment
                    asyncio.get_running_loop().call_later(1, self.hub.wake, QUEUE_TOPIC)
                self._queue_moved.set()

    async def _tell_queue(self) -> None:
        while True:
            await self._queue_moved.wait()
            self._queue_moved.clear()
            self._out.put_nowait({"signal": "queue"})
            await asyncio.sleep(GATHER_SECONDS)

    async def _session(self) -> None:
        """Returns, and so ends the socket, when the session is over or locked."""
        with self.hub.watch(f"host:{self.host.id}") as woken:
            while True:
                with suppress(TimeoutError):
                    async with asyncio.timeout(CHECK_SECONDS):
                        await woken.get()
                try:
                    await self.hosts.who(self.token)
                except IndgangError:
                    return

    async def _send(self) -> None:
        while True:
            await self.socket.send(json.dumps(await self._out.get()))

    async def _read(self) -> None:
        async for raw in self.socket:
            try:
                frame = json.loads(raw)
                conversation_id = frame["typing"] if frame.keys() == {"typing"} else None
            except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
                continue
            if isinstance(conversation_id, str) and conversation_id in self._chats:
                with suppress(IndgangError):
                    await self.handoffs.is_typing(conversation_id, self.host)

    async def _follow_chats(self) -> None:
        """Listen to exactly the chats that are the host's to read now."""
        wanted = await self.following.chats_of(self.host.id)
        for gone in self._chats.keys() - wanted:
            self._chats.pop(gone).cancel()
        for new in wanted - self._chats.keys():
            self._chats[new] = asyncio.create_task(self._chat(new))

    async def _chat(self, conversation_id: str) -> None:
        with self.hub.watch(conversation_topic(conversation_id)) as woken:
            self._out.put_nowait({"signal": "followed", "id": conversation_id})  # what came just before is fetched now
            while True:
                signal = await woken.get()
                if signal == "typing:host" or signal.startswith("seen:host"):
                    continue
                kind, _, detail = signal.partition(":")
                self._out.put_nowait({"signal": kind, "id": conversation_id, "detail": detail})
