"""What happens after words of danger: in every state, without Rasa, and with no way into small talk."""

import pytest

from backend.conversations.service import Incoming
from backend.domain.conversation import WITH_BOT
from tests.integration.conftest import new_id
from tests.integration.queue_parts import host

ACUTE, HIGH = "jeg tager mit eget liv i aften", "jeg har lyst til at dø"


async def said(house, cid, text=None, choice=None):
    received = await house.conversations.receive(cid, Incoming(new_id(), text=text, choice=choice))
    if received.command:
        await house.commands.run(received.command, cid, received.n)
    await house.turns.settle(cid, received.n)
    _, events = await house.conversations.events_after(cid, received.n)
    return events


async def chosen(house, cid, title):
    _, events = await house.conversations.events_after(cid, 0)
    for event in reversed(events):
        titles = [c["title"] for c in event.body.get("choices", [])]
        if title in titles:
            return await said(house, cid, choice=f"{event.n}-{titles.index(title)}")
    raise AssertionError(title)


def cards(events):
    return [e.body["card"] for e in events if (e.body.get("card") or {}).get("kind") == "crisis"]


@pytest.fixture
async def cid(house):
    return (await house.conversations.open("rodovre", "municipality"))[0]


# hazard: H1 H2
@pytest.mark.parametrize("text", [ACUTE, HIGH])
async def test_the_card_comes_from_the_backend_and_rasa_is_not_asked(house, rasa, cid, text):
    rasa.broken = True
    events = await said(house, cid, text)
    assert cards(events)[0]["lines"][0]["phone"] == "112" and len(cards(events)[0]["lines"]) >= 3
    assert rasa.asked == []


# hazard: H13
async def test_after_acute_words_the_bot_says_nothing_ordinary_until_the_guest_or_a_host_says_so(house, rasa, cid):
    await said(house, cid, ACUTE)
    events = await said(house, cid, "hvad er klokken")
    assert rasa.asked == []
    titles = [c["title"] for e in events for c in e.body.get("choices", [])]
    assert "Tal med et menneske her" in titles and "Jeg er ikke i fare" in titles
    await chosen(house, cid, "Jeg er ikke i fare")
    await said(house, cid, "jeg har haft en hård dag")
    assert [message for _, message in rasa.asked] == ["jeg har haft en hård dag"]


# hazard: H13
async def test_after_high_words_the_bot_answers_but_offers_no_booking_and_no_rating(house, rasa, cid):
    await said(house, cid, HIGH)
    offers = [{"title": t, "payload": p} for t, p in (("Book", "/book"), ("Sig farvel", "/thanks_bye"), ("Menneske", "/human"))]
    rasa.answers["ok"] = [{"text": "svar", "buttons": offers}]
    events = await said(house, cid, "ok")
    assert [c["title"] for e in events for c in e.body.get("choices", [])] == ["Menneske"]


# hazard: H4
async def test_words_near_it_get_one_kind_question_and_a_no_leads_on(house, rasa, cid):
    events = await said(house, cid, "jeg har ikke selvmordstanker")
    assert any("Tænker du på at tage dit eget liv?" in e.body.get("text", "") for e in events)
    await chosen(house, cid, "Nej")
    await said(house, cid, "jeg er ensom")
    assert rasa.asked[-1][1] == "jeg er ensom"


async def test_a_yes_to_the_question_brings_the_card(house, cid):
    await said(house, cid, "jeg har ikke selvmordstanker")
    assert cards(await chosen(house, cid, "Ja"))


async def test_the_card_also_comes_while_waiting_and_with_a_host(house, cid):
    maja = await host(house, "maja")
    await house.handoffs.request(cid)
    assert cards(await said(house, cid, HIGH))
    await house.handoffs.claim(cid, maja)
    assert cards(await said(house, cid, ACUTE))
    conversation, _ = await house.conversations.events_after(cid, 0)
    assert conversation.risk == "acute" and conversation.state != WITH_BOT


# hazard: H2
async def test_with_the_database_gone_the_card_is_in_the_refusal(house, cid):
    from backend.errors import Unavailable


    house.conversations.storage.write = lambda: _Gone()
    with pytest.raises(Unavailable) as refused:
        await house.conversations.receive(cid, Incoming(new_id(), text=ACUTE))
    assert refused.value.details["crisis"]["lines"][0]["phone"] == "112"
    with pytest.raises(Unavailable) as refused:
        await house.conversations.receive(cid, Incoming(new_id(), text="hej"))
    assert "crisis" not in refused.value.details


class _Gone:
    async def __aenter__(self):
        from backend.errors import Unavailable

        raise Unavailable()

    async def __aexit__(self, *_):
        return False


# hazard: H4
async def test_who_passes_over_the_question_is_heard_with_what_led_to_it(house, rasa, cid):
    await said(house, cid, "jeg har ikke selvmordstanker, men skolen er for meget")
    await said(house, cid, "det er matematik")
    assert rasa.asked[-1][1] == "jeg har ikke selvmordstanker, men skolen er for meget\ndet er matematik"
    await said(house, cid, "og dansk")
    assert rasa.asked[-1][1] == "og dansk"


# hazard: H1
async def test_who_is_at_risk_is_known_from_who_writes_where_the_words_do_not_say(house, rasa, cid):
    conversation = await house.conversations.find(cid)
    told = {"slots": {"relation": "relative"}, "understanding": {}, "form": None}
    await house.conversations.store_reply(conversation, 3, [], told)
    events = await said(house, cid, "selvmord")
    assert cards(events)[0]["level"] == "relative"
