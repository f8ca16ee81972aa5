"""What must hold for every guest, at every hour, in every municipality and channel."""

import itertools
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from backend.catalogue import Catalogue, load_catalogue
from backend.catalogue.calendar import instant, local
from backend.domain.guidance import MOST_DOORS, Setting, advise, answered, is_heavy
from backend.domain.situation import (
    ABOUT,
    AGE_BANDS,
    CONTACT_FORMS,
    RELATIONS,
    SLOTS,
    TOPICS,
    Situation,
    ages_in,
)
from backend.guidance.service import _fits, _home, advise_json, door_answer_json, offers_json

ROOT = Path(__file__).resolve().parents[2] / "municipalities"
TODAY = date(2026, 11, 22)
MONDAY = datetime(2026, 11, 23)
EASTER_AND_CHRISTMAS = [
    datetime(2027, 3, 25), datetime(2027, 3, 28), datetime(2027, 3, 29), datetime(2026, 12, 24),
    datetime(2026, 12, 25), datetime(2026, 12, 31), datetime(2027, 1, 1),
]  # fmt: skip
SITES = [(m, channel) for m in ("rodovre", "ballerup") for channel in ("municipality", "headspace")]
HOMES = (None, "rodovre", "ballerup", "other")


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load_catalogue(ROOT, TODAY)


@pytest.fixture(scope="module")
def renewed(tmp_path_factory) -> Catalogue:
    """The same content as if somebody kept checking it, so that 2027 and 2028 can be tried."""
    root = Path(shutil.copytree(ROOT, tmp_path_factory.mktemp("renewed") / "municipalities"))
    for path in root.glob("*/*.yml"):
        text = path.read_text(encoding="utf-8")
        path.write_text(re.sub(r"valid_until: \d{4}", "valid_until: 2030", text), encoding="utf-8")
    return load_catalogue(root, TODAY)


def hours_of_interest() -> Iterator[datetime]:
    for start, hours in [(MONDAY, 168), *((day, 24) for day in EASTER_AND_CHRISTMAS)]:
        yield from (instant(start + timedelta(hours=hour, minutes=30)) for hour in range(hours))


def telling_hours(catalogue: Catalogue) -> list[datetime]:
    """One moment for each different set of open lines: nothing else about the time matters to the choice."""
    seen: dict[tuple, datetime] = {}
    for now in hours_of_interest():
        state = tuple(
            (m, door.id, catalogue.is_live(door, now)) for m in catalogue.ids() for door in catalogue.doors(m)
        )
        seen.setdefault(state, now)
    return list(seen.values())


def test_the_hours_tried_differ_enough(catalogue):
    assert len(telling_hours(catalogue)) >= 15
    assert len(telling_topics(catalogue)) >= 15


def telling_topics(catalogue: Catalogue) -> list[str | None]:
    """One topic for each set of rules that name it."""
    rules = catalogue.rules["rodovre"]
    named = {
        topic: (
            topic in rules.heavy_topics,
            *(topic in rule.when.allowed.get("topics", ()) for rule in rules.rules),
        )
        for topic in TOPICS
    }
    return [None, *{marks: topic for topic, marks in named.items()}.values()]


def situations(catalogue: Catalogue) -> list[Situation]:
    every = itertools.product((None, *RELATIONS), (None, *AGE_BANDS), HOMES, telling_topics(catalogue))
    return [
        Situation(relation=relation, age_band=band, municipality=home, topics=(topic,) if topic else ())
        for relation, band, home, topic in every
    ]


def test_every_guest_at_every_hour(catalogue):
    """1-3 doors, reasons, two live ones when it is heavy, none closed called open, none outside its age."""
    cases = situations(catalogue)
    for place, (now, (m, channel)) in enumerate(itertools.product(telling_hours(catalogue), SITES)):
        quiet = replace(catalogue.rules[m], questions=())
        for situation in cases[place % 4 :: 4]:
            fits = _fits(catalogue, _home(catalogue, m, situation), now)
            advice = advise(situation, quiet, fits, Setting(m, channel))
            ids = [one.door for one in advice.doors]
            assert 1 <= len(ids) <= MOST_DOORS and len(set(ids)) == len(ids), situation
            assert advice.lead and all(one.reason.strip() for one in advice.doors), situation
            alive = sum(fits[one].live is True for one in ids)
            assert alive >= (2 if is_heavy(situation, quiet) else 1), (situation, now, ids)
            for one in ids:
                assert fits[one].emergency or suits(fits[one].ages, situation), (situation, one)
                assert fits[one].emergency is False or is_heavy(situation, quiet), (situation, one)


def suits(ages: tuple[int, int], situation: Situation) -> bool:
    if situation.age is not None:
        return ages[0] <= situation.age <= ages[1]
    if situation.age_band is None:
        return True
    low, high = ages_in(situation.age_band)
    return ages[0] <= high and low <= ages[1]


moments = st.datetimes(datetime(2026, 11, 22), datetime(2028, 12, 31), timezones=st.just(UTC))
some = st.builds(
    Situation,
    relation=st.sampled_from((None, *RELATIONS)),
    about=st.sampled_from((None, *ABOUT)),
    age=st.none(),
    age_band=st.sampled_from((None, *AGE_BANDS)),
    municipality=st.sampled_from(HOMES),
    topics=st.lists(st.sampled_from(TOPICS), max_size=3, unique=True).map(tuple),
    wishes_anonymity=st.sampled_from((None, True, False)),
    contact_form=st.sampled_from((None, *CONTACT_FORMS)),
    skipped=st.lists(st.sampled_from(SLOTS), max_size=2, unique=True).map(tuple),
)
risks = st.sampled_from(("none", "concern", "high", "acute"))


@settings(max_examples=400, deadline=None)
@given(some, moments, st.sampled_from(SITES), risks)
def test_any_minute_until_the_end_of_2028(renewed, situation, now, site, risk):
    m, channel = site
    answer = advise_json(renewed, m, channel, situation, now, risk=risk)
    again = advise_json(renewed, m, channel, situation, now, risk=risk)
    assert answer == again
    doors = answer["doors"]
    assert 1 <= len(doors) <= MOST_DOORS
    alive = [door for door in doors if door["open"]["now"]]
    assert len(alive) >= (2 if is_heavy(situation, renewed.rules[m], risk) else 1)
    assert_two_live(renewed, m, situation, answer, now)
    home = _home(renewed, m, situation)
    for door in doors:
        assert (
            door["verified"]
            and door["contact"]
            and door["reason"].startswith("Fordi")
            and "{" not in door["reason"]
        )
        assert_open_is_true(renewed, home.doors[door["id"]], door, now)
        sure = {contact.value for contact in home.doors[door["id"]].sure_contacts(local(now).date())}
        assert set(door["contact"].values()) <= sure
    crisis = renewed.crisis(m, now, "high").lines
    assert sum(line["open"]["now"] is True for line in crisis if line["id"] != "alarm-112") >= 2


def assert_two_live(catalogue, m, situation, answer, now):
    """Two different places with somebody there now, each by a way in that is sure, none outside the guest's age."""
    also = (answer["also"] or {"doors": []})["doors"]
    live = [door for door in (*answer["doors"], *also) if door["open"]["now"] is True]
    assert len({door["id"] for door in live}) >= 2, (situation, now, live)
    home = _home(catalogue, m, situation)
    for door in also:
        assert catalogue.is_live(home.doors[door["id"]], now) is True and door["contact"], (situation, now)
        assert door["id"] == "alarm-112" or suits(home.doors[door["id"]].ages, situation), (situation, now)


def assert_open_is_true(catalogue, door, shown, now):
    if shown["open"]["now"]:
        assert catalogue.is_live(door, now) is True
    if "until" in shown["open"]:
        last = datetime.fromisoformat(shown["open"]["until"]) - timedelta(minutes=1)
        assert catalogue.is_live(door, last) is True


@settings(max_examples=200, deadline=None)
@given(some, st.sampled_from(SITES))
def test_it_only_asks_what_changes_the_doors_and_never_what_was_skipped(catalogue, situation, site):
    now = datetime(2026, 11, 24, 14, tzinfo=UTC)
    m, channel = site
    answer = advise_json(catalogue, m, channel, situation, now)
    ask = answer["ask"]
    if ask is None:
        return
    assert ask["why"] and ask["choices"] and ask["slot"] not in situation.skipped
    assert len(situation.skipped) < 2
    named = {door["id"] for door in answer["doors"]}
    after = [answered(situation, ask["slot"], choice["value"]) for choice in ask["choices"]]
    found = [{door["id"] for door in advise_json(catalogue, m, channel, one, now)["doors"]} for one in after]
    assert any(one != named for one in found)


@settings(max_examples=100, deadline=None)
@given(some, st.sampled_from(SITES), moments)
def test_asking_for_something_else_never_runs_dry(renewed, situation, site, now):
    m, channel = site
    shown: set[str] = set()
    for _ in range(8):
        doors = advise_json(renewed, m, channel, situation, now, exclude=tuple(shown))["doors"]
        assert doors
        shown |= {door["id"] for door in doors}


CLOCK_CHANGES = [datetime(2027, 3, 28), datetime(2027, 10, 31), datetime(2028, 3, 26), datetime(2028, 10, 29)]
GUESTS = {
    "a child under 12": Situation(relation="self", age_band="0-11"),
    "17 and lonely": Situation(relation="self", age=17, age_band="15-17", topics=("loneliness",)),
    "17 and anonymous": Situation(relation="self", age=17, age_band="15-17", wishes_anonymity=True),
    "26": Situation(relation="self", age=26, age_band="26+", topics=("anxiety",)),
    "26 with money trouble": Situation(relation="self", age=26, age_band="26+", topics=("work_money",)),
    "a mother": Situation(relation="relative", about="child", age=15, age_band="15-17", topics=("school",)),
    "a child as relative": Situation(relation="relative", about="parent", age=13, age_band="12-14"),
    "a teacher": Situation(relation="professional", age_band="12-14"),
    "nobody has said anything": Situation(),
}
WHERE = [("rodovre", "municipality", None), ("rodovre", "headspace", "other"), ("ballerup", "headspace", None)]


def telling_minutes(catalogue: Catalogue) -> list[datetime]:
    """One minute for each set of live doors that a day of 2026-2028 can have: every quarter of an hour of every kind of day,
    and every minute around the clock changes."""
    days = [datetime(2026, 11, 22) + timedelta(days=ahead) for ahead in range(365 * 2 + 40)]
    special = set(catalogue.calendar(date(2027, 6, 1)).holidays | catalogue.calendar(date(2027, 6, 1)).closing_days)
    kinds: dict[tuple, datetime] = {}
    for day in days:
        kinds.setdefault((day.weekday(), day.date() if day.date() in special else None), day)
    around = [day for special_day in kinds.values() for day in (special_day, special_day + timedelta(days=1))]
    minutes = [instant(day + timedelta(minutes=m)) for day in dict.fromkeys(around) for m in range(0, 24 * 60, 15)]
    minutes += [instant(day) + timedelta(minutes=m) for day in CLOCK_CHANGES for m in range(0, 6 * 60)]
    seen: dict[tuple, datetime] = {}
    lines = [catalogue.national.doors[name] for name in catalogue.rules["rodovre"].safety_net]
    lines += [door for m in catalogue.ids() for door in catalogue.doors(m) if any(contact.hours for contact in door.contacts)]
    for now in minutes:
        seen.setdefault(tuple(catalogue.is_live(door, now) for door in lines), now)
    return list(seen.values())


def test_two_live_alternatives_at_every_minute_until_the_end_of_2028(renewed):
    """Whoever asks, wherever, whenever: nothing else about the time than who is live matters to the choice."""
    minutes = telling_minutes(renewed)
    assert len(minutes) >= 12
    for now, (m, channel, lives), who in itertools.product(minutes, WHERE, GUESTS):
        situation = replace(GUESTS[who], municipality=lives)
        answer = advise_json(renewed, m, channel, situation, now)
        assert answer["doors"], (who, now)
        assert_two_live(renewed, m, situation, answer, now)


@pytest.mark.parametrize("who", ["26", "26 with money trouble", "a child under 12"])
@pytest.mark.parametrize("lives", [None, "other", "ballerup"])
def test_nobody_is_turned_away_from_headspaces_channel(renewed, who, lives):
    situation = replace(GUESTS[who], municipality=lives)
    answer = advise_json(renewed, "rodovre", "headspace", situation, datetime(2026, 11, 24, 14, tzinfo=UTC))
    assert "ikke gået forkert" in answer["lead"] and "headspace" not in [door["id"] for door in answer["doors"]]
    assert len(answer["doors"]) >= 2 and all(door["reason"] and door["contact"] for door in answer["doors"])


def test_when_everything_else_has_expired_112_is_left_and_nothing_unsure_is_shown(catalogue):
    late = datetime(2029, 6, 1, 3, tzinfo=UTC)
    assert [
        door["id"] for door in advise_json(catalogue, "rodovre", "municipality", Situation(), late)["doors"]
    ] == ["alarm-112"]
    assert [line["id"] for line in catalogue.crisis("rodovre", late).lines] == ["alarm-112"]


@settings(max_examples=50, deadline=None)
@given(
    some, st.sampled_from(SITES), st.sampled_from((None, "group", "relatives", "course", "community", "xyz"))
)
def test_offers_never_crash_and_flag_what_is_unfinished(catalogue, situation, site, kind):
    m, channel = site
    found = offers_json(catalogue, m, channel, situation, datetime(2026, 11, 24, 14, tzinfo=UTC), kind)
    assert found["lead"] and len(found["offers"]) <= 6
    for offer in found["offers"]:
        assert "flagged" not in offer or offer["flagged"] is True


@pytest.mark.parametrize(("channel", "said"), [("headspace", "Gratis"), ("municipality", "Når vi har fundet en dør")])
def test_a_channel_that_is_a_door_itself_is_the_door_asked_about(catalogue, channel, said):
    answer = door_answer_json(catalogue, "rodovre", channel, None, "cost", datetime(2026, 11, 24, 14, tzinfo=UTC))
    assert said in answer["text"] and ("door" in answer) == (channel == "headspace")


def test_those_who_are_there_are_told_as_a_sentence(catalogue):
    answer = door_answer_json(catalogue, "rodovre", "municipality", None, "contact", datetime(2026, 11, 24, 1, tzinfo=UTC))
    assert re.search(r"\) og \w", answer["text"])


@pytest.mark.parametrize(("topics", "shown"), [(("family_conflict",), False), (("grief",), True), ((), True)])
def test_a_group_for_the_bereaved_is_for_nobody_who_told_of_something_else(catalogue, topics, shown):
    situation = Situation(relation="self", age=17, age_band="15-17", topics=topics)
    found = offers_json(catalogue, "rodovre", "municipality", situation, datetime(2026, 11, 24, 14, tzinfo=UTC), "group")
    assert ("grief-groups" in [offer["id"] for offer in found["offers"]]) == shown
