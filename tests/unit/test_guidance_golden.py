"""Situations written from the plan, the policy draft and the facts, and the door that should be among those named.

`who [about] age topics` · where and when · doors that must be named · doors that must not.
Times are Copenhagen time in the week of Monday 23 November 2026, or a date.
"""

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from backend.catalogue import load_catalogue
from backend.catalogue.calendar import instant
from backend.domain.guidance import Setting, view_of
from backend.domain.situation import Situation
from backend.guidance.service import advise_json

ROOT = Path(__file__).resolve().parents[2] / "municipalities"
CATALOGUE = load_catalogue(ROOT, date(2026, 11, 22))
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

TABLE = """
# the young themselves
self 17 loneliness anonymous              | rm tue 15 | headspace boernetelefonen | local-entrance local-town-hall
self 17 loneliness                        | rm tue 15 | ventilen headspace boernetelefonen |
self 14 loneliness                        | rm tue 15 | headspace boernetelefonen | ventilen
self 20 loneliness                        | bm tue 15 | ventilen headspace |
self 14 bullying                          | rm mon 8  | headspace boernetelefonen |
self 13 bullying                          | bm mon 8  | headspace boernetelefonen |
self 16 school                            | rm wed 12 | local-young headspace |
self 16 school                            | bm wed 12 | local-young headspace |
self 16 school other                      | rm wed 12 | headspace boernetelefonen | local-young local-entrance
self 15 heartbreak                        | rh fri 22 | headspace boernetelefonen |
self 22 heartbreak                        | rh fri 15 | headspace psykiatrifonden | boernetelefonen
self 19 anxiety                           | rm tue 19 | angst-stress headspace |
self 24 stress                            | bm thu 20 | angst-stress headspace |
self 30 anxiety                           | rm tue 11 | angst-stress psykiatrifonden | headspace boernetelefonen
self 16 anxiety                           | rm tue 11 | headspace boernetelefonen | angst-stress
self 16 low_mood                          | bm sun 23 | headspace boernetelefonen |
self 21 low_mood                          | bm sun 16 | headspace psykiatrifonden |
self 21 low_mood                          | bm sun 3  | headspace livslinien |
self 12 family_conflict                   | rm sat 10 | headspace boernetelefonen |
self 11 family_conflict                   | rm sat 10 | boernetelefonen cyberhus local-entrance | headspace
self 11 family_conflict                   | bm sat 10 | boernetelefonen cyberhus | headspace local-entrance
self 8                                    | rm mon 16 | boernetelefonen | headspace cyberhus
self 9                                    | bh mon 16 | boernetelefonen cyberhus | headspace
self 10                                   | rh mon 16 | boernetelefonen cyberhus | headspace
self 0-11 divorce                         | rm sun 9  | boernetelefonen | headspace
self 12                                   | rh mon 16 | headspace boernetelefonen |
self 25                                   | rh mon 16 | headspace psykiatrifonden |
self 26                                   | rh mon 16 | psykiatrifonden sind-raadgivning | headspace
self 26                                   | bh mon 16 | psykiatrifonden | headspace
self 26                                   | rm mon 12 | psykiatrifonden sind-raadgivning local-town-hall | headspace
self 45 loneliness                        | rm mon 12 | psykiatrifonden | headspace ventilen boernetelefonen
self 60 grief                             | rm mon 12 | sorglinjen | boern-unge-sorg headspace
self 20 grief                             | rm mon 12 | sorglinjen boern-unge-sorg |
self 14 grief                             | bm mon 12 | sorglinjen boernetelefonen |
self 28 grief                             | rm mon 12 | sorglinjen | boern-unge-sorg
self 17 eating                            | rm mon 12 | headspace boernetelefonen |
self 23 eating                            | rm mon 12 | headspace psykiatrifonden |
self 18 gaming_gambling                   | rm mon 12 | stopspillet headspace |
self 35 gaming_gambling                   | bm mon 12 | stopspillet psykiatrifonden |
self 14 gaming_gambling                   | bm mon 12 | stopspillet boernetelefonen |
self 15 gender_sexuality                  | rm mon 12 | privatsnak headspace |
self 40 gender_sexuality                  | rm mon 12 | lgbt-danmark | privatsnak
self 12 gender_sexuality                  | rm mon 12 | lgbt-danmark headspace | privatsnak
self 16 body_health                       | rm mon 12 | privatsnak headspace |
self 19 substance_use                     | rm mon 19 | blue-line headspace |
self 16 parent_substance_use              | rm mon 19 | blue-line boernetelefonen |
self 16 parent_mental_illness             | rm wed 13 | sind-ungdom headspace |
self 20 work_money                        | rm mon 12 | local-young headspace |
self 19 housing                           | rm mon 12 | local-town-hall headspace |
self 27 work_money                        | rm mon 12 | local-job psykiatrifonden | local-young
self 19 housing                           | bm mon 12 | headspace psykiatrifonden | local-town-hall local-job
self 17 neurodivergence                   | rm mon 12 | headspace boernetelefonen |
self 17 sleep                             | bm mon 12 | headspace boernetelefonen |
self 17 friends                           | rm mon 12 | ventilen headspace |
self topic-less                           | rm mon 12 | headspace psykiatrifonden boernetelefonen |
self                                      | bh sat 3  | headspace boernetelefonen |
self 17 phone                             | rm mon 12 | boernetelefonen |
self 17 in_person                         | rm mon 12 | headspace local-entrance |
self 17 chat                              | bm mon 12 | headspace boernetelefonen cyberhus |
self 22 phone                             | rm mon 12 | psykiatrifonden sind-raadgivning |
self 17 ballerup                          | rm mon 12 | headspace boernetelefonen | local-entrance
self 17 other                             | bm mon 12 | headspace boernetelefonen | local-young
self 30 other                             | rm mon 12 | psykiatrifonden sind-raadgivning | local-town-hall
self 30 anonymous                         | rm mon 12 | psykiatrifonden sind-raadgivning |
# heavy: help now
self suicidal_thoughts                    | rm tue 15 | boernetelefonen livslinien region-1813 |
self 15 suicidal_thoughts                 | rm tue 15 | boernetelefonen livslinien region-1813 |
self 15 suicidal_thoughts                 | rm tue 6  | boernetelefonen region-1813 |
self 15 suicidal_thoughts                 | bh sun 7  | boernetelefonen region-1813 |
self 10 suicidal_thoughts                 | rm tue 15 | boernetelefonen livslinien | headspace
self 22 suicidal_thoughts                 | rm tue 15 | livslinien region-1813 |
self 22 suicidal_thoughts                 | rm tue 6  | region-1813 alarm-112 | boernetelefonen
self 22 suicidal_thoughts                 | rm 2026-12-25 6 | region-1813 alarm-112 |
self 40 suicidal_thoughts                 | rm tue 3  | livslinien region-1813 | headspace
self 40 suicidal_thoughts                 | rh tue 7  | region-1813 alarm-112 | headspace
self 16 self_harm                         | rm tue 15 | boernetelefonen livslinien |
self 16 self_harm anonymous               | bm tue 23 | boernetelefonen livslinien |
self 24 self_harm                         | bm tue 23 | livslinien region-1813 |
self 14 violence                          | rm tue 15 | boernetelefonen lev-uden-vold offerraadgivningen |
self 14 violence                          | bm sun 4  | boernetelefonen lev-uden-vold |
self 22 violence                          | bm sun 4  | lev-uden-vold offerraadgivningen | boernetelefonen
self 34 abuse                             | rh sun 4  | lev-uden-vold offerraadgivningen | headspace
self abuse                                | rm sun 4  | boernetelefonen lev-uden-vold |
self 19 psychosis                         | rm tue 15 | region-1813 livslinien |
self 23 psychosis                         | rm tue 6  | region-1813 alarm-112 |
self 16 risk=high                         | rm tue 15 | boernetelefonen livslinien region-1813 |
self 40 loneliness risk=high              | rm tue 15 | livslinien region-1813 | boernetelefonen
self 16 risk=acute                        | rm tue 15 | alarm-112 region-1813 boernetelefonen |
self 30 risk=acute                        | rm tue 6  | alarm-112 region-1813 |
unknown suicidal_thoughts                 | rm tue 6  | boernetelefonen region-1813 |
unknown violence                          | rm tue 6  | boernetelefonen lev-uden-vold |
# relatives
relative child 16                         | rm thu 19 | headspace-family psykiatrifonden local-entrance | headspace
relative child 16                         | bm thu 19 | headspace-family psykiatrifonden | headspace local-entrance
relative child 16                         | rm sat 3  | headspace-family livslinien | boernetelefonen
relative child 22                         | rm thu 19 | headspace-family psykiatrifonden | local-entrance
relative child 7                          | rm thu 12 | local-entrance psykiatrifonden | headspace-family
relative child 7                          | bm thu 12 | psykiatrifonden bedre-psykiatri | headspace-family
relative child 30                         | rm thu 12 | psykiatrifonden | headspace-family
relative child 16 other                   | rm thu 12 | headspace-family psykiatrifonden | local-entrance
relative child                            | rm thu 12 | headspace-family psykiatrifonden |
relative                                  | rm thu 12 | headspace-family psykiatrifonden |
relative partner 30                       | rm thu 12 | psykiatrifonden bedre-psykiatri | headspace-family
relative partner 20                       | rm thu 12 | headspace-family psykiatrifonden |
relative parent 14                        | rm thu 12 | boernetelefonen headspace | headspace-family bedre-psykiatri
relative parent 10                        | rm thu 12 | boernetelefonen cyberhus | headspace headspace-family
relative parent 14 parent_substance_use   | rm thu 20 | boernetelefonen blue-line |
relative parent 16 parent_mental_illness  | bm wed 13 | sind-ungdom boernetelefonen |
relative parent 22 parent_mental_illness  | bm wed 13 | sind-ungdom headspace |
relative parent 40 parent_mental_illness  | bm wed 13 | sind-raadgivning psykiatrifonden | headspace boernetelefonen
relative sibling 15                       | rm thu 12 | boernetelefonen headspace |
relative friend 15                        | rm thu 12 | boernetelefonen headspace |
relative friend 22                        | rm thu 12 | headspace |
relative child 16 suicidal_thoughts       | rm tue 15 | livslinien region-1813 | boernetelefonen
relative child 16 suicidal_thoughts       | rm tue 6  | region-1813 alarm-112 | boernetelefonen
relative child 16 self_harm               | bm tue 15 | livslinien region-1813 |
relative parent 13 suicidal_thoughts      | rm tue 6  | boernetelefonen region-1813 |
relative friend 15 self_harm              | rh tue 23 | boernetelefonen livslinien |
relative child 10 violence                | rm tue 15 | lev-uden-vold local-concern |
relative child 10 violence                | bm tue 15 | lev-uden-vold local-concern |
relative child 20 psychosis               | rm tue 15 | region-1813 livslinien |
relative child 14 gaming_gambling         | rm tue 15 | stopspillet headspace-family |
relative child 8 divorce                  | rm tue 15 | familieretshuset local-entrance |
relative child 16 gender_sexuality        | rm tue 15 | lgbt-danmark headspace-family |
relative grief                            | rm tue 15 | sorglinjen |
relative child 16 risk=acute              | rm tue 15 | alarm-112 region-1813 |
# professionals
professional pupil 14                     | rm tue 10 | local-concern local-entrance |
professional pupil 14                     | bm tue 10 | local-concern psykiatrifonden |
professional pupil 14                     | bm tue 3  | local-concern |
professional pupil 10 violence            | bm tue 10 | local-concern lev-uden-vold |
professional pupil 16 suicidal_thoughts   | rm tue 10 | region-1813 local-concern |
professional 22                           | rm tue 11 | psykiatrifonden local-town-hall | local-concern
professional                              | rm tue 11 | local-concern |
# nothing known
unknown                                   | rm tue 11 | headspace psykiatrifonden boernetelefonen |
unknown                                   | bh 2026-12-24 20 | boernetelefonen |
unknown 30                                | rm tue 11 | psykiatrifonden | headspace boernetelefonen
unknown 10                                | rm tue 11 | boernetelefonen | headspace
"""

ROWS = [line for line in TABLE.strip().splitlines() if not line.startswith("#")]


def situation_of(words: list[str]) -> tuple[Situation, str]:
    relations, forms = ("self", "relative", "professional"), ("chat", "phone", "video", "in_person")
    abouts = ("child", "partner", "parent", "sibling", "friend", "pupil")
    data: dict = {"relation": words[0] if words[0] in relations else None, "topics": []}
    risk = "none"
    for word in words[1:]:
        if word.isdigit():
            data["age"] = int(word)
        elif "-" in word and word[0].isdigit():
            data["age_band"] = word
        elif word in abouts:
            data["about"] = word
        elif word in forms:
            data["contact_form"] = word
        elif word in ("rodovre", "ballerup", "other"):
            data["municipality"] = word
        elif word == "anonymous":
            data["wishes_anonymity"] = True
        elif word.startswith("risk="):
            risk = word[5:]
        elif word != "topic-less":
            data["topics"].append(word)
    return Situation.from_json(data), risk


def moment_of(day: str, hour: str) -> datetime:
    start = (
        datetime(2026, 11, 23) + timedelta(days=DAYS.index(day))
        if day in DAYS
        else datetime.fromisoformat(day)
    )
    return instant(start + timedelta(hours=int(hour), minutes=30))


def test_the_table_is_long_enough():
    assert len(ROWS) >= 120


@pytest.mark.parametrize(
    "row", ROWS, ids=lambda row: " ".join(row.split("|")[0].split() + row.split("|")[1].split())
)
def test_the_right_door(row):
    who, where, wanted, unwanted = (part.split() for part in row.split("|"))
    situation, risk = situation_of(who)
    m = {"r": "rodovre", "b": "ballerup"}[where[0][0]]
    channel = {"m": "municipality", "h": "headspace"}[where[0][1]]
    answer = advise_json(CATALOGUE, m, channel, situation, moment_of(*where[1:]), risk=risk)
    ids = [door["id"] for door in answer["doors"]]
    assert set(wanted) <= set(ids), ids
    assert not set(unwanted) & set(ids), ids


@pytest.mark.parametrize("rule", CATALOGUE.rules["rodovre"].rules, ids=lambda rule: rule.id)
def test_every_rule_is_exercised_by_the_table(rule):
    assert any(rule.when.matches(view) for view in views()), rule.id


def views():
    for row in ROWS:
        who, where, *_ = (part.split() for part in row.split("|"))
        situation, risk = situation_of(who)
        m = {"r": "rodovre", "b": "ballerup"}[where[0][0]]
        channel = {"m": "municipality", "h": "headspace"}[where[0][1]]
        yield view_of(situation, CATALOGUE.rules[m], Setting(m, channel, risk))
