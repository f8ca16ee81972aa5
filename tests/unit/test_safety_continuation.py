"""Every pair of phase and step, and every pair of phase and thing to show."""

import itertools

import pytest

from backend.safety.continuation import PHASES, SHOWN, STEPS, Continuation

CRISIS = ("high_open", "acute_open", "host_present")
FORBIDDEN_IN_CRISIS = ("booking_offer", "small_talk", "closing_by_bot", "feedback_question", "form_question", "joke")
HELP = ("crisis_card", "overdose_card", "live_doors", "human_offer", "host_message", "queue_notice", "relative_advice")


# hazard: H13
@pytest.mark.parametrize(("phase", "kind"), itertools.product(CRISIS, FORBIDDEN_IN_CRISIS))
def test_a_crisis_is_never_followed_by(phase, kind):
    assert not Continuation(phase).may_show(kind)


# hazard: H2 H13
@pytest.mark.parametrize(("phase", "kind"), itertools.product(PHASES, HELP))
def test_help_may_be_shown_in_every_phase(phase, kind):
    assert Continuation(phase).may_show(kind)


# hazard: H13
@pytest.mark.parametrize("phase", PHASES)
def test_nobody_is_asked_about_methods(phase):
    assert not Continuation(phase).may_show("method_question")


@pytest.mark.parametrize(("phase", "step"), itertools.product(PHASES, STEPS))
def test_every_step_leads_to_a_known_phase(phase, step):
    assert Continuation(phase).after(step).phase in PHASES


# hazard: H1
@pytest.mark.parametrize("phase", PHASES)
def test_an_acute_message_always_alerts_a_host(phase):
    after = Continuation(phase).after("message_acute")
    assert after.alerts_host and after.first_in_queue and not after.bot_may_close


# hazard: H1
@pytest.mark.parametrize(("phase", "step"), itertools.product(("high_open", "acute_open"), ("message_none", "message_concern")))
def test_a_calm_message_does_not_end_a_crisis(phase, step):
    assert Continuation(phase).after(step).phase == phase


# hazard: H13
def test_a_no_does_not_take_an_acute_crisis_away():
    assert Continuation("acute_open").after("answered_no").phase == "acute_open"


# hazard: H6
def test_a_host_leaving_leaves_the_crisis_open():
    assert Continuation("acute_open").after("host_claimed").after("host_left").phase == "high_open"


# hazard: H13
@pytest.mark.parametrize("steps", itertools.product(STEPS, repeat=3))
def test_after_an_acute_message_only_a_host_or_nobody_opens_small_talk_again(steps):
    state = Continuation("acute_open")
    for step in steps:
        state = state.after(step)
        if state.may_show("small_talk"):
            assert "host_eased" in steps or "answered_no" in steps and "host_left" in steps
            return


@pytest.mark.parametrize("kind", ["", "advert"])
def test_an_unknown_kind_is_refused_loudly(kind):
    with pytest.raises(ValueError):
        Continuation().may_show(kind)
    assert kind not in SHOWN
