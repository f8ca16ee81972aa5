"""Import hook that puts empty modules where TensorFlow and Keras would be.

Rasa imports them at start even when the model has no part that uses them; that costs seconds and 350 MB. Installed by
`rasaw` unless `config.yml` names a component that needs the real thing.
"""
from __future__ import annotations

import importlib.abc
import importlib.machinery
import sys
import types
from collections.abc import Iterable
from pathlib import Path
from typing import Any

ROOTS = ("tensorflow", "keras", "tensorflow_addons", "tensorflow_hub", "tensorflow_text", "tensorboard")
NEEDS_TENSORFLOW = ("DIETClassifier", "TEDPolicy", "UnexpecTEDIntentPolicy", "ResponseSelector", "LanguageModelFeaturizer", "ConveRTFeaturizer", "SpacyNLP")  # spaCy asks TensorFlow for its devices as it is imported


def needed_by(config: Path) -> bool:
    """Whether a Rasa configuration names a component that runs on TensorFlow."""
    text = config.read_text("utf-8") if config.exists() else ""
    lines = [line.split("#")[0] for line in text.splitlines()]
    return any(name in line for line in lines for name in NEEDS_TENSORFLOW)


class _AnyName(type):
    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Nothing

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        if cls is Nothing and len(args) == 1 and not kwargs and isinstance(args[0], (types.FunctionType, type)):
            return args[0]  # used as a decorator
        return super().__call__()

    def __or__(cls, other: Any) -> Any:
        return cls

    __ror__ = __or__

    def __getitem__(cls, key: Any) -> Any:
        return cls

    def __iter__(cls) -> Iterable:
        return iter(())


class Nothing(metaclass=_AnyName):
    """Stands for every class, function and constant; does nothing when called."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        pass

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Nothing

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return args[0] if len(args) == 1 and callable(args[0]) else self


class _EmptyModule(types.ModuleType):
    __version__ = "2.12.0"
    __path__: list = []

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return Nothing


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        if name.split(".")[0] in ROOTS:
            return importlib.machinery.ModuleSpec(name, self, is_package=True)
        return None

    def create_module(self, spec: Any) -> types.ModuleType:
        return _EmptyModule(spec.name)

    def exec_module(self, module: types.ModuleType) -> None:
        pass


def install() -> None:
    """Must run before the first import of `rasa`."""
    if not any(isinstance(finder, _Finder) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Finder())
