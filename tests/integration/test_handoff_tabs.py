"""A guest's tabs, over real sockets: every tab sees every event once and in order, a reload in the queue changes nothing."""

import asyncio
import json

import aiohttp

from tests.integration.conftest import new_id
from tests.integration.queue_parts import host, state


class Tab:
    """One open page of a guest: reads its feed for as long as it is open."""

    def __init__(self, http, cid: str, token: str) -> None:
        self.http, self.cid, self.token, self.frames = http, cid, token, []

    async def open(self, after: int = 0) -> "Tab":
        self.socket = await self.http.ws_connect(f"/api/v1/conversations/{self.cid}/feed")
        await self.socket.send_json({"type": "hello", "token": self.token, "after": after})
        self.reading = asyncio.create_task(self._read())
        return self

    async def _read(self) -> None:
        async for message in self.socket:
            self.frames.append(json.loads(message.data))

    @property
    def numbers(self) -> list[int]:
        return [frame["n"] for frame in self.frames if "n" in frame and frame["type"] != "ack"]

    async def until(self, n: int) -> None:
        for _ in range(500):
            if self.numbers and self.numbers[-1] >= n:
                return
            await asyncio.sleep(0.02)
        raise AssertionError((n, self.numbers))

    async def acknowledged(self) -> None:
        for _ in range(500):
            if any(frame["type"] == "ack" for frame in self.frames):
                return
            await asyncio.sleep(0.02)
        raise AssertionError("no acknowledgement")

    async def close(self) -> None:
        self.reading.cancel()
        await self.socket.close()


async def test_a_guest_in_the_queue_with_two_tabs_a_reload_and_a_sleeping_phone(server):
    maja = await host(server, "maja")
    cid, token, _ = await server.conversations.open("rodovre", "municipality")
    last = lambda: server.conversations.find(cid)  # noqa: E731
    async with aiohttp.ClientSession(server.settings.public_url) as http:
        first, second = await Tab(http, cid, token).open(), await Tab(http, cid, token).open()
        await server.handoffs.request(cid)
        await first.until((await last()).last_n)
        await first.close()  # reload: the page is opened again from what it remembers
        again = await Tab(http, cid, token).open(after=first.numbers[-1])
        await server.clockwork.run_once()
        assert await state(server, cid) == "waiting" and again.numbers == []
        await second.close()  # the phone sleeps
        await server.handoffs.claim(cid, maja)
        await server.handoffs.say(cid, maja, new_id(), "hej, jeg er her")
        await again.socket.send_json({"type": "message", "client_id": new_id(), "text": "hej"})
        awake = await Tab(http, cid, token).open(after=second.numbers[-1])
        await again.acknowledged()
        end = (await last()).last_n
        for tab in (again, awake):
            await tab.until(end)
        whole = list(range(1, end + 1))
        assert first.numbers + again.numbers == whole and second.numbers + awake.numbers == whole
        for tab in (again, awake):
            await tab.close()
