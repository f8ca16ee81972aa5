"""Bodies of the guidance calls (docs/protocol.md, section 2)."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from backend.edge import InternalBody

DoorId = Annotated[str, Field(max_length=60)]


class AskGuidance(InternalBody):
    situation: dict = {}
    exclude: Annotated[list[DoorId], Field(max_length=60)] = []


class AskAboutDoor(InternalBody):
    question: Literal["cost", "anonymity", "what_happens", "hours", "contact", "parents", "way", "who_for", "talk_cost", "talk_what_happens"]
    door_id: DoorId | None = None
    on: date | None = None
    to: date | None = None


class SearchOffers(InternalBody):
    situation: dict = {}
    kind: Annotated[str, Field(max_length=40)] | None = None


class AskHours(InternalBody):
    """From `on` to `to`, both included; `to` alone means nothing."""

    on: date | None = None
    to: date | None = None


class AskCrisis(InternalBody):
    level: Annotated[str, Field(max_length=20)] | None = None
