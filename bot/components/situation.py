"""What one message says about the guest's situation: who, about whom, how old, where, when, how. Knows no Rasa.

The Danish is read by `bot.actions.parsing`; a part of it that cannot be imported is left out, and the rest still works.
"""
from __future__ import annotations

import importlib
import logging
import re
from collections.abc import Callable, Sequence
from datetime import datetime, timezone
from typing import Any

from bot.components.danish_text import normalise, words
from bot.components.lexicon import WORD, Lexicon, read_forms
from bot.components.person_model import person_in

logger = logging.getLogger(__name__)

SPEAKER, PARENT_SPEAKING, AT_WORK = "jeg", "jeg er forælder", "jeg er fagperson"
NEGATION = "nægtelse"
OTHERS = frozenset({
    "mor og far", "mit barn", "søskende", "familie", "bedsteforældre", "kæreste", "eks", "ven", "han og hun",
    "mors eller fars nye", "barn der ikke er mit", "bekymret for en", PARENT_SPEAKING, AT_WORK,
})  # fmt: skip
NOT_MINE = frozenset({"mit barn", "barn der ikke er mit", "bekymret for en", PARENT_SPEAKING, AT_WORK})
# In these topics the other person is part of the writer's own trouble ("min veninde har droppet mig") …
OWN_TROUBLE_WITH_OTHERS = frozenset({"friends", "heartbreak", "bullying", "family_conflict", "divorce", "loneliness"})
# … in these only when it is no friend, sibling or partner ("min far er død"), and here only when it is done to "mig".
OWN_TROUBLE_WITH_ADULTS = frozenset({"grief", "gender_sexuality", "work_money", "housing", "school"})
DONE_TO_ME = frozenset({"violence", "abuse"})
PARENTS_TROUBLE = frozenset({"parent_mental_illness", "parent_substance_use"})
PARENTS, EQUALS, ME = "mor og far", frozenset({"ven", "søskende", "kæreste"}), "mig"
LEAST_WORDS_OF_A_TALE = 4
TROUBLE = frozenset({"guide_topic", "crisis"})


class SituationReader:
    """`read(text, goal, topics)` gives only what the text says: relation, about, age, age_band, municipality,
    contact_form, time (True), negation (True) and correction (True)."""

    def __init__(self) -> None:
        self._age = _parser("age", "parse_age")
        self._whose_age = _parser("age", "whose_age")
        self._relation = _parser("relation", "parse_relation")
        self._municipality = _parser("municipality", "parse_municipality")
        self._time = _parser("danish_time", "parse_time")
        self._forms = _contact_form_patterns()
        self._concepts = Lexicon(read_forms())
        self._corrections = tuple(normalise(start) for start in words().get("correction") or [])

    def read(
        self, text: str, goal: str | None = None, topics: Sequence[str] = (), people: Sequence[tuple[str, float]] | None = None
    ) -> dict[str, Any]:  # fmt: skip
        """`people` is what the person model read; without it the rules alone say who is meant."""
        normal = normalise(text)
        concepts = self._concepts_of(normal)
        person = person_in(people) if people else {}
        person = person or self._person(text, goal if not people else None, topics, concepts)
        if not any(person.values()) and _try(self._whose_age, text) == "writer":
            person = {"relation": "self", "about": "self"}
        found = {**person, **self._age_of(text)}
        found["municipality"] = _try(self._municipality, text)
        found["contact_form"] = next((form for form, said in self._forms.items() if said.search(normal)), None)
        found["time"] = self._has_time(text) or None
        found["negation"] = NEGATION in concepts or None
        found["correction"] = normal.startswith(self._corrections) or None
        return {key: value for key, value in found.items() if value is not None}

    def _concepts_of(self, normal: str) -> frozenset[str]:
        return frozenset().union(*self._concepts.read(WORD.findall(normal)))

    def _person(self, text: str, goal: str | None, topics: list[str], concepts: frozenset[str]) -> dict[str, Any]:
        said = _try(self._relation, text)
        relation, about = getattr(said, "relation", None), getattr(said, "about", None)
        if relation is None and goal in TROUBLE:
            return inferred_person(concepts, WORD.findall(normalise(text)), topics, "?" in text)
        return {"relation": relation, "about": about}

    def _age_of(self, text: str) -> dict[str, Any]:
        age = _try(self._age, text)
        return {"age": getattr(age, "years", None), "age_band": getattr(age, "band", None)}

    def _has_time(self, text: str) -> bool:
        wish = _try(self._time and (lambda t: self._time(t, datetime.now(timezone.utc))), text)
        return bool(wish and (getattr(wish, "windows", None) or getattr(wish, "first_free", False)))


def inferred_person(concepts: frozenset[str], said: list[str], topics: list[str], asks: bool) -> dict[str, Any]:
    """Whose trouble it is when no sentence says so outright; {} when it cannot be known."""
    topic = topics[0] if topics else None
    if topic in PARENTS_TROUBLE and PARENTS in concepts and not concepts & NOT_MINE:
        return {"relation": "relative", "about": "parent"}
    if _is_own(concepts, said, topic, asks):
        return {"relation": "self", "about": "self"}
    return {}


def _is_own(concepts: frozenset[str], said: list[str], topic: str | None, asks: bool) -> bool:
    if not concepts & OTHERS:
        return SPEAKER in concepts or (len(said) >= LEAST_WORDS_OF_A_TALE and not asks)
    if SPEAKER not in concepts or concepts & NOT_MINE:
        return False
    if topic in OWN_TROUBLE_WITH_ADULTS:
        return not concepts & EQUALS
    if topic in DONE_TO_ME:
        return ME in said and not concepts & (EQUALS - {"kæreste"})
    return topic in OWN_TROUBLE_WITH_OTHERS


def _parser(module: str, function: str) -> Callable | None:
    try:
        return getattr(importlib.import_module(f"bot.actions.parsing.{module}"), function)
    except (ImportError, AttributeError):
        logger.warning("Parsing of %s is not available", module)
        return None


def _try(parse: Callable | None, text: str) -> Any:
    if parse is None:
        return None
    try:
        return parse(text)
    except Exception as error:  # a parser must never cost a guest the reply
        logger.warning("A parser failed: %s", type(error).__name__)
        return None


def _contact_form_patterns() -> dict[str, re.Pattern]:
    forms = words().get("contact_forms") or {}
    return {form: re.compile(r"\b(?:" + "|".join(map(re.escape, said)) + r")\b") for form, said in forms.items() if said}
