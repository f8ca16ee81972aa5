"""The one direct question: a typed answer works as well as a tap, and there is always a way on."""

import pytest

from tests.integration.test_crisis import ACUTE, HIGH, cards, chosen, said

NEAR, THIRD = "jeg har ikke selvmordstanker", "min datter siger hun ikke gider mere"
LOST = "Det fik jeg ikke helt fat i"


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
    assert rasa.asked[-1][1] == "jeg er ensom"


async def test_an_answer_only_counts_right_after_the_question(house, rasa, cid):
    await said(house, cid, NEAR)
    await said(house, cid, "jeg er ensom i skolen")
    await said(house, cid, "ja")
    assert [message for _, message in rasa.asked] == ["jeg er ensom i skolen", "ja"]


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
    first, second = await said(house, cid, "hvad er klokken"), await said(house, cid, "er der nogen")
    assert texts(first) != texts(second)
    assert "Tal med et menneske her" in titles(first) and "Tal med et menneske her" in titles(second)


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
