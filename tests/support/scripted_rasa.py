"""A stand-in for Rasa at the composition root: answers from a script, can be slow, silent or broken on demand."""

import asyncio

from backend.rasa.client import RasaUnavailable, Reply


class ScriptedRasa:
    """`answers` maps a message to its reply texts; anything else is echoed. `delay` in seconds; `broken` raises."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []
        self.answers: dict[str, list[dict]] = {}
        self.delay = 0.0
        self.broken = False
        self.meanwhile = None

    async def ask(self, sender: str, message: str, metadata: dict, seed_slots: dict | None = None) -> Reply:
        self.asked.append((sender, message))
        if self.delay:
            await asyncio.sleep(self.delay)
        if self.meanwhile:
            await self.meanwhile()
        if self.broken:
            raise RasaUnavailable("scripted")
        return Reply(self.answers.get(message, [{"text": f"bot: {message}"}]), {"relation": "self"}, {})

    async def close(self) -> None:
        pass
