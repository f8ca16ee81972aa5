"""Pipeline component: what the message says about the guest's situation, as entities; all of it under `situation`.

Stands after the classifier, because who is meant depends on what it is about.
"""
from __future__ import annotations

import hashlib
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import ENTITIES, INTENT, INTENT_NAME_KEY, PREDICTED_CONFIDENCE_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.components.danish_text import normalise
from bot.components.lexicon import LEXICON_FOLDER
from bot.components.situation import SituationReader

BARE_ANSWER_WORDS = 4
FLAGS = ("negation", "correction")  # said under `situation` only: the domain has no such entities


@DefaultV1Recipe.register([DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR], is_trainable=False)
class SituationExtractor(GraphComponent):
    """Adds entities relation, about, age, age_band, municipality, contact_form and a flag `time`."""

    def __init__(self) -> None:
        self._reader = SituationReader()

    @classmethod
    def create(
        cls, config: dict[str, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext
    ) -> SituationExtractor:
        return cls()

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str | None:
        return hashlib.sha256(b"".join(path.read_bytes() for path in sorted(LEXICON_FOLDER.glob("*.yml")))).hexdigest()

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            text = message.get(TEXT) or ""
            if text and not text.startswith("/"):
                self._extract(message, text)
        return messages

    def situation(self, text: str) -> dict[str, Any]:
        """What the text alone says about the guest's situation; only what is there."""
        return _facts(self._reader.read(text))

    def _extract(self, message: Message, text: str) -> None:
        goal = (message.get(INTENT) or {}).get(INTENT_NAME_KEY)
        topics = [topic for topic, _ in message.get("topics") or []]
        people = message.get("people")
        said = self._reader.read(text, goal, topics, people)
        stated = _facts(self._reader.read(text, goal, topics)) if people else _facts(said)
        facts = _facts(said)
        entities = [{"entity": k, "value": v, "extractor": "SituationExtractor"} for k, v in facts.items()]
        message.set(ENTITIES, (message.get(ENTITIES) or []) + entities, add_to_output=True)
        message.set("situation", said, add_to_output=True)
        if len(text.split()) <= BARE_ANSWER_WORDS and _is_unsure(message) and _is_bare_fact(message, stated, text):
            _call_it_inform(message)


def _facts(said: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in said.items() if key not in FLAGS}


def _is_unsure(message: Message) -> bool:
    intent = message.get(INTENT) or {}
    return intent.get(PREDICTED_CONFIDENCE_KEY, 0.0) < 0.85 and intent.get(INTENT_NAME_KEY) not in ("human", "crisis")


def _is_bare_fact(message: Message, facts: dict[str, Any], text: str) -> bool:
    """Whether the words hold a fact the bot asks for. A bare time is a wish to book; "jeg er ensom" tells more than self."""
    strong = {key for key in facts if key not in ("time", "contact_form")}
    if facts.get("relation") == "self" and not _names_self_alone(text):
        strong -= {"relation", "about"}
    ranked = [r[INTENT_NAME_KEY] for r in (message.get("intent_ranking") or [])[:3]]
    return bool(strong) or ("contact_form" in facts and "inform" in ranked)


def _names_self_alone(text: str) -> bool:
    return "selv" in normalise(text).split()


def _call_it_inform(message: Message) -> None:
    """A few words that hold nothing but a fact are an answer, whatever they resemble ("17", "Rødovre", "mig selv")."""
    inform = {INTENT_NAME_KEY: "inform", PREDICTED_CONFIDENCE_KEY: 0.9}
    others = [r for r in message.get("intent_ranking") or [] if r[INTENT_NAME_KEY] != "inform"]
    message.set(INTENT, inform, add_to_output=True)
    message.set("intent_ranking", [inform, *others], add_to_output=True)
