"""Doors, offers and places out of YAML."""

import re

from backend.catalogue.facts import Facts, fact_of
from backend.catalogue.hours import WEEKDAYS, hours_of
from backend.catalogue.model import (
    CONTACT_KINDS,
    DOOR_KINDS,
    FORMS,
    WAITS,
    Contact,
    Door,
    Fact,
    Offer,
    Place,
    Where,
)
from backend.catalogue.reading import Record, each
from backend.domain.situation import ABOUT, OLDEST, RELATIONS, TOPICS

OFFER_KINDS = (
    "group", "activity", "volunteering", "course", "peer", "parents", "siblings", "children_of", "health",
    "education_job", "community", "way_out", "counselling", "housing",
)  # fmt: skip
MOST_INTRUSIVE = 5
_PHONE = re.compile(r"\+?[\d ]{3,16}")


def doors_of(outer: Record, facts: Facts, municipality: str | None) -> list[Door]:
    """The file's `doors`. `residents_only: true` ties a door to `municipality`."""
    return each(lambda record: _door(record, facts, municipality), outer.records("doors"))


def _door(record: Record, facts: Facts, municipality: str | None) -> Door:
    fact = fact_of(record, facts)
    return Door(
        id=record.ident(),
        name=record.text("name"),
        kind=record.choice("kind", DOOR_KINDS),
        for_whom=record.text("for_whom"),
        what_happens=record.text("what_happens"),
        fact=fact,
        ages=ages_of(record),
        relations=frozenset(record.choices("relations", RELATIONS) or RELATIONS),
        about=frozenset(record.choices("about", ABOUT)),
        forms=frozenset(record.choices("forms", FORMS)),
        wait=record.choice("wait", WAITS, "now"),
        intrusiveness=_intrusiveness(record),
        contacts=tuple(each(lambda inner: _contact(inner, facts, fact), record.records("contacts"))),
        cost=record.maybe_text("cost"),
        anonymous=record.yes_no("anonymous"),
        anonymity=record.maybe_text("anonymity"),
        parents=record.maybe_text("parents"),
        if_no_answer=record.maybe_text("if_no_answer"),
        residents_of=municipality if record.yes_no("residents_only", False) else None,
        listed=bool(record.yes_no("listed", True)),
        flagged=record.maybe_text("flagged"),
        conflict=record.maybe_text("conflict"),
        topics=frozenset(record.choices("topics", TOPICS)),
        where=Where(record.file, record.line),
    )


def _intrusiveness(record: Record) -> int:
    value = record.whole("intrusiveness", 1)
    if value is not None and not 1 <= value <= MOST_INTRUSIVE:
        record.problem(
            "intrusiveness", "not_choice", key="intrusiveness", value=value, allowed="1, 2, 3, 4, 5", hint=""
        )
    return value or 1


def ages_of(record: Record) -> tuple[int, int]:
    """`ages: {from: 12, to: 25}`; a missing end is open."""
    inner = record.record("ages")
    if inner is None:
        return 0, OLDEST
    low, high = inner.whole("from", 0) or 0, inner.whole("to", OLDEST) or OLDEST
    if low > high:
        record.problem("ages", "ages_order", low=low, high=high)
    inner.done()
    return low, high


def _contact(record: Record, facts: Facts, default: Fact) -> Contact:
    kind = record.choice("kind", CONTACT_KINDS)
    value = record.text("value", '"36 37 70 00"')
    if kind == "phone" and not _PHONE.fullmatch(value):
        record.problem("value", "not_phone", value=value)
    if kind in ("url", "chat") and not value.startswith("https://"):
        record.problem("value", "not_url", value=value)
    fact = fact_of(record, facts, default)
    return Contact(kind, value, fact, hours_of(record, facts, fact), Where(record.file, record.line))


def places_of(outer: Record, facts: Facts) -> list[Place]:
    return each(lambda record: _place(record, facts), outer.records("places"))


def _place(record: Record, facts: Facts) -> Place:
    fact = fact_of(record, facts)
    return Place(
        id=record.ident(),
        name=record.text("name"),
        fact=fact,
        address=record.maybe_text("address"),
        how_to_get_in=record.maybe_text("how_to_get_in"),
        hours=hours_of(record, facts, fact),
        where=Where(record.file, record.line),
    )


def offers_of(outer: Record, facts: Facts, municipality: str | None) -> list[Offer]:
    return each(lambda record: _offer(record, facts, municipality), outer.records("offers"))


def _offer(record: Record, facts: Facts, municipality: str | None) -> Offer:
    fact = fact_of(record, facts)
    return Offer(
        id=record.ident(),
        name=record.text("name"),
        kind=record.choice("kind", OFFER_KINDS),
        text=record.text("text"),
        for_whom=record.text("for_whom"),
        fact=fact,
        ages=ages_of(record),
        relations=frozenset(record.choices("relations", RELATIONS) or ("self",)),
        topics=frozenset(record.choices("topics", TOPICS)),
        topics_only=bool(record.yes_no("topics_only", False)),
        days=record.choices("days", WEEKDAYS),
        form=record.choice("form", FORMS) if record.has("form") else None,
        place=record.maybe_text("place"),
        door=record.maybe_text("door"),
        hours=hours_of(record, facts, fact),
        contacts=tuple(each(lambda inner: _contact(inner, facts, fact), record.records("contacts"))),
        flagged=record.maybe_text("flagged"),
        residents_of=municipality if record.yes_no("residents_only", False) else None,
        where=Where(record.file, record.line),
    )
