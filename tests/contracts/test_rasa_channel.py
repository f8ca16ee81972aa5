"""The meeting of backend and Rasa (docs/protocol.md section 3), with real Rasa and action server."""

import pytest

from tests.support.bot_stack import BotStack

pytestmark = [pytest.mark.live, pytest.mark.timeout(300)]
CLAIMS = ("booket", "gemt", "sendt", "aflyst", "flyttet")


@pytest.fixture(scope="module")
def bot(tmp_path_factory):
    stack = BotStack(tmp_path_factory.mktemp("bot"))
    try:
        stack.start("actions")
        stack.start("rasa")
        yield stack
    finally:
        stack.stop()


@pytest.fixture
def talk(bot):
    bot.fake.mode, bot.fake.handoff_state = "ok", "waiting"
    return bot.talk()


def claims_success(text: str) -> bool:
    lines = [line for line in text.lower().replace(". ", "\n").split("\n") if any(c in line for c in CLAIMS)]
    return any("ikke" not in line for line in lines)


def test_an_answer_has_the_shape_of_the_protocol(talk):
    talk.say("jeg føler mig så alene")
    assert talk.status == 200 and talk.last["ok"] is True
    assert set(talk.last) == {"ok", "messages", "slots", "understanding", "active_form"}
    understanding = talk.last["understanding"]
    assert understanding["goal"] == "guide_topic" and understanding["topics"][0][0] == "loneliness"
    assert all(0 <= p <= 1 for _, p in understanding["ranking"])
    assert talk.slots["topics"] == ["loneliness"]


def test_a_wrong_or_missing_token_is_refused(bot):
    assert bot.post({"sender": "x.1", "message": "hej"}, token="wrong")[0] == 401
    assert bot.post({"sender": "x.1", "message": "hej"}, token="")[0] == 401


@pytest.mark.parametrize("body", [{}, [], "hej", {"sender": "", "message": "hej"}, {"sender": "x.1"}, {"sender": "x.1", "message": 7},
                                  {"sender": "x.1", "message": "a" * 5000}, {"sender": "x.1", "message": "hej", "metadata": []}])  # fmt: skip
def test_bad_input_is_told_apart(bot, body):
    assert bot.post(body)[0] == 422


def test_seeds_are_used_only_for_an_unknown_sender(talk):
    talk.say("hvor kan jeg gå hen", seeds={"relation": "self", "age": 17, "topics": ["stress"], "unknown": 1})
    assert talk.slots["age"] == 17 and "unknown" not in talk.slots
    talk.say("hej", seeds={"age": 12})
    assert talk.slots["age"] == 17


def test_a_form_goes_on_after_rasa_lost_its_memory(talk):
    talk.say("jeg vil gerne booke en tid")
    talk.tap("første ledige")
    seeds = talk.slots
    talk.epoch += 1
    talk.say('/choose{"value": "phone"}', seeds=seeds)
    assert talk.form == "booking_form" and "slots" in talk.cards


def test_two_messages_at_once_are_answered_one_after_the_other(bot, talk):
    from concurrent.futures import ThreadPoolExecutor

    body = {"sender": f"{talk.conversation_id}.1", "message": "hej", "metadata": {"turn": 1}, "seed_slots": {}}
    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(lambda _: bot.post(body), range(6)))
    assert [status for status, _ in answers] == [200] * 6


def test_the_guests_slash_text_is_the_backends_business_but_harmless(talk):
    talk.say("/nonsense{")
    assert talk.status in (200, 500)


@pytest.mark.parametrize("mode", ["down", "rude"])
def test_with_the_backend_gone_nothing_is_claimed_and_nothing_is_lost(bot, talk, mode):
    talk.say("jeg vil gerne skrive en henvendelse")
    talk.tap("råd")
    talk.say("jeg sover dårligt og vil gerne snakke med nogen om det")
    talk.tap("nej tak")
    talk.tap("ja, det er i orden")
    before = len(bot.fake.enquiries)
    bot.fake.mode = mode
    text = talk.tap("ja, send den")
    assert "IKKE" in text and not claims_success(text) and len(bot.fake.enquiries) == before
    bot.fake.mode = "ok"
    text = talk.tap("prøv igen")
    # That it is saved the backend tells the guest, from the row: the bot only asks what more it can do.
    assert len(bot.fake.enquiries) == before + 1 and "Er der andet" in text and not claims_success(text)
    assert "sover dårligt" in list(bot.fake.enquiries.values())[-1]["summary"]


def test_a_retry_uses_the_same_key_so_nothing_is_doubled(bot, talk):
    talk.say("jeg vil gerne skrive en henvendelse")
    talk.tap("råd")
    talk.tap("spring over")
    talk.tap("nej tak")
    talk.tap("ja, det er i orden")
    bot.fake.mode = "down"
    talk.tap("ja, send den")
    bot.fake.mode = "ok"
    talk.tap("prøv igen")
    keys = [key for path, _, key in bot.fake.calls if path == "enquiries"]
    assert keys[-1].startswith(talk.conversation_id + ":1:")


def test_a_taken_time_gives_others_and_no_claim(bot, talk):
    talk.say("jeg vil gerne booke en tid")
    talk.tap("første ledige")
    talk.tap("lige meget")
    slot = [b for b in talk.buttons if "kl." in b["title"]][0]
    talk.say(slot["payload"])
    talk.tap("spring over")
    bot.fake.taken.add(slot["payload"].split('"')[3])
    text = talk.tap("ja, book den")
    assert "en anden desværre" in text and not claims_success(text.replace("nåede", "nåede ikke"))
    assert talk.form == "booking_form" and "slots" in talk.cards


def test_handing_over_is_silent_and_not_a_failure(talk):
    talk.say("jeg vil tale med et menneske")
    assert talk.status == 200 and talk.last["messages"] == [] and talk.form is None


def test_with_nobody_there_the_guest_is_told_at_once(bot, talk):
    bot.fake.handoff_state = "unavailable"
    talk.say("jeg vil tale med et menneske")
    assert "ingen vært" in talk.text and any("henvendelse" in t.lower() for t in talk.titles)


def test_without_the_action_server_the_turn_fails_loudly_and_logs_no_words(bot, talk):
    talk.say("jeg vil gerne booke en tid")
    bot.kill("actions")
    try:
        talk.say("kanariefugl hemmelighed i morgen klokken ti")
        assert talk.status == 500 and talk.last == {"ok": False}
        assert bot.talk().say("jeg er ensom kanariefugl") == ""
    finally:
        bot.start("actions")
    for name in ("rasa", "actions"):
        assert "kanariefugl" not in bot.log(name)
    again = bot.talk()
    again.say("jeg vil gerne booke en tid")
    assert again.status == 200


def test_logs_of_a_whole_day_hold_no_words(bot, talk):
    talk.say("kanariefugl jeg føler mig alene og vil snakke")
    talk.say("kanariefugl ring til mig på 20 12 34 56")
    for name in ("rasa", "actions"):
        assert "kanariefugl" not in bot.log(name) and "20 12 34 56" not in bot.log(name)
