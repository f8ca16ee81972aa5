"""Times as a guest reads them: weekday, date and clock, always in Copenhagen time."""

from datetime import date, datetime

from babel.dates import format_date, format_datetime

from backend.domain.appointments import COPENHAGEN

PATTERN = "EEEE 'den' d. MMMM 'kl.' HH.mm"


def label(moment: datetime) -> str:
    """→ «torsdag den 3. december kl. 14.30»."""
    return _written(moment, PATTERN)


def span_label(start: datetime, end: datetime) -> str:
    """→ «torsdag den 3. december kl. 14.00–17.00»."""
    return f"{_written(start, PATTERN)}–{_written(end, 'HH.mm')}"


def clock_label(moment: datetime) -> str:
    """→ «14.30»."""
    return _written(moment, "HH.mm")


def day_label(day: date) -> str:
    """→ «tors. 3. dec.»."""
    return format_date(day, "EE d. MMM", locale="da")


def _written(moment: datetime, pattern: str) -> str:
    return format_datetime(moment.astimezone(COPENHAGEN), pattern, tzinfo=COPENHAGEN, locale="da")
