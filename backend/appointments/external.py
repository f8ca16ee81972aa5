"""A host's other work, read from an iCalendar text. Only when they are busy is kept: no title, no place, no names."""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice

from dateutil.rrule import rrulestr
from icalendar import Calendar

from backend.domain.appointments import COPENHAGEN
from backend.errors import BadInput

LARGEST = 2_000_000
MOST_REPEATS = 4_000
FREE_STATES = ("FREE", "WORKINGELSEWHERE")
TOO_FINE = ("SECONDLY", "MINUTELY", "HOURLY")

Interval = tuple[datetime, datetime]


class UnreadableCalendar(BadInput):
    code, message = "unreadable_calendar", "Det ligner ikke en kalenderfil (.ics). Hent den igen fra dit kalenderprogram."


def busy_intervals(text: str, since: datetime, until: datetime) -> list[Interval]:
    """→ when the calendar is busy between `since` and `until` (aware), merged, in UTC. Raises UnreadableCalendar."""
    text = text.strip("\ufeff \t\r\n")
    if len(text) > LARGEST or not text.upper().endswith("END:VCALENDAR"):  # half a download must not set anybody free
        raise UnreadableCalendar()
    try:
        calendar = Calendar.from_ical(text)
        found = [*_of_events(calendar, since, until), *_of_freebusy(calendar)]
    except (ValueError, KeyError, TypeError, IndexError, AttributeError, OverflowError) as error:
        raise UnreadableCalendar() from error
    return merged(_inside(found, since, until))


def merged(intervals: Iterable[Interval]) -> list[Interval]:
    """The same time with no interval touching another."""
    found: list[Interval] = []
    for start, end in sorted(intervals):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


def _inside(intervals: Iterable[Interval], since: datetime, until: datetime) -> Iterator[Interval]:
    for start, end in intervals:
        if start < until and since < end and start < end:
            yield max(start, since), min(end, until)


def _of_events(calendar, since: datetime, until: datetime) -> Iterator[Interval]:
    events = [event for event in calendar.walk("VEVENT") if event.get("dtstart") is not None]
    overridden = {(str(e.get("uid")), _key(e["recurrence-id"].dt)) for e in events if e.get("recurrence-id") is not None}
    for event in events:
        if not _is_busy(event):
            continue
        length = _length(event)
        for start in _starts(event, since - length, until):
            if event.get("recurrence-id") is not None or (str(event.get("uid")), _key(start)) not in overridden:
                begins = _instant(start)
                yield begins, _instant(start + length) if type(start) is date else begins + length


def _is_busy(event) -> bool:
    cancelled = str(event.get("status", "")).upper() == "CANCELLED"
    free = str(event.get("transp", "")).upper() == "TRANSPARENT"
    elsewhere = str(event.get("x-microsoft-cdo-busystatus", "")).upper() in FREE_STATES
    return not (cancelled or free or elsewhere)


def _length(event) -> timedelta:
    start = event["dtstart"].dt
    if event.get("dtend") is not None:
        end = event["dtend"].dt
        return end - start if type(start) is date else _instant(end) - _instant(start)
    if event.get("duration") is not None:
        return event["duration"].dt
    return timedelta(days=1) if type(start) is date else timedelta()


def _starts(event, since: datetime, until: datetime) -> list[date | datetime]:
    """When it begins: once, or repeated on the wall clock of its own zone, without EXDATE and with RDATE."""
    start = event["dtstart"].dt
    left_out = {_key(day) for day in _dates(event, "exdate")}
    found = [start] if event.get("rrule") is None else list(_repeated(event, start, since, until))
    return [one for one in found + _dates(event, "rdate") if _key(one) not in left_out]


def _repeated(event, start: date | datetime, since: datetime, until: datetime) -> Iterator[date | datetime]:
    rules = event["rrule"] if isinstance(event["rrule"], list) else [event["rrule"]]
    is_day = type(start) is date
    wall = datetime.combine(start, time()) if is_day else start.replace(tzinfo=None)
    zone = None if is_day else start.tzinfo
    first, last = (_on_wall(moment, zone) - timedelta(days=1) for moment in (since, until + timedelta(days=2)))
    for rule in rules:
        if str(rule.get("FREQ", [""])[0]).upper() in TOO_FINE:
            continue
        repeated = rrulestr(_plain(rule, zone), dtstart=wall, ignoretz=True)
        for one in islice(repeated.xafter(first, inc=True), MOST_REPEATS):
            if one > last:
                break
            yield one.date() if is_day else one.replace(tzinfo=zone)


def _plain(rule, zone) -> str:
    """The rule with UNTIL on the wall clock of its zone, as it is counted there."""
    rule = rule.copy()
    if "UNTIL" in rule:
        limit = rule["UNTIL"][0]
        if type(limit) is date:
            limit = datetime.combine(limit, time(23, 59, 59))
        rule["UNTIL"] = [_on_wall(limit, zone) if limit.tzinfo else limit]
    return rule.to_ical().decode()


def _dates(event, name: str) -> list[date | datetime]:
    given = event.get(name)
    lists = given if isinstance(given, list) else [given] if given is not None else []
    days = [one.dt for many in lists for one in many.dts]
    return [day[0] if isinstance(day, tuple) else day for day in days]


def _of_freebusy(calendar) -> Iterator[Interval]:
    for part in calendar.walk("VFREEBUSY"):
        given = part.get("freebusy")
        for period in given if isinstance(given, list) else [given] if given is not None else []:
            if str(period.params.get("FBTYPE", "BUSY")).upper() != "FREE":
                start, end = period.dt
                yield _instant(start), _instant(end) if isinstance(end, datetime) else _instant(start) + end


def _instant(moment: date | datetime) -> datetime:
    """Days begin at midnight in Copenhagen; times without a zone are read there too."""
    if type(moment) is date:
        moment = datetime.combine(moment, time())
    return (moment if moment.tzinfo else moment.replace(tzinfo=COPENHAGEN)).astimezone(UTC)


def _on_wall(moment: datetime, zone) -> datetime:
    return moment.astimezone(zone or COPENHAGEN).replace(tzinfo=None)


def _key(moment: date | datetime) -> date | datetime:
    return moment if type(moment) is date else _instant(moment)
