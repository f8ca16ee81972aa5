"""The bot's only HTTP: retries, deadline, keys, and the difference between no and no answer."""

import time

import pytest

from bot.actions import backend_client
from bot.actions.backend_client import BackendClient, BackendUnavailable, Refused
from tests.support.fake_backend import FakeBackend


@pytest.fixture
async def fake():
    backend = FakeBackend()
    backend.url = await backend.start()
    yield backend
    await backend.stop()


@pytest.fixture
async def client(fake):
    client = BackendClient(fake.url, "token")
    yield client
    await client.close()


async def test_answers_are_typed(client):
    guidance = await client.guidance("c", {"relation": "self", "age": 17}, [])
    assert guidance.ask is None and guidance.doors[0]["id"] == "headspace"
    assert (await client.guidance("c", {}, [])).ask.slot == "relation"


async def test_a_5xx_is_tried_again_and_then_given_up(client, fake):
    fake.mode = "down"
    with pytest.raises(BackendUnavailable):
        await client.guidance("c", {}, [])


async def test_a_page_instead_of_json_is_no_answer(client, fake):
    fake.mode = "rude"
    with pytest.raises(BackendUnavailable):
        await client.opening_hours("c")


async def test_nobody_there(client):
    nobody = BackendClient("http://127.0.0.1:9", "token")
    with pytest.raises(BackendUnavailable):
        await nobody.crisis_card("c")
    await nobody.close()


async def test_the_deadline_holds_for_all_attempts_together(client, fake, monkeypatch):
    monkeypatch.setattr(backend_client, "TOTAL_SECONDS", 0.5)
    fake.mode = "slow"
    begun = time.monotonic()
    with pytest.raises(BackendUnavailable):
        await client.guidance("c", {}, [])
    assert time.monotonic() - begun < 1.5


async def test_a_refusal_is_not_tried_again(client, fake):
    with pytest.raises(Refused) as refused:
        await client.cancel("c", "AAAA-BBBB-CCCC", "key")
    assert refused.value.code == "unknown_reference" and len(fake.calls) == 1


async def test_the_same_key_has_one_effect(client, fake):
    body = {"conversation_id": "c", "consent_version": "1"}
    first, again = await client.save_enquiry(body, "k"), await client.save_enquiry(body, "k")
    assert first == again and len(fake.enquiries) == 1
