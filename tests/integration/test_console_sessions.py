"""Signing in with a second factor, locking, signing out, and what the socket does then."""

import asyncio
import base64
import json
import re
import time

import aiohttp
import pytest

from backend.domain.totp import address, code_at, matching_step, spelled
from tests.integration.conftest import new_id
from tests.integration.console_client import PASSWORD, ConsoleClient
from tests.integration.queue_parts import guest, host, state

LONG = "en-lang-adgangskode"


def test_codes_are_those_of_the_standard():
    """RFC 6238, appendix B, SHA-1, last six digits."""
    secret = b"12345678901234567890"
    for seconds, code in ((59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")):
        assert code_at(secret, seconds // 30) == code
        assert matching_step(secret, f"{code[:3]} {code[3:]}", seconds, None) == seconds // 30
        assert matching_step(secret, code, seconds, seconds // 30) is None
        assert matching_step(secret, code, seconds + 90, None) is None
    assert base64.b32decode(spelled(secret).replace(" ", "")) == secret
    assert address(secret, "Indgang", "maja").startswith("otpauth://totp/Indgang:maja?secret=")


async def test_a_real_host_sets_up_the_app_once_and_needs_a_new_code_each_time(server, clock):
    await server.hosts.add("birthe", LONG, "Birthe", "rodovre")
    async with ConsoleClient(server.settings.public_url) as client:
        await client.sign_in("birthe", LONG)
        assert (await client.get("/", allow_redirects=False))[0] == 303
        _, page = await client.get("/code")
        secret = base64.b32decode(re.search(r'class="secret">([A-Z2-7 ]+)<', page).group(1).replace(" ", ""))
        wrong, _ = await client.form("/code", csrf=client.csrf, code="000000")
        assert wrong == 401
        code = code_at(secret, int(clock().timestamp() // 30))
        assert await client.form("/code", csrf=client.csrf, code=code) == (303, "/console")
    async with ConsoleClient(server.settings.public_url) as client:
        await client.sign_in("birthe", LONG)
        _, page = await client.get("/code")
        assert "class=\"secret\"" not in page
        assert (await client.form("/code", csrf=client.csrf, code=code))[0] == 401  # spent
        clock.pass_by(seconds=30)
        code = code_at(secret, int(clock().timestamp() // 30))
        assert (await client.form("/code", csrf=client.csrf, code=code))[0] == 303
        assert (await client.get("/fragments/queue"))[0] == 200


async def test_wrong_logins_look_alike_and_are_limited(server):
    async with ConsoleClient(server.settings.public_url) as client:
        answers = [await client.form("/login", username=name, password="forkert") for name in ("maja", "findes-ikke")]
        assert answers[0] == answers[1] and answers[0][0] == 401
        for _ in range(12):
            last = await client.form("/login", username="maja", password="forkert")
        assert last[0] == 429
        assert (await client.form("/login", username="maja", password=PASSWORD))[0] == 429


async def test_an_untouched_page_locks_and_the_password_opens_it(server, clock):
    async with ConsoleClient(server.settings.public_url) as client:
        await client.sign_in("maja")
        clock.pass_by(minutes=16)
        assert (await client.get("/fragments/queue"))[0] == 423
        assert (await client.post("/presence", {}))[0] == 423
        assert (await client.form("/unlock", password="forkert"))[0] == 401
        assert await client.form("/unlock", password=PASSWORD) == (303, "/console")
        assert (await client.get("/fragments/queue"))[0] == 200
        clock.pass_by(minutes=61)
        assert (await client.form("/unlock", password=PASSWORD)) == (303, "/console/login")


async def test_a_session_ends_after_a_working_day(server, clock):
    async with ConsoleClient(server.settings.public_url) as client:
        await client.sign_in("maja")
        for _ in range(9 * 6):
            clock.pass_by(minutes=10)
            await client.post("/presence", {"active": True})
        assert (await client.get("/fragments/queue"))[0] == 401


@pytest.mark.parametrize("way", ["sign_out", "lock", "dismiss"])
async def test_the_socket_ends_within_five_seconds_and_the_guest_goes_back(server, way):
    maja = await host(server, "maja")
    cid = await guest(server)
    await server.handoffs.request(cid)
    url = server.settings.public_url
    async with ConsoleClient(url) as client, ConsoleClient(url) as boss:
        await client.sign_in("maja")
        await client.post(f"/conversations/{cid}/claim")
        await client.post(f"/conversations/{cid}/messages", {"client_id": new_id(), "text": "hej"})
        socket = await client.http.ws_connect(f"{url}/console/feed")
        await asyncio.sleep(0.2)
        if way == "sign_out":
            await client.form("/logout", csrf=client.csrf)
        elif way == "lock":
            await client.post("/lock")
        else:
            await boss.sign_in("karen")
            assert (await boss.post(f"/staff/{maja.id}/dismiss"))[0] == 200
        started = time.monotonic()
        while (await socket.receive(timeout=6)).type not in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.CLOSING):
            pass
        assert time.monotonic() - started < 5
        assert (await client.get("/fragments/queue"))[0] in (401, 423)
        if way != "lock":
            await server.clockwork.run_once()
            assert await state(server, cid) == "waiting"


async def test_without_a_session_the_socket_says_no_and_tells_nothing(server):
    async with aiohttp.ClientSession() as http, http.ws_connect(f"{server.settings.public_url}/console/feed") as socket:
        first = await socket.receive(timeout=5)
        assert json.loads(first.data)["error"]["code"] == "not_signed_in"
        assert (await socket.receive(timeout=5)).type in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED)


async def test_another_page_cannot_open_the_socket(server):
    async with ConsoleClient(server.settings.public_url) as client:
        await client.sign_in("maja")
        async with client.http.ws_connect(f"{server.settings.public_url}/console/feed", headers={"origin": "https://evil.example"}) as socket:
            assert json.loads((await socket.receive(timeout=5)).data)["error"]["code"] == "not_allowed"


async def test_signals_come_for_the_own_team_only_and_carry_no_words(server):
    maja, nora = await host(server, "maja"), await host(server, "nora")
    assert maja and nora
    url = server.settings.public_url
    async with ConsoleClient(url) as client:
        await client.sign_in("maja")
        async with client.http.ws_connect(f"{url}/console/feed") as socket:
            await asyncio.sleep(0.2)
            theirs = await guest(server, "kun for headspace", channel="headspace")
            await server.handoffs.request(theirs)
            await server.handoffs.claim(theirs, nora)
            await server.handoffs.say(theirs, nora, new_id(), "hemmeligt")
            ours = await guest(server)
            await server.handoffs.request(ours)
            await server.handoffs.claim(ours, maja)
            await asyncio.sleep(0.5)
            await server.handoffs.say(ours, maja, new_id(), "hej")
            heard = []
            while True:
                try:
                    heard.append((await socket.receive(timeout=1)).data)
                except TimeoutError:
                    break
            assert any(ours in one for one in heard)
            assert not any(theirs in one or "hemmeligt" in one or "hej" in one for one in heard)


async def test_forged_frames_do_nothing(server):
    """A socket takes `typing` for the host's own open chat, and nothing else."""
    import random

    chance = random.Random(7)
    await host(server, "maja")
    cid = await guest(server)
    await server.handoffs.request(cid)
    await server.handoffs.claim(cid, await host(server, "amir"))
    before = [e.public() for e in (await server.conversations.events_after(cid, 0))[1]]
    url = server.settings.public_url
    shapes = [
        lambda: json.dumps({"typing": cid}), lambda: json.dumps({"type": "message", "text": "forfalsket", "conversation_id": cid}),
        lambda: json.dumps({"typing": [cid]}), lambda: json.dumps({"claim": cid}), lambda: "[" * chance.randint(1, 2000), lambda: "null",
        lambda: json.dumps({"typing": cid, "close": cid}), lambda: "".join(chance.choices("{}[]\":,aæ\0", k=chance.randint(1, 60))),
    ]  # fmt: skip
    async with ConsoleClient(url) as client:
        await client.sign_in("maja")
        with server.hub.watch(f"conversation:{cid}") as woken:
            async with client.http.ws_connect(f"{url}/console/feed") as socket:
                for _ in range(3000):
                    await socket.send_str(chance.choice(shapes)())
                await asyncio.sleep(0.3)
            assert woken.empty()
    assert [e.public() for e in (await server.conversations.events_after(cid, 0))[1]] == before
