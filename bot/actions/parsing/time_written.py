"""Writes times the way they are read back to a guest."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.actions.parsing.time_wish import COPENHAGEN, Window
from bot.actions.parsing.time_words import WORDS

_WRITTEN = WORDS["written"]


def format_time(moment: datetime) -> str:
    """"torsdag den 3. december kl. 14.30", in Copenhagen time. `moment` is aware."""
    return _filled("time", moment)


def format_date(moment: datetime) -> str:
    """"torsdag den 3. december", in Copenhagen time."""
    return _filled("day", moment)


def format_window(window: Window) -> str:
    """"torsdag den 3. december mellem kl. 14.00 og 17.00"; whole days as a day or "fra … til og med …"."""
    start, end = window.start.astimezone(COPENHAGEN), window.end.astimezone(COPENHAGEN)
    last = end - timedelta(microseconds=1)
    until = "24.00" if (end.hour, end.minute) == (0, 0) else _clock(end)
    if start.date() == last.date() or end - start < timedelta(hours=12):
        whole = (start.hour, start.minute, until) == (0, 0, "24.00")
        return format_date(start) if whole else _WRITTEN["hours"].format(
            date=format_date(start), clock=_clock(start), until=until
        )
    return _WRITTEN["days"].format(date=format_date(start), last=format_date(last))


def _filled(pattern: str, moment: datetime) -> str:
    local = moment.astimezone(COPENHAGEN)
    return _WRITTEN[pattern].format(
        weekday=_WRITTEN["weekdays"][local.weekday()],
        day=local.day,
        month=_WRITTEN["months"][local.month - 1],
        clock=_clock(local),
    )


def _clock(moment: datetime) -> str:
    return moment.strftime("%H.%M")
