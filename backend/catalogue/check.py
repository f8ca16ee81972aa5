"""What an editor should know about the content: mistakes, conflicts, what expires, what is missing before launch."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

from backend.catalogue.catalogue import Catalogue
from backend.catalogue.loading import load_catalogue
from backend.catalogue.model import Contact, Door, Fact, Municipality, Where
from backend.catalogue.problems import ContentError, message

WARN_DAYS = 60
_AGES = re.compile(r"(\d{1,2})-(\d{1,2})(?=[ -]år)")


@dataclass
class Findings:
    """Danish lines by heading. `errors` stop the start anywhere; production also refuses `demo` and `sheets`."""

    errors: list[str] = field(default_factory=list)
    conflicts: list[str] = field(default_factory=list)
    expiring: list[str] = field(default_factory=list)
    losing: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    expired: list[str] = field(default_factory=list)
    demo: list[str] = field(default_factory=list)
    sheets: list[str] = field(default_factory=list)

    def todo(self) -> int:
        parts = (self.conflicts, self.expired, self.expiring, self.missing, self.demo, self.sheets)
        return sum(len(part) for part in parts)

    def refuses_production(self) -> bool:
        return bool(self.errors or self.demo or self.sheets)


@dataclass(frozen=True)
class _Item:
    where: Where
    what: str
    fact: Fact


def check(root: Path, today: date, days: int = WARN_DAYS) -> tuple[Findings, Catalogue | None]:
    """Everything worth saying about the content on a day, and what runs out within `days`; no catalogue when there are errors."""
    try:
        catalogue = load_catalogue(root, today)
    except ContentError as error:
        return Findings(errors=[str(problem) for problem in error.problems]), None
    return findings_in(catalogue, today, days), catalogue


def findings_in(catalogue: Catalogue, today: date, days: int = WARN_DAYS) -> Findings:
    findings = Findings()
    last = today + timedelta(days=days)
    for item in _unique(_items(catalogue)):
        _sort_in(item, today, last, findings)
    for door in _doors(catalogue):
        _look_at_door(door, today, findings)
    findings.losing += _losing(catalogue, today, last)
    findings.conflicts += _conflicts(catalogue)
    for one in catalogue.municipalities.values():
        findings.sheets += _sheet(one, today)
    findings.missing += [
        message("item_flagged", where=f"{offer.where} {offer.name}", what=offer.flagged)
        for offer in _offers(catalogue)
        if offer.flagged
    ]
    return findings


def production_problems(catalogue: Catalogue, today: date) -> list[str]:
    """What stands in the way of real guests: unsigned sheets and demo content. Empty when all is well."""
    findings = findings_in(catalogue, today)
    return [*findings.demo, *findings.sheets]


def _all(catalogue: Catalogue) -> Iterable[Municipality]:
    return (catalogue.national, *catalogue.municipalities.values())


def _doors(catalogue: Catalogue) -> list[Door]:
    return list({door.where: door for one in _all(catalogue) for door in one.doors.values()}.values())


def _offers(catalogue: Catalogue) -> list:
    return list({offer.where: offer for one in _all(catalogue) for offer in one.offers.values()}.values())


def _items(catalogue: Catalogue) -> Iterator[_Item]:
    for one in _all(catalogue):
        for door in one.doors.values():
            yield from _door_items(door)
        yield from (_Item(offer.where, offer.name, offer.fact) for offer in one.offers.values())
        yield from (_Item(place.where, place.name, place.fact) for place in one.places.values())
        for channel in one.channels.values():
            yield _Item(channel.where, channel.title, channel.hours.fact)
        for name, promises in one.promises.items():
            yield _Item(Where("promises.yml", 0), name, promises.fact)


def _door_items(door: Door) -> Iterator[_Item]:
    yield _Item(door.where, door.name, door.fact)
    for contact in door.contacts:
        yield _Item(contact.where, f"{door.name}, {contact.value}", contact.fact)
        if contact.hours:
            yield _Item(
                contact.where, message("hours_of", what=f"{door.name}, {contact.value}"), contact.hours.fact
            )


def _unique(items: Iterator[_Item]) -> list[_Item]:
    return list(dict.fromkeys(items))


def _sort_in(item: _Item, today: date, last: date, findings: Findings) -> None:
    values = {
        "where": item.where,
        "what": item.what,
        "until": item.fact.valid_until,
        "source": item.fact.source,
    }
    if item.fact.confidence == "demo":
        findings.demo.append(message("item_demo", **values))
    elif item.fact.valid_until < today:
        findings.expired.append(message("item_expired", **values))
    elif item.fact.confidence == "U":
        findings.missing.append(message("item_unsure", **values))
    elif item.fact.valid_until <= last:
        findings.expiring.append(message("item_expiring", **values))


def _look_at_door(door: Door, today: date, findings: Findings) -> None:
    where = f"{door.where} {door.name}"
    if door.flagged:
        findings.missing.append(message("item_flagged", where=where, what=door.flagged))
    if door.conflict:
        findings.conflicts.append(message("item_conflict", where=where, what=door.conflict))
    if door.listed and door.fact.confidence != "U" and not door.sure_contacts(today):
        findings.missing.append(message("item_no_contact", where=where))


def _losing(catalogue: Catalogue, today: date, last: date) -> Iterator[str]:
    """Doors guests are shown today and will not be shown on the last day, unless somebody checks them again."""
    for door in _doors(catalogue):
        if door.listed and door.sure_contacts(today) and not door.sure_contacts(last):
            until = max(min(door.fact.valid_until, contact.fact.valid_until) for contact in door.sure_contacts(today))
            yield message("item_losing", where=door.where, what=door.name, until=until)


def _conflicts(catalogue: Catalogue) -> Iterator[str]:
    yield from _conflicting_hours(_doors(catalogue))
    for thing in (*_doors(catalogue), *_offers(catalogue)):
        said = _AGES.search(thing.for_whom)
        low, high = thing.ages
        if said and (int(said[1]) != low or int(said[2]) != high) and len(_AGES.findall(thing.for_whom)) == 1:
            values = {
                "one": f"{said[1]}-{said[2]}",
                "two": f"{low}-{high}",
                "where_one": "for_whom",
                "where_two": "ages",
            }
            yield message("conflict", what=f"{thing.where} {thing.name}", **values)


def _conflicting_hours(doors: list[Door]) -> Iterator[str]:
    by_number: dict[str, list[tuple[Door, Contact]]] = defaultdict(list)
    for door in doors:
        for contact in door.contacts:
            if contact.kind in ("phone", "sms") and contact.hours:
                by_number[f"{contact.kind} {contact.value.replace(' ', '')}"].append((door, contact))
    for number, uses in by_number.items():
        first_door, first = uses[0]
        for door, other in uses[1:]:
            if first.hours and other.hours and first.hours.opening != other.hours.opening:
                values = {
                    "one": first_door.name,
                    "where_one": first.where,
                    "two": door.name,
                    "where_two": other.where,
                }
                yield message("conflict", what=number, **values)


def _sheet(one: Municipality, today: date) -> Iterator[str]:
    sheet = one.contact_sheet
    if not sheet.signed:
        yield message("sheet_unsigned", municipality=one.name)
    elif sheet.review_on and sheet.review_on < today:
        yield message("sheet_overdue", municipality=one.name, review_on=sheet.review_on)
    for label in sheet.missing:
        yield message("sheet_item", municipality=one.name, label=label)


def report_lines(
    findings: Findings, catalogue: Catalogue | None, root: str, today: date, days: int = WARN_DAYS
) -> Iterator[str]:
    """The overview as it is printed."""
    yield message("check_title", root=root, today=today)
    for heading in ("errors", "conflicts", "expired", "losing", "expiring", "missing", "demo", "sheets"):
        lines = getattr(findings, heading)
        if lines:
            yield ""
            yield message(f"check_{heading}", count=len(lines), days=days)
            yield from (f"  {line}" for line in sorted(lines))
    if catalogue is not None:
        counts = {
            "doors": len(_doors(catalogue)),
            "offers": len(_offers(catalogue)),
            "municipalities": len(catalogue.municipalities),
        }
        yield ""
        yield message("check_summary", errors=len(findings.errors), todo=findings.todo(), **counts)
