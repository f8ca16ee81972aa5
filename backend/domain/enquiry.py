"""What an enquiry is and the states it may pass through. Pure."""

from dataclasses import asdict, dataclass

RECEIVED, IN_PROGRESS, ANSWERED, CLOSED, WITHDRAWN = "received", "in_progress", "answered", "closed", "withdrawn"
TRANSITIONS = {
    RECEIVED: {IN_PROGRESS, ANSWERED, CLOSED, WITHDRAWN},
    IN_PROGRESS: {RECEIVED, ANSWERED, CLOSED, WITHDRAWN},
    ANSWERED: {IN_PROGRESS, CLOSED},
    CLOSED: {IN_PROGRESS},
    WITHDRAWN: set(),
}
CONTACT_KINDS = ("phone", "email", "none")


@dataclass(frozen=True)
class Contact:
    """How the guest may be reached; `may_say` is what may stand in a message to that number or address."""

    kind: str = "none"
    value: str | None = None
    may_say: str | None = None


@dataclass(frozen=True)
class EnquiryContent:
    """What is sealed: the situation, the guest's own words and the way back to them."""

    situation: dict
    wish: str | None
    summary: str | None
    contact: Contact
    reference: str

    def as_json(self) -> dict:
        return asdict(self)


def may_become(status: str, new_status: str) -> bool:
    return new_status in TRANSITIONS[status]
