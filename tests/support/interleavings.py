"""Random schedules of everything that can happen to a chat, with a bot whose answers are held back and let go at any moment."""

import asyncio
import secrets
from collections.abc import Sequence

from backend.conversations.service import Incoming
from backend.errors import IndgangError
from backend.hosts.service import PRESENT_FOR
from backend.rasa.client import RasaUnavailable, Reply

DEEDS = (
    "guest_writes", "guest_writes", "bot_answers", "guest_asks_for_human", "guest_asks_for_human", "first_claims", "first_claims", "second_claims", "first_says", "second_says",
    "first_hands_back", "second_hands_back", "first_closes", "guest_leaves_queue", "guest_closes", "hosts_are_lost", "bot_late", "bot_fails", "guest_presses_an_old_button",
    "guest_presses_doors", "guest_is_in_danger", "second_goes_in", "guest_is_too_fast", "first_passes_on", "second_accepts",
)  # fmt: skip
OF_THE_BOT = ("bot_unavailable", "too_fast")
OLD_BUTTONS = ("!doors", "!retry", "/book")


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
        self._end(count, lambda answer: answer.set_result(None))

    def break_down(self, count: int = 1) -> None:
        """As when Rasa dies in the middle of a turn."""
        self._end(count, lambda answer: answer.set_exception(RasaUnavailable("scripted")))

    def _end(self, count: int, how) -> None:
        for answer in self.held[:count]:
            if not answer.done():
                how(answer)
        del self.held[:count]

    async def close(self) -> None:
        self.let_go(len(self.held))


class Schedule:
    """One conversation put through `deeds`; a pair of deeds is done at the same time."""

    def __init__(self, house, rasa: HeldBackRasa, clock, first, second) -> None:
        self.house, self.rasa, self.clock, self.first, self.second = house, rasa, clock, first, second
        self.cid, self._here_until = "", None
        words = house.catalogue.wording
        self._of_the_bot = {text.strip() for key in OF_THE_BOT for text in words("rodovre", key, "municipality").texts}

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
        if self._here_until is None or self.clock() >= self._here_until:
            for host in (self.first, self.second):
                await self.house.hosts.heartbeat("no session", host.id, True)
            self._here_until = self.clock() + PRESENT_FOR / 2

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
            if state != "with_bot" and (event.author == "bot" or event.body.get("text") in self._of_the_bot):
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

    async def bot_fails(self) -> None:
        self.rasa.break_down()
        await asyncio.sleep(0.002)

    async def guest_is_in_danger(self) -> None:
        await self.house.conversations.receive(self.cid, Incoming(secrets.token_hex(8), text="jeg har taget alle pillerne nu"))

    async def second_goes_in(self) -> None:
        await self.house.handoffs.go_in(self.cid, self.second)

    async def bot_is_excused(self) -> None:
        """Rasa is silent until the guest has been told that it takes longer. Not among the random deeds: it takes a second."""
        excuse = self.house.catalogue.wording("rodovre", "bot_unavailable", "municipality").texts[0].strip()
        for _ in range(500):
            _, events = await self.house.conversations.events_after(self.cid, 0)
            if any(e.body.get("text") == excuse for e in events):
                return
            await asyncio.sleep(0.02)

    async def guest_is_too_fast(self) -> None:
        received = await self.house.conversations.receive(self.cid, Incoming(secrets.token_hex(8), text="hej igen"))
        if received.turn:
            await self.house.conversations.slow_down(self.cid, received.n)

    async def guest_presses_an_old_button(self) -> None:
        """Buttons of messages far up stay on the screen and can be pressed in every state."""
        _, events = await self.house.conversations.events_after(self.cid, 0)
        offered = [(e.n, i) for e in events for i, one in enumerate(e.body.get("choices", [])) if one["payload"] in OLD_BUTTONS]
        if not offered:
            await self.guest_presses_doors()
            return
        received = await self.house.conversations.receive(self.cid, Incoming(secrets.token_hex(8), choice="{}-{}".format(*offered[-1])))
        if received.command:
            await self.house.commands.run(received.command, self.cid, received.n)
        elif received.turn:
            self.house.turns.start(self.cid)

    async def guest_presses_doors(self) -> None:
        conversation = await self.house.conversations.find(self.cid)
        await self.house.commands.run("!doors", self.cid, conversation.last_n)

    async def first_passes_on(self) -> None:
        await self.house.company.offer(self.cid, self.first, self.second.id)

    async def second_accepts(self) -> None:
        await self.house.company.accept(self.cid, self.second)

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
