"""Other people's calendar files: what makes a host busy, and what does not."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.appointments.external import UnreadableCalendar, busy_intervals, merged

SINCE, UNTIL = datetime(2026, 11, 24, tzinfo=UTC), datetime(2027, 1, 23, tzinfo=UTC)


def calendar(*events: str, zones: str = "") -> str:
    inside = "".join(f"BEGIN:VEVENT\nUID:{i}@x\nDTSTAMP:20261101T000000Z\n{event}\nEND:VEVENT\n" for i, event in enumerate(events))
    return f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//x//EN\n{zones}{inside}END:VCALENDAR\n".replace("\n", "\r\n")


def busy(*events: str, **more) -> list[str]:
    return [f"{start:%m-%dT%H:%M}/{end:%m-%dT%H:%M}" for start, end in busy_intervals(calendar(*events, **more), SINCE, UNTIL)]


CPH = ";TZID=Europe/Copenhagen"


@pytest.mark.parametrize(
    "event, expected",
    [
        ("DTSTART:20261125T090000Z\nDTEND:20261125T100000Z", ["11-25T09:00/11-25T10:00"]),
        (f"DTSTART{CPH}:20261125T090000\nDTEND{CPH}:20261125T100000", ["11-25T08:00/11-25T09:00"]),
        ("DTSTART;TZID=Romance Standard Time:20261125T090000\nDURATION:PT90M", ["11-25T08:00/11-25T09:30"]),
        ("DTSTART;TZID=America/New_York:20261125T090000\nDURATION:PT1H", ["11-25T14:00/11-25T15:00"]),
        ("DTSTART:20261125T090000\nDURATION:PT1H", ["11-25T08:00/11-25T09:00"]),  # floating: read in Copenhagen
        ("DTSTART;VALUE=DATE:20261125\nDTEND;VALUE=DATE:20261127", ["11-24T23:00/11-26T23:00"]),
        ("DTSTART;VALUE=DATE:20261125", ["11-24T23:00/11-25T23:00"]),
        ("DTSTART:20261125T090000Z", []),  # an instant takes no time
        ("DTSTART:20261001T090000Z\nDTEND:20261001T100000Z", []),
        ("DTSTART:20280101T090000Z\nDTEND:20280101T100000Z", []),
        ("DTSTART:20261101T000000Z\nDTEND:20261125T060000Z", ["11-24T00:00/11-25T06:00"]),
        ("DTSTART:20261125T090000Z\nDTEND:20261125T100000Z\nTRANSP:TRANSPARENT", []),
        ("DTSTART:20261125T090000Z\nDTEND:20261125T100000Z\nSTATUS:CANCELLED", []),
        ("DTSTART:20261125T090000Z\nDTEND:20261125T100000Z\nX-MICROSOFT-CDO-BUSYSTATUS:FREE", []),
        ("DTSTART:20261125T090000Z\nDTEND:20261125T100000Z\nX-MICROSOFT-CDO-BUSYSTATUS:OOF", ["11-25T09:00/11-25T10:00"]),
    ],
)
def test_one_event(event, expected):
    assert busy(event) == expected


def test_repeated_events_keep_to_the_wall_clock_of_their_zone():
    rule = f"DTSTART{CPH}:20260907T090000\nDTEND{CPH}:20260907T100000\nRRULE:FREQ=WEEKLY;UNTIL=20261208T080000Z"
    assert busy(rule) == ["11-30T08:00/11-30T09:00", "12-07T08:00/12-07T09:00"]


def test_days_left_out_added_and_moved():
    rule = (
        f"DTSTART{CPH}:20261125T090000\nDTEND{CPH}:20261125T100000\nRRULE:FREQ=DAILY;COUNT=4\n"
        f"EXDATE{CPH}:20261126T090000\nRDATE{CPH}:20261205T120000"
    )
    moved = f"DTSTART{CPH}:20261127T140000\nDTEND{CPH}:20261127T143000\nRECURRENCE-ID{CPH}:20261127T090000"
    text = calendar(rule, moved).replace("UID:1@x", "UID:0@x")
    found = [f"{start:%d %H:%M}-{end:%H:%M}" for start, end in busy_intervals(text, SINCE, UNTIL)]
    assert found == ["25 08:00-09:00", "27 13:00-13:30", "28 08:00-09:00", "05 11:00-12:00"]


def test_a_moved_event_that_was_cancelled_frees_its_time():
    rule = f"DTSTART{CPH}:20261125T090000\nDTEND{CPH}:20261125T100000\nRRULE:FREQ=DAILY;COUNT=2"
    gone = f"DTSTART{CPH}:20261126T090000\nDTEND{CPH}:20261126T100000\nRECURRENCE-ID{CPH}:20261126T090000\nSTATUS:CANCELLED"
    text = calendar(rule, gone).replace("UID:1@x", "UID:0@x")
    assert len(busy_intervals(text, SINCE, UNTIL)) == 1


def test_whole_days_repeated_follow_the_local_midnight():
    text = calendar("DTSTART;VALUE=DATE:20260301\nDTEND;VALUE=DATE:20260302\nRRULE:FREQ=WEEKLY;BYDAY=SU")
    spring = busy_intervals(text, datetime(2026, 3, 20, tzinfo=UTC), datetime(2026, 4, 6, tzinfo=UTC))
    assert [f"{start:%d %H}-{end:%d %H}" for start, end in spring] == ["21 23-22 23", "28 23-29 22", "04 22-05 22"]


def test_free_and_busy_lists():
    text = (
        "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//x//EN\nBEGIN:VFREEBUSY\nUID:1\nDTSTAMP:20261101T000000Z\n"
        "FREEBUSY:20261125T090000Z/20261125T100000Z,20261125T120000Z/PT30M\nFREEBUSY;FBTYPE=FREE:20261126T090000Z/PT8H\n"
        "END:VFREEBUSY\nEND:VCALENDAR\n"
    ).replace("\n", "\r\n")
    assert [end - start for start, end in busy_intervals(text, SINCE, UNTIL)] == [timedelta(hours=1), timedelta(minutes=30)]


@pytest.mark.parametrize("text", ["", "hej", "<html></html>", "BEGIN:VCALENDAR", "BEGIN:VEVENT\r\nEND:VEVENT\r\n", "x" * 2_000_001, "BEGIN:VCALENDAR\r\nEND:VEVENT\r\n", "END:VCALENDAR"])
def test_what_is_no_calendar_is_told(text):
    with pytest.raises(UnreadableCalendar):
        busy_intervals(text, SINCE, UNTIL)


def test_half_a_download_sets_nobody_free():
    whole = calendar("DTSTART:20261125T090000Z\nDURATION:PT1H")
    for cut in range(1, len(whole) - 3):
        with pytest.raises(UnreadableCalendar):
            busy_intervals(whole[:-cut] if cut > 2 else whole[:-cut].rstrip()[:-1], SINCE, UNTIL)


def test_a_rule_as_fine_as_seconds_takes_no_time_to_refuse():
    assert busy("DTSTART:20261125T090000Z\nDURATION:PT1S\nRRULE:FREQ=SECONDLY") == []


@given(st.text(max_size=300) | st.text(alphabet="BEGINVCALRNDT:;=\r\n0129ZSU", max_size=400))
def test_garbage_is_read_or_refused_and_never_breaks(text):
    try:
        found = busy_intervals(calendar(text.replace("\r", "").replace("\n", " ")) if len(text) % 2 else text, SINCE, UNTIL)
    except UnreadableCalendar:
        return
    assert found == merged(found)


moments = st.integers(0, 5000).map(lambda minutes: SINCE + timedelta(minutes=minutes))


@given(st.lists(st.tuples(moments, moments).map(lambda pair: (min(pair), max(pair))), max_size=30))
def test_merging_keeps_what_is_covered_and_leaves_no_two_touching(intervals):
    found = merged(intervals)
    assert all(before[1] < after[0] for before, after in zip(found, found[1:], strict=False))
    assert all(any(start <= one[0] and one[1] <= end for start, end in found) for one in intervals)
