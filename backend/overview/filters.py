"""What a visitor of the overview has chosen. Pure. There is no field for own words: nothing of that kind is in an address."""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlencode

from backend.catalogue.hours import WEEKDAYS
from backend.catalogue.model import Contact, Door, Hours, Offer
from backend.domain.situation import ABOUT, AGE_BANDS, TOPICS, Situation

WHO = (*(about for about in ABOUT if about != "pupil"), "professional")
FORM_FAMILIES = {
    "write": frozenset({"chat", "sms", "letterbox"}),
    "phone": frozenset({"phone"}),
    "video": frozenset({"video"}),
    "in_person": frozenset({"in_person"}),
    "read": frozenset({"web", "letterbox"}),
}
ALLOWED = {"who": WHO, "age": AGE_BANDS, "topic": TOPICS, "day": WEEKDAYS, "form": tuple(FORM_FAMILIES), "open": ("now",)}


@dataclass(frozen=True, slots=True)
class Wish:
    """Each is one of `ALLOWED`, or None for anything."""

    who: str | None = None
    age: str | None = None
    topic: str | None = None
    day: str | None = None
    form: str | None = None
    open: str | None = None

    @classmethod
    def read(cls, value_of: Callable[[str], str | None]) -> "Wish":
        """From an address. What nobody knows counts as not chosen: an old link still leads somewhere."""
        values = {name: value_of(name) for name in ALLOWED}
        return cls(**{name: value for name, value in values.items() if value in ALLOWED[name]})

    def query(self) -> str:
        """`?who=child&age=15-17`, or nothing."""
        chosen = {name: getattr(self, name) for name in ALLOWED if getattr(self, name)}
        return f"?{urlencode(chosen)}" if chosen else ""

    def situation(self) -> Situation:
        if self.who == "professional":
            return Situation(relation="professional", age_band=self.age)
        relation = None if self.who is None else "self" if self.who == "self" else "relative"
        return Situation(relation=relation, about=self.who, age_band=self.age)


def on_topic(thing: Door | Offer, topic: str | None) -> bool:
    """A place without topics is for anything."""
    return topic is None or not thing.topics or topic in thing.topics


def in_form(forms: frozenset[str], form: str | None) -> bool:
    return form is None or not forms.isdisjoint(FORM_FAMILIES[form])


def open_on(hours: list[Hours], days: tuple[str, ...], day: str) -> bool | None:
    """Whether there is somebody on that weekday; None when nobody knows."""
    place = WEEKDAYS.index(day)
    if day in days or any(one.opening.always or one.opening.week[place] for one in hours):
        return True
    return False if hours or days else None


def sure_hours(contacts: tuple[Contact, ...], on) -> list[Hours]:
    return [one.hours for one in contacts if one.hours and one.hours.fact.sure(on)]
