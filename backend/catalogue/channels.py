"""Channels, promises and contact sheets out of YAML."""

from backend.catalogue.facts import NO_FACT, Facts, fact_of
from backend.catalogue.hours import hours_of
from backend.catalogue.model import CHANNELS, Channel, Consent, ContactSheet, Hours, Promises, Where
from backend.catalogue.reading import Record
from backend.domain.opening_hours import OpeningHours
from backend.domain.situation import CONTACT_FORMS

_NEVER = Hours(OpeningHours(), NO_FACT)


def channels_of(outer: Record, facts: Facts) -> dict[str, Channel]:
    return {name: _channel(name, record, facts) for name, record in outer.named("channels")}


def _channel(name: str, record: Record, facts: Facts) -> Channel:
    record._checked("channel", name, CHANNELS)
    channel = Channel(
        id=name,
        title=record.text("title"),
        host_title=record.text("host_title"),
        hours=hours_of(record, facts, fact_of(record, facts)) or _NEVER,
        forms=record.choices("forms", CONTACT_FORMS),
        appointment_places=record.texts("appointment_places"),
        promises=record.maybe_text("promises") or name,
        door=record.maybe_text("door"),
        where=Where(record.file, record.line),
    )
    record.done()
    return channel


def promises_of(outer: Record, facts: Facts) -> dict[str, Promises]:
    return {name: _promises(name, record, facts) for name, record in outer.named("promises")}


def _promises(name: str, record: Record, facts: Facts) -> Promises:
    hours, days = record.whole("conversation_hours", 24), record.whole("enquiry_days", 30)
    promises = Promises(
        channel=name,
        short=record.text("short"),
        anonymity=record.text("anonymity"),
        deletion=record.text("deletion").format(conversation_hours=hours, enquiry_days=days),
        conversation_hours=hours or 24,
        enquiry_days=days or 30,
        duty=record.text("duty"),
        duty_professional=record.text("duty_professional"),
        readers=record.text("readers"),
        contact=record.text("contact"),
        consent=_consent(record),
        fact=fact_of(record, facts),
    )
    record.done()
    return promises


def _consent(record: Record) -> Consent:
    inner = record.record("consent")
    if inner is None:
        record.problem("consent", "missing", key="consent", example="{version: …, text: …}")
        return Consent("", "")
    consent = Consent(inner.text("version"), inner.text("text"))
    inner.done()
    return consent


def contact_sheet_of(outer: Record) -> ContactSheet:
    """Labels of `items` without a `value` are missing."""
    missing = []
    for item in outer.records("items"):
        label = item.text("label")
        item.maybe_text("note")
        if item.maybe_text("value") is None:
            missing.append(label)
        item.done()
    return ContactSheet(
        signed_by=outer.maybe_text("signed_by"),
        signed_on=outer.day("signed_on", required=False),
        review_on=outer.day("review_on", required=False),
        missing=tuple(missing),
    )
