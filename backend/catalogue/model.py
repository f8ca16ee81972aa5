"""The content as typed, frozen objects. Only `catalogue.loading` makes them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from backend.domain.opening_hours import OpeningHours

CONFIDENCES = ("V", "S", "U", "demo")
CONTACT_KINDS = ("phone", "sms", "chat", "url", "address")
DOOR_KINDS = ("emergency", "line", "chat", "place", "municipal", "health", "association", "web")
WAITS = ("now", "days", "weeks")
FORMS = ("chat", "phone", "video", "in_person", "sms", "letterbox", "web")
CRISIS_LEVELS = ("acute", "overdose", "high", "violence", "relative")
CHANNELS = ("municipality", "headspace")
DOOR_QUESTIONS = ("cost", "anonymity", "what_happens", "hours", "contact", "parents", "way", "who_for")


@dataclass(frozen=True, slots=True)
class Where:
    """Place in the content folder, for messages to editors."""

    file: str = ""
    line: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True)
class Fact:
    """Where something is known from. V seen at the owner, S second hand, U unverified, demo only for trying out."""

    source: str
    checked_on: date
    checked_by: str
    valid_until: date
    confidence: str

    def sure(self, on: date) -> bool:
        return self.confidence != "U" and on <= self.valid_until


@dataclass(frozen=True, slots=True)
class Hours:
    opening: OpeningHours
    fact: Fact


@dataclass(frozen=True, slots=True)
class Contact:
    """One way in. `kind` is one of CONTACT_KINDS; `value` a number, an address on the net or a street address."""

    kind: str
    value: str
    fact: Fact
    hours: Hours | None = None
    where: Where = Where()


@dataclass(frozen=True, slots=True)
class Place:
    id: str
    name: str
    fact: Fact
    address: str | None = None
    how_to_get_in: str | None = None
    hours: Hours | None = None
    where: Where = Where()


@dataclass(frozen=True, slots=True)
class Door:
    """Somewhere to turn. `ages` are the young person's; `residents_of` None means that everybody may come."""

    id: str
    name: str
    kind: str
    for_whom: str
    what_happens: str
    fact: Fact
    ages: tuple[int, int]
    relations: frozenset[str]
    about: frozenset[str]
    forms: frozenset[str]
    wait: str
    intrusiveness: int
    contacts: tuple[Contact, ...] = ()
    cost: str | None = None
    anonymous: bool | None = None
    anonymity: str | None = None
    parents: str | None = None
    if_no_answer: str | None = None
    residents_of: str | None = None
    listed: bool = True
    flagged: str | None = None
    conflict: str | None = None
    topics: frozenset[str] = frozenset()
    where: Where = Where()

    def sure_contacts(self, on: date) -> tuple[Contact, ...]:
        """The contacts that may be shown on that day; none when the door itself is unsure."""
        if not self.fact.sure(on):
            return ()
        return tuple(contact for contact in self.contacts if contact.fact.sure(on))


@dataclass(frozen=True, slots=True)
class Offer:
    """Something to take part in. `flagged` says what its municipality has still to write; `topics_only`: for nobody whose topic is another."""

    id: str
    name: str
    kind: str
    text: str
    for_whom: str
    fact: Fact
    ages: tuple[int, int]
    relations: frozenset[str]
    topics: frozenset[str]
    topics_only: bool = False
    days: tuple[str, ...] = ()
    form: str | None = None
    place: str | None = None
    door: str | None = None
    hours: Hours | None = None
    contacts: tuple[Contact, ...] = ()
    flagged: str | None = None
    residents_of: str | None = None
    where: Where = Where()


@dataclass(frozen=True, slots=True)
class CrisisLine:
    door: str
    text: str
    note: str | None = None
    ages: tuple[int, int] = (0, 120)


@dataclass(frozen=True, slots=True)
class CrisisBranch:
    level: str
    lead: str
    lines: tuple[CrisisLine, ...]
    steps: tuple[str, ...]
    where: Where = Where()


@dataclass(frozen=True, slots=True)
class Consent:
    version: str
    text: str


@dataclass(frozen=True, slots=True)
class Promises:
    """What a channel promises. `conversation_hours` and `enquiry_days` are what the deletion job keeps to."""

    channel: str
    short: str
    anonymity: str
    deletion: str
    conversation_hours: int
    enquiry_days: int
    duty: str
    duty_professional: str
    readers: str
    contact: str
    consent: Consent
    fact: Fact

    def as_json(self) -> dict:
        """`GET /internal/promises/…` of the protocol, and a little more."""
        return {
            "anonymity": self.anonymity,
            "deletion": self.deletion,
            "duty": self.duty,
            "duty_professional": self.duty_professional,
            "readers": self.readers,
            "consent": {"version": self.consent.version, "text": self.consent.text},
            "contact": self.contact,
            "verified": self.fact.confidence in ("V", "S"),
            "source": self.fact.source,
        }


@dataclass(frozen=True, slots=True)
class Channel:
    """A way in of ours: who meets the guest there, and when hosts answer. `door` is the door the channel itself is, if it is one."""

    id: str
    title: str
    host_title: str
    hours: Hours
    forms: tuple[str, ...]
    appointment_places: tuple[str, ...]
    promises: str
    door: str | None = None
    where: Where = Where()


@dataclass(frozen=True, slots=True)
class ContactSheet:
    """What a municipality signs before launch. `missing` are the labels that still have no value."""

    signed_by: str | None = None
    signed_on: date | None = None
    review_on: date | None = None
    missing: tuple[str, ...] = ()

    @property
    def signed(self) -> bool:
        return bool(self.signed_by and self.signed_on and self.review_on)


@dataclass(frozen=True, slots=True)
class Choice:
    """`payload` is for the bot (`/inform{…}`) or starts with `!` for the backend's own: handoff, doors, crisis, retry."""

    title: str
    payload: str


@dataclass(frozen=True, slots=True)
class Wording:
    """A text of the backend's own: bubbles to show one after the other, and choices below the last."""

    texts: tuple[str, ...]
    choices: tuple[Choice, ...] = ()

    @property
    def text(self) -> str:
        return "\n\n".join(self.texts)


@dataclass(frozen=True, slots=True)
class Open:
    """`now` is None when the hours are not verified. `until` and `next` are aware instants in UTC."""

    now: bool | None
    text: str
    until: datetime | None = None
    next: datetime | None = None

    def as_json(self) -> dict:
        answer: dict = {"now": self.now, "text": self.text}
        if self.until:
            answer["until"] = self.until.isoformat()
        if self.next:
            answer["next"] = self.next.isoformat()
        return answer


@dataclass(frozen=True, slots=True)
class Crisis:
    """The crisis card, ready to show: 112 first, then the lines that are open, then the rest."""

    level: str
    lead: str
    lines: tuple[dict, ...]
    steps: tuple[str, ...]
    checked_on: date

    def as_json(self) -> dict:
        return {
            "kind": "crisis",
            "level": self.level,
            "lead": self.lead,
            "lines": [dict(line) for line in self.lines],
            "steps": list(self.steps),
            "checked_on": self.checked_on.isoformat(),
        }


@dataclass(frozen=True, slots=True)
class Municipality:
    """A folder's content, national content already mixed in."""

    id: str
    name: str
    short: str
    doors: Mapping[str, Door]
    offers: Mapping[str, Offer]
    places: Mapping[str, Place]
    channels: Mapping[str, Channel]
    promises: Mapping[str, Promises]
    crisis: Mapping[str, CrisisBranch]
    wording: Mapping[str, Wording]
    contact_sheet: ContactSheet = field(default_factory=ContactSheet)
