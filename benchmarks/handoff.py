"""Handing over under load: `python -m benchmarks.handoff [load|claims|silence|forged] [count] [sqlite|postgres]`.

`load`: 200 conversations and 20 hosts over real sockets against a backend of its own: 80 with a host, 80 in the queue, 40
with a bot that echoes. Measures the guest's acknowledgement and the way from host to guest, and counts lost, doubled and
disordered messages; then 1,000 guests' sockets reconnect. `claims`: rounds of 50 claims at once. `silence`: random schedules.
`forged`: frames over open sockets that try to be somebody else.
"""

import asyncio
import base64
import json
import logging
import random
import secrets
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
from sqlalchemy import select, update

from backend.app import House, build_house, create_app
from backend.errors import Unavailable
from backend.handoffs.service import AlreadyClaimed, Host
from backend.hosts.seed import PASSWORD, seed
from backend.hosts.tables import hosts
from backend.settings import load_settings
from backend.storage.migrate import upgrade
from tests.support.interleavings import HeldBackRasa, Schedule, random_deeds
from tests.support.postgres import fresh_url
from tests.support.scripted_rasa import ScriptedRasa
from tests.support.stack import free_port

ROOT = Path(__file__).resolve().parents[1]
MEMORY = Path("/dev/shm")
HOSTS, GUESTS, CHATS_EACH, RECONNECTING = 20, 200, 4, 1000
SECONDS, SETTLE = 30, 5
START = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)


class Clock:
    """Starts on an open Tuesday and runs like any clock; can be moved."""

    def __init__(self) -> None:
        self._from, self.moved = time.monotonic(), timedelta()

    def __call__(self) -> datetime:
        return START + timedelta(seconds=time.monotonic() - self._from) + self.moved

    def pass_by(self, **span: float) -> None:
        self.moved += timedelta(**span)


def settings_with(url: str, port: int):
    return load_settings(
        {
            "INDGANG_DATABASE_URL": url,
            "INDGANG_MASTER_KEY": base64.b64encode(b"k" * 32).decode(),
            "INDGANG_SERVICE_TOKEN": "a-service-token-for-benchmarks",
            "INDGANG_PORT": str(port),
            "INDGANG_PUBLIC_URL": f"http://127.0.0.1:{port}",
        }
    )


def serve(folder: Path, port: int) -> None:
    app = create_app(settings_with(url_in(folder), port), clock=Clock(), rasa=ScriptedRasa())
    from sanic import Sanic

    app.prepare(host="127.0.0.1", port=port, single_process=True, access_log=False, motd=False)
    Sanic.serve_single(app)


def url_in(folder: Path) -> str:
    return f"sqlite+aiosqlite:///{folder / 'load.sqlite3'}"


async def prepared(url: str, port: int, rasa=None, clock: Clock | None = None) -> House:
    settings = settings_with(url, port)
    house = build_house(settings, clock=clock or Clock(), rasa=rasa or ScriptedRasa())
    await seed(house.storage, house.hosts, lambda m, channel: house.catalogue.channel(m, channel).appointment_places[0])
    password_hash = await house.hosts.hashed(PASSWORD)
    for i in range(HOSTS):
        await house.hosts.add_hashed(f"load{i}", password_hash, f"Vært{i}", "rodovre", "host", False, True, ("municipality",))
    return house


class GuestAtDoor:
    """One guest: a conversation and its socket. Keeps every numbered event it was sent."""

    def __init__(self, http: aiohttp.ClientSession, url: str) -> None:
        self.http, self.url, self.events, self.acks = http, url, [], {}
        self.sent_at: dict[str, float] = {}
        self.ack_times: list[float] = []
        self.on_host: Callable[[str], None] = lambda text: None

    async def open(self) -> None:
        async with self.http.post(f"{self.url}/api/v1/conversations", json={"municipality": "rodovre", "channel": "municipality"}) as answer:
            opened = await answer.json()
        self.id, self.token = opened["id"], opened["token"]

    async def connect(self, after: int = 0) -> None:
        self.socket = await self.http.ws_connect(f"{self.url}/api/v1/conversations/{self.id}/feed")
        await self.socket.send_json({"type": "hello", "token": self.token, "after": after})
        self.reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        async for message in self.socket:
            frame = json.loads(message.data)
            if frame["type"] == "ack":
                self.ack_times.append(time.monotonic() - self.sent_at.pop(frame["client_id"]))
            elif "n" in frame:
                self.events.append(frame["n"])
                if frame["author"] == "host":
                    self.on_host(frame["text"])

    async def write(self) -> None:
        client_id = secrets.token_hex(8)
        self.sent_at[client_id] = time.monotonic()
        await self.socket.send_json({"type": "message", "client_id": client_id, "text": "hej, er du der"})

    async def ask_for_human(self) -> None:
        async with self.http.post(f"{self.url}/api/v1/conversations/{self.id}/handoff", json={}, headers=self.bearer) as answer:
            await answer.read()

    @property
    def bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


class HostAtDesk:
    def __init__(self, url: str, name: str) -> None:
        self.url, self.name = url, name
        self.http = aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))
        self.chats: list[str] = []

    async def sign_in(self) -> None:
        async with self.http.post(f"{self.url}/console/login", data={"username": self.name, "password": PASSWORD}) as answer:
            page = await answer.text()
        self.csrf = page.split('name="csrf" content="')[1].split('"')[0]
        self.socket = await self.http.ws_connect(f"{self.url}/console/feed")
        self.reading = asyncio.create_task(self._read())

    async def _read(self) -> None:
        """As the page does: a new line in a chat is fetched, the queue is looked at again."""
        async for message in self.socket:
            signal = json.loads(message.data)
            path = "/fragments/queue" if signal["signal"] == "queue" else f"/fragments/conversations/{signal.get('id')}/log?after=9999"
            async with self.http.get(f"{self.url}/console{path}") as answer:
                await answer.read()

    async def post(self, path: str, body: dict) -> int:
        async with self.http.post(f"{self.url}/console{path}", json=body, headers={"x-csrf": self.csrf}) as answer:
            await answer.read()
            return answer.status


async def load(seconds: int = SECONDS) -> dict:
    with tempfile.TemporaryDirectory() as name:
        folder, port = Path(name), free_port()
        await asyncio.to_thread(upgrade, url_in(folder))
        house = await prepared(url_in(folder), port)
        await house.storage.close()
        server = subprocess.Popen([sys.executable, "-m", "benchmarks.handoff", "serve", str(folder), str(port)], cwd=ROOT)
        try:
            return await _load(f"http://127.0.0.1:{port}", seconds)
        finally:
            server.terminate()
            server.wait(timeout=20)


async def _load(url: str, seconds: int) -> dict:
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as http:
        await _up(http, url)
        hosts = [HostAtDesk(url, f"load{i}") for i in range(HOSTS)]
        for host in hosts:
            await host.sign_in()
        guests = [GuestAtDoor(http, url) for _ in range(GUESTS)]
        for guest in guests:
            await guest.open()
            await guest.connect()
        for number, guest in enumerate(guests[: HOSTS * CHATS_EACH]):
            await guest.ask_for_human()
            host = hosts[number % HOSTS]
            if await host.post(f"/conversations/{guest.id}/claim", {}) == 200:
                host.chats.append(guest.id)
        for guest in guests[HOSTS * CHATS_EACH : 2 * HOSTS * CHATS_EACH]:
            await guest.ask_for_human()
        await asyncio.sleep(SETTLE)  # eighty chats claimed within seconds, each telling twenty consoles, is no part of the talk
        figures = await _talk(hosts, guests, seconds)
        figures |= await _reconnect(http, url, guests)
        for host in hosts:
            host.reading.cancel()
            await host.http.close()
        return figures


async def _up(http: aiohttp.ClientSession, url: str) -> None:
    for _ in range(200):
        try:
            async with http.get(f"{url}/health") as answer:
                if answer.status == 200:
                    return
        except aiohttp.ClientError:
            await asyncio.sleep(0.2)


async def _talk(hosts: list[HostAtDesk], guests: list[GuestAtDoor], seconds: int) -> dict:
    """Everybody writes every eighth second or so, as people do; hosts too."""
    delivery, said, heard = [], {}, []

    def arrived(text: str) -> None:
        heard.append(text)
        delivery.append(time.monotonic() - said[text])

    for guest in guests:
        guest.on_host = arrived
    until = time.monotonic() + seconds

    async def guest_writes(guest: GuestAtDoor) -> None:
        await asyncio.sleep(random.uniform(0, 8))
        while time.monotonic() < until:
            await guest.write()
            await asyncio.sleep(random.uniform(4, 12))

    async def host_writes(host: HostAtDesk, cid: str) -> None:
        await asyncio.sleep(random.uniform(0, 8))
        while time.monotonic() < until:
            text = secrets.token_hex(8)
            said[text] = time.monotonic()
            await host.post(f"/conversations/{cid}/messages", {"client_id": text, "text": text})
            await asyncio.sleep(random.uniform(4, 12))

    async def present(host: HostAtDesk) -> None:
        while time.monotonic() < until:
            await host.post("/presence", {"active": True})
            await asyncio.sleep(15)

    await asyncio.gather(
        *(guest_writes(guest) for guest in guests), *(host_writes(host, cid) for host in hosts for cid in host.chats), *(map(present, hosts))
    )
    await asyncio.sleep(3)
    acks = [one for guest in guests for one in guest.ack_times]
    return {
        "conversations": len(guests), "chats with a host": sum(len(host.chats) for host in hosts),
        "guest messages": len(acks), "host messages": len(said),
        "ack p50 ms": _ms(acks, 0.5), "ack p99 ms": _ms(acks, 0.99), "host to guest p50 ms": _ms(delivery, 0.5), "host to guest p95 ms": _ms(delivery, 0.95),
        "unacknowledged": sum(len(guest.sent_at) for guest in guests), "lost": len(said) - len(set(heard)), "doubled": len(heard) - len(set(heard)),
        "out of order or with gaps": sum(guest.events != list(range(1, len(guest.events) + 1)) for guest in guests),
    }  # fmt: skip


async def _reconnect(http: aiohttp.ClientSession, url: str, guests: list[GuestAtDoor]) -> dict:
    """1,000 sockets at once, as after a restart: each gets its conversation's first event again."""
    for guest in guests:
        guest.reading.cancel()
        await guest.socket.close()

    async def one(guest: GuestAtDoor) -> None:
        """Tries again like the widget does: a little later each time."""
        for attempt in range(8):
            socket = await http.ws_connect(f"{url}/api/v1/conversations/{guest.id}/feed")
            await socket.send_json({"type": "hello", "token": guest.token, "after": 0})
            first = await socket.receive(timeout=60)
            await socket.close()
            if first.type is aiohttp.WSMsgType.TEXT and '"n": 1' in first.data:
                return
            await asyncio.sleep(random.uniform(0, 0.5 * 2**attempt))
        raise TimeoutError

    started = time.monotonic()
    done = await asyncio.gather(*(one(guests[i % len(guests)]) for i in range(RECONNECTING)), return_exceptions=True)
    return {"reconnected": sum(result is None for result in done), "reconnect seconds": round(time.monotonic() - started, 1)}


async def forged(frames: int) -> dict:
    """`frames` sent over guests' and hosts' own sockets that try to be somebody else, in a running backend; what any of them changed."""
    with tempfile.TemporaryDirectory() as name:
        folder, port = Path(name), free_port()
        await asyncio.to_thread(upgrade, url_in(folder))
        house = await prepared(url_in(folder), port)
        server = subprocess.Popen([sys.executable, "-m", "benchmarks.handoff", "serve", str(folder), str(port)], cwd=ROOT)
        try:
            return await _forged(f"http://127.0.0.1:{port}", frames, house)
        finally:
            server.terminate()
            server.wait(timeout=20)
            await house.storage.close()


async def _forged(url: str, frames: int, house: House) -> dict:
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as http:
        await _up(http, url)
        host, guests = HostAtDesk(url, "load0"), [GuestAtDoor(http, url) for _ in range(10)]
        await host.sign_in()
        for guest in guests:
            await guest.open()
            await guest.ask_for_human()
        await host.post(f"/conversations/{guests[0].id}/claim", {})
        await host.post(f"/conversations/{guests[0].id}/messages", {"client_id": secrets.token_hex(8), "text": "hej"})
        staying = asyncio.create_task(_stay(host))  # or the clockwork would rightly give the chat away
        before, started, chance = await _all_of(house, guests), time.monotonic(), random.Random(11)
        answers = Counter()
        sockets = [await http.ws_connect(f"{url}/api/v1/conversations/{guest.id}/feed") for guest in guests]
        for socket, guest in zip(sockets, guests, strict=True):
            await socket.send_json({"type": "hello", "token": guest.token, "after": 10**6})
        host.reading.cancel()
        await asyncio.gather(host.reading, return_exceptions=True)
        reading = [asyncio.create_task(_count(socket, answers)) for socket in (*sockets, host.socket)]
        for sent in range(frames * 98 // 100):
            await chance.choice((*sockets, host.socket)).send_str(_forgery(chance, guests))
            if sent % 500 == 499:
                await _dealt_with(sockets, answers)
        await _dealt_with(sockets, answers)
        for _ in range(frames // 50):
            await _with_wrong_token(http, url, chance.choice(guests), guests, answers)
        await asyncio.sleep(2)
        changed = sum(one != other for one, other in zip(before, await _all_of(house, guests), strict=True))
        for task in (*reading, staying):
            task.cancel()
        await host.http.close()
        return {
            "forged frames": frames, "accepted (acknowledged)": answers["ack"], "conversations changed": changed,
            "events given away": answers["event"], "refused aloud": answers["error"], "seconds": round(time.monotonic() - started, 1),
        }  # fmt: skip


async def _stay(host: HostAtDesk) -> None:
    while True:
        await host.post("/presence", {"active": True})
        await asyncio.sleep(10)


async def _dealt_with(sockets: list[aiohttp.ClientWebSocketResponse], answers: Counter) -> None:
    """Each socket is served in order: its pong comes when everything sent before it has been dealt with."""
    wanted = answers["pong"] + len(sockets)
    for socket in sockets:
        await socket.send_str('{"type":"ping"}')
    while answers["pong"] < wanted:
        await asyncio.sleep(0.02)


def _forgery(chance: random.Random, guests: list[GuestAtDoor]) -> str:
    """Somebody else's id, a host's words, a choice nobody offered, a state, broken JSON, the wrong types."""
    other, client_id = chance.choice(guests), secrets.token_hex(8)
    return chance.choice(
        (
            lambda: json.dumps({"type": "message", "client_id": client_id, "text": "x", "author": "host"}),
            lambda: json.dumps({"type": "message", "client_id": client_id, "text": "x", "conversation_id": other.id}),
            lambda: json.dumps({"type": "message", "client_id": client_id, "choice": f"{chance.randint(0, 99)}-{chance.randint(50, 99)}"}),
            lambda: json.dumps({"type": "message", "client_id": client_id, "payload": "!handoff"}),
            lambda: json.dumps({"type": "message", "client_id": "", "text": "x"}),
            lambda: json.dumps({"type": "message", "client_id": client_id, "text": "x" * 2001}),
            lambda: json.dumps({"type": chance.choice(("state", "claim", "close", "booking", "erased", "hello")), "state": "closed", "token": other.token}),
            lambda: json.dumps({"typing": other.id, "close": other.id}), lambda: json.dumps([{"type": "message", "text": "x"}]),
            lambda: "".join(chance.choices('{}[]":,aæ\0', k=chance.randint(1, 60))), lambda: "[" * chance.randint(1, 2000),
        )
    )()  # fmt: skip


async def _with_wrong_token(http: aiohttp.ClientSession, url: str, guest: GuestAtDoor, guests: list[GuestAtDoor], answers: Counter) -> None:
    token = random.choice([one.token for one in guests if one is not guest] + [guest.token[:-1], "", secrets.token_urlsafe(32)])
    async with http.ws_connect(f"{url}/api/v1/conversations/{guest.id}/feed") as socket:
        await socket.send_json({"type": "hello", "token": token, "after": 0})
        await socket.send_json({"type": "message", "client_id": secrets.token_hex(8), "text": "forged"})
        await _count(socket, answers)


async def _count(socket: aiohttp.ClientWebSocketResponse, answers: Counter) -> None:
    async for message in socket:
        frame = json.loads(message.data)
        answers["event" if "n" in frame and frame.get("type") != "ack" else frame.get("type", "error")] += 1


async def _all_of(house: House, guests: list[GuestAtDoor]) -> list:
    """State and number of events of each conversation, and its numbers of queue and alarm rows."""
    found = [await house.conversations.events_after(guest.id, 0) for guest in guests]
    return [(one.state, one.owner_id, one.risk, [(e.n, e.author, e.type) for e in events if e.type != "state"]) for one, events in found]


def _ms(times: list[float], share: float) -> float:
    return round(statistics.quantiles(times, n=1000, method="inclusive")[int(share * 1000) - 1] * 1000, 1) if len(times) > 1 else float("nan")


@asynccontextmanager
async def a_house(database: str, rasa=None, clock: Clock | None = None) -> AsyncIterator[House]:
    """`sqlite`: a file in memory where there is such a folder, so that the disk of the machine does not set the pace. `postgres`: a server of our own."""
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as name:
        url = fresh_url() if database == "postgres" else f"sqlite+aiosqlite:///{Path(name) / 'load.sqlite3'}"
        if database != "postgres":
            await asyncio.to_thread(upgrade, url)
        house = await prepared(url, 1, rasa, clock)
        try:
            yield house
        finally:
            await house.turns.stop()
            await house.storage.close()


async def claims(rounds: int, database: str) -> dict:
    """50 claims at once by 20 hosts, `rounds` times."""
    async with a_house(database) as house:
        hosts_, tally, started = await _present(house), Counter(), time.monotonic()
        for _ in range(rounds):
            tally += await _round(house, hosts_)
        return {
            "database": database, "rounds": rounds, "claims": rounds * 50, "rounds without exactly one winner": tally["wrong"],
            "losers not told who won": tally["untold"], "told to try again (busy)": tally["busy"], "seconds": round(time.monotonic() - started, 1),
        }  # fmt: skip


async def _round(house: House, hosts_: list[Host]) -> Counter:
    """→ `wrong`: not one winner; `untold`: losers who were not told who won; `busy`: losers told to try again."""
    await _present(house)
    cid, _, _ = await house.conversations.open("rodovre", "municipality")
    await house.handoffs.request(cid)
    claimants = [hosts_[i % HOSTS] for i in range(50)]
    results = await asyncio.gather(*(house.handoffs.claim(cid, one) for one in claimants), return_exceptions=True)
    owner = (await house.conversations.find(cid)).owner_id
    won = {one.id for one, result in zip(claimants, results, strict=True) if isinstance(result, int)}
    busy = sum(isinstance(result, Unavailable) for result in results)
    told = sum(isinstance(result, AlreadyClaimed) and bool(result.details.get("host")) for result in results)
    losers = sum(not isinstance(result, int) for result in results)
    await house.handoffs.close(cid, next(one for one in hosts_ if one.id == owner))
    return Counter(wrong=int(won != {owner}), untold=losers - told - busy, busy=busy)


async def _present(house: House) -> list[Host]:
    """The load hosts at their desks, now and for the next five minutes."""
    now = house.conversations.clock()
    ours = hosts.c.username.like("load%")
    async with house.storage.write() as tx:
        await tx.execute(update(hosts).where(ours).values(present_until=now + timedelta(minutes=5), active_at=now))
        rows = (await tx.execute(select(hosts.c.id, hosts.c.alias).where(ours).order_by(hosts.c.username))).all()
    return [Host(row.id, row.alias, "rodovre", "host", ("municipality",)) for row in rows]


async def silence(schedules: int, database: str) -> dict:
    """Random interleavings of bot, guest and hosts; what the bot said out of turn must be nothing."""
    rasa, clock = HeldBackRasa(), Clock()
    async with a_house(database, rasa, clock) as house:
        first, second = (await _present(house))[:2]
        schedule, chance, wrong, started = Schedule(house, rasa, clock, first, second), random.Random(7), 0, time.monotonic()
        for _ in range(schedules):
            wrong += bool(await schedule.run(random_deeds(chance, chance.randint(6, 20))))
        return {"database": database, "schedules": schedules, "with a bot out of turn": wrong, "seconds": round(time.monotonic() - started, 1)}


def main(arguments: list[str]) -> None:
    """`python -m benchmarks.handoff [load|claims|silence|forged] [count] [sqlite|postgres]`; `serve` is for the benchmark itself."""
    what, count = (arguments + ["load"])[0], int(arguments[1]) if len(arguments) > 1 and arguments[0] != "serve" else 0
    if what == "serve":
        serve(Path(arguments[1]), int(arguments[2]))
        return
    logging.disable(logging.WARNING)  # failing turns are part of the schedules
    database = (arguments + ["", ""])[2] or "sqlite"
    figures = {
        "load": lambda: load(count or SECONDS),
        "claims": lambda: claims(count or 1000, database),
        "forged": lambda: forged(count or 100_000),
        "silence": lambda: silence(count or 10_000, database),
    }[what]()
    for name, value in asyncio.run(figures).items():
        print(f"{name:>36}  {value}")


if __name__ == "__main__":
    main(sys.argv[1:])
