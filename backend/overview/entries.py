"""Doors and offers as the overview shows them: what is not sure is never shown as sure, as in the chat."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from backend.catalogue import Catalogue
from backend.catalogue.calendar import local
from backend.catalogue.model import Door, Hours, Offer
from backend.domain.guidance import WAIT_ORDER, Setting, fits
from backend.guidance.service import door_fit, offer_fits, offer_json, public_door_json
from backend.overview.filters import Wish, in_form, on_topic, open_on, sure_hours
from backend.overview.words import WORDS

OFFER_MARK = "deltag-"  # keeps an offer's address apart from a door's with the same id
GROUP_OF_KIND = {kind: group for group, told in WORDS["groups"].items() for kind in told["kinds"]}
OFFERS_GROUP = "offers"


@dataclass(frozen=True, slots=True)
class Entry:
    """`shown` is the open JSON of the door or offer; `hours` are those that are sure today."""

    key: str
    thing: Door | Offer
    shown: dict
    hours: tuple[Hours, ...]

    @property
    def is_door(self) -> bool:
        return isinstance(self.thing, Door)

    @property
    def sure(self) -> bool:
        return not self.is_door or self.shown["verified"]

    @property
    def group(self) -> str:
        return GROUP_OF_KIND[self.thing.kind] if self.is_door else OFFERS_GROUP

    @property
    def forms(self) -> frozenset[str]:
        return self.thing.forms if isinstance(self.thing, Door) else frozenset({self.thing.form or "in_person"})


def entry_of(catalogue: Catalogue, m: str, key: str, now: datetime) -> Entry | None:
    """The door `key`, the offer `deltag-…`, or None. A door that is not listed has no page."""
    home = catalogue.municipality(m)
    if key in home.doors and home.doors[key].listed:
        return _door(catalogue, m, home.doors[key], now)
    offer = home.offers.get(key.removeprefix(OFFER_MARK)) if key.startswith(OFFER_MARK) else None
    return _offer(catalogue, m, offer, now) if offer else None


def entries(catalogue: Catalogue, m: str, now: datetime) -> list[Entry]:
    home = catalogue.municipality(m)
    doors = [_door(catalogue, m, door, now) for door in home.doors.values() if door.listed]
    return doors + [_offer(catalogue, m, offer, now) for offer in home.offers.values()]


def _door(catalogue: Catalogue, m: str, door: Door, now: datetime) -> Entry:
    contacts = door.sure_contacts(local(now).date())
    return Entry(door.id, door, public_door_json(catalogue, m, door, now), tuple(sure_hours(contacts, local(now).date())))


def _offer(catalogue: Catalogue, m: str, offer: Offer, now: datetime) -> Entry:
    on = local(now).date()
    known = (offer.hours,) if offer.hours and offer.hours.fact.sure(on) else ()
    return Entry(OFFER_MARK + offer.id, offer, offer_json(catalogue, m, catalogue.municipality(m), offer, now), known)


@dataclass(frozen=True, slots=True)
class Found:
    """`groups` in reading order; `unsure` have no way in yet; `unknown_day` were left out for want of sure days."""

    groups: tuple[tuple[str, tuple[Entry, ...]], ...]
    unsure: tuple[Entry, ...]
    unknown_day: int

    @property
    def count(self) -> int:
        return sum(len(entries) for _, entries in self.groups)

    def shown(self) -> Iterator[Entry]:
        for _, entries in self.groups:
            yield from entries


def find(catalogue: Catalogue, m: str, wish: Wish, now: datetime) -> Found:
    """What suits the wish. 112 is not among them: the numbers stand on top of every page."""
    fitting = [one for one in entries(catalogue, m, now) if _suits(one, wish, m)]
    fitting.sort(key=lambda one: _order(one, wish))
    on_day = {one.key: open_on(list(one.hours), _sure_days(one, local(now).date()), wish.day) for one in fitting} if wish.day else {}
    kept = [one for one in fitting if one.sure and on_day.get(one.key, True)]
    by_group = ((group, tuple(one for one in kept if one.group == group)) for group in WORDS["groups"])
    return Found(
        groups=tuple((group, found) for group, found in by_group if found),
        unsure=tuple(one for one in fitting if not one.sure),
        unknown_day=sum(one.sure and on_day.get(one.key, True) is None for one in fitting),
    )


def _sure_days(entry: Entry, on: date) -> tuple[str, ...]:
    return entry.thing.days if isinstance(entry.thing, Offer) and entry.thing.fact.sure(on) else ()


def _suits(entry: Entry, wish: Wish, m: str) -> bool:
    thing, situation = entry.thing, wish.situation()
    if isinstance(thing, Door):
        if thing.kind == "emergency" or not fits(door_fit(thing, None), situation, Setting(m, "municipality")):
            return False
    elif not offer_fits(thing, situation):
        return False
    is_open = wish.open is None or (entry.shown.get("open") or {}).get("now") is True
    return is_open and on_topic(thing, wish.topic) and in_form(entry.forms, wish.form)


def _order(entry: Entry, wish: Wish) -> tuple:
    thing = entry.thing
    special = wish.topic in thing.topics if wish.topic else not thing.topics  # nothing chosen: what is for anybody first
    is_open = (entry.shown.get("open") or {}).get("now")
    own = getattr(thing, "residents_of", None) is not None
    wait, how = (WAIT_ORDER[thing.wait], thing.intrusiveness) if isinstance(thing, Door) else (0, 0)
    return not special, is_open is not True, not own, wait, how, entry.shown.get("flagged") is True, thing.name
