"""What holds for every moment and every text: reading back gives the same time, nothing is before now, nothing crashes."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest
from dateutil import tz
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.actions.parsing.danish_time import TimeWish, format_time, format_window, parse_time
from bot.actions.parsing.spelling import tidy
from tests.unit.parsing.expectations import COPENHAGEN, load_cases

FIRST, LAST = datetime(2026, 1, 1), datetime(2035, 12, 31, 23, 45)
PHRASES = [case.phrase for case in load_cases("phrases.yml")]
moments = st.datetimes(FIRST, LAST).map(lambda wall: tz.resolve_imaginary(wall.replace(tzinfo=COPENHAGEN)))
quarters = moments.map(lambda at: at.replace(minute=at.minute // 15 * 15, second=0, microsecond=0))
letters = st.text(st.characters(exclude_categories=("Cs",)), max_size=120)
time_words = st.lists(st.sampled_from([word for phrase in PHRASES for word in phrase.split()]), max_size=12).map(" ".join)


def before(later: datetime, **ago: float) -> datetime:
    return (later.astimezone(tz.UTC) - timedelta(**ago)).astimezone(COPENHAGEN)


def starts_with(wish: TimeWish, at: datetime) -> bool:
    return len(wish.windows) == 1 and wish.windows[0].start == at and wish.clock == at.time() and wish.ask is None


@given(quarters, st.floats(min_value=1, max_value=364 * 24))
@settings(max_examples=1000, deadline=None)
def test_what_is_written_is_read_back(at: datetime, hours: float):
    assert starts_with(parse_time(format_time(at), before(at, hours=hours)), at.replace(fold=0))


@pytest.mark.parametrize("year", range(2026, 2036))
def test_every_day_is_read_back(year: int):
    day = date(year, 1, 1)
    while day.year == year:
        at = datetime.combine(day, time(14, 30), COPENHAGEN)
        now = before(at, days=day.toordinal() % 360, hours=3)
        assert starts_with(parse_time(format_time(at), now), at), (at, now)
        day += timedelta(days=1)


@given(letters, moments)
@settings(max_examples=500, deadline=None)
@example("１４:３０ ٣ ٤", datetime(2026, 11, 18, 10, tzinfo=COPENHAGEN))
@example("İİİ på torsdag ½ ﷽", datetime(2026, 11, 18, 10, tzinfo=COPENHAGEN))
@example("\x00\u200b\ud7ff🙂" * 30, datetime(2026, 11, 18, 10, tzinfo=COPENHAGEN))
def test_any_text_is_survived(text: str, now: datetime):
    check(text, now, parse_time(text, now))


@given(time_words, moments, st.sampled_from([None, *PHRASES]), st.integers(0, 60))
@settings(max_examples=1500, deadline=None)
def test_any_heap_of_time_words_is_survived(text: str, now: datetime, earlier: str | None, days: int):
    previous = parse_time(earlier, before(now, days=days)) if earlier else None
    check(text, now, parse_time(text, now, previous=previous))


def check(text: str, now: datetime, wish: TimeWish) -> None:
    for window in (*wish.windows, *wish.excluded):
        assert window.start.astimezone(tz.UTC) >= now.astimezone(tz.UTC), (text, now, window)
        assert window.start.astimezone(tz.UTC) < window.end.astimezone(tz.UTC), (text, now, window)
        assert format_window(window)
    ordered = [window.start.timestamp() for window in wish.windows]
    assert ordered == sorted(ordered)
    assert 0 <= wish.sure <= 1
    assert all(0 <= start < end <= len(text) for start, end in wish.spans)
    assert set(wish.as_search()) >= {"first_free", "dates_excluded"}


@given(st.text("bcfghjkmqvwxz ÆØØ#¤%_*", max_size=80), moments)
def test_garbage_gives_nothing(text: str, now: datetime):
    assert parse_time(text, now).is_empty


@given(st.sampled_from(PHRASES), moments)
@settings(deadline=None)
def test_the_same_words_mean_the_same_every_time(phrase: str, now: datetime):
    assert parse_time(phrase, now) == parse_time(phrase, now)
    assert parse_time(phrase, now) == parse_time(phrase, now.astimezone(tz.UTC))


@given(st.one_of(letters, st.sampled_from(PHRASES)))
def test_every_tidied_character_knows_where_it_came_from(text: str):
    tidied = tidy(text)
    assert len(tidied.text) == len(tidied.origins)
    assert all(0 <= start < end <= len(text) for start, end in tidied.origins)


def test_spans_are_those_of_the_original():
    text = "Hej! 🙂 Kan jeg komme på tordag   efter skole?"
    wish = parse_time(text, datetime(2026, 11, 18, 10, tzinfo=COPENHAGEN))
    assert [text[start:end] for start, end in wish.spans] == ["på tordag", "efter skole"]


def test_now_must_have_a_zone():
    with pytest.raises(ValueError, match="aware"):
        parse_time("i morgen", datetime(2026, 11, 18, 10))


def test_written_as_danes_write():
    at = datetime(2026, 12, 3, 13, 30, tzinfo=tz.UTC)
    assert format_time(at) == "torsdag den 3. december kl. 14.30"


def test_allows_only_what_is_wished():
    now = datetime(2026, 11, 18, 10, tzinfo=COPENHAGEN)
    wish = parse_time("torsdag kl 14 eller fredag kl 10", now)
    assert wish.allows(datetime(2026, 11, 19, 14, tzinfo=COPENHAGEN))
    assert not wish.allows(datetime(2026, 11, 19, 10, tzinfo=COPENHAGEN))
    assert not parse_time("ikke på fredag", now).allows(datetime(2026, 11, 20, 13, tzinfo=tz.UTC))
    assert parse_time("ikke på fredag", now).allows(datetime(2026, 11, 23, 13, tzinfo=tz.UTC))


@pytest.mark.parametrize(
    ("phrase", "search"),
    [
        ("første ledige", {"first_free": True, "dates_excluded": []}),
        (
            "mandag og onsdag efter kl 15",
            {
                "first_free": False,
                "from": "2026-11-23T14:00:00+00:00",
                "to": "2026-11-25T23:00:00+00:00",
                "dates_excluded": ["2026-11-24"],
                "parts": [["15:00", "24:00"]],
            },
        ),
        (
            "i næste uge, men ikke om formiddagen",
            {
                "first_free": False,
                "from": "2026-11-22T23:00:00+00:00",
                "to": "2026-11-29T23:00:00+00:00",
                "dates_excluded": [],
                "parts": [["00:00", "09:00"], ["12:00", "24:00"]],
            },
        ),
    ],
)
def test_as_the_protocol_asks_for_slots(phrase: str, search: dict):
    assert parse_time(phrase, datetime(2026, 11, 18, 10, tzinfo=COPENHAGEN)).as_search() == search
