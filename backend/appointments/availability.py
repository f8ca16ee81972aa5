"""Puts shifts, what is taken, holidays and the places' own hours together into a timetable."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from backend.appointments.labels import span_label
from backend.appointments.repository import AppointmentRepository
from backend.catalogue import Catalogue
from backend.catalogue.calendar import instant
from backend.catalogue.model import Place
from backend.domain.appointments import (
    HORIZON,
    TO_DECIDE,
    Shift,
    Timetable,
    Window,
    Wish,
    local_day,
    read_slot_id,
)
from backend.domain.conversation import Conversation
from backend.domain.opening_hours import Span, at_minute, spans_on

WALK_IN_DAYS, WALK_INS = 8, 2
A_DAY = timedelta(days=1)


class Availability:
    def __init__(self, repository: AppointmentRepository, catalogue: Catalogue, is_closed: Callable[[str], Callable[[date], bool]]) -> None:
        self.repository, self.catalogue, self.is_closed = repository, catalogue, is_closed

    async def timetable(
        self, tx: AsyncConnection, conversation: Conversation, now: datetime, wish: Wish | None = None, except_for: str = "",
    ) -> Timetable:  # fmt: skip
        """Everything that suits the wish's host, form and language; its window is for `Timetable.find`."""
        shifts = await self.repository.shifts(tx, conversation.municipality, conversation.channel, wish and wish.host_id)
        suitable = [shift for shift in shifts if wish is None or wish.suits(shift)]
        return await self._with(tx, conversation, suitable, now, (now, now + HORIZON), except_for, timedelta())

    async def around(
        self, tx: AsyncConnection, conversation: Conversation, slot_id: str, now: datetime, except_for: str, is_held: bool
    ) -> Timetable | None:
        """The timetable of the slot's host, right on the slot's day only: enough to decide one booking.

        The notice is a matter of what is offered: a held time is kept to its start, and one just offered for as long as deciding takes.
        """
        read = read_slot_id(slot_id)
        if read is None or not now <= read[1] < now + HORIZON:
            return None
        host_id, start = read
        shifts = await self.repository.shifts(tx, conversation.municipality, conversation.channel, host_id)
        return await self._with(tx, conversation, shifts, now, (start, start), except_for, HORIZON if is_held else TO_DECIDE)

    async def _with(
        self, tx: AsyncConnection, conversation: Conversation, shifts: list[Shift], now: datetime, span: tuple[datetime, datetime],
        except_for: str, grace: timedelta,
    ) -> Timetable:  # fmt: skip
        hosts = {shift.host_id for shift in shifts}
        busy = await self.repository.busy(tx, hosts, span[0] - A_DAY, span[1] + A_DAY, now, conversation.id, except_for)
        municipality = conversation.municipality
        return Timetable(shifts, busy, now, now + HORIZON, self.is_closed(municipality), self._opens(municipality), grace)

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


