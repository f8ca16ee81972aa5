"""Random schedules of everything that can happen to a chat, with a bot whose answers are held back and let go at any moment."""

import asyncio
import secrets
from collections.abc import Sequence

from backend.conversations.service import Incoming
from backend.errors import IndgangError
from backend.rasa.client import Reply

DEEDS = (
    "guest_writes", "guest_writes", "bot_answers", "guest_asks_for_human", "guest_asks_for_human", "first_claims", "first_claims", "second_claims", "first_says", "second_says",
    "first_hands_back", "second_hands_back", "first_closes", "guest_leaves_queue", "guest_closes", "hosts_are_lost", "bot_late",
)  # fmt: skip


class HeldBackRasa:
    """`let_go` answers the oldest question; until then the turn hangs in the air."""

    def __init__(self) -> None:
        self.held: list[asyncio.Future] = []

    async def ask(self, sender: str, message: str, metadata: dict, seed_slots: dict | None = None) -> Reply:
        answer = asyncio.get_running_loop().create_future()
        self.held.append(answer)
        await answer
        return Reply([{"text": f"bot: {message}"}], {"relation": "self"}, {})

    def let_go(self, count: int = 1) -> None:
        for answer in self.held[:count]:
            if not answer.done():
                answer.set_result(None)
        del self.held[:count]

    async def close(self) -> None:
        self.let_go(len(self.held))


class Schedule:
    """One conversation put through `deeds`; a pair of deeds is done at the same time."""

    def __init__(self, house, rasa: HeldBackRasa, clock, first, second) -> None:
        self.house, self.rasa, self.clock, self.first, self.second = house, rasa, clock, first, second
        self.cid = ""

    async def run(self, deeds: Sequence[tuple[str, ...]]) -> list[str]:
        """→ what the bot said while it was not the bot's turn to speak (empty when all is well)."""
        self.cid, _, _ = await self.house.conversations.open("rodovre", "municipality")
        for together in deeds:
            await self._present()
            await asyncio.gather(*(self._do(deed) for deed in together))
            await asyncio.sleep(0)
        self.rasa.let_go(len(self.rasa.held))
        for _ in range(20):
            if self.cid not in self.house.turns._running:
                break
            self.rasa.let_go(len(self.rasa.held))
            await asyncio.sleep(0.005)
        return await self.out_of_turn()

    async def _present(self) -> None:
        for host in (self.first, self.second):
            await self.house.hosts.heartbeat("no session", host.id, True)

    async def _do(self, deed: str) -> None:
        try:
            await getattr(self, deed)()
        except IndgangError:
            return  # refused is a fine answer; speaking out of turn is not

    async def out_of_turn(self) -> list[str]:
        _, events = await self.house.conversations.events_after(self.cid, 0)
        state, wrong = "with_bot", []
        assert [e.n for e in events] == list(range(1, len(events) + 1))
        for event in events:
            state = event.body.get("state") or state
            if event.author == "bot" and state != "with_bot":
                wrong.append(f"{event.n}: {event.body.get('text')} ({state})")
            if event.author == "host" and state != "with_host":
                wrong.append(f"{event.n}: host in {state}")
        return wrong

    async def guest_writes(self) -> None:
        received = await self.house.conversations.receive(self.cid, Incoming(secrets.token_hex(8), text="hej"))
        if received.turn:
            self.house.turns.start(self.cid)
            await asyncio.sleep(0.002)

    async def bot_answers(self) -> None:
        self.rasa.let_go()
        await asyncio.sleep(0.002)

    async def bot_late(self) -> None:
        self.rasa.let_go(len(self.rasa.held))

    async def guest_asks_for_human(self) -> None:
        await self.house.handoffs.request(self.cid)

    async def guest_leaves_queue(self) -> None:
        await self.house.handoffs.leave_queue(self.cid)

    async def guest_closes(self) -> None:
        await self.house.conversations.close(self.cid)
        await self.house.handoffs.closed_by_guest(self.cid)

    async def first_claims(self) -> None:
        await self.house.handoffs.claim(self.cid, self.first)

    async def second_claims(self) -> None:
        await self.house.handoffs.claim(self.cid, self.second)

    async def first_says(self) -> None:
        await self.house.handoffs.say(self.cid, self.first, secrets.token_hex(8), "vært")

    async def second_says(self) -> None:
        await self.house.handoffs.say(self.cid, self.second, secrets.token_hex(8), "vært")

    async def first_hands_back(self) -> None:
        await self.house.handoffs.hand_back(self.cid, self.first)

    async def second_hands_back(self) -> None:
        await self.house.handoffs.hand_back(self.cid, self.second)

    async def first_closes(self) -> None:
        await self.house.handoffs.close(self.cid, self.first)

    async def hosts_are_lost(self) -> None:
        self.clock.pass_by(seconds=46)
        await self.house.clockwork.requeue_lost()


def random_deeds(random, length: int) -> list[tuple[str, ...]]:
    """Mostly a chat that gets to a human and back; closing is rare, else nothing is left to go wrong."""
    rare = {"guest_closes", "first_closes"}
    likely = [deed for deed in DEEDS if deed not in rare]
    start = [("guest_writes",), ("guest_asks_for_human",)] if random.random() < 0.5 else []
    return start + [tuple(random.choice(DEEDS if random.random() < 0.08 else likely) for _ in range(random.choice((1, 1, 2, 3)))) for _ in range(length)]
