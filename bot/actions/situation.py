"""The guest's situation: what has been said so far, merged with what this turn says. Pure."""
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

FACTS = ("relation", "about", "age", "age_band", "municipality", "contact_form", "wishes_anonymity")
MOST_TOPICS = 3
ALLOWED = {
    "relation": ("self", "relative", "professional"),
    "about": ("self", "child", "partner", "parent", "sibling", "friend", "pupil", "other"),
    "age_band": ("0-11", "12-14", "15-17", "18-25", "26+"),
    "contact_form": ("chat", "phone", "video", "in_person"),
    "wishes_anonymity": (True, False),
}


@dataclass(frozen=True)
class Situation:
    """The protocol's `Situation`; None or empty where nothing was said."""

    relation: str | None = None
    about: str | None = None
    age: int | None = None
    age_band: str | None = None
    municipality: str | None = None
    topics: tuple[str, ...] = ()
    wishes_anonymity: bool | None = None
    contact_form: str | None = None
    skipped: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        return {k: list(v) if isinstance(v, tuple) else v for k, v in asdict(self).items() if v not in (None, ())}

    def knows(self, fact: str) -> bool:
        return bool(self.topics) if fact == "topics" else getattr(self, fact, None) is not None


def from_slots(slots: Mapping[str, Any]) -> Situation:
    facts = {name: slots.get(name) for name in FACTS}
    facts["age"] = _age(facts["age"])
    return Situation(**facts, topics=tuple(slots.get("topics") or ()), skipped=tuple(slots.get("skipped") or ()))


def merge(known: Situation, entities: Mapping[str, Sequence[Any]], is_correction: bool = False) -> Situation:
    """What this turn says wins over what was known; new topics come first, and a correction replaces the old ones."""
    said = {name: entities[name][0] for name in FACTS if entities.get(name) and _is_allowed(name, entities[name][0])}
    if "age" in said:
        said["age"] = _age(said["age"])
        if said["age"] is not None:
            said["age_band"] = band_of(said["age"])
    elif "age_band" in said:
        said["age"] = None
    topics = list(dict.fromkeys(str(topic) for topic in entities.get("topic") or []))
    kept: list[str] = [] if is_correction and topics else [t for t in known.topics if t not in topics]
    merged = replace(known, **said, topics=tuple((topics + kept)[:MOST_TOPICS]))
    return replace(merged, skipped=tuple(s for s in merged.skipped if not merged.knows(s)))


def for_the_young(known: Situation) -> Situation:
    """What a relative has told, seen from the young person it is about: nothing but age, place and topic goes along."""
    about_young = known.about not in ("parent",)
    return Situation(
        relation="self",
        about="self",
        age=known.age if about_young else None,
        age_band=known.age_band if about_young else None,
        municipality=known.municipality,
        topics=known.topics,
    )


def skip(known: Situation, fact: str) -> Situation:
    return known if not fact or fact in known.skipped else replace(known, skipped=(*known.skipped, fact))


def band_of(age: int) -> str:
    for upper, band in ((11, "0-11"), (14, "12-14"), (17, "15-17"), (25, "18-25")):
        if age <= upper:
            return band
    return "26+"


def _is_allowed(fact: str, value: Any) -> bool:
    return fact not in ALLOWED or value in ALLOWED[fact]


def _age(value: Any) -> int | None:
    text = str(value if value is not None else "").strip()
    return int(text) if text.isdecimal() and 0 < int(text) < 110 else None
