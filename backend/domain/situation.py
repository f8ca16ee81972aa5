"""What is known about a guest's situation. Every field may be unknown; nothing here identifies anybody."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from backend.errors import BadInput

RELATIONS = ("self", "relative", "professional")
ABOUT = ("self", "child", "partner", "parent", "sibling", "friend", "pupil", "other")
AGE_BANDS = ("0-11", "12-14", "15-17", "18-25", "26+")
CONTACT_FORMS = ("chat", "phone", "video", "in_person")
TOPICS = (
    "loneliness", "anxiety", "low_mood", "stress", "self_harm", "suicidal_thoughts", "eating", "bullying",
    "family_conflict", "divorce", "parent_mental_illness", "parent_substance_use", "heartbreak",
    "gender_sexuality", "school", "work_money", "substance_use", "violence", "abuse", "grief", "sleep",
    "neurodivergence", "psychosis", "gaming_gambling", "housing", "body_health", "friends",
)  # fmt: skip
SLOTS = (
    "relation", "about", "age", "age_band", "municipality", "topics", "wishes_anonymity", "contact_form",
)  # fmt: skip
OLDEST = 120

_BAND_STARTS = ((26, "26+"), (18, "18-25"), (15, "15-17"), (12, "12-14"), (0, "0-11"))
_BAND_RANGES = {"0-11": (0, 11), "12-14": (12, 14), "15-17": (15, 17), "18-25": (18, 25), "26+": (26, OLDEST)}
_SLUG = re.compile(r"[a-z][a-z0-9_-]{0,39}")


def age_band_of(age: int) -> str:
    """The band an age in whole years falls in: 17 → `15-17`."""
    return next(band for start, band in _BAND_STARTS if age >= start)


def ages_in(band: str) -> tuple[int, int]:
    """First and last age of a band, both included."""
    return _BAND_RANGES[band]


@dataclass(frozen=True, slots=True)
class Situation:
    """The situation of `docs/protocol.md`.

    `age` and `age_band` are the young person's: the guest's own when `about` is `self` or `parent` (a child as
    relative), otherwise those of the person it is about.
    """

    relation: str | None = None
    about: str | None = None
    age: int | None = None
    age_band: str | None = None
    municipality: str | None = None
    topics: tuple[str, ...] = ()
    wishes_anonymity: bool | None = None
    contact_form: str | None = None
    skipped: tuple[str, ...] = ()

    @classmethod
    def from_json(cls, data: object, municipalities: Collection[str] | None = None) -> "Situation":
        """Read the JSON of the protocol. Raises `BadInput` naming the field. Fields nobody knows are refused.

        `municipalities` are the known ids; without it any id-shaped name passes.
        """
        if data is None:
            return cls()
        if not isinstance(data, Mapping):
            raise BadInput(field="situation")
        for name in data:
            if name not in cls.__dataclass_fields__:
                raise BadInput(field=str(name)[:40], allowed=list(cls.__dataclass_fields__))
        age = _age(data.get("age"))
        band = _one_of("age_band", data.get("age_band"), AGE_BANDS)
        return cls(
            relation=_one_of("relation", data.get("relation"), RELATIONS),
            about=_one_of("about", data.get("about"), ABOUT),
            age=age,
            age_band=band if age is None else age_band_of(age),
            municipality=_municipality(data.get("municipality"), municipalities),
            topics=_several("topics", data.get("topics"), TOPICS),
            wishes_anonymity=_yes_no("wishes_anonymity", data.get("wishes_anonymity")),
            contact_form=_one_of("contact_form", data.get("contact_form"), CONTACT_FORMS),
            skipped=_several("skipped", data.get("skipped"), SLOTS),
        )

    def to_json(self) -> dict:
        """Every field of the protocol, `None` and `[]` where unknown; `from_json` reads it back to an equal value."""
        values = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}


def _one_of(field: str, value: object, allowed: tuple[str, ...]) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str) or value not in allowed:
        raise BadInput(field=field, allowed=list(allowed))
    return value


def _several(field: str, value: object, allowed: tuple[str, ...]) -> tuple[str, ...]:
    if value is None:
        return ()
    if not isinstance(value, list | tuple):
        raise BadInput(field=field, allowed=list(allowed))
    kept = [_one_of(field, item, allowed) for item in value]
    return tuple(dict.fromkeys(item for item in kept if item is not None))


def _age(value: object) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= OLDEST:
        raise BadInput(field="age", allowed=[0, OLDEST])
    return value


def _yes_no(field: str, value: object) -> bool | None:
    if value is not None and not isinstance(value, bool):
        raise BadInput(field=field, allowed=[True, False])
    return value


def _municipality(value: object, known: Collection[str] | None) -> str | None:
    if known is not None:
        return _one_of("municipality", value, (*sorted(known), "other"))
    if value is None or (isinstance(value, str) and _SLUG.fullmatch(value)):
        return value
    raise BadInput(field="municipality")
