"""Pipeline component: puts the normalised text on the message as `normal_text`, for the components after it."""
from __future__ import annotations

import hashlib
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.components.danish_text import WORDS_FILE, normalise

NORMAL_TEXT = "normal_text"


def fingerprint_of(path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else "none"


@DefaultV1Recipe.register([DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER], is_trainable=False)
class DanishNormaliser(GraphComponent):
    """Sets `normal_text`; the guest's own text is left as it was written."""

    @classmethod
    def create(
        cls, config: dict[str, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext
    ) -> DanishNormaliser:
        return cls()

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str | None:
        return fingerprint_of(WORDS_FILE)

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        self.process([m for m in training_data.training_examples if m.get(TEXT)])
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            message.set(NORMAL_TEXT, normalise(message.get(TEXT) or ""))
        return messages
