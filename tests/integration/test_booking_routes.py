"""Booking over HTTP: the contract of docs/protocol.md, section 2, from searching to cancelling."""

import aiohttp
import pytest

from tests.integration.conftest import new_id


@pytest.fixture
async def client(server):
    headers = {"x-service-token": server.settings.service_token}
    async with aiohttp.ClientSession(server.settings.public_url, headers=headers) as session:
        yield session


@pytest.fixture
async def cid(server):
    return (await server.conversations.open("rodovre", "municipality"))[0]


async def call(client, path, body, status=200, key=None):
    async with client.post(f"/internal/{path}", json=body, headers={"idempotency-key": key or new_id()}) as answer:
        told = await answer.json()
        assert answer.status == status, told
        return told


async def test_from_searching_to_cancelling(client, server, cid):
    found = await call(client, "slots/search", {"conversation_id": cid, "form": "video", "host": {"peer": True, "same_as_last": True}})
    assert set(found) == {"slots", "exact", "walk_in"} and found["exact"] and len(found["slots"]) == 3
    slot = found["slots"][0]
    assert set(slot) == {"id", "label", "starts_at", "ends_at", "form", "forms", "place", "host_alias", "peer", "languages"}
    assert (slot["form"], slot["host_alias"], slot["place"]) == ("video", "Amir", "På video")
    held = await call(client, "slots/hold", {"conversation_id": cid, "slot_id": slot["id"]})
    assert held["held_until"] > server.conversations.clock().isoformat()
    body = {
        "conversation_id": cid, "slot_id": slot["id"], "form": "video", "nickname": "Sol", "companion": "parent", "help": ["interpreter"],
        "host": {"peer": True}, "contact": {"kind": "email", "value": "sol@example.org", "may_say": "Kun at vi ses"},
    }  # fmt: skip
    card = await call(client, "appointments", body, 201, "one-key-0001")
    assert await call(client, "appointments", body, 201, "one-key-0001") == card and card["status"] == "booked"
    later = found["slots"][1]["id"]
    moved = await call(client, "appointments/reschedule", {"conversation_id": cid, "reference": card["reference"], "slot_id": later})
    assert moved["starts_at"] == found["slots"][1]["starts_at"]
    gone = await call(client, "appointments/cancel", {"conversation_id": cid, "reference": card["reference"]}, key="two-key-0001")
    assert gone["status"] == "cancelled"
    assert await call(client, "appointments/cancel", {"conversation_id": cid, "reference": card["reference"]}, key="two-key-0001") == gone


async def test_a_taken_time_comes_with_others(client, server, cid):
    slot = (await call(client, "slots/search", {"conversation_id": cid}))["slots"][0]
    await call(client, "slots/hold", {"conversation_id": cid, "slot_id": slot["id"]})
    other, _, _ = await server.conversations.open("rodovre", "municipality")
    for path in ("slots/hold", "appointments"):
        told = await call(client, path, {"conversation_id": other, "slot_id": slot["id"]}, 409)
        assert told["error"]["code"] == "slot_taken" and len(told["error"]["details"]["slots"]) == 3
        assert set(told["error"]["details"]["slots"][0]) == set(slot)


@pytest.mark.parametrize(
    "path, wrong",
    [
        ("appointments", {"companion": "a stranger"}), ("appointments", {"help": ["everything"]}), ("appointments", {"form": "letter"}),
        ("appointments", {"contact": {"kind": "phone", "value": "1", "may_say": "x"}}), ("appointments", {"host": {"gender": "f"}}),
        ("appointments", {"slot_id": "x" * 61}), ("slots/hold", {}), ("slots/search", {"limit": 0}), ("slots/search", {"window": {"parts": [["25:00", "26:00"]]}}),
    ],
)  # fmt: skip
async def test_what_cant_be_is_refused_by_name(client, cid, path, wrong):
    body = {"conversation_id": cid} | ({"slot_id": "a" * 32 + ".29925360"} if path == "appointments" else {}) | wrong
    told = await call(client, path, body, 422)
    assert told["error"]["code"] == "bad_input" and told["error"]["details"]["fields"]


@pytest.mark.parametrize("window", [{"from": "0001-01-01T00:00:00+14:00"}, {"from": "9999-12-31T23:59:59-14:00"}, {"from": "2026-02-28T10:00", "to": "2020-01-01T00:00:00Z"}])
async def test_windows_at_the_ends_of_time_get_an_answer(client, cid, window):
    found = await call(client, "slots/search", {"conversation_id": cid, "window": window})
    assert len(found["slots"]) == 3


async def test_guessing_codes_is_stopped_with_a_clear_answer(client, cid):
    for _ in range(10):
        await call(client, "appointments/cancel", {"conversation_id": cid, "reference": "K7XM-9QPT-4RWD"}, 404)
    told = await call(client, "appointments/cancel", {"conversation_id": cid, "reference": "K7XM-9QPT-4RWD"}, 429)
    assert told["error"]["code"] == "too_many_codes"


async def test_a_host_subscribes_by_a_link(client, server):
    from sqlalchemy import select

    from backend.hosts.tables import hosts

    async with server.storage.read() as tx:
        maja = (await tx.execute(select(hosts.c.id).where(hosts.c.username == "maja"))).scalar_one()
    secret = await server.appointments.calendars.open_feed(maja)
    async with client.get(f"/api/v1/calendar/{secret}.ics") as answer:
        assert answer.status == 200 and answer.content_type == "text/calendar"
        assert (await answer.text()).startswith("BEGIN:VCALENDAR\r\n") and "no-store" in answer.headers["cache-control"]
    async with client.get(f"/api/v1/calendar/{secret[:-2]}.ics") as answer:
        assert answer.status == 404 and (await answer.json())["error"]["code"] == "not_found"


async def test_holding_needs_the_service_token(client, cid):
    async with client.post("/internal/slots/hold", json={"conversation_id": cid, "slot_id": "x"}, headers={"x-service-token": "wrong"}) as answer:
        assert answer.status == 401


async def test_waiting_for_something_earlier_and_for_a_full_day(client, server, cid):
    assert await call(client, "appointments/wait", {"conversation_id": cid}) == {"joined": False}
    slot = (await call(client, "slots/search", {"conversation_id": cid}))["slots"][0]
    await call(client, "appointments", {"conversation_id": cid, "slot_id": slot["id"]}, 201)
    assert await call(client, "appointments/wait", {"conversation_id": cid}) == {"joined": True}
    other, _, _ = await server.conversations.open("rodovre", "municipality")
    told = await call(client, "appointments/wait", {"conversation_id": other, "window": {}, "form": "chat", "host": {"alias": "Maja"}})
    assert told["joined"] and len(told["reference"]) == 14
    await call(client, "appointments/follow-up", {"conversation_id": cid})


async def test_a_name_is_a_host_only_where_the_guest_is(client, server, cid):
    assert await call(client, "hosts/named", {"conversation_id": cid, "names": ["gerne", "maja"]}) == {"alias": "Maja"}
    assert await call(client, "hosts/named", {"conversation_id": cid, "names": ["Kasper"]}) == {"alias": None}
    elsewhere, _, _ = await server.conversations.open("ballerup", "municipality")
    assert await call(client, "hosts/named", {"conversation_id": elsewhere, "names": ["maja"]}) == {"alias": None}


@pytest.mark.parametrize("path", ["appointments/wait", "appointments/follow-up", "hosts/named"])
async def test_the_new_calls_need_the_service_token(client, cid, path):
    async with client.post(f"/internal/{path}", json={"conversation_id": cid, "names": []}, headers={"x-service-token": "wrong"}) as answer:
        assert answer.status == 401
