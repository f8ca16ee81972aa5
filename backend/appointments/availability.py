"""Puts shifts, what is taken, holidays and the places' own hours together into a timetable."""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from backend.appointments.labels import span_label
from backend.appointments.repository import AppointmentRepository
from backend.catalogue import Catalogue
from backend.catalogue.calendar import instant
from backend.catalogue.model import Place
from backend.domain.appointments import (
    COPENHAGEN,
    HORIZON,
    TO_DECIDE,
    Busy,
    Shift,
    Slot,
    Timetable,
    Window,
    Wish,
    local_day,
    read_slot_id,
)
from backend.domain.conversation import Conversation
from backend.domain.opening_hours import Span, at_minute, spans_on

WALK_IN_DAYS, WALK_INS = 8, 2
A_DAY, A_WEEK, NEAR = timedelta(days=1), timedelta(days=7), timedelta(days=1)


@dataclass(frozen=True)
class Calendar:
    """The timetable from one day to another: as it is, and as it would be with nothing taken, which costs no look into the database."""

    free: Callable[[date, date], Awaitable[Timetable]]
    if_all_were_free: Callable[[date, date], Timetable]


class Availability:
    def __init__(self, repository: AppointmentRepository, catalogue: Catalogue, is_closed: Callable[[str], Callable[[date], bool]]) -> None:
        self.repository, self.catalogue, self.is_closed = repository, catalogue, is_closed

    async def find(self, tx: AsyncConnection, conversation: Conversation, wish: Wish, limit: int, now: datetime) -> tuple[list[Slot], bool]:
        """→ (slots in order of time, whether they lie within the wish); the nearest others when the wish has none."""
        calendar = await self._calendar(tx, conversation, now, wish)
        found = await self._within(calendar, wish, limit, now)
        return (found, True) if found else (await self._nearest(calendar, wish.window.since or now, limit, now, wish.form), False)

    async def within(self, tx: AsyncConnection, conversation: Conversation, wish: Wish, limit: int, now: datetime) -> list[Slot]:
        """The first `limit` free times within the wish, and no others."""
        return await self._within(await self._calendar(tx, conversation, now, wish), wish, limit, now)

    async def _within(self, calendar: Calendar, wish: Wish, limit: int, now: datetime) -> list[Slot]:
        """Reads what is taken week by week, and only where a shift has anything to give: a wish costs the same with a year of appointments."""
        found: list[Slot] = []
        for first, last in _weeks(max(now, wish.window.since or now), min(now + HORIZON, wish.window.until or now + HORIZON)):
            if not calendar.if_all_were_free(first, last).within(wish, 1):
                continue
            found += (await calendar.free(first, last)).within(wish, limit - len(found))
            if len(found) >= limit:
                break
        return found

    async def nearest(
        self, tx: AsyncConnection, conversation: Conversation, wished: datetime, limit: int, now: datetime, form: str | None = None
    ) -> list[Slot]:
        """The `limit` free times closest to `wished`, in order of time; of that `form` when there are any."""
        anything = await self._calendar(tx, conversation, now, Wish())
        found = await self._nearest(anything, wished, limit, now, form)
        return found or await self._nearest(anything, wished, limit, now)

    async def _nearest(self, calendar: Calendar, wished: datetime, limit: int, now: datetime, form: str | None = None) -> list[Slot]:
        first, last, day = local_day(now), local_day(now + HORIZON), local_day(wished)
        middle, radius = min(max(day, first), last), NEAR
        while True:
            timetable = await calendar.free(max(first, middle - radius), min(last, middle + radius))
            found, settled = timetable.nearest(wished, limit, form)
            everything = middle - radius <= first and last <= middle + radius
            if everything or settled is not None and settled <= abs((middle - day).days) + radius.days:
                return found
            radius *= 4

    async def _calendar(self, tx: AsyncConnection, conversation: Conversation, now: datetime, wish: Wish) -> Calendar:
        """Everything that suits the wish's host, form and language."""
        shifts = await self.repository.shifts(tx, conversation.municipality, conversation.channel, wish.host_id)
        suitable = [shift for shift in shifts if wish.suits(shift)]
        return Calendar(
            lambda first, last: self._with(tx, conversation, suitable, now, (first, last)),
            lambda first, last: self._timetable(conversation, suitable, (), now, (first, last)),
        )

    async def around(
        self, tx: AsyncConnection, conversation: Conversation, slot_id: str, now: datetime, except_for: str, is_held: bool
    ) -> Timetable | None:
        """The timetable of the slot's host on the slot's day: enough to decide one booking.

        The notice is a matter of what is offered: a held time is kept to its start, and one just offered for as long as deciding takes.
        """
        read = read_slot_id(slot_id)
        if read is None or not now <= read[1] < now + HORIZON:
            return None
        host_id, day = read[0], local_day(read[1])
        shifts = await self.repository.shifts(tx, conversation.municipality, conversation.channel, host_id)
        return await self._with(tx, conversation, shifts, now, (day, day), except_for, HORIZON if is_held else TO_DECIDE)

    async def _with(
        self, tx: AsyncConnection, conversation: Conversation, shifts: list[Shift], now: datetime, days: tuple[date, date],
        except_for: str = "", grace: timedelta = timedelta(),
    ) -> Timetable:  # fmt: skip
        hosts = {shift.host_id for shift in shifts}
        since, until = (datetime.combine(day, time(), COPENHAGEN) for day in (days[0], days[1] + A_DAY))
        busy = await self.repository.busy(tx, hosts, since, until, now, conversation.id, except_for) if hosts else []
        return self._timetable(conversation, shifts, busy, now, days, grace)

    def _timetable(
        self, conversation: Conversation, shifts: list[Shift], busy: Sequence[Busy], now: datetime, days: tuple[date, date],
        grace: timedelta = timedelta(),
    ) -> Timetable:  # fmt: skip
        closed, opens = self.is_closed(conversation.municipality), self._opens(conversation.municipality)
        return Timetable(shifts, busy, now, now + HORIZON, closed, opens, grace, days)

    def _opens(self, municipality: str) -> Callable[[str, date], tuple[Span, ...] | None]:
        places = self.catalogue.municipality(municipality).places
        return lambda place, day: self._spans(places.get(place), day)

    def _spans(self, place: Place | None, day: date) -> tuple[Span, ...] | None:
        """When a place is open on a day; None when its hours are not known for sure."""
        if place is None or place.hours is None or not place.hours.fact.sure(day):
            return None
        return spans_on(place.hours.opening, day, self.catalogue.calendar(day))

    def walk_in(self, conversation: Conversation, window: Window, now: datetime) -> list[dict]:
        """The next times to come by without an appointment → [{place, label, starts_at, ends_at}], from the places' sure hours."""
        since = max(now, window.since or now)
        places = self.catalogue.municipality(conversation.municipality).places
        channel = self.catalogue.channel(conversation.municipality, conversation.channel)
        known = [places[name] for name in channel.appointment_places if name in places]
        found = [one for place in known for one in self._walk_ins(place, since)]
        wished = replace(window, since=None, parts=())
        return sorted((one for one in found if wished.holds(datetime.fromisoformat(one["starts_at"]))), key=lambda one: one["starts_at"])[:WALK_INS]

    def _walk_ins(self, place: Place, since: datetime) -> list[dict]:
        found = []
        for ahead in range(WALK_IN_DAYS):
            day = local_day(since) + timedelta(days=ahead)
            for span in self._spans(place, day) or ():
                start, end = instant(at_minute(day, span.start)), instant(at_minute(day, span.end))
                if end > since:
                    label = span_label(start, end)
                    found.append({"place": place.name, "label": label, "starts_at": start.isoformat(), "ends_at": end.isoformat()})
        return found


def _weeks(since: datetime, until: datetime) -> Iterator[tuple[date, date]]:
    first, last = local_day(since), local_day(until)
    while first <= last:
        yield first, min(first + A_WEEK, last)
        first += A_WEEK + A_DAY
