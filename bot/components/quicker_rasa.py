"""Three slow spots of Rasa 3.6.21, mended in place; the result is the same, only sooner. `apply()` may be called twice.

- `DialogueStateTracker.copy` replays every event of the conversation, once for each action.
- `RemoteAction` compiles its JSON schema anew for every answer of the action server (16 ms each time).
- A training reads and checks every training file three times over: `read_training_files_once()`, called by `rasaw`.
- It copies every example a dozen times over and reckons its fingerprint anew after each: `share_examples()`, likewise.
"""
from __future__ import annotations

import copy
from collections import deque
from collections.abc import Iterable
from typing import Any

from jsonschema.validators import validator_for
from rasa.core.actions.action import RemoteAction
from rasa.shared.core.trackers import DialogueStateTracker


def _copy_tracker(self: DialogueStateTracker) -> DialogueStateTracker:
    twin = DialogueStateTracker.__new__(DialogueStateTracker)
    twin.__dict__.update(self.__dict__)
    twin.events = deque(self.events, self.events.maxlen)
    twin.slots = {name: copy.copy(slot) for name, slot in self.slots.items()}
    twin.active_loop = copy.copy(self.active_loop)
    return twin


def apply() -> None:
    schema = RemoteAction.action_response_format_spec()
    validator = validator_for(schema)(schema)

    def validate(self: RemoteAction, result: dict[str, Any]) -> bool:
        validator.validate(result)
        return True

    RemoteAction._validate_action_result = validate
    DialogueStateTracker.copy = _copy_tracker


def share_examples() -> None:
    """Merged training data hold the same messages and not copies of them: a message once read is never changed."""
    from rasa.shared.nlu.training_data.training_data import TrainingData

    merge = TrainingData.merge

    def merge_without_copies(self: TrainingData, *others: TrainingData | None) -> TrainingData:
        every = [self, *(other for other in others if other)]
        examples = [example for one in every for example in one.training_examples]
        merged = merge(*(_without_examples(one) for one in every))
        merged.training_examples = list(dict.fromkeys(examples))
        merged._fill_response_phrases()
        return merged

    def _without_examples(data: TrainingData) -> TrainingData:
        return TrainingData([], data.entity_synonyms, data.regex_features, data.lookup_tables, data.responses)

    TrainingData.merge = merge_without_copies


def read_training_files_once() -> None:
    """Rasa's importers copy what they are given before they add to it, so the same object may be given again.

    They ask for it in two languages, which only files of other formats than ours differ by.
    """
    from rasa.shared.importers import utils

    read, kept = utils.training_data_from_paths, {}

    def once(paths: Iterable[str], language: str) -> Any:
        key = tuple(paths)
        if key not in kept:
            kept[key] = read(key, language)
        return kept[key]

    utils.training_data_from_paths = once
