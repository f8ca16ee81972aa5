"""What a guest may say with a booking, and what can stand in the way."""

from dataclasses import dataclass, field

from backend.contact import checked
from backend.domain.enquiry import Contact
from backend.errors import BadInput, Conflict, NotFound

COMPANIONS = ("friend", "parent", "network")
HELP = ("interpreter", "access", "quiet_room")


class SlotTaken(Conflict):
    code, message = "slot_taken", "Den tid er lige blevet taget. Her er de nærmeste andre tider."


class UnknownReference(NotFound):
    code, message = "unknown_reference", "Vi kan ikke finde en aftale med den kode. Se efter, om alle tegn er med."


class TooEarly(Conflict):
    code, message = "too_early", "Samtalen er ikke begyndt endnu."


class NowhereToWrite(BadInput):
    message = "Vi mangler et nummer eller en mailadresse at skrive til."


class NotSentThere(BadInput):
    message = "Dér kan vi ikke skrive til dig. Har du et andet sted, et nummer eller en mailadresse?"


@dataclass(frozen=True)
class HostWish:
    """Whom a guest would like to meet. Nothing else about hosts is stored, so nothing else can be asked for."""

    peer: bool = False
    alias: str | None = None
    same_as_last: bool = False
    language: str | None = None


ANY_HOST = HostWish()


@dataclass(frozen=True)
class Booking:
    """A guest's choice of a slot and what they want to say with it; everything but the slot may be left out.

    `companion` is one of COMPANIONS, `help` some of HELP, `contact` {kind, value, may_say} for a reminder and nothing else,
    `call` the number the host rings when it is a talk on the phone.
    """

    slot_id: str
    form: str | None = None
    nickname: str | None = None
    companion: str | None = None
    contact: dict | None = None
    host_wish: dict | None = None
    help: tuple[str, ...] = field(default=())
    call: str | None = None


def reminder_contact(contact: dict | None) -> dict | None:
    """The contact in one form, or None when the guest wants no reminder. Raises BadInput for a wrong one.

    It is kept only together with what may stand in the reminder, in the guest's own words.
    """
    if not contact or contact.get("kind", "none") == "none":
        return None
    if not (contact.get("may_say") or "").strip():
        raise BadInput(fields=[{"field": "contact.may_say", "problem": "missing"}])
    found = checked(Contact(contact["kind"], contact.get("value"), contact["may_say"].strip()))
    return {"kind": found.kind, "value": found.value, "may_say": found.may_say}
