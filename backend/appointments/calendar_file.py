"""An appointment as an iCalendar file that gives nothing away on a shared screen."""

from datetime import datetime

from icalendar import Calendar, Event

from backend.domain.appointments import COPENHAGEN


def calendar_file(uid: str, title: str, starts_at: datetime, ends_at: datetime, place: str, changed_at: datetime) -> str:
    calendar = Calendar()
    calendar.add("prodid", "-//Indgang//DA")
    calendar.add("version", "2.0")
    event = Event()
    event.add("uid", f"{uid}@indgang")
    event.add("dtstamp", changed_at)
    event.add("dtstart", starts_at.astimezone(COPENHAGEN))
    event.add("dtend", ends_at.astimezone(COPENHAGEN))
    event.add("summary", title)
    event.add("location", place)
    event.add("sequence", int(changed_at.timestamp()))
    calendar.add_component(event)
    calendar.add_missing_timezones()
    return calendar.to_ical().decode()
