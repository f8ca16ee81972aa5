from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.catalogue.calendar import calendar_for, instant, local
from backend.domain.opening_hours import (
    AS_SUNDAY,
    AS_USUAL,
    CLOSED,
    UNKNOWN,
    Calendar,
    OpeningHours,
    Span,
    parse_span,
    spans_on,
    state_at,
)

NINE_TO_FIVE = (Span(9 * 60, 17 * 60),)
OFFICE = OpeningHours(week=(NINE_TO_FIVE,) * 5 + ((), ()), on_holidays=CLOSED, on_closing_days=UNKNOWN)
NIGHT = OpeningHours(week=((parse_span("09:00-05:00"),),) * 7, on_holidays=AS_USUAL, on_closing_days=AS_USUAL)
CHRISTMAS = Calendar(frozenset({date(2026, 12, 25), date(2026, 12, 26)}), frozenset({date(2026, 12, 24)}))


# hazard: H3
def test_open_in_the_day_and_closed_after():
    assert state_at(OFFICE, datetime(2026, 11, 24, 16, 59), Calendar()).until == datetime(2026, 11, 24, 17)
    after = state_at(OFFICE, datetime(2026, 11, 24, 17, 0), Calendar())
    assert after.now is False and after.next == datetime(2026, 11, 25, 9)


def test_friday_evening_points_to_monday():
    assert state_at(OFFICE, datetime(2026, 11, 27, 18), Calendar()).next == datetime(2026, 11, 30, 9)


def test_a_line_open_past_midnight():
    assert state_at(NIGHT, datetime(2026, 11, 24, 4, 59), Calendar()).until == datetime(2026, 11, 24, 5)
    gap = state_at(NIGHT, datetime(2026, 11, 24, 5, 0), Calendar())
    assert gap.now is False and gap.next == datetime(2026, 11, 24, 9)


# hazard: H3
def test_holiday_is_closed_and_christmas_eve_unknown():
    assert state_at(OFFICE, datetime(2026, 12, 25, 10), CHRISTMAS).now is False
    eve = state_at(OFFICE, datetime(2026, 12, 24, 10), CHRISTMAS)
    assert eve.now is None and eve.next == datetime(2026, 12, 28, 9)


def test_sunday_hours_on_a_holiday_and_a_special_day():
    hours = OpeningHours(week=(NINE_TO_FIVE,) * 6 + ((Span(720, 780),),), on_holidays=AS_SUNDAY)
    assert spans_on(hours, date(2026, 12, 25), CHRISTMAS) == (Span(720, 780),)
    shut = OpeningHours(week=(NINE_TO_FIVE,) * 7, special={date(2026, 12, 25): ()}, on_holidays=AS_USUAL)
    assert spans_on(shut, date(2026, 12, 25), CHRISTMAS) == ()


def test_around_the_clock_is_open_on_every_day():
    assert state_at(OpeningHours(always=True), datetime(2026, 12, 24, 3), CHRISTMAS).always


def test_touching_spans_are_one():
    hours = OpeningHours(week=((Span(0, 720), Span(720, 1440)),) + ((Span(0, 600),),) + ((),) * 5)
    assert state_at(hours, datetime(2026, 11, 23, 1), Calendar()).until == datetime(2026, 11, 24, 10)


@pytest.mark.parametrize("text", ["9", "09:00", "25:00-26:00", "a-b", "09:61-10:00"])
def test_unreadable_spans_are_refused(text):
    with pytest.raises(ValueError):
        parse_span(text)


def test_danish_holidays_without_store_bededag_and_with_the_usual_closing_days():
    calendar = calendar_for(2027)
    assert {date(2027, 3, 25), date(2027, 3, 26), date(2027, 3, 28), date(2027, 3, 29)} <= calendar.holidays
    assert {date(2027, 5, 6), date(2027, 5, 16), date(2027, 5, 17)} <= calendar.holidays
    assert date(2027, 4, 23) not in calendar.holidays


# hazard: H10
def test_both_clock_changes_survive_the_way_there_and_back():
    for utc in (datetime(2027, 3, 28, 0, 30), datetime(2027, 3, 28, 1, 30), datetime(2027, 10, 31, 2, 30)):
        assert instant(local(instant(utc))) == instant(utc)
    assert local(instant(datetime(2027, 7, 1, 12))) == datetime(2027, 7, 1, 12)


spans = st.tuples(st.integers(0, 1439), st.integers(1, 1440)).map(lambda two: Span(two[0], two[0] + two[1]))
weeks = st.tuples(*[st.lists(spans, max_size=2).map(tuple)] * 7)
moments = st.datetimes(datetime(2026, 1, 1), datetime(2028, 12, 30)).map(
    lambda one: one.replace(second=0, microsecond=0)
)


# hazard: H3
@given(weeks, moments, st.sampled_from([AS_USUAL, CLOSED, AS_SUNDAY, UNKNOWN]))
def test_what_is_said_about_later_is_true_later(week, now, rule):
    hours = OpeningHours(week=week, on_holidays=rule, on_closing_days=rule)
    calendar = calendar_for(now.year)
    state = state_at(hours, now, calendar)
    if state.until and state.until - now < timedelta(days=15):
        assert state_at(hours, state.until - timedelta(minutes=1), calendar).now is True
        assert state_at(hours, state.until, calendar).now is not True
    if state.next:
        assert state.next > now and state.now is not True
        assert state_at(hours, state.next, calendar).now is True
        assert state_at(hours, state.next - timedelta(minutes=1), calendar).now is not True
