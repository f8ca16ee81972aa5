"""The public interface at its edge: bad input gets a clear answer, never a 500 and never somebody else's data."""

import json

import aiohttp
import pytest

from tests.integration.conftest import new_id

API = "/api/v1/conversations"


@pytest.fixture
async def client(server):
    async with aiohttp.ClientSession(server.settings.public_url) as session:
        yield session


async def opened(client, municipality="rodovre"):
    async with client.post(API, json={"municipality": municipality, "channel": "municipality"}) as answer:
        body = await answer.json()
        assert answer.status == 201
        return body["id"], {"authorization": f"Bearer {body['token']}"}


async def refused(answer) -> dict:
    """Every refusal has the one error shape and says nothing of what was sent."""
    body = await answer.json()
    assert 400 <= answer.status < 500
    assert set(body) == {"error"} and body["error"]["code"] and body["error"]["message"]
    return body["error"]


async def test_a_message_is_answered_with_its_number_and_all_that_followed(client):
    cid, auth = await opened(client)
    async with client.post(f"{API}/{cid}/messages", json={"client_id": new_id(), "text": "hej"}, headers=auth) as answer:
        body = await answer.json()
    assert [e["author"] for e in body["events"]] == ["visitor", "bot"]
    assert body["n"] == body["events"][0]["n"] and body["state"] == "with_bot"
    assert "payload" not in json.dumps(body)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'"text"',
        b"\xff\xfe\x00",
        b'{"text": "hej"}',
        b'{"client_id": "short", "text": "hej"}',
        b'{"client_id": "12345678", "text": ""}',
        b'{"client_id": "12345678", "text": "   "}',
        b'{"client_id": "12345678", "text": 7}',
        b'{"client_id": "12345678"}',
        b'{"client_id": "12345678", "text": "a", "choice": "1-0"}',
        b'{"client_id": "12345678", "text": "a", "author": "host"}',
        b'{"client_id": "12345678", "text": "a", "n": 1}',
        b'{"client_id": "12345678", "choice": "9-9"}',
        b'{"client_id": "12345678", "text": "' + b"x" * 2001 + b'"}',
        b'{"client_id": "12345678", "text": ' + b"[" * 20000 + b"}",
    ],
)
async def test_bad_messages_are_refused(client, body):
    cid, auth = await opened(client)
    async with client.post(f"{API}/{cid}/messages", data=body, headers=auth | {"content-type": "application/json"}) as answer:
        await refused(answer)
    async with client.get(f"{API}/{cid}/events", headers=auth) as answer:
        assert all(e["author"] == "bot" for e in (await answer.json())["events"])


async def test_a_body_that_is_far_too_large_is_refused(client):
    cid, auth = await opened(client)
    async with client.post(f"{API}/{cid}/messages", data=b"x" * 100_000, headers=auth) as answer:
        await refused(answer)


async def test_what_people_can_type_goes_through(client):
    cid, auth = await opened(client)
    for text in ("æøå ÆØÅ", "👩‍👩‍👧 🫠", "a" * 2000, "linje 1\nlinje 2", "\ud83d", "\u202eomvendt", "nul\x00tegn", "<b>hej</b>", '/intent{"a":1}'):
        message = json.dumps({"client_id": new_id(), "text": text})
        headers = auth | {"content-type": "application/json"}
        async with client.post(f"{API}/{cid}/messages", data=message.encode("utf-8", "surrogatepass"), headers=headers) as answer:
            assert answer.status == 200, text


# hazard: H7
async def test_one_guests_token_opens_no_other_door(client):
    mine, auth = await opened(client)
    other, _ = await opened(client)
    for method, path in (
        ("POST", f"{API}/{other}/messages"),
        ("GET", f"{API}/{other}/events"),
        ("POST", f"{API}/{other}/handoff"),
        ("POST", f"{API}/{other}/close"),
        ("DELETE", f"{API}/{other}"),
        ("GET", f"{API}/{mine}'--/events"),
        ("GET", f"{API}/%2e%2e/events"),
    ):
        async with client.request(method, path, json={"client_id": new_id(), "text": "hej"}, headers=auth) as answer:
            await refused(answer)
    async with client.get(f"{API}/{other}/events") as answer:
        await refused(answer)


async def test_a_foreign_page_cannot_speak_for_a_guest(client):
    cid, auth = await opened(client)
    for origin in ("https://evil.example", "null", "http://127.0.0.1", "http://127.0.0.1:1", ""):
        async with client.post(f"{API}/{cid}/close", json={}, headers=auth | {"origin": origin}) as answer:
            assert (await refused(answer))["code"] == "not_allowed"


async def test_internal_calls_need_the_service_token(client, server):
    cid, auth = await opened(client)
    internal = [
        "/internal/guidance",
        "/internal/enquiries",
        "/internal/appointments",
        "/internal/slots/search",
        "/internal/handoffs",
        "/internal/feedback",
        "/internal/crisis",
    ]
    for path in internal:
        for headers in ({}, auth, {"x-service-token": "x"}, {"x-service-token": ""}):
            body = {"conversation_id": cid, "consent_version": "1", "slot_id": "x"}
            async with client.post(path, json=body, headers=headers) as answer:
                assert answer.status in (401, 422), path
                await refused(answer)


async def test_unknown_paths_and_methods_have_the_same_error_shape(client):
    for method, path in (("GET", "/nowhere"), ("PUT", API), ("GET", f"{API}/x"), ("GET", "/api/v1/municipalities/atlantis/doors")):
        async with client.request(method, path) as answer:
            await refused(answer)


async def socket_to(client, cid, token, after=0):
    socket = await client.ws_connect(f"{API}/{cid}/feed")
    await socket.send_json({"type": "hello", "token": token, "after": after})
    return socket


async def test_the_feed_gives_every_event_once_and_resumes_where_it_was(client):
    cid, auth = await opened(client)
    token = auth["authorization"].removeprefix("Bearer ")
    socket = await socket_to(client, cid, token)
    seen = [await socket.receive_json(timeout=3) for _ in range(3)]
    await socket.send_json({"type": "message", "client_id": "frame-0001", "text": "hej"})
    frames = [await socket.receive_json(timeout=3) for _ in range(4)]
    assert {"type": "ack", "client_id": "frame-0001", "n": 4} in frames
    await socket.close()
    again = await socket_to(client, cid, token, after=3)
    resumed = [await again.receive_json(timeout=3) for _ in range(2)]
    assert [e["n"] for e in seen + resumed] == [1, 2, 3, 4, 5]
    await again.close()


async def test_frames_that_are_not_ours_are_refused_and_the_feed_lives_on(client):
    cid, auth = await opened(client)
    socket = await socket_to(client, cid, auth["authorization"].removeprefix("Bearer "), after=3)
    bad = ["{", "[]", "7", "{}", '{"type":"host"}', '{"type":"message","client_id":"12345678","text":"a","author":"host"}', '{"type":["message"]}']
    for frame in bad:
        await socket.send_str(frame)
        answer = await socket.receive_json(timeout=3)
        assert answer["type"] == "error" and answer["error"]["code"] == "bad_input", frame
    await socket.send_json({"type": "ping"})
    assert await socket.receive_json(timeout=3) == {"type": "pong"}
    await socket.close()


async def test_a_feed_with_a_wrong_token_or_origin_gets_nothing(client):
    cid, auth = await opened(client)
    socket = await socket_to(client, cid, "wrong")
    assert (await socket.receive_json(timeout=3))["error"]["code"] == "not_signed_in"
    socket = await client.ws_connect(f"{API}/{cid}/feed", headers={"origin": "https://evil.example"})
    assert (await socket.receive_json(timeout=3))["error"]["code"] == "not_allowed"


async def test_long_polling_waits_for_news(client):
    import asyncio

    cid, auth = await opened(client)

    async def poll():
        async with client.get(f"{API}/{cid}/events?after=3&wait=5", headers=auth) as answer:
            return (await answer.json())["events"]

    waiting = asyncio.create_task(poll())
    await asyncio.sleep(0.2)
    async with client.post(f"{API}/{cid}/messages", json={"client_id": new_id(), "text": "hej"}, headers=auth):
        pass
    assert (await asyncio.wait_for(waiting, 3))[0]["text"] == "hej"


async def test_headers_guard_the_pages(client):
    async with client.get("/chat") as answer:
        policy = answer.headers["content-security-policy"]
        assert "unsafe" not in policy and "frame-ancestors" in policy
        assert answer.headers["cache-control"] == "no-store" and answer.headers["x-content-type-options"] == "nosniff"
    async with client.get("/embed.js") as answer:
        assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
    for sneaky in ("/widget/..%2f..%2fREADME.md", "/demo/..%2f..%2f..%2fpyproject.toml", "/console/static/..%2froutes.py"):
        async with client.get(sneaky) as answer:
            assert answer.status == 404


async def test_the_openapi_description_is_valid_json_and_names_every_public_route(client, server):
    async with client.get("/openapi.json") as answer:
        described = (await answer.json())["paths"]
    assert f"{API}" in described and f"{API}/{{id}}/messages" in described
