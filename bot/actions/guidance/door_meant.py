"""Which of the doors shown a guest means, and what about it they ask. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from bot.actions import reading
from bot.actions.turn import Turn
from bot.components.danish_text import normalise, words

SHORTEST_NAME = 4
# An age limit or a way there is asked for in many goals' words; these say it whatever the goal.
ASKED_IN_WORDS = (("door_way", "way"), ("door_who_for", "who_for"))


def meant_door(turn: Turn, others: Sequence[Mapping[str, Any]] = ()) -> str | None:
    """The door the guest names (among those shown, then among `others`), else the one pointed at, else the last talked about."""
    return named_door(turn, others) or _pointed_at(turn) or turn.slots.get("door_focus")


def named_door(turn: Turn, others: Sequence[Mapping[str, Any]] = ()) -> str | None:
    said = f" {normalise(turn.said)} ".replace("?", " ").replace(",", " ").replace(".", " ")
    doors = [*reversed(turn.slots.get("shown_doors") or []), *others]
    return next((door["id"] for door in doors if f" {_short_name(door)} " in said), None)


def _short_name(door: Mapping[str, Any]) -> str:
    """The name as people say it: its first word, or the first two when everybody uses the first."""
    parts = normalise(door.get("name") or "").split()
    common = {normalise(word) for word in words().get("not_a_door_name") or []}
    if not parts or (len(parts[0]) >= SHORTEST_NAME and parts[0] not in common):
        return parts[0] if parts else "\n"
    return " ".join(parts[:2])


def _pointed_at(turn: Turn) -> str | None:
    shown = [door for door in turn.slots.get("shown_doors") or [] if not door.get("old")]
    picked = reading.choice(turn.said, [""] * len(shown)) if turn.said and shown else None  # by number and place alone
    return shown[picked]["id"] if picked is not None else None


def speaks_of_door(turn: Turn) -> bool:
    """Whether it is a door the guest asks about, and not us: by its name, or by a word that points at the one in focus."""
    if not turn.said or not turn.slots.get("door_focus"):
        return False
    return named_door(turn) is not None or reading.speaks_of(turn.said, "door_pointed_at")


def asked_in_words(turn: Turn) -> str | None:
    """`way` or `who_for` when the words ask for it, whatever the goal."""
    if not turn.said:
        return None
    return next((question for key, question in ASKED_IN_WORDS if reading.speaks_of(turn.said, key)), None)
