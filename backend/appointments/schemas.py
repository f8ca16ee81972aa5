"""Bodies of the booking calls (docs/protocol.md, section 2)."""

from datetime import UTC, date, datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from backend.appointments.service import Booking, Window
from backend.edge import InternalBody

Clock = Annotated[str, Field(pattern=r"^([01]\d|2[0-4]):[0-5]\d$")]
SlotId = Annotated[str, Field(max_length=60)]
Reference = Annotated[str, Field(max_length=40)]


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
    model_config = ConfigDict(extra="forbid", frozen=True)
    peer: bool = False
    alias: str | None = None


class SearchSlots(InternalBody):
    window: WindowBody | None = None
    form: str | None = None
    host: HostWish = HostWish()
    limit: Annotated[int, Field(ge=1, le=12)] = 3


class ContactBody(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    kind: Literal["phone", "email", "none"] = "none"
    value: Annotated[str, Field(max_length=200)] | None = None
    may_say: Annotated[str, Field(max_length=500)] | None = None


class BookSlot(InternalBody):
    slot_id: SlotId
    form: str | None = None
    nickname: Annotated[str, Field(max_length=40)] | None = None
    companion: Annotated[str, Field(max_length=80)] | None = None
    contact: ContactBody | None = None

    def as_booking(self) -> Booking:
        contact = self.contact.model_dump() if self.contact else None
        return Booking(self.slot_id, self.form, self.nickname, self.companion, contact)


class CancelAppointment(InternalBody):
    reference: Reference


class MoveAppointment(InternalBody):
    reference: Reference
    slot_id: SlotId


def _aware(moment: datetime | None) -> datetime | None:
    return moment if moment is None or moment.tzinfo else moment.replace(tzinfo=UTC)
