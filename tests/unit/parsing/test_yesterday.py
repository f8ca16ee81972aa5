"""A time that has been is never read as one to come."""

from datetime import datetime

import pytest
from dateutil.tz import gettz

from bot.actions.parsing.danish_time import parse_time

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=gettz("Europe/Copenhagen"))


@pytest.mark.parametrize("text", ["i går kl 12", "i forgårs klokken ni", "i går ved 14-tiden", "det var i går kl. 15.30"])
def test_a_clock_of_yesterday_is_asked_about(text):
    assert parse_time(text, NOW).ask == "past"


@pytest.mark.parametrize("text", ["i morgen kl 12", "ikke i går, men i morgen kl 12"])
def test_a_day_to_come_still_is(text):
    assert parse_time(text, NOW).ask is None
