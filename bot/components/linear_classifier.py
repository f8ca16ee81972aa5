"""Intent classifier of the house: reads goal and topics with one linear model over full labels (`goal/sub`).

Sets on each message: `intent` (the goal, p = sum over its subs), `intent_ranking` (goals), `topics` ([[topic, p]] over
guide_topic), `subs` ([[sub, p]] of the best goal), `ranking` ([[label, p]]), `also` ([[label, p]]: what single clauses
of a longer message clearly ask for besides), and an entity `topic` for each topic that is clear enough to act on.
"""
from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.shared.nlu.constants import ENTITIES, INTENT, INTENT_NAME_KEY, PREDICTED_CONFIDENCE_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.components.clauses import TOPIC_GOAL, asked_besides, read_whole
from bot.components.danish_normaliser import NORMAL_TEXT
from bot.components.danish_text import normalise
from bot.components.lexicon import LEXICON_FOLDER, read_forms
from bot.components.linear_model import LinearModel
from bot.components.linear_training import Recipe, train

INTENT_RANKING = "intent_ranking"
CODE = ("linear_model.py", "linear_training.py", "side_by_side.py", "danish_features.py", "lexicon.py", "danish_text.py")


@DefaultV1Recipe.register([DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER], is_trainable=True)
class LinearClassifier(IntentClassifier, GraphComponent):
    """One linear model over `goal/sub` labels; see the module for what it leaves on a message."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {
            "C": 0.5, "tolerance": 0.1, "ratio": 0.6, "char_shortest": 2, "char_longest": 5, "held_out": 0.2,
            "weights": {}, "lifts": {},
            "topic_threshold": 0.35, "clause_threshold": 0.7, "clause_share": 0.3, "ranking_length": 8,
        }  # fmt: skip

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str | None:
        """Rasa's cache knows this class and its settings; the glossary and the model's own code it must be told of."""
        digest = hashlib.sha256()
        for path in [*(Path(__file__).with_name(name) for name in CODE), *sorted(LEXICON_FOLDER.glob("*.yml"))]:
            digest.update(path.read_bytes())
        return digest.hexdigest()

    def __init__(self, config: dict[str, Any], storage: ModelStorage, resource: Resource) -> None:
        self.config, self._storage, self._resource = config, storage, resource
        self.model: LinearModel | None = None

    @classmethod
    def create(
        cls, config: dict[str, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext
    ) -> LinearClassifier:
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls, config: dict[str, Any], model_storage: ModelStorage, resource: Resource,
        execution_context: ExecutionContext, **kwargs: Any,
    ) -> LinearClassifier:  # fmt: skip
        component = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as folder:
            component.model = LinearModel.load(folder)
        return component

    def train(self, training_data: TrainingData) -> Resource:
        examples = [m for m in training_data.intent_examples if m.get(TEXT)]
        texts = [normalise(m.get(TEXT)) for m in examples]
        recipe = Recipe(**{key: self.config[key] for key in Recipe.__dataclass_fields__})
        self.model = train(texts, [m.get_full_intent() for m in examples], read_forms(), recipe)
        with self._storage.write_to(self._resource) as folder:
            self.model.save(folder)
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            self._understand(message)
        return messages

    def _understand(self, message: Message) -> None:
        if (message.get(TEXT) or "").startswith("/"):
            return _set_nothing(message)
        text = message.get(NORMAL_TEXT)
        text = normalise(message.get(TEXT) or "") if text is None else text
        if not text:
            return _set_nothing(message)
        reading = read_whole(self.model, text, self.config["clause_share"])
        self._set_understanding(message, reading.probabilities)
        also = asked_besides(self.model, reading, self.config["clause_threshold"])
        message.set("also", _rounded(also), add_to_output=True)
        _add_topic_entities(message, self.config["topic_threshold"])
        return None

    def _set_understanding(self, message: Message, probabilities: np.ndarray) -> None:
        goals = self.model.goal_probabilities(probabilities)
        length = self.config["ranking_length"]
        ranking = [_prediction(self.model.goals[i], goals[i]) for i in np.argsort(-goals)[:length]]
        labels = [(self.model.labels[i], float(probabilities[i])) for i in np.argsort(-probabilities)]
        best = ranking[0][INTENT_NAME_KEY]
        message.set(INTENT, dict(ranking[0]), add_to_output=True)
        message.set(INTENT_RANKING, ranking, add_to_output=True)
        message.set("ranking", _rounded(labels[:length]), add_to_output=True)
        message.set("topics", _subs(labels, TOPIC_GOAL)[:5], add_to_output=True)
        message.set("subs", _subs(labels, best)[:3], add_to_output=True)


def _prediction(goal: str, p: float) -> dict[str, Any]:
    return {INTENT_NAME_KEY: goal, PREDICTED_CONFIDENCE_KEY: float(p)}


def _rounded(pairs) -> list[list[Any]]:
    return [[label, round(float(p), 4)] for label, p in pairs]


def _subs(labels, goal: str) -> list[list[Any]]:
    """[[sub, p]] of one goal; p is the share within the goal, so that topics can be compared with each other."""
    members = [(label.split("/", 1)[1], p) for label, p in labels if label.startswith(goal + "/")]
    total = sum(p for _, p in members) or 1.0
    return _rounded((sub, p / total) for sub, p in members)


def _set_nothing(message: Message) -> None:
    message.set(INTENT, {INTENT_NAME_KEY: None, PREDICTED_CONFIDENCE_KEY: 0.0}, add_to_output=True)
    for key in (INTENT_RANKING, "ranking", "topics", "subs", "also"):
        message.set(key, [], add_to_output=True)


def _add_topic_entities(message: Message, threshold: float) -> None:
    if message.get(INTENT)[INTENT_NAME_KEY] != TOPIC_GOAL:
        topics = []
    else:
        topics = [topic for topic, p in message.get("topics") if p >= threshold][:2]
    for label, _ in message.get("also"):
        goal, _, sub = label.partition("/")
        if goal == TOPIC_GOAL and sub not in topics:
            topics.append(sub)
    entities = [{"entity": "topic", "value": topic, "extractor": "LinearClassifier"} for topic in topics[:3]]
    message.set(ENTITIES, (message.get(ENTITIES) or []) + entities, add_to_output=True)
