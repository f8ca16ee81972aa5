"""How often a shift comes back, as a host chooses it, to and from an RFC 5545 RRULE of days."""

from dataclasses import dataclass
from datetime import date, datetime

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
WEEKS = ("1", "2", "3", "4")
IN_MONTH = ("first", "second", "third", "fourth", "last")
_NUMBERS = dict(zip(IN_MONTH, ("1", "2", "3", "4", "-1"), strict=True))
_UNTIL_TIME = "T235959"


@dataclass(frozen=True)
class Recurrence:
    """`every` is a number of weeks ("1"–"4") or which one in the month ("first" … "last"); `until` is the last day or None."""

    days: tuple[str, ...]
    every: str = "1"
    until: date | None = None


def rule_of(chosen: Recurrence) -> str:
    """Raises ValueError for a choice that is none."""
    if not chosen.days or not set(chosen.days) <= set(WEEKDAYS) or chosen.every not in (*WEEKS, *IN_MONTH):
        raise ValueError(chosen.every)
    days = [day for day in WEEKDAYS if day in chosen.days]
    if chosen.every in IN_MONTH:
        parts = ["FREQ=MONTHLY", "BYDAY=" + ",".join(_NUMBERS[chosen.every] + day for day in days)]
    else:
        interval = [] if chosen.every == "1" else [f"INTERVAL={chosen.every}"]
        parts = ["FREQ=WEEKLY", *interval, "BYDAY=" + ",".join(days)]
    return ";".join([*parts, *([f"UNTIL={chosen.until:%Y%m%d}{_UNTIL_TIME}"] if chosen.until else [])])


def read_rule(rule: str) -> Recurrence | None:
    """The choice that gives just this rule; None for a rule that was written in another way."""
    parts = dict(part.split("=", 1) for part in rule.upper().split(";") if "=" in part)
    try:
        until = datetime.strptime(parts["UNTIL"][:8], "%Y%m%d").date() if "UNTIL" in parts else None
    except ValueError:
        return None
    found = parts.get("BYDAY", "").split(",")
    if parts.get("FREQ") == "MONTHLY":
        number = found[0][:-2]
        every = next((name for name, value in _NUMBERS.items() if value == number), "")
        chosen = Recurrence(tuple(day[-2:] for day in found), every, until)
    else:
        chosen = Recurrence(tuple(found), parts.get("INTERVAL", "1"), until)
    try:
        return chosen if rule_of(chosen) == rule.upper() else None
    except ValueError:
        return None
