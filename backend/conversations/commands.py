"""Choices the backend carries out itself (payloads that begin with `!`). Rooms above register theirs in `app.py`."""

from collections.abc import Awaitable, Callable

from backend.errors import BadInput

Command = Callable[[str, int], Awaitable[None]]


class Commands:
    def __init__(self, forget: Callable[[str], Awaitable[dict]]) -> None:
        self.forget = forget
        self._known: dict[str, Command] = {}

    def register(self, name: str, command: Command) -> None:
        self._known[name] = command

    async def run(self, name: str, conversation_id: str, n: int) -> None:
        """`n` is the message that chose it. Raises BadInput for a command nobody registered."""
        if name not in self._known:
            raise BadInput("Det valg kan vi ikke længere udføre. Skriv det med dine egne ord.")
        await self._known[name](conversation_id, n)
