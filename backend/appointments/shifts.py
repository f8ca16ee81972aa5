"""Hosts edit their shifts here. What is stored can always be read by the timetable."""

import uuid
from dataclasses import dataclass
from datetime import date, time

from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from backend.appointments.tables import booking_rules
from backend.catalogue import Catalogue
from backend.domain.appointments import check_rule
from backend.errors import BadInput, NotFound
from backend.hosts.tables import hosts, shift_exceptions, shifts
from backend.storage.engine import Storage

FORMS = ("in_person", "phone", "video", "chat")
SHORTEST, LONGEST = 10, 240
MOST_NOTICE = 14 * 24 * 60


@dataclass(frozen=True)
class ShiftForm:
    """A shift as a host fills it in. `rule` is an RFC 5545 RRULE of days; `starts` and `ends` are wall times of one day."""

    rule: str
    first_on: date
    starts: time
    ends: time
    forms: tuple[str, ...]
    place: str
    slot_minutes: int = 45
    buffer_minutes: int = 15


@dataclass(frozen=True)
class BookingRules:
    """What holds for all of a host's shifts. `most_a_day` None means as many as there is room for."""

    notice_minutes: int = 60
    most_a_day: int | None = None
    languages: tuple[str, ...] = ("da",)


class ShiftBook:
    def __init__(self, storage: Storage, catalogue: Catalogue) -> None:
        self.storage, self.catalogue = storage, catalogue

    async def of_host(self, host_id: str) -> list[dict]:
        """→ rows with `except_on` (days left out), earliest first."""
        async with self.storage.read() as tx:
            wanted = select(shifts).where(shifts.c.host_id == host_id).order_by(shifts.c.first_on, shifts.c.starts)
            rows = [dict(row) for row in (await tx.execute(wanted)).mappings()]
            away = select(shift_exceptions).join(shifts, shifts.c.id == shift_exceptions.c.shift_id).where(shifts.c.host_id == host_id)
            days = [(row.shift_id, row.except_on) for row in await tx.execute(away)]
        return [row | {"except_on": sorted(day for shift, day in days if shift == row["id"])} for row in rows]

    async def add(self, host_id: str, form: ShiftForm) -> str:
        """→ the shift's id. Raises BadInput naming the wrong fields, NotFound for an unknown host."""
        async with self.storage.write() as tx:
            values = await self._checked(tx, host_id, form)
            shift_id = uuid.uuid4().hex
            await tx.execute(insert(shifts).values(id=shift_id, host_id=host_id, **values))
        return shift_id

    async def change(self, host_id: str, shift_id: str, form: ShiftForm) -> None:
        """Appointments already made stay as they are. Raises NotFound for another host's shift."""
        async with self.storage.write() as tx:
            values = await self._checked(tx, host_id, form)
            self._found(await tx.execute(update(shifts).where(*_own(host_id, shift_id)).values(**values)))

    async def remove(self, host_id: str, shift_id: str) -> None:
        async with self.storage.write() as tx:
            await self._must_own(tx, host_id, shift_id)
            await tx.execute(delete(shift_exceptions).where(shift_exceptions.c.shift_id == shift_id))
            await tx.execute(delete(shifts).where(*_own(host_id, shift_id)))

    async def leave_out(self, host_id: str, shift_id: str, day: date) -> None:
        """The host is away that day. Twice is the same as once."""
        async with self.storage.write() as tx:
            await self._must_own(tx, host_id, shift_id)
            try:
                async with tx.begin_nested():
                    await tx.execute(insert(shift_exceptions).values(shift_id=shift_id, except_on=day))
            except IntegrityError:
                return

    async def put_back(self, host_id: str, shift_id: str, day: date) -> None:
        async with self.storage.write() as tx:
            await self._must_own(tx, host_id, shift_id)
            same = (shift_exceptions.c.shift_id == shift_id, shift_exceptions.c.except_on == day)
            await tx.execute(delete(shift_exceptions).where(*same))

    async def rules(self, host_id: str) -> BookingRules:
        async with self.storage.read() as tx:
            row = (await tx.execute(select(booking_rules).where(booking_rules.c.host_id == host_id))).mappings().first()
        if row is None:
            return BookingRules()
        return BookingRules(row["notice_minutes"], row["most_a_day"], tuple(row["languages"].split()))

    async def set_rules(self, host_id: str, rules: BookingRules) -> None:
        """Raises BadInput naming the wrong fields."""
        _refuse(_faults_of_rules(rules))
        row = {"notice_minutes": rules.notice_minutes, "most_a_day": rules.most_a_day, "languages": " ".join(rules.languages)}
        async with self.storage.write() as tx:
            await tx.execute(delete(booking_rules).where(booking_rules.c.host_id == host_id))
            await tx.execute(insert(booking_rules).values(host_id=host_id, **row))

    async def _checked(self, tx, host_id: str, form: ShiftForm) -> dict:
        municipality = (await tx.execute(select(hosts.c.municipality).where(hosts.c.id == host_id))).scalar_one_or_none()
        if municipality is None:
            raise NotFound()
        _refuse(_faults(form, set(self.catalogue.municipality(municipality).places)))
        return {
            "rule": form.rule,
            "first_on": form.first_on,
            "starts": form.starts.strftime("%H:%M"),
            "ends": form.ends.strftime("%H:%M"),
            "forms": " ".join(form.forms),
            "place": form.place,
            "slot_minutes": form.slot_minutes,
            "buffer_minutes": form.buffer_minutes,
        }

    async def _must_own(self, tx, host_id: str, shift_id: str) -> None:
        if (await tx.execute(select(shifts.c.id).where(*_own(host_id, shift_id)))).first() is None:
            raise NotFound()

    def _found(self, done) -> None:
        if done.rowcount != 1:
            raise NotFound()


def _own(host_id: str, shift_id: str) -> tuple:
    return shifts.c.id == shift_id, shifts.c.host_id == host_id


def _faults(form: ShiftForm, places: set[str]) -> list[str]:
    length = (form.ends.hour - form.starts.hour) * 60 + form.ends.minute - form.starts.minute
    wrong = {
        "rule": not _is_rule(form.rule),
        "forms": not form.forms or not set(form.forms) <= set(FORMS),
        "place": form.place not in places,
        "slot_minutes": not SHORTEST <= form.slot_minutes <= LONGEST,
        "buffer_minutes": not 0 <= form.buffer_minutes <= LONGEST,
        "ends": length < form.slot_minutes,
    }
    return [name for name, is_wrong in wrong.items() if is_wrong]


def _faults_of_rules(rules: BookingRules) -> list[str]:
    wrong = {
        "notice_minutes": not 0 <= rules.notice_minutes <= MOST_NOTICE,
        "most_a_day": rules.most_a_day is not None and not 1 <= rules.most_a_day <= 50,
        "languages": not rules.languages or not all(len(one) <= 3 and one.isalpha() and one.islower() for one in rules.languages),
    }
    return [name for name, is_wrong in wrong.items() if is_wrong]


def _is_rule(rule: str) -> bool:
    try:
        check_rule(rule)
    except (ValueError, TypeError, KeyError):
        return False
    return len(rule) <= 400


def _refuse(faults: list[str]) -> None:
    if faults:
        raise BadInput(fields=[{"field": name, "problem": "not_possible"} for name in faults])
