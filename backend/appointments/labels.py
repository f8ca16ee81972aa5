"""Times as a guest reads them: weekday, date and clock, always in Copenhagen time."""

from datetime import datetime

from babel.dates import format_datetime

from backend.domain.appointments import COPENHAGEN

PATTERN = "EEEE 'den' d. MMMM 'kl.' HH.mm"


def label(moment: datetime) -> str:
    """→ «torsdag den 3. december kl. 14.30»."""
    return format_datetime(moment.astimezone(COPENHAGEN), PATTERN, tzinfo=COPENHAGEN, locale="da")
