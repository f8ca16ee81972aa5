"""Opening hours and closing days out of YAML."""

from backend.catalogue.calendar import ClosingDay
from backend.catalogue.facts import Facts, fact_of
from backend.catalogue.model import Fact, Hours
from backend.catalogue.reading import Record, each
from backend.domain.opening_hours import DAY_RULES, UNKNOWN, OpeningHours, Span, parse_span

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def hours_of(record: Record, facts: Facts, default: Fact) -> Hours | None:
    """The record's `hours`, or None when nothing is known."""
    inner = record.record("hours")
    if inner is None:
        return None
    hours = Hours(_opening(inner), fact_of(inner, facts, default))
    inner.done()
    return hours


def _opening(record: Record) -> OpeningHours:
    always = bool(record.yes_no("always", False))
    return OpeningHours(
        week=_week(record),
        always=always,
        on_holidays=record.choice("on_holidays", DAY_RULES, "as_usual" if always else UNKNOWN),
        on_closing_days=record.choice("on_closing_days", DAY_RULES, "as_usual" if always else UNKNOWN),
        special=dict(each(_special, record.records("special"))),
    )


def _special(record: Record) -> tuple:
    day = record.day("date")
    spans = _spans(record, "open")
    record.maybe_text("why")
    return day, spans


def _week(record: Record) -> tuple[tuple[Span, ...], ...]:
    inner = record.record("week")
    days: list[tuple[Span, ...]] = [()] * 7
    if inner is not None:
        for name in inner.nodes:
            for day in _days(inner, name):
                days[day] += _spans(inner, name)
    return tuple(tuple(sorted(spans, key=lambda span: span.start)) for spans in days)


def _days(record: Record, name: str) -> range:
    first, _, last = name.partition("-")
    if first not in WEEKDAYS or (last and last not in WEEKDAYS):
        record.problem(name, "not_day", value=name)
        return range(0)
    start = WEEKDAYS.index(first)
    return range(start, (WEEKDAYS.index(last) if last else start) + 1)


def _spans(record: Record, key: str) -> tuple[Span, ...]:
    spans = []
    for text in record.texts(key):
        try:
            spans.append(parse_span(text))
        except ValueError:
            record.problem(key, "not_span", value=text)
    return tuple(spans)


def closing_days_of(outer: Record) -> tuple[ClosingDay, ...]:
    """The `closing_days` of `_national/closing_days.yml`."""
    return tuple(each(_closing_day, outer.records("closing_days")))


def _closing_day(record: Record) -> ClosingDay:
    record.text("name")
    month, _, day = (record.maybe_text("month_day") or "01-01").partition("-")
    return ClosingDay(
        id=record.ident(), month=int(month), day=int(day or 1), after_easter=record.whole("after_easter")
    )
