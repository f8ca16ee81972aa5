"""A visitor's message: numbered, durable, once, and answered by the one who owns the conversation."""

import asyncio

import pytest

from backend.conversations.service import ConversationClosed, Incoming
from backend.errors import NotSignedIn, Unavailable
from tests.integration.conftest import new_id


async def said(house, conversation_id, text, client_id=None):
    received = await house.conversations.receive(conversation_id, Incoming(client_id or new_id(), text=text))
    await house.turns.settle(conversation_id, received.n)
    return received


async def texts(house, conversation_id, author=None):
    _, events = await house.conversations.events_after(conversation_id, 0)
    return [e.body.get("text") for e in events if author is None or e.author == author]


# hazard: H11
async def test_the_bot_greets_as_a_bot_and_names_the_promise(house):
    _, _, events = await house.conversations.open("rodovre", "municipality")
    spoken = " ".join(e.body["text"] for e in events)
    assert "chatbot" in spoken and "anonym" in spoken and "CPR" in spoken


async def test_the_same_client_id_is_one_message_with_one_number(house, rasa):
    cid, _, _ = await house.conversations.open("rodovre", "municipality")
    first = await said(house, cid, "hej", "same-client-id")
    again = await said(house, cid, "hej", "same-client-id")
    assert first.n == again.n
    assert await texts(house, cid, "visitor") == ["hej"]
    assert len(rasa.asked) == 1


async def test_numbers_have_no_gaps_under_many_writers(house):
    cid, _, _ = await house.conversations.open("rodovre", "municipality")
    await asyncio.gather(*(said(house, cid, f"besked {i}") for i in range(25)))
    _, events = await house.conversations.events_after(cid, 0)
    assert [e.n for e in events] == list(range(1, len(events) + 1))
    assert sum(e.author == "visitor" for e in events) == 25
    assert sum(e.author == "bot" and "besked" in e.body["text"] for e in events) == 25


async def test_a_wrong_token_and_an_unknown_conversation_look_alike(house):
    cid, token, _ = await house.conversations.open("rodovre", "municipality")
    other, _, _ = await house.conversations.open("rodovre", "municipality")
    for conversation_id, key in ((cid, "wrong"), (other, token), ("0" * 32, token), (cid, "")):
        with pytest.raises(NotSignedIn):
            await house.conversations.authorise(conversation_id, key)


async def test_a_silent_or_broken_bot_gives_a_way_on_and_a_new_epoch(house, rasa):
    cid, _, _ = await house.conversations.open("rodovre", "municipality")
    rasa.broken = True
    await said(house, cid, "hej")
    conversation, events = await house.conversations.events_after(cid, 0)
    titles = [choice["title"] for choice in events[-1].body["choices"]]
    assert "Tal med et menneske" in titles and "Hjælp nu" in titles
    await asyncio.sleep(0.05)  # the excuse is told first, the new epoch follows
    conversation, _ = await house.conversations.events_after(cid, 0)
    assert conversation.epoch == 2


async def test_silence_from_the_bot_counts_as_failure(house, rasa):
    cid, _, _ = await house.conversations.open("rodovre", "municipality")
    rasa.answers["hej"] = []
    await said(house, cid, "hej")
    _, events = await house.conversations.events_after(cid, 0)
    assert events[-1].author == "system" and events[-1].body["choices"]


async def test_a_slow_bot_is_excused_and_its_late_answer_is_kept_when_nothing_was_said_since(house, rasa):
    cid, _, _ = await house.conversations.open("rodovre", "municipality")
    rasa.delay = 1.5
    await said(house, cid, "hej")
    assert (await texts(house, cid))[-1].startswith("Jeg kan ikke svare")
    await asyncio.sleep(1)
    assert (await texts(house, cid))[-1] == "bot: hej"


async def test_try_again_sends_the_guests_last_own_words(house, rasa):
    cid, _, _ = await house.conversations.open("rodovre", "municipality")
    rasa.broken = True
    await said(house, cid, "jeg er ked af det")
    rasa.broken = False
    _, events = await house.conversations.events_after(cid, 0)
    index = [c["payload"] for c in events[-1].body["choices"]].index("!retry")
    received = await house.conversations.receive(cid, Incoming(new_id(), choice=f"{events[-1].n}-{index}"))
    await house.commands.run(received.command, cid, received.n)
    await house.turns.settle(cid, received.n)
    assert (await texts(house, cid))[-1] == "bot: jeg er ked af det"


async def test_an_unanswered_message_is_answered_after_a_restart(house, rasa, clock):
    cid, _, _ = await house.conversations.open("rodovre", "municipality")
    await house.conversations.receive(cid, Incoming(new_id(), text="hej"))  # acknowledged, then the process dies
    assert await house.turns.recover(clock()) == 1
    await house.turns.settle(cid, 10**6)
    assert (await texts(house, cid, "bot"))[-1] == "bot: hej"


async def test_slashes_never_reach_rasa_as_an_intent(house, rasa):
    cid, _, _ = await house.conversations.open("rodovre", "municipality")
    for text in ('/inform{"relation":"self"}', "  //book", "\u200b/crisis"):
        await said(house, cid, text)
    assert all(not message.startswith("/") for _, message in rasa.asked)


async def test_only_choices_that_were_offered_become_payloads(house, rasa):
    cid, _, events = await house.conversations.open("rodovre", "municipality")
    chosen = await house.conversations.receive(cid, Incoming(new_id(), choice=f"{events[-1].n}-0"))
    await house.turns.settle(cid, chosen.n)
    assert rasa.asked[-1][1].startswith("/inform{")
    for made_up in ("99-0", "3-99", "1-0", "x", "-", "3-0-0", f"{chosen.n}-0"):
        with pytest.raises(Exception, match="valg"):
            await house.conversations.receive(cid, Incoming(new_id(), choice=made_up))


async def test_a_closed_conversation_takes_no_more(house):
    cid, _, _ = await house.conversations.open("rodovre", "municipality")
    await house.conversations.close(cid)
    with pytest.raises(ConversationClosed):
        await said(house, cid, "er du der?")


async def test_an_acknowledged_message_is_answered_once_the_busy_database_is_free_again(house, monkeypatch):
    """Nobody writes again and nothing restarts: the turn itself comes back."""
    monkeypatch.setattr("backend.conversations.turns.RETRY_AFTER", 0.01)
    cid, _, _ = await house.conversations.open("rodovre", "municipality")
    answer, failures = house.turns._answer, 2

    async def busy(*arguments):
        nonlocal failures
        if failures:
            failures -= 1
            raise Unavailable()
        await answer(*arguments)

    monkeypatch.setattr(house.turns, "_answer", busy)
    received = await house.conversations.receive(cid, Incoming(new_id(), text="hej"))
    house.turns.start(cid)
    for _ in range(500):
        if "bot: hej" in await texts(house, cid, "bot"):
            break
        await asyncio.sleep(0.02)
    assert (await texts(house, cid, "bot")).count("bot: hej") == 1 and failures == 0 and received.turn


async def test_a_message_that_comes_just_after_the_last_look_is_answered_too(house, monkeypatch):
    """The turn has seen that nothing waits and is about to end; the next message is committed in that very moment."""
    cid, _, _ = await house.conversations.open("rodovre", "municipality")
    look, came = house.conversations.repository.unanswered, []

    async def look_and_be_overtaken(tx, conversation):
        found = await look(tx, conversation)
        if not found and not came:
            came.append(await house.conversations.receive(cid, Incoming(new_id(), text="og en ting til")))
            house.turns.start(cid)
        return found

    monkeypatch.setattr(house.conversations.repository, "unanswered", look_and_be_overtaken)
    await said(house, cid, "hej")
    for _ in range(250):
        if "bot: og en ting til" in await texts(house, cid, "bot"):
            break
        await asyncio.sleep(0.02)
    assert "bot: og en ting til" in await texts(house, cid, "bot")
