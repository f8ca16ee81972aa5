"""One truth about whether a human can be reached: public address, console and the click itself agree in every state of the desk."""

import aiohttp
import pytest

from tests.integration.console_client import ConsoleClient
from tests.integration.queue_parts import guest, host

WORDS = {None: "Gæster kan komme i kø", "closed": "Chatten er lukket", "nobody_there": "Ingen værter tager imod", "closing": "Vi lukker snart", "queue_full": "Køen er fuld"}


async def open_desk(house, clock):
    await host(house, "amir")


async def after_hours(house, clock):
    clock.pass_by(hours=15)
    await host(house, "amir")


async def nobody(house, clock):
    pass


async def resting(house, clock):
    amir = await host(house, "amir")
    await house.hosts.set_available(amir.id, False)


async def just_before_closing(house, clock):
    clock.now = clock.now.replace(hour=19, minute=55)
    await host(house, "amir")


async def full(house, clock):
    await host(house, "amir")
    for _ in range(4):
        assert (await house.handoffs.request(await guest(house)))["state"] == "waiting"


@pytest.mark.parametrize(
    "desk,reason",
    [(open_desk, None), (after_hours, "closed"), (nobody, "nobody_there"), (resting, "nobody_there"), (just_before_closing, "closing"), (full, "queue_full")],
    ids=lambda one: one.__name__ if callable(one) else str(one),
)
async def test_three_askers_get_one_answer(server, clock, desk, reason):
    await desk(server, clock)
    cid = await guest(server)
    async with aiohttp.ClientSession(server.settings.public_url) as http, http.get("/api/v1/municipalities/rodovre/availability?channel=municipality") as answer:
        told = await answer.json()
    assert (told["human"], told["reason"]) == (reason is None, reason)
    async with ConsoleClient(server.settings.public_url) as client:
        await client.sign_in("karen")
        karen = await host(server, "karen", here=False)
        await server.hosts.sign_out("", karen.id)  # who looks on does not change what is looked at
        await server.hosts.set_available(karen.id, False)
        assert WORDS[reason] in (await client.get("/fragments/queue"))[1]
    asked = await server.handoffs.request(cid)
    assert asked["state"] == ("waiting" if reason is None else "unavailable")
