"""Pipeline component: who is writing and whom it is about, as `people` ([[relation/about, p]]) on the message.

Stands after the classifier, whose goal and topics are hints to it, and before the situation extractor, which makes it
entities. Learns from `bot/data/people/lines.yml` and the training messages; without that file it says nothing.
"""
from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import INTENT, INTENT_NAME_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.components.danish_normaliser import NORMAL_TEXT
from bot.components.danish_text import normalise
from bot.components.lexicon import LEXICON_FOLDER, read_forms
from bot.components.person_model import PersonModel
from bot.components.person_training import LINES_FILE, read_people, train_people

CODE = ("person_model.py", "person_training.py", "linear_model.py", "linear_training.py", "side_by_side.py", "danish_features.py", "lexicon.py", "danish_text.py")
RULES_FILES = ("relation.py", "relation_words.yml", "age.py", "age_words.yml", "patterns.py")
RULES = Path(__file__).resolve().parents[1] / "actions" / "parsing"


@DefaultV1Recipe.register([DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER], is_trainable=True)
class PersonClassifier(GraphComponent):
    """Sets `people`; see the module."""

    def __init__(self, storage: ModelStorage, resource: Resource, model: PersonModel | None = None) -> None:
        self._storage, self._resource, self.model = storage, resource, model

    @classmethod
    def create(
        cls, config: dict[str, Any], model_storage: ModelStorage, resource: Resource, execution_context: ExecutionContext
    ) -> PersonClassifier:
        return cls(model_storage, resource)

    @classmethod
    def load(
        cls, config: dict[str, Any], model_storage: ModelStorage, resource: Resource,
        execution_context: ExecutionContext, **kwargs: Any,
    ) -> PersonClassifier:  # fmt: skip
        with model_storage.read_from(resource) as folder:
            learnt = (folder / "model.json").exists()
            return cls(model_storage, resource, PersonModel.load(folder) if learnt else None)

    @classmethod
    def fingerprint_addon(cls, config: dict[str, Any]) -> str | None:
        """What Rasa's cache cannot know of: the labelled lines, the glossary, the rules and the model's own code."""
        paths = [*(Path(__file__).with_name(name) for name in CODE), *(RULES / name for name in RULES_FILES)]
        digest = hashlib.sha256()
        for path in [*paths, LINES_FILE, *sorted(LEXICON_FOLDER.glob("*.yml"))]:
            digest.update(path.read_bytes() if path.exists() else b"none")
        return digest.hexdigest()

    def train(self, training_data: TrainingData) -> Resource:
        examples = [m for m in training_data.intent_examples if m.get(TEXT)]
        messages = {normalise(m.get(TEXT)): m.get_full_intent() for m in examples}
        self.model = train_people(read_people(), messages, read_forms())
        with self._storage.write_to(self._resource) as folder:
            if self.model:
                self.model.save(folder)
        return self._resource

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            text = message.get(TEXT) or ""
            if self.model and text and not text.startswith("/"):
                message.set("people", self._read(message, text), add_to_output=True)
        return messages

    def _read(self, message: Message, text: str) -> list[list[Any]]:
        normal = message.get(NORMAL_TEXT)
        goal = (message.get(INTENT) or {}).get(INTENT_NAME_KEY)
        topics = [topic for topic, _ in message.get("topics") or []] if goal == "guide_topic" else []
        read = self.model.read(normalise(text) if normal is None else normal, goal, topics)
        return [[label, round(p, 4)] for label, p in read]

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        return training_data
