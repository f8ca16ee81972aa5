"""Guests and hosts for the tests of the queue."""

from sqlalchemy import select

from backend.conversations.service import Incoming
from backend.handoffs.service import Host
from backend.hosts.tables import hosts
from tests.integration.conftest import new_id


async def host(house, username: str, here: bool = True) -> Host:
    """A demo host as the console would know it; `here` sends a first heartbeat."""
    async with house.storage.read() as tx:
        row = (await tx.execute(select(hosts).where(hosts.c.username == username))).mappings().one()
    if here:
        await house.hosts.heartbeat("no session", row["id"], True)
    return Host(row["id"], row["alias"], row["municipality"], row["role"], tuple(row["channels"].split()))


async def guest(house, text: str | None = None, municipality: str = "rodovre", channel: str = "municipality") -> str:
    cid, _, _ = await house.conversations.open(municipality, channel)
    if text:
        await write(house, cid, text)
    return cid


async def write(house, cid: str, text: str) -> int:
    received = await house.conversations.receive(cid, Incoming(new_id(), text=text))
    if received.turn:
        await house.turns.settle(cid, received.n)
    return received.n


async def choose(house, cid: str, title: str) -> int:
    """Press the newest choice with this title, as the widget would."""
    event, index = next(
        (e, i) for e in reversed(await events(house, cid)) for i, c in enumerate(e.body.get("choices", [])) if c["title"] == title
    )
    received = await house.conversations.receive(cid, Incoming(new_id(), choice=f"{event.n}-{index}"))
    if received.command:
        await house.commands.run(received.command, cid, received.n)
    await house.turns.settle(cid, received.n)
    return received.n


async def events(house, cid: str) -> list:
    return (await house.conversations.events_after(cid, 0))[1]


async def told(house, cid: str) -> list[str]:
    """All texts, oldest first."""
    return [e.body["text"] for e in await events(house, cid) if e.body.get("text")]


async def state(house, cid: str) -> str:
    return (await house.conversations.find(cid)).state
