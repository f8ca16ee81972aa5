"""How guests answer the direct question in their own words, and how typed words become a choice on the screen."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from backend.conversations.meant import meant_payload
from backend.domain.conversation import Conversation
from backend.safety.answers import read_answer, takes_back

YES = ["ja", "Ja.", "JA", "jaaa", "js", "jo", "jep", "ja det gør jeg", "ja lidt", "det gør jeg", "har du ret", "det har du ret i", "desværre",
       "hver dag", "hele tiden", "jeg tænker på det", "yes", "👍", "ja men jeg tør ikke sige det til nogen herhjemme for så bliver de kede af det",
       "ja hvad så", "det kan man godt sige"]
NO = ["nej", "Nej!", "neeej", "nje", "nrj", "nej tak", "næ", "nope", "no", "nej det gør jeg ikke", "det gør jeg ikke", "slet ikke", "overhovedet ikke",
      "nej nej", "nej men jeg er bare ked af det", "nej jeg har det egentlig fint det er skolen der driller mig for tiden"]
UNSURE = ["lidt", "lit", "ltid", "kun lidt", "det ved jeg ikke", "ved ikke", "ved d ik", "v ikke", "aner det ikke", "nogle gange", "nogel gange", "nogengange", "måske", "maske",
          "ikke rigtig", "ikke rigtigt", "tja", "ja og nej", "både og", "nej men…", "nej men jeg orker ikke mere", "nej men nogle gange", "nej ikke lige nu",
          "ikke i dag", "idk", "tror jeg nok", "nej tror jeg", "har gjort", "nej ikke mere", "og hvad så hvis jeg gør", "🤷", "sommetider", "ja det gør jeg ikke"]
REFUSED = ["vil ikke sige det", "det vil jeg ikke svare på", "nej det vil jeg ikke svare på", "ingen kommentar", "spring over", "det siger jeg ikke", "det rager ikke dig"]
NO_ANSWER = ["jeg er ensom", "min mor drikker for meget", "hej", "hvorfor spørger du", "hvad mener du", "", "   ", "…", "?",
             "jeg har det dårligt i skolen og lidt derhjemme", "kan jeg få en tid på torsdag"]


@pytest.mark.parametrize(("text", "answer"), [
    *((t, "yes") for t in YES), *((t, "no") for t in NO), *((t, "unsure") for t in UNSURE), *((t, "refused") for t in REFUSED), *((t, None) for t in NO_ANSWER),
])  # fmt: skip
def test_an_answer_in_own_words(text, answer):
    assert read_answer(text) == answer


# hazard: H1
@pytest.mark.parametrize("text", YES + UNSURE)
def test_a_yes_or_a_doubt_is_never_read_as_a_no(text):
    assert read_answer(text) in ("yes", "unsure")


TAKEN_BACK = ["det var ikke sådan ment", "mente det ikke", "det var bare for sjov lol", "jokede bare", "jeg er ikke i fare", "falsk alarm", "du har misforstået mig",
              "slap af mand", "det er en sang", "det var min ven der tog min telefon", "det er bare noget man siger", "jk"]
NOT_TAKEN_BACK = ["jeg mener det", "det er ikke for sjov", "jeg er ikke i sikkerhed", "jeg har det fint nu", "jeg har fundet ro", "det er ikke en joke", "farvel", "jeg overdriver ikke"]


@pytest.mark.parametrize(("text", "taken"), [*((t, True) for t in TAKEN_BACK), *((t, False) for t in NOT_TAKEN_BACK)])
def test_words_taken_back(text, taken):
    assert takes_back(text) is taken


QUESTION = [{"title": t, "payload": p} for t, p in (
    ("Ja", "!safety_yes"), ("Nej", "!safety_no"), ("Det ved jeg ikke", "!safety_unsure"), ("Det vil jeg ikke svare på", "!continue"))]
OFFER = [{"title": t, "payload": p} for t, p in (("Ja, find en vært", "/human"), ("Jeg er i sikkerhed lige nu", "/inform"))]
TWO_YES = [{"title": t, "payload": p} for t, p in (("Ja, ring eller sms", "/a"), ("Ja, på mail", "/b"), ("Nej tak", "/c"))]
NOW = datetime(2026, 11, 22, tzinfo=UTC)
TALK = Conversation("c", "rodovre", "municipality", "with_bot", 1, 0, 0, "none", None, 0, None, None, NOW, NOW, None, None)


@pytest.mark.parametrize(("text", "offered", "phase", "payload"), [
    ("ja", QUESTION, "asked_kindly", "!safety_yes"),
    ("nej", QUESTION, "high_open", "!safety_no"),
    ("lidt", QUESTION, "asked_kindly", "!safety_unsure"),
    ("vil ikke sige det", QUESTION, "asked_kindly", "!continue"),
    ("det vil jeg ikke svare på!", QUESTION, "asked_kindly", "!continue"),
    ("det var ikke sådan ment", QUESTION, "high_open", "!took_back"),
    ("jeg er ensom", QUESTION, "asked_kindly", None),
    ("ja", [], "asked_kindly", None),
    ("ja", OFFER, "ordinary", "/human"),
    ("ja tak", OFFER, "ordinary", "/human"),
    ("nej", OFFER, "ordinary", None),
    ("ja", TWO_YES, "ordinary", None),
    ("nej tak", TWO_YES, "ordinary", "/c"),
    ("Ja, på mail", TWO_YES, "ordinary", "/b"),
    ("lidt", OFFER, "ordinary", None),
    ("spring over", [], "acute_open", "!continue"),
    ("jeg er ikke i fare", [], "acute_open", "!took_back"),
    ("det var bare for sjov", [], "high_open", "!took_back"),
    ("det var bare for sjov", [], "ordinary", None),
    ("spring over", [], "high_open", None),
])  # fmt: skip
def test_typed_words_are_the_choice_they_mean(text, offered, phase, payload):
    assert meant_payload(text, offered, replace(TALK, phase=phase)) == payload


@pytest.mark.parametrize("state", ["waiting", "with_host", "closed"])
def test_words_to_a_human_are_words(state):
    assert meant_payload("ja", QUESTION, replace(TALK, phase="asked_kindly", state=state)) is None
