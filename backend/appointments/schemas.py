"""Bodies of the booking calls (docs/protocol.md, section 2)."""

from dataclasses import asdict
from datetime import UTC, date, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from backend.appointments.booking import ANY_HOST, Booking
from backend.appointments.booking import HostWish as Wish
from backend.appointments.waiting import Wanted
from backend.domain.appointments import Window
from backend.edge import InternalBody

EARLIEST, LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)

Clock = Annotated[str, Field(pattern=r"^([01]\d|2[0-4]):[0-5]\d$")]
SlotId = Annotated[str, Field(max_length=60)]
Reference = Annotated[str, Field(max_length=40)]
Form = Literal["in_person", "phone", "video", "chat"]


class WindowBody(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    since: Annotated[datetime | None, Field(alias="from")] = None
    until: Annotated[datetime | None, Field(alias="to")] = None
    dates_excluded: Annotated[list[date], Field(max_length=60)] = []
    parts: Annotated[list[tuple[Clock, Clock]], Field(max_length=10)] = []
    first_free: bool = False

    def as_window(self) -> Window:
        return Window(_aware(self.since), _aware(self.until), tuple(self.dates_excluded), tuple(self.parts))


class HostWish(BaseModel):
    """What can be asked for: lived experience, a name, the same host as last time, a language. Gender is not stored."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    peer: bool = False
    alias: Annotated[str, Field(max_length=40)] | None = None
    same_as_last: bool = False
    language: Annotated[str, Field(pattern=r"^[a-z]{2,3}$")] | None = None

    def as_wish(self) -> Wish:
        return Wish(self.peer, self.alias, self.same_as_last, self.language)


class SearchSlots(InternalBody):
    window: WindowBody | None = None
    form: Form | None = None
    host: HostWish = HostWish()
    limit: Annotated[int, Field(ge=1, le=12)] = 3


class HoldSlot(InternalBody):
    slot_id: SlotId
    form: Form | None = None


class ReleaseHolds(InternalBody):
    pass


class ContactBody(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    kind: Literal["phone", "email", "none"] = "none"
    value: Annotated[str, Field(max_length=200)] | None = None
    may_say: Annotated[str, Field(max_length=500)] | None = None


class BookSlot(InternalBody):
    slot_id: SlotId
    form: Form | None = None
    nickname: Annotated[str, Field(max_length=40)] | None = None
    companion: Literal["friend", "parent", "network"] | None = None
    contact: ContactBody | None = None
    host: HostWish | None = None
    call: Annotated[str | None, Field(max_length=40)] = None
    help: Annotated[list[Literal["interpreter", "access", "quiet_room"]], Field(max_length=3)] = []

    def as_booking(self) -> Booking:
        contact = self.contact.model_dump() if self.contact else None
        wish = asdict(self.host.as_wish()) if self.host and self.host.as_wish() != ANY_HOST else None
        return Booking(self.slot_id, self.form, self.nickname, self.companion, contact, wish, tuple(self.help), self.call)


class AskReminder(InternalBody):
    reference: Reference
    contact: ContactBody


class NamesOfHosts(InternalBody):
    names: Annotated[list[Annotated[str, Field(max_length=40)]], Field(max_length=6)]


class WaitForTime(InternalBody):
    window: WindowBody | None = None
    form: Form | None = None
    host: HostWish = HostWish()

    def as_wanted(self) -> Wanted:
        return Wanted(self.window.as_window() if self.window else Window(), self.form, self.host.as_wish())


class CancelAppointment(InternalBody):
    reference: Reference


class MoveAppointment(InternalBody):
    reference: Reference
    slot_id: SlotId


def _aware(moment: datetime | None) -> datetime | None:
    """In UTC; the years a calendar can't reckon with are pulled in to where nothing is free anyway."""
    if moment is None:
        return None
    if not EARLIEST.year < moment.year < LATEST.year:
        return EARLIEST if moment.year <= EARLIEST.year else LATEST
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
