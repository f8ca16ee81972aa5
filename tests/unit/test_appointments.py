"""The rules of free times: what is offered, what is not, and that the quick ways give what the slow ones would."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given
from hypothesis import strategies as st

from backend.domain.appointments import (
    COPENHAGEN,
    Busy,
    Shift,
    Timetable,
    Window,
    Wish,
    check_rule,
    read_slot_id,
    rule_days,
    spread,
    starts,
)
from backend.domain.opening_hours import Span

WEEKDAYS = "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"
NOW = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)  # a Tuesday, noon in Copenhagen
HOST = "a" * 32
MONTH = timedelta(days=30)


def shift(**more) -> Shift:
    given = {
        "id": "s", "host_id": HOST, "host_alias": "Maja", "peer": False, "rule": WEEKDAYS, "first_on": date(2026, 1, 5),
        "starts": time(10), "ends": time(17), "forms": ("in_person", "phone"), "place": "town-hall",
    }  # fmt: skip
    return Shift(**given | more)


def never(_day: date) -> bool:
    return False


def timetable(*shifts: Shift, busy=(), now=NOW, until=MONTH, is_closed=never, **more) -> Timetable:
    return Timetable(shifts, busy, now, now + until, is_closed, **more)


def walls(slots) -> list[str]:
    return [slot.starts_at.astimezone(COPENHAGEN).strftime("%d %H:%M") for slot in slots]


def at(clock: str, day: date = date(2026, 11, 25)) -> datetime:
    return datetime.combine(day, time.fromisoformat(clock), COPENHAGEN).astimezone(UTC)


def taken(start: str, end: str, **more) -> Busy:
    return Busy(HOST, at(start), at(end), **more)


TOMORROW = date(2026, 11, 25)


def test_slots_lie_in_the_shift_with_the_buffer_between():
    assert walls(timetable(shift()).on(TOMORROW)) == [f"25 {hour}:00" for hour in range(10, 17)]
    assert walls(timetable(shift(ends=time(16, 44))).on(TOMORROW))[-1] == "25 15:00"
    assert walls(timetable(shift(slot_minutes=30, buffer_minutes=0, ends=time(11))).on(TOMORROW)) == ["25 10:00", "25 10:30"]


def test_the_notice_and_the_horizon_bound_what_is_offered():
    assert walls(timetable(shift()).on(NOW.date()))[0] == "24 13:00"
    assert walls(timetable(shift(notice_minutes=121)).on(NOW.date()))[0] == "24 15:00"
    assert walls(timetable(shift(notice_minutes=121), grace=timedelta(minutes=61)).on(NOW.date()))[0] == "24 13:00"
    assert walls(timetable(shift(notice_minutes=0), now=at("10:00", NOW.date()), grace=MONTH).on(NOW.date()))[0] == "24 10:00"
    assert timetable(shift(), until=timedelta(hours=2)).all()[-1].starts_at < NOW + timedelta(hours=2)


def test_days_off_holidays_and_exceptions_give_nothing():
    assert timetable(shift(), is_closed=lambda day: day == TOMORROW).on(TOMORROW) == []
    assert timetable(shift(except_on=(TOMORROW,))).on(TOMORROW) == []
    assert timetable(shift()).on(date(2026, 11, 28)) == []  # a Saturday


def test_what_is_taken_is_not_offered_and_leaves_its_buffer():
    assert walls(timetable(shift(), busy=[taken("11:00", "11:45")]).on(TOMORROW))[:2] == ["25 10:00", "25 12:00"]
    assert walls(timetable(shift(), busy=[taken("11:20", "11:50")]).on(TOMORROW))[:2] == ["25 10:00", "25 13:00"]
    assert walls(timetable(shift(), busy=[taken("11:20", "11:50", external=True)]).on(TOMORROW))[:2] == ["25 10:00", "25 12:00"]
    assert walls(timetable(shift(), busy=[Busy("b" * 32, at("10:00"), at("17:00"))]).on(TOMORROW))[0] == "25 10:00"


def test_other_work_over_several_days_closes_them_all():
    away = Busy(HOST, at("12:00"), at("11:00", date(2026, 11, 27)), external=True)
    offered = timetable(shift(), busy=[away])
    assert walls(offered.on(TOMORROW)) == ["25 10:00", "25 11:00"] and offered.on(date(2026, 11, 26)) == []
    assert walls(offered.on(date(2026, 11, 27)))[0] == "27 11:00"


def test_the_days_limit_counts_talks_and_not_other_work():
    two = [taken("10:00", "10:45"), taken("11:00", "11:45")]
    assert timetable(shift(most_a_day=2), busy=two).on(TOMORROW) == []
    assert timetable(shift(most_a_day=3), busy=two).on(TOMORROW) != []
    assert timetable(shift(most_a_day=2), busy=[taken("10:00", "10:45"), taken("11:00", "11:45", external=True)]).on(TOMORROW) != []


def test_a_closed_place_leaves_the_forms_that_need_no_place():
    def opens(place, day):
        return (Span(10 * 60, 12 * 60),) if place == "town-hall" else None

    forms = {wall: slot.forms for slot in timetable(shift(), opens=opens).on(TOMORROW) for wall in walls([slot])}
    assert forms["25 10:00"] == forms["25 11:00"] == ("in_person", "phone") and forms["25 12:00"] == ("phone",)
    assert walls(timetable(shift(forms=("in_person",)), opens=opens).on(TOMORROW)) == ["25 10:00", "25 11:00"]


def test_overlapping_shifts_of_a_host_give_a_time_once():
    slots = timetable(shift(), shift(id="t", starts=time(15), ends=time(20))).on(TOMORROW)
    assert len({slot.id for slot in slots}) == len(slots) == 10


def test_of_two_free_hosts_the_one_with_fewer_talks_is_suggested():
    other = shift(id="t", host_id="b" * 32, host_alias="Amir")
    assert {slot.host_alias for slot in spread(timetable(shift(), other).on(TOMORROW))} == {"Maja"}
    assert {slot.host_alias for slot in spread(timetable(shift(), other, busy=[taken("17:00", "17:45")]).on(TOMORROW))} == {"Amir"}


def test_a_shift_that_cant_be_read_closes_nobody_else():
    for rule in ("", "FREQ=SECONDLY", "nonsense", "FREQ=WEEKLY;BYDAY=XX", "FREQ=DAILY;INTERVAL=0", "FREQ=WEEKLY;BYHOUR=3"):
        assert len(timetable(shift(rule=rule), shift()).on(TOMORROW)) == 7
        with pytest.raises((ValueError, KeyError)):
            check_rule(rule)


@pytest.mark.parametrize("slot_id", ["", "x", f"{HOST}.", f"{HOST}.1x", f".{HOST}", f"{HOST}.1234567890", f"{HOST.upper()}.1", f"{HOST}.-1", f"{HOST}.1\n", f"{HOST}.²"])
def test_what_is_no_slot_id_is_none(slot_id):
    assert read_slot_id(slot_id) is None


def test_a_slots_id_is_read_back():
    for slot in timetable(shift()).on(TOMORROW):
        assert read_slot_id(slot.id) == (HOST, slot.starts_at) and timetable(shift()).slot(slot.id) == slot


# Wishes


def test_a_wish_is_met_in_order_of_time_or_the_nearest_are_named():
    offered = timetable(shift())
    found, exact = offered.find(Wish(Window(parts=(("15:00", "17:00"),), excluded=(NOW.date(),))), 3)
    assert (walls(found), exact) == (["25 15:00", "25 16:00", "26 15:00"], True)
    found, exact = offered.find(Wish(Window(at("03:00"), at("05:00"))), 3)
    assert (walls(found), exact) == (["25 10:00", "25 11:00", "25 12:00"], False)
    found, exact = offered.find(Wish(Window(at("12:00", date(2026, 11, 28)), at("18:00", date(2026, 11, 28)))), 3)
    assert (walls(found), exact) == (["27 14:00", "27 15:00", "27 16:00"], False)


def test_the_wished_form_counts_among_the_nearest_too():
    morning, evening = shift(ends=time(12), forms=("in_person",)), shift(id="t", starts=time(18), ends=time(20), forms=("phone",))
    found, exact = timetable(morning, evening).find(Wish(Window(at("10:00"), at("12:00")), form="phone"), 2)
    assert (walls(found), exact) == (["25 18:00", "25 19:00"], False)


moments = st.datetimes(datetime(2026, 11, 1), datetime(2027, 2, 1)).map(lambda moment: moment.replace(tzinfo=UTC))
clocks = st.integers(0, 47).map(lambda half: f"{half // 2:02}:{half % 2 * 30:02}")


@given(since=moments, hours=st.integers(1, 400), parts=st.lists(st.tuples(clocks, clocks), max_size=2), limit=st.integers(1, 6))
def test_looking_day_by_day_finds_what_looking_through_everything_would(since, hours, parts, limit):
    other = shift(id="t", host_id="b" * 32, rule="FREQ=WEEKLY;BYDAY=TU,SA", starts=time(9, 30), ends=time(21))
    offered = timetable(shift(), other, busy=[taken("10:00", "13:00")])
    window = Window(since, since + timedelta(hours=hours), parts=tuple(parts))
    wished = [slot for slot in spread(offered.all()) if window.holds(slot.starts_at)][:limit]
    found, exact = offered.find(Wish(window), limit)
    if wished:
        assert exact and [slot.starts_at for slot in found] == [slot.starts_at for slot in wished]
    else:
        away = sorted(abs(slot.starts_at - since) for slot in spread(offered.all()))[:limit]
        assert not exact and sorted(abs(slot.starts_at - since) for slot in found) == away


# Repetition

RULES = (
    "FREQ=DAILY", "FREQ=DAILY;INTERVAL=3", "FREQ=WEEKLY", WEEKDAYS, "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,TH", "FREQ=WEEKLY;INTERVAL=2;WKST=SU;BYDAY=SU,MO",
    "FREQ=WEEKLY;BYDAY=WE;COUNT=200", "FREQ=MONTHLY;BYDAY=1TU", "FREQ=MONTHLY;BYMONTHDAY=31", "FREQ=YEARLY;BYMONTH=12;BYMONTHDAY=24",
    "FREQ=WEEKLY;BYDAY=MO;UNTIL=20281231T225959Z", "FREQ=DAILY;BYMONTH=6,7;INTERVAL=5",
)  # fmt: skip


@given(rule=st.sampled_from(RULES), first_on=st.dates(date(2026, 1, 1), date(2027, 12, 31)), ahead=st.integers(-100, 3000))
def test_an_old_shift_gives_the_days_a_new_count_would(rule, first_on, ahead):
    first = first_on + timedelta(days=ahead)
    last = first + timedelta(days=60)
    whole = rrulestr(rule, dtstart=datetime.combine(first_on, time()), ignoretz=True)
    expected = tuple(one.date() for one in whole.between(datetime.combine(first, time()), datetime.combine(last, time()), inc=True))
    assert rule_days(rule, first_on, first, last) == expected


# The change of clocks: every day of ten years

DAYS = [date(2026, 1, 1) + timedelta(days=n) for n in range(3652)]


# hazard: H10
@pytest.mark.parametrize("length", [20, 45, 90, 180])
def test_every_day_for_ten_years_has_each_wall_time_once_and_no_other(length):
    whole_day = shift(rule="FREQ=DAILY", starts=time(0), ends=time(23, 59), slot_minutes=length, buffer_minutes=10)
    usual = range(0, 23 * 60 + 59 - length + 1, length + 10)
    for day in DAYS:
        found = list(starts(whole_day, day))
        assert all(end - start == timedelta(minutes=length) for _, start, end in found)
        assert all(before[2] <= after[1] for before, after in pairwise(found)), day
        local = [(start.astimezone(COPENHAGEN), end.astimezone(COPENHAGEN)) for _, start, end in found]
        assert all(start.date() == day and start.hour * 60 + start.minute == minute for (minute, _, _), (start, _) in zip(found, local, strict=True))
        assert all(end.replace(tzinfo=None) - start.replace(tzinfo=None) == timedelta(minutes=length) for start, end in local), day
        missing = set(usual) - {minute for minute, _, _ in found}
        touches = {minute for minute in usual if minute < 3 * 60 and minute + length >= 2 * 60}
        assert missing <= touches and (not missing or _changes(day) != 0), day
        if _changes(day):
            assert not any(start.hour == 2 for start, _ in local), day


def _changes(day: date) -> int:
    """1 in spring (an hour is left out), -1 in autumn (an hour comes twice), else 0."""
    offsets = [datetime.combine(day, time(hour), COPENHAGEN).utcoffset() for hour in (0, 23)]
    return (offsets[1] > offsets[0]) - (offsets[1] < offsets[0])


def test_the_clocks_change_twice_in_each_of_the_ten_years():
    assert [sum(_changes(day) == kind for day in DAYS) for kind in (1, -1)] == [10, 10]


# hazard: H10
def test_ordinary_shifts_keep_their_wall_times_all_year_round():
    for day in DAYS:
        walls_of_day = [start.astimezone(COPENHAGEN).strftime("%H:%M") for _, start, _ in starts(shift(rule="FREQ=DAILY"), day)]
        assert walls_of_day == [f"{hour}:00" for hour in range(10, 17)], day


@given(day=st.dates(date(1990, 1, 1), date(2199, 12, 31)), length=st.integers(10, 240), buffer=st.integers(0, 60))
def test_other_centuries_hold_too(day, length, buffer):
    found = list(starts(shift(slot_minutes=length, buffer_minutes=buffer), day))
    assert all(before[2] + timedelta(minutes=buffer) == after[1] for before, after in pairwise(found))


def test_a_timetable_for_a_year_nobody_plans_for_is_empty_and_not_an_error():
    assert timetable(shift(rule="FREQ=DAILY;UNTIL=20270101T000000"), now=datetime(2190, 1, 1, tzinfo=UTC)).find(Wish(), 3) == ([], False)
    assert timetable(shift(), now=datetime(2001, 1, 1, tzinfo=UTC)).all() == []
    far = Window(datetime(2199, 1, 1, tzinfo=UTC), datetime(2199, 1, 2, tzinfo=UTC))
    assert len(timetable(shift()).find(Wish(far), 3)[0]) == 3
