"""Forms: an answer, something else, a way out, and coming back; the action server's code without Rasa."""

import pytest
import yaml
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import ActionExecutionRejection

from bot.actions.booking.form import BookingForm
from bot.actions.enquiry.form import EnquiryForm
from bot.actions.turn import read_turn

NOW = "2026-11-22T13:00:00+00:00"


def tracker(text="", goal="inform", confidence=0.9, asked=None, form="booking_form", answered=False, entities=(), **slots) -> Tracker:
    message = {
        "text": text,
        "intent": {"name": goal, "confidence": confidence},
        "entities": [{"entity": e, "value": v} for e, v in entities],
        "metadata": {"turn": 4, "now": NOW},
    }
    events = [{"event": "action", "name": "action_listen"}, {"event": "user", "text": text}]
    if answered:
        events += [{"event": "action_execution_rejected", "name": form}, {"event": "action", "name": "action_promises"}]
    events.append({"event": "action", "name": form})
    return Tracker("abc123.2", {"requested_slot": asked, **slots}, message, events, False, None, {"name": form}, "action_listen")


async def run(form, told: Tracker) -> tuple[dict, list]:
    say = CollectingDispatcher()
    events = await form.run(say, told, {"responses": {}})
    return {e["name"]: e["value"] for e in events if e["event"] == "slot"}, say.messages


async def test_the_message_that_opens_a_form_may_hold_the_time():
    values, _ = await run(BookingForm(), tracker("kan jeg få en tid i morgen", "book"))
    assert values["booking_window"]["from"].startswith("2026-11-22T23:00") and values["requested_slot"] == "booking_way"


async def test_an_answer_is_kept_and_the_next_question_asked():
    values, said = await run(BookingForm(), tracker("på torsdag efter skole", asked="booking_window"))
    assert values["booking_window"]["parts"] == [["14:00", "17:00"]] and values["requested_slot"] == "booking_way" and not said


async def test_what_cannot_be_read_is_asked_again_kindly():
    values, said = await run(BookingForm(), tracker("blå", "chitchat", 0.3, asked="booking_window"))
    assert values["requested_slot"] == "booking_window" and said[0]["response"] == "utter_ask_again"


async def test_the_second_time_a_way_out_is_offered():
    _, said = await run(BookingForm(), tracker("blå", "chitchat", 0.3, asked="booking_window", times_unsure=1))
    assert said[0]["response"] == "utter_form_stuck"


@pytest.mark.parametrize("text", ["lige meget", "det er lige meget", "telefon", "mødes"])
async def test_any_way_of_talking_will_do(text):
    way = [("contact_form", "phone")] if text == "telefon" else [("contact_form", "in_person")] if text == "mødes" else []
    values, _ = await run(BookingForm(), tracker(text, "deny", 0.99, "booking_way", entities=way, booking_window={"first_free": True}))
    assert values["booking_way"] in ("skipped", "phone", "in_person") and values["requested_slot"] == "booking_slot"


async def test_a_goodbye_ends_the_form():
    values, _ = await run(BookingForm(), tracker("tak for hjælpen", "thanks_bye", 0.99, asked="booking_way"))
    assert values["booking_confirmed"] == "stopped"


async def test_a_time_that_is_gone_is_told_apart():
    _, said = await run(BookingForm(), tracker("i går", asked="booking_window"))
    assert said[0]["response"] == "utter_time_past"


@pytest.mark.parametrize("goal", ["human", "crisis", "privacy", "door_cost", "enquiry", "bot_identity"])
async def test_another_wish_gets_through(goal):
    with pytest.raises(ActionExecutionRejection):
        await run(BookingForm(), tracker("noget helt andet", goal, 0.95, asked="booking_window"))


async def test_after_an_interruption_the_same_question_stands():
    values, said = await run(BookingForm(), tracker("er jeg anonym", "privacy", 0.95, asked="booking_window", answered=True))
    assert values["requested_slot"] == "booking_window" and not said


@pytest.mark.parametrize("text", ["stop", "glem det", "nej tak, glem det", "Jeg har fortrudt!"])
async def test_there_is_always_a_way_out(text):
    values, _ = await run(BookingForm(), tracker(text, "deny", 0.9, asked="booking_slot"))
    assert values["booking_confirmed"] == "stopped" and values["requested_slot"] is None


async def test_a_long_story_is_an_answer_whatever_it_resembles():
    story = "jeg sover dårligt og vil gerne snakke med et menneske om det, fordi det har stået på siden sommerferien"
    values, _ = await run(EnquiryForm(), tracker(story, "human", 0.99, "enquiry_summary", "enquiry_form", entities=[("topic", "sleep")]))
    assert values["enquiry_summary"] == story and values["topics"] == ["sleep"]


async def test_a_short_cry_for_a_human_is_heard_even_in_free_text():
    with pytest.raises(ActionExecutionRejection):
        await run(EnquiryForm(), tracker("jeg vil tale med et menneske", "human", 0.99, "enquiry_summary", "enquiry_form"))


async def test_no_consent_ends_the_form_without_a_yes():
    values, _ = await run(EnquiryForm(), tracker("nej", "deny", 0.99, "enquiry_consent", "enquiry_form", consent_version="1"))
    assert values["enquiry_confirmed"] == "stopped" and "enquiry_consent" not in values


async def test_consent_keeps_the_version_it_was_given_to():
    values, _ = await run(EnquiryForm(), tracker("ja", "affirm", 0.99, "enquiry_consent", "enquiry_form", consent_version="rodovre-3"))
    assert values["enquiry_consent"] == "rodovre-3"


async def test_a_number_is_taken_as_the_wish_to_be_contacted():
    values, _ = await run(EnquiryForm(), tracker("ring på 20 12 34 56", "inform", 0.6, "enquiry_contact_kind", "enquiry_form",
                                                 enquiry_wish="x", enquiry_summary="y"))  # fmt: skip
    assert values["enquiry_contact_kind"] == "phone" and values["requested_slot"] == "enquiry_may_say"


def test_a_turn_knows_conversation_epoch_and_key():
    turn = read_turn(tracker("hej"))
    assert (turn.conversation_id, turn.epoch, turn.number) == ("abc123", "2", 4)
    assert turn.key("booking") == "abc123:2:4:booking"


def test_yes_and_no_lists_hold_text_only():
    from bot.components.danish_text import WORDS_FILE

    words = yaml.safe_load(WORDS_FILE.read_text("utf-8"))
    for key in ("stop", "yes", "no", "skip", "other_times", "correction"):
        assert all(isinstance(word, str) for word in words[key]), key


@pytest.mark.parametrize(("text", "goal", "kind", "following"), [
    ("Ja", "affirm", "phone", "enquiry_contact_value"), ("ja tak", "inform", "phone", "enquiry_contact_value"),
    ("jep", "nlu_fallback", "phone", "enquiry_contact_value"), ("nej tak", "deny", "none", "enquiry_consent"),
    ("nej", "nlu_fallback", "none", "enquiry_consent"), ("spring over", "nlu_fallback", "none", "enquiry_consent"),
    ("det ved jeg ikke", "nlu_fallback", "none", "enquiry_consent"),
])  # fmt: skip
async def test_a_typed_answer_to_whether_we_may_call(text, goal, kind, following):
    told = tracker(text, goal, 0.4, "enquiry_contact_kind", "enquiry_form", enquiry_wish="advice", enquiry_summary="skipped")
    values, said = await run(EnquiryForm(), told)
    assert values["enquiry_contact_kind"] == kind and values["requested_slot"] == following and not said


@pytest.mark.parametrize("words", ["på mail", "Ja, på mail", "helst mail"])
async def test_by_mail_is_an_answer_whatever_the_model_takes_it_for(words):
    known = {"enquiry_wish": "x", "enquiry_summary": "y"}
    values, _ = await run(EnquiryForm(), tracker(words, "contact_info", 0.99, "enquiry_contact_kind", "enquiry_form", **known))
    assert values["enquiry_contact_kind"] == "email"


async def test_a_yes_is_nothing_a_host_can_read():
    values, _ = await run(EnquiryForm(), tracker("ja", "affirm", 0.99, "enquiry_summary", "enquiry_form", enquiry_wish="x"))
    assert "enquiry_summary" not in values
