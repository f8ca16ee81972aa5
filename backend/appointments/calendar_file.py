"""Appointments as iCalendar that gives nothing away on a shared screen."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from functools import lru_cache

from icalendar import Calendar, Event, Timezone

from backend.domain.appointments import COPENHAGEN

REFRESH = timedelta(minutes=30)
# The rule that holds since 1996, as calendar programs write it themselves: shorter and safer than a list of every change.
ZONE = """BEGIN:VTIMEZONE
TZID:Europe/Copenhagen
BEGIN:DAYLIGHT
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
TZNAME:CEST
DTSTART:19960331T020000
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU
END:DAYLIGHT
BEGIN:STANDARD
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
TZNAME:CET
DTSTART:19961027T030000
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
END:STANDARD
END:VTIMEZONE
""".replace("\n", "\r\n")


def calendar_file(row: Mapping, title: str, place: str) -> str:
    """One appointment for the guest."""
    calendar = _calendar()
    calendar.add("method", "PUBLISH")
    calendar.add_component(event(row, title, place))
    return _written(calendar)


def calendar_feed(name: str, events: Iterable[Event]) -> str:
    """A host's appointments, for programs that come back and ask again."""
    calendar = _calendar()
    calendar.add("x-wr-calname", _one_line(name))
    calendar.add("x-wr-timezone", "Europe/Copenhagen")
    calendar.add("refresh-interval", REFRESH, parameters={"value": "DURATION"})
    calendar.add("x-published-ttl", "PT30M")
    for one in events:
        calendar.add_component(one)
    return _written(calendar)


def event(row: Mapping, title: str, place: str) -> Event:
    """`row` is an appointment; the same one keeps its UID, and a change raises SEQUENCE."""
    found = Event()
    found.add("uid", f"{row['id']}@indgang")
    found.add("dtstamp", row["changed_at"])
    found.add("last-modified", row["changed_at"])
    found.add("dtstart", row["starts_at"].astimezone(COPENHAGEN))
    found.add("dtend", row["ends_at"].astimezone(COPENHAGEN))
    found.add("summary", _one_line(title))
    found.add("location", _one_line(place))
    found.add("status", "CONFIRMED" if row["status"] != "cancelled" else "CANCELLED")
    found.add("class", "PRIVATE")
    found.add("transp", "OPAQUE")
    found.add("sequence", int((row["changed_at"] - row["booked_at"]).total_seconds()))
    return found


def _one_line(text: str) -> str:
    """Readers disagree on what ends a line, so nothing that some of them take for an end is written."""
    return " ".join(text.split())


def _calendar() -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", "-//Indgang//DA")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add_component(_zone())
    return calendar


@lru_cache(maxsize=1)
def _zone() -> Timezone:
    return Timezone.from_ical(ZONE)


def _written(calendar: Calendar) -> str:
    return calendar.to_ical().decode()
