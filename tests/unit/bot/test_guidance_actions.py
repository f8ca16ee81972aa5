"""Guidance in the action server: one question at a time, which door is meant, what a card for the young takes along."""

from types import SimpleNamespace

import pytest
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from backend.domain.situation import SLOTS
from backend.domain.situation import Situation as BackendSituation
from bot.actions import reading
from bot.actions.backend_client import Assumed, DoorAnswer, Guidance, Question
from bot.actions.guidance import answer_about_door, give_door_card, guide, opening_hours, raise_concern
from bot.actions.guidance.advise import AdviseAction
from bot.actions.guidance.door_meant import asked_in_words, meant_door, speaks_of_door
from bot.actions.guidance.guide import OWN_STATE, GuideAction, understand
from bot.actions.situation import Situation, for_the_young
from bot.actions.turn import read_turn

AGE = Question("age_band", "Hvor gammel?", None, [{"title": "15-17", "value": "15-17"}])
DOORS = [
    {"id": "headspace", "name": "headspace Rødovre", "page": "/rodovre/tilbud/headspace"},
    {"id": "boernetelefonen", "name": "BørneTelefonen", "page": "/tilbud/boernetelefonen"},
    {"id": "local-entrance", "name": "Mød mig – for børn, unge og forældre"},
]
SHOWN = {"shown_doors": [{"id": d["id"], "name": d["name"]} for d in DOORS], "door_focus": "headspace"}


class Backend:
    def __init__(self, ask=None, assumed=None) -> None:
        self.found, self.calls = Guidance(ask, "Her er noget.", DOORS, assumed), []

    async def guidance(self, conversation_id, situation, exclude):
        self.calls.append(situation)
        BackendSituation.from_json(situation)  # raises on what the backend would refuse
        return self.found

    async def door_names(self, conversation_id):
        return [{"id": d["id"], "name": d["name"]} for d in DOORS]

    async def promises(self, conversation_id):
        return SimpleNamespace(duty="alle", duty_professional="fagperson")

    async def answer_about_door(self, conversation_id, question, door_id, days=None):
        self.calls.append((question, door_id, days))
        return DoorAnswer(f"{question} {door_id}")


@pytest.fixture
def backend(monkeypatch):
    def use(**found) -> Backend:
        standing_in = Backend(**found)
        for module in (guide, answer_about_door, give_door_card, opening_hours, raise_concern):
            monkeypatch.setattr(module, "backend", lambda: standing_in)
        return standing_in

    return use


def tracker(text="", goal="inform", entities=(), **slots) -> Tracker:
    message = {
        "text": text,
        "intent": {"name": goal, "confidence": 0.9},
        "entities": [{"entity": name, "value": value} for name, value in entities],
        "metadata": {"turn": 2, "now": "2026-11-24T11:00:00+00:00"},
    }
    return Tracker("abc123.1", slots, message, [], False, None, {}, "action_listen")


async def act(action, told: Tracker) -> tuple[list, dict]:
    say = CollectingDispatcher()
    events = await action.run(say, told, {"responses": {}})
    return say.messages, {event["name"]: event["value"] for event in events if event["event"] == "slot"}


def said(messages: list) -> list[str]:
    return [message.get("response") or message.get("text") for message in messages]


RELATIVE = (("relation", "relative"), ("about", "child"))


async def test_a_relative_is_asked_how_they_are_and_nothing_else(backend):
    backend(ask=AGE)
    for told in (tracker("min søn har angst", "guide_topic", [*RELATIVE, ("topic", "anxiety")]), tracker("", "inform", RELATIVE)):
        messages, slots = await act(GuideAction(), told)
        assert said(messages)[-1] == "utter_relative_first" and "Hvor gammel?" not in said(messages)
        assert slots["awaiting"] == OWN_STATE
        assert sum(text.startswith("utter_ask") for text in said(messages)) == 0


async def test_a_relative_who_asks_something_is_answered_first(backend):
    backend(ask=AGE)
    messages, _ = await act(GuideAction(), tracker("hvor kan hun gå hen?", "guide_topic", [*RELATIVE, ("topic", "divorce")]))
    assert said(messages)[-1] == "Hvor gammel?"


async def test_who_tells_more_is_not_shown_the_same_doors_again(backend):
    backend()
    seen = {"shown_doors": [{"id": d["id"], "name": d["name"]} for d in DOORS], "topics": ["sleep"]}
    more = [("topic", "stress")]
    messages, slots = await act(GuideAction(), tracker("og så er der eksamen", "guide_topic", more, **seen))
    assert "utter_same_doors" in said(messages) and "Her er noget." not in said(messages) and slots["topics"] == ["stress", "sleep"]
    seen["shown_doors"] = seen["shown_doors"][:1]
    assert "Her er noget." in said((await act(GuideAction(), tracker("og så er der eksamen", "guide_topic", more, **seen)))[0])


async def test_the_caring_question_never_stands_in_the_way_of_a_door(backend):
    backend(ask=None)
    messages, slots = await act(GuideAction(), tracker("min søn skærer sig", "guide_topic", [*RELATIVE, ("topic", "self_harm")]))
    assert "utter_relative_first" not in said(messages) and slots["door_focus"] == "headspace"


async def test_how_a_relative_is_does_not_become_the_childs_topic(backend):
    known = {"relation": "relative", "about": "child", "awaiting": OWN_STATE, "acknowledged": ["relative"]}
    own = [("relation", "self"), ("about", "self"), ("topic", "stress")]
    messages, slots = await act(GuideAction(), tracker("jeg er stresset", "guide_topic", own, **known))
    assert said(messages) == ["utter_relative_heard", "utter_ask_topic_relative"]
    assert (slots["relation"], slots["about"], slots["topics"]) == ("relative", "child", None)
    heavy = understand(read_turn(tracker("jeg vil ikke leve", "guide_topic", [("relation", "self"), ("topic", "suicidal_thoughts")], **known)))
    assert heavy.topics == ("suicidal_thoughts",)
    turned = understand(read_turn(tracker("nej det handler om mig selv", "deny", [], **known)))
    assert (turned.relation, turned.about) == ("self", "self")


@pytest.mark.parametrize(("words", "age"), [("hun er 24", 24), ("det er hårdt, hun er kun 14", 14), ("jeg er 45 og træt", None)])
def test_whose_age_it_is_when_a_relative_tells_how_they_are(words, age):
    known = {"relation": "relative", "about": "partner", "awaiting": OWN_STATE, "acknowledged": ["relative"]}
    assert understand(read_turn(tracker(words, "inform", [("age", age or 45)], **known))).age == age


async def test_a_question_in_between_is_answered_and_the_caring_one_asked_again(backend):
    known = {"relation": "relative", "awaiting": OWN_STATE, "acknowledged": ["relative"]}
    messages, slots = await act(GuideAction(), tracker("hvornår har i åbent", "opening_hours", **known))
    assert said(messages) == ["utter_relative_first"] and slots == {}


@pytest.mark.parametrize("awaiting", ["topics", "relation", "about", "age_band", "municipality", "contact_form"])
def test_what_is_skipped_has_a_name_the_backend_knows(awaiting):
    skipped = understand(read_turn(tracker("spring over", "skip", awaiting=awaiting)))
    assert skipped.skipped == (awaiting,) and set(skipped.skipped) <= set(SLOTS)
    BackendSituation.from_json(skipped.as_json())


async def test_a_relative_who_has_told_at_length_is_not_asked_again(backend):
    known = {"relation": "relative", "awaiting": "topics", "acknowledged": ["relative"]}
    backend(ask=AGE)
    messages, slots = await act(GuideAction(), tracker("hun er bare blevet helt anderledes", "inform", [("age", 15)], **known))
    assert said(messages) == ["Hvor gammel?"] and slots["skipped"] == ["topics"]


def test_who_writes_as_a_professional_goes_on_as_one():
    fathers = [("relation", "relative"), ("about", "parent"), ("topic", "parent_substance_use")]
    teacher = {"relation": "professional", "about": "pupil"}
    told = understand(read_turn(tracker("han siger, at far drikker", "guide_topic", fathers, **teacher)))
    assert (told.relation, told.about, told.topics) == ("professional", "pupil", ("parent_substance_use",))
    for words, text in (("min egen far drikker", "guide_topic"), ("nej jeg skriver om min far", "inform"), ("", "inform")):
        assert understand(read_turn(tracker(words, text, fathers, **teacher))).relation == "relative"


@pytest.mark.parametrize(
    ("relation", "response"), [("self", "utter_advice"), ("relative", "utter_advice_relative"), ("professional", "utter_advice_professional"), (None, "utter_advice")]
)
async def test_advice_is_in_words_for_whoever_asks(relation, response):
    messages, _ = await act(AdviseAction(), tracker("hvad kan jeg gøre", "advice", relation=relation))
    assert said(messages) == [response]


async def test_advice_leads_on_to_doors_only_when_there_are_new_ones_to_name():
    for seen, on in ((SHOWN, False), ({}, True), ({"awaiting": "age_band"}, True)):
        events = await AdviseAction().run(CollectingDispatcher(), tracker("hvad kan jeg gøre", "advice", topics=["sleep"], **seen), {})
        assert [event["name"] for event in events if event["event"] == "followup"] == ["action_guide"] * on


async def test_a_professional_is_not_asked_how_they_feel(backend):
    backend(ask=AGE)
    messages, _ = await act(GuideAction(), tracker("", "inform", [("relation", "professional")]))
    assert said(messages) == ["Hvor gammel?"]


async def test_what_was_taken_for_given_is_said_and_can_be_changed(backend):
    where = Question("municipality", "Hvilken kommune bor du i?", None, [{"title": "Ballerup", "value": "ballerup"}])
    backend(assumed=Assumed("Jeg går ud fra Rødovre.", "Et andet sted", where))
    known = {"relation": "self", "topics": ["school"], "age_band": "15-17"}
    messages, _ = await act(GuideAction(), tracker("", "inform", **known))
    assert messages[0]["text"].endswith("Jeg går ud fra Rødovre.") and messages[-1]["buttons"][-1]["title"] == "Et andet sted"
    payload = messages[-1]["buttons"][-1]["payload"]
    assert payload == '/inform{"municipality": "ask"}'
    messages, slots = await act(GuideAction(), tracker(payload, "inform", [("municipality", "ask")], **known))
    assert said(messages) == ["Hvilken kommune bor du i?"] and slots["awaiting"] == "municipality" and slots["municipality"] is None


@pytest.mark.parametrize(
    ("text", "door"),
    [
        ("er det gratis", "headspace"),
        ("er det gratis på børnetelefonen?", "boernetelefonen"),
        ("skal mine forældre vide det?", "headspace"),
        ("hvad sker der hos mød mig?", "local-entrance"),
        ("hvad koster den anden?", "boernetelefonen"),
        ("den sidste", "local-entrance"),
    ],
)
def test_which_door_is_meant(text, door):
    assert meant_door(read_turn(tracker(text, "door_cost", **SHOWN))) == door


def test_the_first_is_one_of_those_named_last():
    shown = [{**SHOWN["shown_doors"][0], "old": True}, *SHOWN["shown_doors"][1:]]
    assert meant_door(read_turn(tracker("den første", "door_cost", shown_doors=shown, door_focus="headspace"))) == "boernetelefonen"
    assert meant_door(read_turn(tracker("hvad med headspace", "door_cost", shown_doors=shown, door_focus="boernetelefonen"))) == "headspace"


@pytest.mark.parametrize(
    ("text", "question"),
    [("hvordan kommer jeg derhen?", "way"), ("hvor ligger det", "way"), ("hvor gammel skal man være", "who_for"), ("er jeg for gammel?", "who_for"), ("er det gratis", None)],
)
def test_what_is_asked_in_words(text, question):
    assert asked_in_words(read_turn(tracker(text, "out_of_scope", **SHOWN))) == question


@pytest.mark.parametrize(("text", "door"), [("har de åbent nu", True), ("har headspace åbent?", True), ("er I åbne nu", False), ("er der åbent i dag", False)])
def test_whose_opening_hours(text, door):
    assert speaks_of_door(read_turn(tracker(text, "opening_hours", **SHOWN))) is door
    assert speaks_of_door(read_turn(tracker(text, "opening_hours"))) is False


async def test_a_doors_hours_on_the_days_asked_about(backend):
    standing_in = backend()
    await act(opening_hours.OpeningHoursAction(), tracker("har de åbent i påsken?", "opening_hours", **SHOWN))
    assert standing_in.calls == [("hours", "headspace", ("2027-03-25", "2027-03-29"))]


@pytest.mark.parametrize(
    ("text", "kind"),
    [("findes der en gruppe for forældre?", "parents"), ("noget for søskende", "siblings"), ("en gruppe", "group"), ("kan man blive frivillig", "volunteering"), ("har i noget", None), ("", None)],
)
def test_which_kind_of_offer(text, kind):
    assert reading.offer_kind(text) == kind


def test_a_card_takes_along_nothing_but_age_place_and_topic():
    told = Situation("relative", "child", 15, "15-17", "ballerup", ("anxiety",), True, "phone", ("topics",))
    assert for_the_young(told) == Situation("self", "self", 15, "15-17", "ballerup", ("anxiety",))
    assert for_the_young(Situation("relative", "parent", 15, "15-17")).age is None


async def test_the_card_names_a_door_and_no_code(backend):
    backend()
    messages, _ = await act(give_door_card.GiveDoorCardAction(), tracker("", "door_card", relation="relative"))
    assert messages[0]["response"] == "utter_door_card"
    assert messages[0]["custom"] == {"kind": "door_card", "name": "headspace Rødovre", "make": {"door": "headspace", "municipality": "rodovre"}}


async def test_a_door_called_by_name_is_answered_about_though_it_was_never_shown(backend):
    standing_in = backend()
    seen = {"shown_doors": [{"id": "blue-line", "name": "Den Blå Linje"}], "door_focus": "blue-line"}
    await act(answer_about_door.AnswerAboutDoorAction(), tracker("hvad sker der når jeg ringer til børnetelefonen?", "door_what_happens", **seen))
    await act(GuideAction(), tracker("jeg er 26, er jeg for gammel til headspace?", "not_serious_enough", [("age", 26)]))
    assert standing_in.calls == [("what_happens", "boernetelefonen", None), ("who_for", "headspace", None)]


async def test_a_child_as_relative_may_answer_with_their_age(backend):
    backend(ask=None)
    known = {"relation": "relative", "about": "parent", "topics": ["parent_substance_use"], "awaiting": OWN_STATE, "acknowledged": ["relative"]}
    messages, slots = await act(GuideAction(), tracker("jeg er 13", "inform", [("age", 13)], **known))
    assert slots["age_band"] == "12-14" and "utter_relative_heard" not in said(messages)
    mother = {**known, "about": "child"}
    _, slots = await act(GuideAction(), tracker("jeg er 45 og træt", "inform", [("age", 45)], **mother))
    assert slots["age"] is None


@pytest.mark.parametrize(("who", "duty"), [("professional", "fagperson"), (None, "alle"), ("relative", "alle")])
async def test_the_duty_told_is_the_one_of_whoever_writes(backend, who, duty):
    backend()
    entities = [("relation", who)] if who else []
    messages, _ = await act(raise_concern.RaiseConcernAction(), tracker("jeg er bekymret for et barn", "raise_concern_professional", entities))
    assert duty in said(messages)
