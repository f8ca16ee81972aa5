"""Pipeline component: who is speaking, about whom, how old, where, and how they want to talk, as entities.

The Danish is read by `bot.actions.parsing`; a part of it that cannot be imported is left out, and the rest still works.
"""
from __future__ import annotations

import importlib
import logging
import re
from datetime import datetime, timezone
from typing import Any, Callable, Dict, List, Optional, Text

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import ENTITIES, INTENT, INTENT_NAME_KEY, PREDICTED_CONFIDENCE_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.components.danish_text import normalise, words

logger = logging.getLogger(__name__)
BARE_ANSWER_WORDS = 4


def _parser(module: str, function: str) -> Optional[Callable]:
    try:
        return getattr(importlib.import_module(f"bot.actions.parsing.{module}"), function)
    except (ImportError, AttributeError):
        logger.warning("Parsing of %s is not available", module)
        return None


@DefaultV1Recipe.register([DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR], is_trainable=False)
class SituationExtractor(GraphComponent):
    """Adds entities relation, about, age, age_band, municipality, contact_form and a flag `time`."""

    def __init__(self) -> None:
        self._age = _parser("age", "parse_age")
        self._relation = _parser("relation", "parse_relation")
        self._municipality = _parser("municipality", "parse_municipality")
        self._time = _parser("danish_time", "parse_time")
        self._forms = _contact_form_patterns()

    @classmethod
    def create(
        cls, config: Dict[Text, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext
    ) -> SituationExtractor:
        return cls()

    def process(self, messages: List[Message]) -> List[Message]:
        for message in messages:
            text = message.get(TEXT) or ""
            if text and not text.startswith("/"):
                self._extract(message, text)
        return messages

    def _extract(self, message: Message, text: str) -> None:
        found = self.situation(text)
        entities = [{"entity": k, "value": v, "extractor": "SituationExtractor"} for k, v in found.items()]
        message.set(ENTITIES, (message.get(ENTITIES) or []) + entities, add_to_output=True)
        if found and len(text.split()) <= BARE_ANSWER_WORDS and _is_unsure(message):
            _call_it_inform(message)

    def situation(self, text: str) -> Dict[Text, Any]:
        """What the text says about the guest's situation; only what is there."""
        found: Dict[Text, Any] = {}
        relation = self._try(self._relation, text)
        age = self._try(self._age, text)
        found.update(relation=getattr(relation, "relation", None), about=getattr(relation, "about", None))
        found.update(age=getattr(age, "years", None), age_band=getattr(age, "band", None))
        found["municipality"] = self._try(self._municipality, text)
        found["contact_form"] = _contact_form(normalise(text), self._forms)
        found["time"] = self._has_time(text) or None
        return {key: value for key, value in found.items() if value is not None}

    def _has_time(self, text: str) -> bool:
        if self._time is None:
            return False
        wish = self._try(lambda t: self._time(t, datetime.now(timezone.utc)), text)
        return bool(wish and (getattr(wish, "windows", None) or getattr(wish, "first_free", False)))

    @staticmethod
    def _try(parse: Optional[Callable], text: str) -> Any:
        if parse is None:
            return None
        try:
            return parse(text)
        except Exception as error:  # a parser must never cost a guest the reply
            logger.warning("A parser failed: %s", type(error).__name__)
            return None


def _contact_form_patterns() -> Dict[str, re.Pattern]:
    forms = words().get("contact_forms") or {}
    return {form: re.compile(r"\b(?:" + "|".join(map(re.escape, said)) + r")\b") for form, said in forms.items() if said}


def _contact_form(text: str, patterns: Dict[str, re.Pattern]) -> Optional[str]:
    return next((form for form, pattern in patterns.items() if pattern.search(text)), None)


def _is_unsure(message: Message) -> bool:
    intent = message.get(INTENT) or {}
    return intent.get(PREDICTED_CONFIDENCE_KEY, 0.0) < 0.85 and intent.get(INTENT_NAME_KEY) not in ("human", "crisis")


def _call_it_inform(message: Message) -> None:
    """A few words that hold nothing but a fact are an answer, whatever they resemble ("17", "Rødovre", "mig selv")."""
    inform = {INTENT_NAME_KEY: "inform", PREDICTED_CONFIDENCE_KEY: 0.9}
    others = [r for r in message.get("intent_ranking") or [] if r[INTENT_NAME_KEY] != "inform"]
    message.set(INTENT, inform, add_to_output=True)
    message.set("intent_ranking", [inform, *others], add_to_output=True)
