"""Danish public holidays, the usual closing days, and the way between instants and the wall clock."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays
from dateutil.easter import easter

from backend.domain.opening_hours import Calendar

COPENHAGEN = ZoneInfo("Europe/Copenhagen")


@dataclass(frozen=True, slots=True)
class ClosingDay:
    """A day that is no holiday but often closed: a fixed month and day, or days after Easter Sunday."""

    id: str
    month: int = 0
    day: int = 0
    after_easter: int | None = None

    def in_year(self, year: int) -> date:
        if self.after_easter is not None:
            return easter(year) + timedelta(days=self.after_easter)
        return date(year, self.month, self.day)


@lru_cache(maxsize=64)
def calendar_for(year: int, closing_days: tuple[ClosingDay, ...] = ()) -> Calendar:
    """The calendar of a year and its neighbours, enough for any opening looked for within a fortnight."""
    years = (year - 1, year, year + 1)
    closed = frozenset(day.in_year(one) for one in years for day in closing_days)
    return Calendar(frozenset(holidays.country_holidays("DK", years=years)), closed)


def local(now: datetime) -> datetime:
    """An aware instant as naive Copenhagen wall time."""
    return now.astimezone(COPENHAGEN).replace(tzinfo=None)


def instant(wall: datetime) -> datetime:
    """Naive Copenhagen wall time as an aware instant in UTC."""
    return wall.replace(tzinfo=COPENHAGEN).astimezone(UTC)
