"""The one direct question: a typed answer works as well as a tap, and there is always a way on."""

import itertools

import pytest

from backend.rasa.client import Reply
from backend.safety.assessment import Assessment
from tests.integration.queue_parts import host
from tests.integration.test_crisis import ACUTE, HIGH, cards, chosen, said

NEAR, THIRD = "jeg har ikke selvmordstanker", "min datter siger hun ikke gider mere"
LOST = "Det fik jeg ikke helt fat i"


SON = "min søn på 16 er så ked af det og siger at det hele er lige meget"


class Heard:
    """The house's own screen, but for the lines whose level these tests rest on: what it learns next week must not move them."""

    LEVELS = {
        NEAR: Assessment("concern", ("suicidal_thoughts",), "self", NEAR),
        THIRD: Assessment("concern", ("suicidal_thoughts",), "third", THIRD),
        SON: Assessment("concern", ("suicidal_thoughts",), "third", SON),
    }

    def __init__(self, screen):
        self.screen, self.previous = screen, []

    def assess(self, text, previous=(), relation=None):
        self.previous = list(previous)
        return self.LEVELS.get(text) or self.screen.assess(text, previous, relation)


@pytest.fixture(autouse=True)
def heard(house, monkeypatch):
    monkeypatch.setattr(house.conversations.reactions, "screen", Heard(house.conversations.reactions.screen))


@pytest.fixture
async def cid(house):
    return (await house.conversations.open("rodovre", "municipality"))[0]


async def stands(house, cid):
    conversation, _ = await house.conversations.events_after(cid, 0)
    return conversation.phase, conversation.risk


def texts(events):
    return " ".join(e.body.get("text", "") for e in events)


def titles(events):
    return [c["title"] for e in events for c in e.body.get("choices", [])]


# hazard: H1
@pytest.mark.parametrize("yes", ["ja", "har du ret", "jaaa", "js"])
async def test_a_typed_yes_brings_people_and_never_the_question_again(house, rasa, cid, yes):
    await said(house, cid, NEAR)
    events = await said(house, cid, yes)
    assert cards(events) and rasa.asked == []
    assert "Tænker du på" not in texts(events) and "Tak fordi du siger det" in texts(events)
    assert await stands(house, cid) == ("high_open", "high")


# hazard: H1
async def test_a_yes_after_high_words_is_acute_and_shown_to_hosts(house, cid):
    await said(house, cid, HIGH)
    events = await said(house, cid, "ja")
    assert cards(events)[0]["level"] == "acute"
    assert await stands(house, cid) == ("acute_open", "acute")


# hazard: H1
@pytest.mark.parametrize("doubt", ["lidt", "det ved jeg ikke", "nogle gange", "ikke rigtig", "nej men…"])
async def test_a_doubt_is_met_with_care(house, rasa, cid, doubt):
    await said(house, cid, NEAR)
    events = await said(house, cid, doubt)
    assert cards(events) and rasa.asked == [] and "Jeg er ikke i fare" in titles(events)
    assert await stands(house, cid) == ("high_open", "high")


# hazard: H4
@pytest.mark.parametrize("no", ["nej", "det gør jeg ikke", "nej tak"])
async def test_a_typed_no_goes_on_with_what_was_written_before_the_question(house, rasa, cid, no):
    await said(house, cid, NEAR)
    events = await said(house, cid, no)
    assert [message for _, message in rasa.asked] == [NEAR]
    assert not cards(events) and "for meget" in texts(events)
    assert (await stands(house, cid))[0] == "eased"


# hazard: H4
async def test_after_a_no_the_bots_own_alarm_at_the_old_words_is_left_out(house, rasa, cid):
    rasa.answers[NEAR] = [{"text": "alarm", "custom": {"kind": "crisis", "lead": "alarm"}}]
    await said(house, cid, NEAR)
    events = await said(house, cid, "nej")
    assert not cards(events) and "Hvad har du mest brug for" in texts(events)
    rasa.answers["hjælp"] = rasa.answers[NEAR]
    assert cards(await said(house, cid, "hjælp"))


async def test_no_answer_is_an_answer_too(house, rasa, cid):
    await said(house, cid, NEAR)
    events = await said(house, cid, "vil ikke sige det")
    assert "Det er helt i orden" in texts(events) and rasa.asked == []
    await said(house, cid, "jeg er ensom")
    assert rasa.asked[-1][1].endswith("jeg er ensom")


async def test_an_answer_only_counts_right_after_the_question(house, rasa, cid):
    await said(house, cid, NEAR)
    await said(house, cid, "jeg er ensom i skolen")
    await said(house, cid, "ja")
    assert [message.split("\n")[-1] for _, message in rasa.asked] == ["jeg er ensom i skolen", "ja"]


# hazard: H1
async def test_danger_in_the_answer_counts_more_than_its_first_word(house, cid):
    await said(house, cid, NEAR)
    await said(house, cid, "nej men jeg tager mit eget liv i aften")
    assert await stands(house, cid) == ("acute_open", "acute")


# hazard: H4
async def test_a_relative_is_asked_about_the_other_one(house, cid):
    events = await said(house, cid, THIRD)
    assert "tænker på at tage sit eget liv" in texts(events) and "dit eget liv" not in texts(events)
    assert cards(await said(house, cid, "det ved jeg ikke"))[0]["level"] == "relative"


# hazard: H13
async def test_the_question_is_asked_once_and_never_in_acute_danger(house, cid):
    await said(house, cid, HIGH)
    assert "Tænker du på" not in texts(await said(house, cid, "jeg vil ikke leve mere"))
    await said(house, cid, ACUTE)
    assert "Tænker du på" not in texts(await said(house, cid, "jeg vil bare dø"))
    events = await chosen(house, cid, "Jeg vil gerne skrive videre")
    assert "Tænker du på" not in texts(events)


async def test_the_guests_own_words_are_given_back(house, cid):
    assert "»jeg har lyst til at dø«" in texts(await said(house, cid, HIGH))


# hazard: H4
@pytest.mark.parametrize("words", ["det var ikke sådan ment", "jeg er ikke i fare", "jokede bare", "spring over"])
async def test_out_of_acute_by_own_words_guidance_is_back_and_help_stays(house, rasa, cid, words):
    await said(house, cid, ACUTE)
    events = await said(house, cid, words)
    assert {"Tal med et menneske", "Se hvor du kan gå hen"} <= set(titles(events))
    await said(house, cid, "jeg er ensom")
    assert rasa.asked[-1][1] == "jeg er ensom"
    assert await stands(house, cid) == ("writing_on", "acute")


# hazard: H4
async def test_high_words_taken_back_are_eased(house, rasa, cid):
    await said(house, cid, HIGH)
    events = await said(house, cid, "det var bare for sjov")
    assert "misforstod" in texts(events) and "Vis numrene" in titles(events)
    assert (await stands(house, cid))[0] == "eased"


async def test_who_keeps_writing_in_danger_is_not_told_the_same_sentence_twice(house, cid):
    await said(house, cid, ACUTE)
    answers = [await said(house, cid, words) for words in ("hvad er klokken", "er der nogen", "de svarer ikke", "jeg tør ikke ringe")]
    assert all(texts(one) != texts(other) for one, other in itertools.pairwise(answers))
    assert all("Tal med et menneske her" in titles(answer) for answer in answers)


# hazard: H5
async def test_in_danger_with_no_host_the_numbers_come_and_no_booking(house, clock, cid):
    clock.pass_by(hours=13)  # one at night
    await said(house, cid, ACUTE)
    events = await chosen(house, cid, "Tal med et menneske her")
    assert cards(events)[0]["lines"][0]["phone"] == "112"
    assert not {"Find en tid", "Skriv til os"} & set(titles(events)) and "Jeg vil gerne skrive videre" in titles(events)


async def test_the_numbers_again_without_the_question(house, cid):
    await said(house, cid, ACUTE)
    await said(house, cid, "hej")
    events = await chosen(house, cid, "Vis numrene igen")
    assert cards(events) and "Tænker du på" not in texts(events)


# hazard: H13
@pytest.mark.parametrize("goal", ["chitchat", "thanks_bye", "feedback"])
async def test_no_small_talk_goodbye_or_rating_after_words_of_danger(house, rasa, cid, monkeypatch, goal):
    await said(house, cid, HIGH)
    reply = Reply([{"text": "Selv tak. Følte du dig forstået?", "buttons": [{"title": "Ja", "payload": "/feedback"}]}], {}, {"goal": goal})
    monkeypatch.setattr(rasa, "ask", lambda *_: _answer(reply))
    events = await said(house, cid, "mange tak")
    assert "forstået" not in texts(events) and "Jeg er her stadig" in texts(events)


# hazard: H13
@pytest.mark.parametrize(("relation", "words"), [("relative", "Spørg lige ud"), ("self", "Sig det til et menneske"), (None, "Sig det til et menneske")])
async def test_who_asks_what_to_do_in_danger_gets_the_steps_of_the_crisis_card(house, rasa, cid, monkeypatch, relation, words):
    await said(house, cid, HIGH)
    monkeypatch.setattr(rasa, "ask", lambda *_: _answer(Reply([{"text": "Et lille skridt ad gangen."}], {"relation": relation}, {"goal": "advice"})))
    events = await said(house, cid, "hvad skal jeg gøre")
    assert words in texts(events) and "112" in texts(events) and "lille skridt" not in texts(events)
    assert "Tal med et menneske her" in titles(events)


async def test_a_no_in_danger_may_answer_the_bots_question_and_the_next_one_is_not_lost(house, rasa, cid, monkeypatch):
    await said(house, cid, HIGH)
    asked = Reply([{"text": "Jeg vil gerne sende det her til en vært."}], {}, {"goal": "deny"}, "enquiry_form")
    monkeypatch.setattr(rasa, "ask", lambda *_: _answer(asked))
    await said(house, cid, "kan jeg skrive en henvendelse")
    assert "sende det her" in texts(await said(house, cid, "nej tak"))


# hazard: H13
async def test_a_friend_who_has_not_said_so_to_the_bot_is_answered_as_one(house, rasa, cid, monkeypatch):
    await said(house, cid, "min ven siger han ikke gider leve længere")
    monkeypatch.setattr(rasa, "ask", lambda *_: _answer(Reply([{"text": "Et lille skridt."}], {}, {"goal": "advice"})))
    assert "Spørg lige ud" in texts(await said(house, cid, "hvad skal jeg sige til ham"))


async def _answer(reply):
    return reply


# hazard: H6
async def test_a_host_in_the_chat_and_leaving_are_steps_of_the_crisis(house, cid):
    maja = await host(house, "maja")
    await said(house, cid, ACUTE)
    await house.handoffs.request(cid)
    await house.handoffs.claim(cid, maja)
    assert (await stands(house, cid))[0] == "host_present"
    assert "chatbot" not in texts(await said(house, cid, HIGH))
    await house.handoffs.hand_back(cid, maja)
    assert (await stands(house, cid))[0] == "high_open"


async def test_calm_words_after_the_alarm_do_not_bring_the_card_again(house, rasa, cid):
    await said(house, cid, "jeg kan ikke mere, jeg vil bare dø")
    await said(house, cid, "det vil jeg ikke svare på")
    events = await said(house, cid, "jeg er bare så ensom og min far råber hele tiden")
    assert not cards(events) and rasa.asked[-1][1].startswith("jeg er bare")


# hazard: H4
async def test_a_mothers_long_no_is_read_by_itself(house, rasa, cid):
    events = await said(house, cid, SON)
    assert "tænker på at tage sit eget liv" in texts(events)
    await said(house, cid, "nej slet ikke sådan, han er bare kørt ned efter eksamen")
    assert await stands(house, cid) == ("eased", "concern") and rasa.asked[-1][1] == SON


async def test_that_nobody_is_there_is_said_once(house, rasa, cid, monkeypatch):
    async def ask(*_):
        told = await house.handoffs.request(cid)
        return Reply([{"text": told["text"], "buttons": [{"title": "Skriv en henvendelse", "payload": "/enquiry"}]}])

    monkeypatch.setattr(rasa, "ask", ask)
    events = await said(house, cid, "jeg vil tale med et menneske")
    told = [e.body["text"] for e in events if e.body.get("text")]
    assert told and len(told) == len(set(told)) and all("\n" not in text for text in told)


# hazard: H1
async def test_a_typed_yes_rings_for_the_hosts(house, cid):
    await said(house, cid, HIGH)
    async with house.storage.read() as tx:
        assert await house.handoffs.alarms.repository.open_of(tx, cid) is None
    await said(house, cid, "ja")
    async with house.storage.read() as tx:
        alarm = await house.handoffs.alarms.repository.open_of(tx, cid)
    assert alarm["level"] == "acute"


# hazard: H4
@pytest.mark.parametrize("answer", ["nej", "det var ikke sådan ment"])
async def test_words_that_have_been_explained_are_not_held_against_the_guest_again(house, rasa, cid, monkeypatch, answer):
    heard = Heard(house.conversations.reactions.screen.screen)
    monkeypatch.setattr(house.conversations.reactions, "screen", heard)
    await said(house, cid, HIGH)
    await said(house, cid, answer)
    events = await said(house, cid, "det er bare skolen")
    assert heard.previous == [] and not cards(events) and rasa.asked[-1][1] == "det er bare skolen"
    await said(house, cid, "og lidt derhjemme")
    assert heard.previous == ["det er bare skolen"]
