"""A card from a relative to a young person: one door, once, tied to nobody."""

import asyncio
import re
import sqlite3
from pathlib import Path

import aiohttp
import pytest

from backend.door_cards.service import KEPT, OPENING
from backend.door_cards.tables import door_cards
from backend.storage.tables import metadata

KEYS = "/api/v1/door-cards"


@pytest.fixture
async def client(server):
    async with aiohttp.ClientSession(server.settings.public_url) as session:
        yield session


async def made(client, door="headspace", municipality="rodovre") -> dict:
    async with client.post(KEYS, json={"municipality": municipality, "door": door}) as answer:
        assert answer.status == 201, await answer.text()
        return await answer.json()


async def press(client, path: str, **fields: str):
    async with client.post(path, data=fields, allow_redirects=False) as answer:
        return answer.status, answer.headers.get("location"), await answer.text()


def rows(server) -> list:
    path = Path(server.settings.database_url.partition(":///")[2])
    with sqlite3.connect(path) as database:
        return database.execute("SELECT * FROM door_cards").fetchall()


async def test_a_press_opens_the_door_once_and_then_the_page_is_kind(client, server):
    card = await made(client)
    path = f"/d/{card['code']}"
    assert re.fullmatch(r"[2-9A-Z]{4}-[2-9A-Z]{4}", card["code"]) and card["address"].endswith(path)
    assert (await press(client, path))[:2] == (303, "/rodovre/tilbud/headspace")
    status, location, text = await press(client, path)
    assert status == 200 and location is None and "Du er ikke gået forkert" in text
    assert 'href="tel:112"' in text and 'href="tel:116111"' in text and 'href="/tilbud"' in text
    assert rows(server) == []


async def test_looking_at_the_link_uses_nothing_and_tells_nothing(client):
    card = await made(client)
    looks = []
    for code in (card["code"], card["code"], "AAAA-AAAA", "hvad-som-helst"):
        async with client.get(f"/d/{code}", headers={"user-agent": "facebookexternalhit/1.1"}) as answer:
            assert answer.headers["cache-control"] == "no-store" and answer.headers["x-robots-tag"] == "noindex"
            looks.append(await answer.text())
    assert len(set(looks)) == 1 and "headspace" not in looks[0].lower()
    assert (await press(client, f"/d/{card['code']}"))[0] == 303
    async with client.get(f"/d/{card['code']}") as answer:
        assert await answer.text() == looks[0]  # the giver can look again and learns nothing


async def test_two_presses_at_once_open_one_door(client):
    card = await made(client)
    answers = await asyncio.gather(*(press(client, f"/d/{card['code']}") for _ in range(8)))
    assert sorted(status for status, _, _ in answers) == [200] * 7 + [303]


async def test_the_code_can_be_written_by_hand(client):
    code = (await made(client, "livslinien", "_national"))["code"]
    assert (await press(client, "/d", code=f" {code.lower().replace('-', ' ')} "))[:2] == (303, "/tilbud/livslinien")
    assert "virker ikke mere" in (await press(client, "/d", code="forkert"))[2]
    assert "virker ikke mere" in (await press(client, "/d"))[2]


async def test_used_out_of_date_and_never_made_look_the_same(client, server, clock):
    used, old = (await made(client))["code"], (await made(client))["code"]
    await press(client, f"/d/{used}")
    clock.pass_by(days=KEPT.days + 1)
    assert len({(await press(client, f"/d/{code}"))[2] for code in (used, old, "AAAA-AAAA")}) == 1


async def test_cards_nobody_opened_are_thrown_away(client, server, clock):
    await made(client)
    clock.pass_by(days=KEPT.days)
    assert await server.door_cards.forget_expired() == 0
    clock.pass_by(days=1)
    assert await server.door_cards.forget_expired() == 1 and rows(server) == []
    assert server.door_cards.forget_expired in server.sweeper.also_forget


# hazard: H8
async def test_nothing_links_a_card_to_a_conversation_a_moment_or_the_other_cards(client, server):
    """No column could hold it, no table points at it, the code is not at rest, and the rows lie in no order of making."""
    assert {column.name for column in door_cards.columns} == {"code_hash", "municipality", "door", "expires_on"}
    assert not door_cards.foreign_keys
    assert not [key for table in metadata.tables.values() for key in table.foreign_keys if key.column.table is door_cards]
    async with client.post("/api/v1/conversations", json={"municipality": "rodovre", "channel": "municipality"}) as answer:
        conversation = await answer.json()
    token = {"authorization": f"Bearer {conversation['token']}"}
    before = await events(client, conversation)
    cards = [await made(client) for _ in range(12)]
    async with client.post(KEYS, json={"door": "headspace", "conversation_id": conversation["id"]}, headers=token) as answer:
        assert answer.status == 201  # what is not asked for is not read either
    assert await events(client, conversation) == before
    path = Path(server.settings.database_url.partition(":///")[2])
    written = b"".join(part.read_bytes() for part in path.parent.glob(f"{path.name}*"))
    for card in cards:
        assert card["code"].encode() not in written and card["code"].replace("-", "").encode() not in written
    with sqlite3.connect(path) as database, pytest.raises(sqlite3.OperationalError):
        database.execute("SELECT rowid FROM door_cards")
    hashes = [server.door_cards.keys.fingerprint(card["code"]) for card in cards]
    stored = [row[0] for row in rows(server) if row[0] in hashes]
    assert stored == sorted(hashes) != hashes


async def events(client, conversation) -> list:
    headers = {"authorization": f"Bearer {conversation['token']}"}
    async with client.get(f"/api/v1/conversations/{conversation['id']}/events?after=0", headers=headers) as answer:
        return (await answer.json())["events"]


@pytest.mark.parametrize("body", [{"door": "findes-ikke"}, {"door": "local-acute-phone", "municipality": "rodovre"}, {"door": "headspace", "municipality": "hest"}, {}, []])
async def test_only_doors_with_a_page_get_a_card(client, body):
    async with client.post(KEYS, json=body) as answer:
        assert answer.status == 404 and (await answer.json())["error"]["code"] == "not_found"


async def test_a_card_can_be_made_on_the_doors_page_without_script(client):
    status, _, text = await press(client, "/rodovre/tilbud/headspace/kort")
    code = re.search(r"<dd>([2-9A-Z]{4}-[2-9A-Z]{4})</dd>", text)
    assert status == 200 and code and f"/d/{code[1]}" in text
    assert (await press(client, f"/d/{code[1]}"))[1] == "/rodovre/tilbud/headspace"
    assert (await press(client, "/rodovre/tilbud/findes-ikke/kort"))[0] == 404


async def test_guessing_and_making_many_is_slowed_down_kindly(client):
    statuses = [await press(client, f"/d/AAAA-AAA{letter}") for letter in "ABCDEFGHJKMNPQRSTUVWXYZ23456789"]
    assert len(statuses) > OPENING.amount and statuses[-1][0] == 429
    assert 'href="tel:112"' in statuses[-1][2] and "Vent fem minutter" in statuses[-1][2]
    codes = []
    for _ in range(21):
        async with client.post(KEYS, json={"door": "headspace", "municipality": "rodovre"}) as answer:
            codes.append(answer.status)
    assert codes == [201] * 20 + [429]


async def test_another_site_cannot_make_cards_in_a_visitors_name(client):
    async with client.post(KEYS, json={"door": "headspace"}, headers={"origin": "https://elsewhere.example"}) as answer:
        assert answer.status == 403
    async with client.post("/rodovre/tilbud/headspace/kort", headers={"origin": "null", "sec-fetch-site": "cross-site"}) as answer:
        assert answer.status == 403
    async with client.post("/rodovre/tilbud/headspace/kort", headers={"origin": "null", "sec-fetch-site": "same-origin"}) as answer:
        assert answer.status == 200  # what a browser sends from our own page, which tells no referrer
