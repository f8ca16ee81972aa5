"""Guidance for a guest: which doors, which offers, and answers about one door. JSON shapes as in `docs/protocol.md`."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import lru_cache

from backend.catalogue import Catalogue
from backend.catalogue.calendar import local
from backend.catalogue.catalogue import DEFAULT_LEVEL, clock
from backend.catalogue.model import CRISIS_LEVELS, DOOR_QUESTIONS, Door, Hours, Municipality, Offer
from backend.domain.guidance import Advice, DoorFit, Question, Setting, advise
from backend.domain.opening_hours import DAY, at_minute, spans_on
from backend.domain.situation import Situation, ages_in
from backend.errors import BadInput, NotFound

CONTACT_KEYS = {"phone": "phone", "sms": "sms", "chat": "chat_url", "url": "url", "address": "address"}
MOST_OFFERS = 6
MOST_DAYS = 8
CLOSED_OR_UNKNOWN = ("closed_on_day", "unknown_on_day")
OF_THE_TALK = {"talk_cost": "answer_talk_cost", "talk_what_happens": "answer_talk_what_happens"}
NO_DOOR_YET = {"cost": "answer_cost_no_door", "what_happens": "answer_what_happens_no_door", "parents": "answer_parents_no_door"}


def advise_json(
    catalogue: Catalogue,
    municipality: str,
    channel: str,
    situation: Situation,
    now: datetime,
    exclude: Collection[str] = (),
    risk: str = "none",
) -> dict:
    """The answer of `POST /internal/guidance`: `{ask, lead, doors, assumed, also}`, one to three doors. `now` is aware.

    Raises `NotFound` for an unknown municipality or channel.
    """
    catalogue.channel(municipality, channel)
    setting = Setting(municipality, channel, risk, _names(catalogue))
    home = _home(catalogue, municipality, situation)
    rules = catalogue.rules.get(municipality, catalogue.rules[catalogue.national.id])
    advice = advise(situation, rules, _fits(catalogue, home, now), setting, exclude)
    return {
        "ask": None if advice.ask is None else _ask_json(advice.ask),
        "lead": advice.lead,
        "doors": _doors_json(catalogue, municipality, home, advice, now),
        "assumed": None if advice.assumed is None else _assumed_json(advice.assumed),
        "also": _also_json(catalogue, municipality, home, advice, now),
    }


def _names(catalogue: Catalogue) -> Mapping[str, str]:
    return {one.id: one.short for one in catalogue.municipalities.values()}


def _home(catalogue: Catalogue, here: str, situation: Situation) -> Municipality:
    """The content that counts: where the guest lives; national only when that is somewhere without a folder."""
    if situation.municipality is None:
        return catalogue.municipality(here)
    return catalogue.municipalities.get(situation.municipality, catalogue.national)


def _fits(catalogue: Catalogue, home: Municipality, now: datetime) -> Mapping[str, DoorFit]:
    return _fits_at(catalogue, home.id, now.replace(second=0, microsecond=0))


@lru_cache(maxsize=16)
def _fits_at(catalogue: Catalogue, home_id: str, minute: datetime) -> Mapping[str, DoorFit]:
    home = catalogue.municipalities.get(home_id, catalogue.national)
    on = local(minute).date()
    return {
        door.id: door_fit(door, catalogue.is_live(door, minute))
        for door in home.doors.values()
        if door.id in _named_by_rules(catalogue) and _usable(door, on)
    }


@lru_cache(maxsize=16)
def _named_by_rules(catalogue: Catalogue) -> frozenset[str]:
    """Doors that guidance can name at all: a municipality may list a thousand more."""
    everything = catalogue.rules.values()
    return frozenset({*(name for rules in everything for rule in rules.rules for name in rule.doors), *(name for rules in everything for name in rules.safety_net)})


def _usable(door: Door, on: date) -> bool:
    return door.listed and bool(door.sure_contacts(on))


def door_fit(door: Door, live: bool | None) -> DoorFit:
    """What guidance needs of a door; `live` as in `DoorFit`."""
    return DoorFit(
        id=door.id,
        ages=door.ages,
        relations=door.relations,
        about=door.about,
        forms=door.forms,
        anonymous=door.anonymous,
        wait=door.wait,
        intrusiveness=door.intrusiveness,
        residents_of=door.residents_of,
        emergency=door.kind == "emergency",
        live=live,
    )


def _ask_json(question: Question) -> dict:
    choices = [{"title": option.title, "value": option.value} for option in question.options]
    return {"slot": question.slot, "text": question.text, "why": question.why, "choices": choices}


def _also_json(catalogue: Catalogue, here: str, home: Municipality, advice: Advice, now: datetime) -> dict | None:
    """Who else is there now, and how to say it in one sentence; None when two of those named are."""
    doors = [door_json(catalogue, here, home.doors[one], now) for one in advice.also]
    return {"text": catalogue.wording(here, "also_open", doors=_in_a_row(catalogue, here, doors)).text, "doors": doors} if doors else None


def _in_a_row(catalogue: Catalogue, here: str, doors: list[dict]) -> str:
    """`BørneTelefonen (116 111) og Psykiatrifonden (39 25 25 25)`."""
    ways = [catalogue.wording(here, "also_open_one", name=one["name"], way=_first_way(one["contact"])).text for one in doors]
    return f" {catalogue.wording(here, 'also_open_and').text} ".join(ways)


def _who_is_there(catalogue: Catalogue, municipality: str, channel: str, now: datetime) -> str:
    """For somebody who wants a number before anything is known: those with somebody there right now."""
    found = advise_json(catalogue, municipality, channel, Situation(), now)
    everybody = (*found["doors"], *(found["also"] or {"doors": []})["doors"])
    live = [door for door in everybody if door["open"]["now"]]
    return catalogue.wording(municipality, "answer_contact_no_door", channel, doors=_in_a_row(catalogue, municipality, live)).text


def _first_way(contact: Mapping[str, str]) -> str:
    return next(contact[kind] for kind in CONTACT_KEYS.values() if kind in contact)


def _assumed_json(question: Question) -> dict:
    return {"said": question.assume, "change": question.change or question.text, "ask": _ask_json(question)}


def _doors_json(
    catalogue: Catalogue, here: str, home: Municipality, advice: Advice, now: datetime
) -> list[dict]:
    return [
        door_json(catalogue, here, home.doors[suggestion.door], now, suggestion.reason)
        for suggestion in advice.doors
    ]


def door_json(catalogue: Catalogue, municipality: str, door: Door, now: datetime, reason: str = "") -> dict:
    """A `DoorAdvice`. Only ways in that are sure on the day are in it; without any it is `verified: false`."""
    on = local(now).date()
    contacts = door.sure_contacts(on)
    answer = {
        "id": door.id,
        "name": door.name,
        "reason": reason,
        "what_happens": door.what_happens,
        "for_whom": door.for_whom,
        "cost": door.cost,
        "anonymous": door.anonymous,
        "contact": _contact_json(contacts),
        "open": catalogue.open_state(municipality, door, now).as_json(),
        "checked_on": door.fact.checked_on.isoformat(),
        "verified": bool(contacts),
        "if_no_answer": door.if_no_answer,
        "page": page_of(catalogue, municipality, door),
    }
    return {key: value for key, value in answer.items() if value is not None}


def page_of(catalogue: Catalogue, municipality: str, door: Door) -> str | None:
    """The path of the door's own page in the overview, or None for a door that is not listed. It tells of no chat."""
    if not door.listed:
        return None
    homes = (catalogue.municipality(municipality), *catalogue.municipalities.values())
    home = next((one for one in homes if one.doors.get(door.id) is door), catalogue.national)
    return f"/tilbud/{door.id}" if home is catalogue.national else f"/{home.id}/tilbud/{door.id}"


def _contact_json(contacts: Collection) -> dict:
    found: dict[str, str] = {}
    for contact in contacts:
        found.setdefault(CONTACT_KEYS[contact.kind], contact.value)
    return found


def door_answer_json(
    catalogue: Catalogue,
    municipality: str,
    channel: str,
    door_id: str | None,
    question: str,
    now: datetime,
    days: tuple[date, date] | None = None,
) -> dict:
    """The answer of `POST /internal/doors/answer`: `{text, door?}`. Without a door it is about the one the channel is, or asks which is meant.

    `days`, first and last, are for `hours`: what is known of the door on those days instead of right now.
    """
    if question in OF_THE_TALK:
        return {"text": catalogue.wording(municipality, OF_THE_TALK[question], channel).text}
    if question not in DOOR_QUESTIONS:
        raise BadInput(field="question", allowed=list(DOOR_QUESTIONS))
    door_id = door_id or catalogue.channel(municipality, channel).door
    if door_id is None and question == "contact":
        return {"text": _who_is_there(catalogue, municipality, channel, now)}
    if door_id is None:
        return {"text": catalogue.wording(municipality, NO_DOOR_YET.get(question, "answer_which_door"), channel).text}
    door = _find_door(catalogue, municipality, door_id)
    if question == "hours" and days:
        text = _door_hours_on(catalogue, municipality, channel, door, days)
        return {"text": text, "door": door_json(catalogue, municipality, door, now)}
    key, values = _answer(catalogue, municipality, door, question, now)
    text = catalogue.wording(municipality, key, channel, name=door.name, **values).text
    return {"text": text, "door": door_json(catalogue, municipality, door, now)}


def door_names_json(catalogue: Catalogue, municipality: str) -> list[dict]:
    """`[{id, name}]` of the listed doors: what a guest may call by name without having been shown it."""
    return [{"id": door.id, "name": door.name} for door in catalogue.doors(municipality) if door.listed]


def _find_door(catalogue: Catalogue, municipality: str, door_id: str) -> Door:
    """The municipality's door, or a neighbour's: a guest from there may have been shown it."""
    here = catalogue.municipality(municipality)
    for one in (here, *catalogue.municipalities.values()):
        if door_id in one.doors:
            return one.doors[door_id]
    raise NotFound(door=door_id[:40])


def _answer(
    catalogue: Catalogue, municipality: str, door: Door, question: str, now: datetime
) -> tuple[str, dict[str, object]]:
    if question == "cost":
        return ("answer_cost", {"cost": door.cost}) if door.cost else ("answer_cost_unknown", {})
    if question == "anonymity":
        return _anonymity_answer(door)
    if question == "parents":
        return (
            ("answer_parents", {"parents": door.parents}) if door.parents else ("answer_parents_unknown", {})
        )
    if question == "hours":
        return "answer_hours", {"open": catalogue.open_state(municipality, door, now).text}
    if question == "contact":
        return _contact_answer(door, local(now).date())
    if question == "way":
        return _way_answer(door, local(now).date())
    if question == "who_for":
        return "answer_who_for", {"for_whom": door.for_whom}
    return "answer_what_happens", {"what_happens": door.what_happens}


def _anonymity_answer(door: Door) -> tuple[str, dict[str, object]]:
    if door.anonymity:
        return "answer_anonymity", {"anonymity": door.anonymity}
    return {True: "answer_anonymity_yes", False: "answer_anonymity_no", None: "answer_anonymity_unknown"}[
        door.anonymous
    ], {}


def _contact_answer(door: Door, on: date) -> tuple[str, dict[str, object]]:
    values = list(dict.fromkeys(contact.value for contact in door.sure_contacts(on)))
    return ("answer_contact", {"contact": ", ".join(values)}) if values else ("answer_contact_unknown", {})


def _way_answer(door: Door, on: date) -> tuple[str, dict[str, object]]:
    sure = door.sure_contacts(on)
    address = next((contact.value for contact in sure if contact.kind == "address"), None)
    if address:
        return "answer_way", {"address": address}
    if "in_person" not in door.forms:
        return "answer_way_not_a_place", {}
    values = list(dict.fromkeys(contact.value for contact in sure))
    return ("answer_way_unknown", {"contact": ", ".join(values)}) if values else ("answer_contact_unknown", {})


def offers_json(
    catalogue: Catalogue,
    municipality: str,
    channel: str,
    situation: Situation,
    now: datetime,
    kind: str | None = None,
) -> dict:
    """The answer of `POST /internal/offers/search`: `{lead, offers}`, the best fitting first, at most six."""
    home = _home(catalogue, municipality, situation)
    kinds = KIND_FAMILIES.get(kind or "", (kind,))
    asked = replace(situation, relation=None, about=None, age=None, age_band=None) if kind in FOR_RELATIVES else situation
    fitting = [offer for offer in home.offers.values() if offer_fits(offer, asked)]
    fitting = [offer for offer in fitting if kind is None or offer.kind in kinds]
    ranked = sorted(fitting, key=lambda offer: _offer_rank(offer, situation))[:MOST_OFFERS]
    lead = "offers_lead" if ranked else "offers_lead_none"
    if ranked and any(offer.flagged for offer in ranked):
        lead = "offers_lead_flagged"
    return {
        "lead": catalogue.wording(municipality, lead, channel).text,
        "offers": [offer_json(catalogue, municipality, home, offer, now) for offer in ranked],
    }


FOR_RELATIVES = ("parents", "siblings", "children_of", "relatives")  # asked for by name: for whoever it is meant
KIND_FAMILIES = {
    "group": ("group", "parents", "siblings", "children_of"),
    "relatives": ("parents", "siblings", "children_of"),
    "community": ("community", "activity", "way_out", "volunteering"),
}


def offer_fits(offer: Offer, situation: Situation) -> bool:
    """Whether the offer is meant for this guest, as far as is known."""
    if situation.relation in ("self", "relative") and situation.relation not in offer.relations:
        return False
    if offer.kind == "parents" and situation.about not in (None, "child", "other"):
        return False
    if offer.kind == "siblings" and situation.about not in (None, "sibling"):
        return False
    if (
        offer.kind == "children_of"
        and situation.relation == "relative"
        and situation.about not in (None, "parent")
    ):
        return False
    if offer.topics_only and situation.topics and offer.topics.isdisjoint(situation.topics):
        return False
    low, high = _ages_of(situation)
    return offer.ages[0] <= high and low <= offer.ages[1]


def _ages_of(situation: Situation) -> tuple[int, int]:
    if situation.relation == "relative" and situation.about not in (None, "parent", "sibling"):
        return 0, 200
    if situation.age is not None:
        return situation.age, situation.age
    return ages_in(situation.age_band) if situation.age_band else (0, 200)


def _offer_rank(offer: Offer, situation: Situation) -> tuple[bool, bool, bool]:
    on_topic = not offer.topics.isdisjoint(situation.topics)
    made_for_relatives = situation.relation == "relative" and "self" not in offer.relations
    return not on_topic, not made_for_relatives, offer.flagged is not None


def offer_json(
    catalogue: Catalogue, municipality: str, home: Municipality, offer: Offer, now: datetime
) -> dict:
    """An offer of the `offers` card, with `kind`, `ages`, `topics`, `days`, `form` for filtering on a page."""
    on = local(now).date()
    sure = [contact for contact in offer.contacts if offer.fact.sure(on) and contact.fact.sure(on)]
    answer = {
        "id": offer.id,
        "name": offer.name,
        "text": offer.text,
        "for_whom": offer.for_whom,
        "place": _place_json(home, offer, on),
        "contact": _contact_json(sure) or _door_contact(home, offer, on),
        "ask_at": home.doors[offer.door].name if offer.door and offer.door in home.doors else None,
        "open": catalogue.open_state(municipality, offer, now).as_json() if offer.hours else None,
        "flagged": True if offer.flagged or not offer.fact.sure(on) else None,
        "kind": offer.kind,
        "ages": list(offer.ages),
        "relations": sorted(offer.relations),
        "topics": sorted(offer.topics),
        "days": list(offer.days),
        "form": offer.form,
        "checked_on": offer.fact.checked_on.isoformat(),
    }
    return {key: value for key, value in answer.items() if value is not None}


def _place_json(home: Municipality, offer: Offer, on: date) -> str | None:
    place = home.places.get(offer.place or "")
    if place is None:
        return None
    return ", ".join(part for part in (place.name, place.address if place.fact.sure(on) else None) if part)


def _door_contact(home: Municipality, offer: Offer, on: date) -> dict | None:
    door = home.doors.get(offer.door or "")
    return _contact_json(door.sure_contacts(on)) or None if door else None


def opening_hours_json(
    catalogue: Catalogue, municipality: str, channel: str, now: datetime, days: tuple[date, date] | None = None
) -> dict:
    """The answer of `POST /internal/opening-hours`: when hosts answer in the channel, now or from one day to another."""
    way = catalogue.channel(municipality, channel)
    open_now = catalogue.open_state(municipality, way, now)
    if days:
        lines = _hours_lines(catalogue, municipality, channel, "service", [way.hours], days)
        return {"text": "\n".join(lines), "open": open_now.as_json()}
    text = catalogue.wording(municipality, "service_hours", channel, open=open_now.text).text
    return {"text": text[:1].upper() + text[1:], "open": open_now.as_json()}


def _door_hours_on(catalogue: Catalogue, municipality: str, channel: str, door: Door, days: tuple[date, date]) -> str:
    hours = [one.hours for one in door.sure_contacts(days[0]) if one.hours]
    return "\n".join(_hours_lines(catalogue, municipality, channel, "door", hours, days, name=door.name))


def _hours_lines(
    catalogue: Catalogue, municipality: str, channel: str, who: str, hours: list[Hours], days: tuple[date, date], **known: object
) -> list[str]:
    """A line for each day, at most `MOST_DAYS`."""
    first, last = days
    count = min(max((last - first).days, 0) + 1, MOST_DAYS)
    found = [_hours_on(catalogue, municipality, hours, first + timedelta(days=ahead)) for ahead in range(count)]
    short = "_short" if count > 1 and who == "service" else ""
    texts = [catalogue.wording(municipality, f"{who}_{key}{short if key in CLOSED_OR_UNKNOWN else ''}", channel, **known, **values).text for key, values in found]
    lines = [text[:1].upper() + text[1:] for text in texts]
    return [*lines, catalogue.wording(municipality, "service_always", channel).text] if short else lines


def _hours_on(catalogue: Catalogue, municipality: str, hours: list[Hours], on: date) -> tuple[str, dict[str, object]]:
    weekdays = catalogue.municipality(municipality).wording["weekdays"].texts
    values: dict[str, object] = {"weekday": weekdays[on.weekday()], "date": f"{on.day}.{on.month}."}
    known = [spans_on(one.opening, on, catalogue.calendar(on)) if one.fact.sure(on) else None for one in hours]
    spans = sorted((span for one in known for span in one or ()), key=lambda span: span.start)
    if spans and spans[0].start == 0 and max(span.end for span in spans) >= DAY:
        return "open_all_day", values
    if spans:
        values |= {"from": clock(at_minute(on, spans[0].start)), "to": clock(at_minute(on, max(span.end for span in spans)))}
        return "hours_on_day", values
    return ("closed_on_day" if known and None not in known else "unknown_on_day"), values


def crisis_json(
    catalogue: Catalogue, municipality: str, now: datetime, level: str | None = None, age: int | None = None
) -> dict:
    """The card `crisis`. `level` is one of `CRISIS_LEVELS`; None gives the branch that fits anybody (`acute`)."""
    if level is not None and level not in CRISIS_LEVELS:
        raise BadInput(field="level", allowed=list(CRISIS_LEVELS))
    return catalogue.crisis(municipality, now, level or DEFAULT_LEVEL, age).as_json()


def promises_json(catalogue: Catalogue, municipality: str, channel: str) -> dict:
    """The answer of `GET /internal/promises/…`."""
    return catalogue.promises(municipality, channel).as_json()


def public_doors_json(catalogue: Catalogue, municipality: str, now: datetime) -> dict:
    """`GET /municipalities/{m}/doors`: every listed door. Unsure ones are `verified: false` and without a way in."""
    doors = [door for door in catalogue.doors(municipality) if door.listed]
    return {
        "municipality": catalogue.municipality(municipality).name,
        "doors": [public_door_json(catalogue, municipality, door, now) for door in doors],
    }


def public_door_json(catalogue: Catalogue, municipality: str, door: Door, now: datetime) -> dict:
    """A `DoorAdvice` without a reason, with what a page filters by and where it is known from."""
    extra = {
        "kind": door.kind,
        "ages": list(door.ages),
        "relations": sorted(door.relations),
        "topics": sorted(door.topics),
        "forms": sorted(door.forms),
        "wait": door.wait,
        "local": door.residents_of is not None,
        "flagged": door.flagged is not None,
        "source": door.fact.source,
        "confidence": door.fact.confidence,
    }
    return door_json(catalogue, municipality, door, now) | extra


def public_offers_json(catalogue: Catalogue, municipality: str, now: datetime) -> dict:
    """`GET /municipalities/{m}/offers`: every offer, flagged where its municipality has something left to write."""
    home = catalogue.municipality(municipality)
    offers = [offer_json(catalogue, municipality, home, offer, now) for offer in home.offers.values()]
    return {"municipality": home.name, "offers": offers}


def public_crisis_json(catalogue: Catalogue, municipality: str, now: datetime) -> dict:
    """`GET /municipalities/{m}/crisis`: the card for anybody, and every branch by level."""
    branches = {level: crisis_json(catalogue, municipality, now, level) for level in CRISIS_LEVELS}
    return branches[DEFAULT_LEVEL] | {"branches": branches}
