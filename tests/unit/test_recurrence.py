"""What a host chooses becomes a rule the timetable can read, and comes back as the same choice."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as some

from backend.domain.appointments import check_rule
from backend.domain.recurrence import IN_MONTH, WEEKDAYS, WEEKS, Recurrence, read_rule, rule_of

CHOICES = some.builds(
    Recurrence,
    some.sets(some.sampled_from(WEEKDAYS), min_size=1).map(lambda days: tuple(day for day in WEEKDAYS if day in days)),
    some.sampled_from(WEEKS + IN_MONTH),
    some.none() | some.dates(date(2026, 1, 1), date(2035, 12, 31)),
)


@given(CHOICES)
def test_there_and_back(chosen):
    rule = rule_of(chosen)
    check_rule(rule)
    assert read_rule(rule) == chosen


@pytest.mark.parametrize("chosen", [Recurrence(()), Recurrence(("XX",)), Recurrence(("MO",), "0"), Recurrence(("MO",), "")])
def test_what_is_no_choice(chosen):
    with pytest.raises(ValueError):
        rule_of(chosen)


@pytest.mark.parametrize("rule", ["", "FREQ=DAILY", "FREQ=WEEKLY;BYDAY=MO;COUNT=3", "FREQ=MONTHLY;BYDAY=1MO,2TU", "FREQ=WEEKLY;BYDAY=MO;UNTIL=x", "x"])
def test_other_rules_are_left_alone(rule):
    assert read_rule(rule) is None
