"""Reads the folder `municipalities/` into a `Catalogue`, or says everything that is wrong with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from backend.catalogue.calendar import ClosingDay
from backend.catalogue.catalogue import Catalogue
from backend.catalogue.channels import channels_of, contact_sheet_of, promises_of
from backend.catalogue.crisis import crisis_of
from backend.catalogue.doors import doors_of, offers_of, places_of
from backend.catalogue.facts import read_facts
from backend.catalogue.hours import closing_days_of
from backend.catalogue.model import (
    CHANNELS,
    CRISIS_LEVELS,
    Channel,
    ContactSheet,
    CrisisBranch,
    Door,
    Municipality,
    Offer,
    Place,
    Promises,
    Wording,
)
from backend.catalogue.problems import Problem, Report, message, nearest
from backend.catalogue.reading import Record, read_file
from backend.catalogue.rules import lead_list_of, rule_list_of, rules_of
from backend.catalogue.wording import KEYS, wording_of
from backend.domain.guidance import Lead, Option, Rule, Rules

NATIONAL = "_national"


@dataclass
class _Folder:
    """What one folder's files say, before national and local are mixed."""

    id: str
    name: str = ""
    short: str = ""
    doors: list[Door] = field(default_factory=list)
    offers: list[Offer] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)
    channels: dict[str, Channel] = field(default_factory=dict)
    promises: dict[str, Promises] = field(default_factory=dict)
    crisis: dict[str, CrisisBranch] = field(default_factory=dict)
    wording: dict[str, Wording] = field(default_factory=dict)
    rules: tuple[Rule, ...] = ()
    leads: tuple[Lead, ...] = ()
    sheet: ContactSheet = field(default_factory=ContactSheet)


def load_catalogue(root: Path, today: date) -> Catalogue:
    """Load all content below `root`. Raises `ContentError` listing every mistake with file, line and remedy.

    What is expired on `today` does not stop the start: it is no longer shown as sure.
    """
    report = Report()
    root = Path(root)
    if not (root / NATIONAL / "doors.yml").is_file():
        report.add(NATIONAL, 1, "no_national" if root.is_dir() else "no_folder", path=root.name)
        report.raise_if_any()
    ids = tuple(sorted(path.name for path in root.iterdir() if path.is_dir() and path.name[0] not in "_."))
    rules, closing_days = _national_only(root, ids, report)
    national = _folder(root, NATIONAL, {}, ids, report)
    locals_ = [_folder(root, name, national.wording, ids, report) for name in ids]
    _check_all(national, locals_, rules, report)
    report.raise_if_any()
    rules = _with_municipalities(rules, locals_)
    return Catalogue(
        municipalities={one.id: _mixed(national, one) for one in locals_},
        national=_mixed(national, replace(national, id=NATIONAL)),
        rules={one.id: _local_rules(rules, one) for one in [national, *locals_]},
        closing_days=closing_days,
        loaded_on=today,
    )


def _national_only(root: Path, ids: tuple[str, ...], report: Report) -> tuple[Rules, tuple[ClosingDay, ...]]:
    guidance = read_file(root / NATIONAL / "guidance.yml", root, report)
    days = read_file(root / NATIONAL / "closing_days.yml", root, report)
    rules = Rules(())
    closing: tuple[ClosingDay, ...] = ()
    if guidance is None:
        report.add(NATIONAL, 1, "missing_file", name="guidance.yml", folder=NATIONAL)
    else:
        rules = rules_of(guidance, ids, {})
        guidance.done()
    if days is not None:
        days.taken.add("facts")
        closing = closing_days_of(days)
        days.done()
    return rules, closing


def _folder(
    root: Path, name: str, national_wording: Mapping[str, Wording], ids: tuple[str, ...], report: Report
) -> _Folder:
    local = None if name == NATIONAL else name
    found = _Folder(name)

    def file(file_name: str) -> Record | None:
        return read_file(root / name / file_name, root, report)

    if record := file("doors.yml"):
        found.doors = doors_of(record, read_facts(record), local)
        record.done()
    if record := file("offers.yml"):
        found.offers = offers_of(record, read_facts(record), local)
        record.done()
    if record := file("places.yml"):
        found.places = places_of(record, read_facts(record))
        record.done()
    if record := file("promises.yml"):
        found.promises = promises_of(record, read_facts(record))
        record.done()
    if record := file("crisis.yml"):
        found.crisis = crisis_of(record)
        record.done()
    if record := file("wording.yml"):
        found.wording = wording_of(record, national_wording)
        record.done()
    if local is not None:
        _local_only(found, file, ids, report)
    return found


def _local_only(found: _Folder, file: Any, ids: tuple[str, ...], report: Report) -> None:
    if record := file("channels.yml"):
        found.name, found.short = record.text("name"), record.text("short")
        found.channels = channels_of(record, read_facts(record))
        record.done()
    else:
        report.add(found.id, 1, "missing_file", name="channels.yml", folder=found.id)
    if record := file("guidance.yml"):
        found.rules, found.leads = rule_list_of(record, ids), lead_list_of(record, ids)
        record.done()
    if record := file("contact_sheet.yml"):
        found.sheet = contact_sheet_of(record)
        record.done()


def _mixed(national: _Folder, local: _Folder) -> Municipality:
    """National content with the municipality's own in front: the same id or key means that the local one counts."""
    return Municipality(
        id=local.id,
        name=local.name,
        short=local.short,
        doors=_by_id(national.doors, local.doors),
        offers=_by_id(national.offers, local.offers),
        places=_by_id(national.places, local.places),
        channels=local.channels,
        promises={**national.promises, **local.promises},
        crisis={**national.crisis, **local.crisis},
        wording={**national.wording, **local.wording},
        contact_sheet=local.sheet,
    )


def _by_id(national: Sequence[Any], local: Sequence[Any]) -> dict[str, Any]:
    return {one.id: one for one in (*national, *local)}


def _with_municipalities(rules: Rules, locals_: Sequence[_Folder]) -> Rules:
    """A question about the municipality offers every folder's, before the choices written in the file."""
    options = tuple(Option(one.short, one.id) for one in locals_)
    questions = tuple(
        replace(one, options=options + one.options) if one.slot == "municipality" else one
        for one in rules.questions
    )
    return replace(rules, questions=questions)


def _local_rules(rules: Rules, folder: _Folder) -> Rules:
    return replace(rules, rules=folder.rules + rules.rules, leads=folder.leads + rules.leads)


def _check_all(national: _Folder, locals_: list[_Folder], rules: Rules, report: Report) -> None:
    everything = [national, *locals_]
    for folder in everything:
        for things in (folder.doors, folder.offers, folder.places):
            _check_ids(things, report)
    doors = {door.id for folder in everything for door in folder.doors}
    _check_rule_doors(everything, rules, doors, report)
    for folder in everything:
        _check_references(folder, national, doors, report)
    _check_complete(national, report)


def _check_ids(things: Sequence[Any], report: Report) -> None:
    seen: dict[str, Any] = {}
    for one in things:
        if one.id in seen:
            report.add(one.where.file, one.where.line, "duplicate_id", value=one.id, where=seen[one.id].where)
        seen[one.id] = one


def _check_rule_doors(everything: list[_Folder], rules: Rules, doors: set[str], report: Report) -> None:
    listed = [(f"{NATIONAL}/guidance.yml", rule) for rule in rules.rules]
    listed += [(f"{folder.id}/guidance.yml", rule) for folder in everything for rule in folder.rules]
    for file, rule in listed:
        for name in rule.doors:
            if name not in doors:
                text = message(
                    "unknown_ref", value=name, what=message("what_door"), hint=nearest(name, doors)
                )
                report.problems.append(Problem(file, 1, f"{rule.id}: {text}"))
    for name in rules.safety_net:
        if name not in doors:
            report.add(
                f"{NATIONAL}/guidance.yml",
                1,
                "unknown_ref",
                value=name,
                what=message("what_door"),
                hint=nearest(name, doors),
            )


def _check_references(folder: _Folder, national: _Folder, doors: set[str], report: Report) -> None:
    places = {place.id for place in (*national.places, *folder.places)}
    for offer in folder.offers:
        _check_one(offer.place, places, "what_place", offer.where, report)
        _check_one(offer.door, doors, "what_door", offer.where, report)
    for channel in folder.channels.values():
        for place in channel.appointment_places:
            _check_one(place, places, "what_place", channel.where, report)
        _check_one(channel.door, doors, "what_door", channel.where, report)
        promises = {**national.promises, **folder.promises}
        _check_one(channel.promises, set(promises), "what_promise", channel.where, report)
    for branch in folder.crisis.values():
        for line in branch.lines:
            _check_one(line.door, doors, "what_door", branch.where, report)


def _check_one(value: str | None, known: set[str], what: str, where: Any, report: Report) -> None:
    if value is not None and value not in known:
        report.add(
            where.file, where.line, "unknown_ref", value=value, what=message(what), hint=nearest(value, known)
        )


def _check_complete(national: _Folder, report: Report) -> None:
    for key in KEYS:
        if key not in national.wording:
            report.add(f"{NATIONAL}/wording.yml", 1, "missing_wording", key=key)
    for level in CRISIS_LEVELS:
        if level not in national.crisis:
            report.add(f"{NATIONAL}/crisis.yml", 1, "missing_crisis", level=level)
    for channel in CHANNELS:
        if channel not in national.promises:
            report.add(f"{NATIONAL}/promises.yml", 1, "missing", key=channel, example="{anonymity: …}")
