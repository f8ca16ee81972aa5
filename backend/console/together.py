"""One look for all who ask at once: when a queue moves, twenty hosts want the same list in the same moment."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

K, V = TypeVar("K"), TypeVar("V")


class Together(Generic[K, V]):
    """`look(key)` → the answer. At most one look is under way, and at most one more for each key waits behind it."""

    def __init__(self, look: Callable[[K], Awaitable[V]]) -> None:
        self._look = look
        self._next: dict[K, asyncio.Task[V]] = {}
        self._one = asyncio.Lock()

    async def ask(self, key: K) -> V:
        """As of now or later, never as of before the call."""
        if key not in self._next:
            self._next[key] = asyncio.create_task(self._begin(key))
        return await asyncio.shield(self._next[key])

    async def _begin(self, key: K) -> V:
        async with self._one:
            del self._next[key]  # whoever asks from here on needs a newer answer than this one
            return await self._look(key)
