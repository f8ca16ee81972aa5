"""The table of phrases, and what must hold for every phrase."""

from __future__ import annotations

from datetime import date

import holidays
import pytest

from bot.actions.parsing.danish_time import parse_time
from tests.unit.parsing.expectations import Case, agrees, found, load_cases, read

DANISH = holidays.country_holidays("DK", years=range(2026, 2030))
CASES = load_cases("phrases.yml")
HELD_OUT = [*load_cases("heldout.yml"), *load_cases("heldout_again.yml"), *load_cases("heldout_third.yml")]


def is_holiday(day: date) -> bool:
    return day in DANISH


def wish_of(case: Case):
    previous = parse_time(case.previous, case.now, is_holiday) if case.previous else None
    return parse_time(case.phrase, case.now, is_holiday, previous)


def test_the_table_is_large_enough():
    assert len(CASES) >= 400


@pytest.mark.parametrize("case", [*CASES, *HELD_OUT], ids=lambda case: f"{case.now:%m-%dT%H:%M} {case.phrase}")
def test_phrase(case: Case):
    wish, expected = wish_of(case), read(case.expected, case.now, is_holiday)
    assert agrees(wish, expected, case.now), (found(wish, case.now), expected)
