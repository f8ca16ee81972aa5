"""A guest at the public interface: keeps what was acknowledged, retries like the widget does."""

import asyncio
import secrets
from dataclasses import dataclass, field

import aiohttp

API = "/api/v1/conversations"


@dataclass
class Guest:
    session: aiohttp.ClientSession
    id: str = ""
    token: str = ""
    events: list[dict] = field(default_factory=list)
    acknowledged: dict[str, int] = field(default_factory=dict)

    @classmethod
    async def arrive(cls, session: aiohttp.ClientSession, municipality: str = "rodovre", channel: str = "municipality") -> "Guest":
        async with session.post(API, json={"municipality": municipality, "channel": channel}) as answer:
            assert answer.status == 201, await answer.text()
            body = await answer.json()
        return cls(session, body["id"], body["token"], list(body["events"]))

    @property
    def headers(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.token}"}

    async def say(self, text: str, tries: int = 1) -> list[dict]:
        return await self._send({"text": text}, tries)

    async def choose(self, title: str, tries: int = 1) -> list[dict]:
        """Tap the newest choice whose title contains `title`."""
        choices = [c for e in reversed(self.events) for c in e.get("choices", []) if title.lower() in c["title"].lower()]
        assert choices, f"no choice like {title!r}; the last were {self.last_choices}"
        return await self._send({"choice": choices[0]["id"]}, tries)

    async def _send(self, what: dict, tries: int) -> list[dict]:
        client_id = secrets.token_hex(8)
        for attempt in range(tries):
            try:
                body = await self._post(f"{API}/{self.id}/messages", {"client_id": client_id} | what)
            except (aiohttp.ClientError, TimeoutError):
                if attempt + 1 == tries:
                    raise
                await asyncio.sleep(0.5)
                continue
            self.acknowledged[client_id] = body["n"]
            known = {e["n"] for e in self.events}
            new = [e for e in body["events"] if e["n"] not in known]
            self.events += new
            return new
        raise AssertionError("never sent")

    async def _post(self, path: str, body: dict) -> dict:
        async with self.session.post(path, json=body, headers=self.headers, timeout=aiohttp.ClientTimeout(total=30)) as answer:
            if answer.status >= 500:
                raise aiohttp.ClientError(f"{answer.status} {await answer.text()}")
            assert answer.status == 200, await answer.text()
            return await answer.json()

    async def handoff(self) -> dict:
        return await self._post(f"{API}/{self.id}/handoff", {})

    async def all_events(self) -> list[dict]:
        async with self.session.get(f"{API}/{self.id}/events?after=0", headers=self.headers) as answer:
            assert answer.status == 200
            return (await answer.json())["events"]

    async def state(self) -> str:
        async with self.session.get(f"{API}/{self.id}/events?after=0", headers=self.headers) as answer:
            return (await answer.json())["state"]

    @property
    def last_choices(self) -> list[str]:
        return next(([c["title"] for c in e["choices"]] for e in reversed(self.events) if e.get("choices")), [])
