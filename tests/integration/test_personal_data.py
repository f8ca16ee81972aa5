"""What a guest writes about who they are: told once, hidden from the bot, and a CPR number never stored."""

from dataclasses import replace
from datetime import timedelta

import pytest

from backend.app import build_house
from backend.errors import NotFound
from backend.rasa.client import Reply
from tests.integration.queue_parts import host
from tests.integration.test_crisis import said

FULL = "jeg hedder Lise Holm, 010190-1234, ring 20304050"


@pytest.fixture
async def cid(house):
    return (await house.conversations.open("rodovre", "municipality"))[0]


def texts(events):
    return " ".join(e.body.get("text", "") for e in events)


async def everything(house, cid):
    _, events = await house.conversations.events_after(cid, 0)
    return events


# hazard: H12 H14
async def test_a_cpr_number_is_never_stored_and_the_guest_is_told(house, rasa, cid):
    events = await said(house, cid, "mit cpr er 010190-1234")
    written = [e.body["text"] for e in await everything(house, cid) if e.author == "visitor"]
    assert written == ["mit cpr er [CPR-nummer]"] and "dækket det til" in texts(events)
    assert rasa.asked[-1][1] == "mit cpr er [CPR-nummer]"


# hazard: H12
async def test_the_bot_never_learns_who_writes_but_the_host_sees_the_words(house, rasa, cid):
    await said(house, cid, FULL)
    assert rasa.asked[-1][1] == "jeg hedder [navn], [CPR-nummer], ring [telefon]"
    written = [e.body["text"] for e in await everything(house, cid) if e.author == "visitor"]
    assert written == ["jeg hedder Lise Holm, [CPR-nummer], ring 20304050"]


# hazard: H14
async def test_the_guest_is_told_once_that_they_may_no_longer_be_anonymous(house, cid):
    first = await said(house, cid, "jeg bor på Rosenvej 12")
    second = await said(house, cid, "mit nummer er 20304050")
    assert "måske ikke anonym længere" in texts(first) and "anonym" not in texts(second)


# hazard: H14
async def test_it_is_told_while_waiting_and_before_a_host_has_the_chat(house, cid):
    maja = await host(house, "maja")
    await house.handoffs.request(cid)
    await said(house, cid, "jeg går i 8.b på Nyager Skole")
    await house.handoffs.claim(cid, maja)
    events = await everything(house, cid)
    told = next(e.n for e in events if e.body.get("told") == "anonymity")
    assert told < next(e.n for e in events if e.body.get("state") == "with_host")


async def test_a_first_name_alone_needs_no_warning(house, cid):
    assert "anonym" not in texts(await said(house, cid, "jeg hedder Maja"))


async def test_a_number_the_bot_asked_for_needs_no_warning_and_reaches_the_form(house, rasa, cid, monkeypatch):
    async def ask(sender, message, metadata, seed_slots=None):
        rasa.asked.append((sender, message))
        return Reply([{"text": "Hvilket nummer?"}], {"active_form": "enquiry_form", "asked": "enquiry_contact_value"}, {}, "enquiry_form")

    monkeypatch.setattr(rasa, "ask", ask)
    events = await said(house, cid, "jeg vil skrive en henvendelse")
    assert events[-1].public()["asks"] == "contact"
    events = await said(house, cid, "20304050")
    assert rasa.asked[-1][1] == "20304050" and "anonym" not in texts(events)


# hazard: H14
async def test_no_setting_keeps_words_longer_than_the_guest_was_promised(settings, content, clock, rasa):
    long = replace(settings, keep_conversation_hours=999, keep_enquiry_days=999)
    house = build_house(long, clock=clock, rasa=rasa, **content)
    promised = content["catalogue"].promises("rodovre", "municipality")
    assert house.forgetting.keep == timedelta(hours=promised.conversation_hours)
    assert house.forgetting.keep_enquiry == timedelta(days=promised.enquiry_days)
    cid = (await house.conversations.open("rodovre", "municipality"))[0]
    clock.pass_by(hours=promised.conversation_hours + 1)
    assert await house.forgetting.forget_idle() >= 1
    with pytest.raises(NotFound):
        await house.conversations.find(cid)
    await house.storage.close()
