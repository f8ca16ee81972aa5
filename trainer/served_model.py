"""The model guests meet, loaded in this process as `rasaw` would load it."""
from __future__ import annotations

import logging
import os
import warnings
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
MODELS = ROOT / "bot" / "models"


class NoModel(Exception):
    """Nothing has been trained yet."""


def usual_model(folder: Path = MODELS) -> Path:
    """The one that belongs to the data as they are now; else the newest. Raises NoModel."""
    from deploy.model import path

    if folder == MODELS and path().exists():
        return path()
    models = sorted(folder.glob("*.tar.gz"), key=lambda one: one.stat().st_mtime)
    if not models:
        raise NoModel(str(folder))
    return models[-1]


def load_agent(model: Path) -> Any:
    """A Rasa agent with the model; TensorFlow stays out unless config.yml needs it. `await agent.parse_message(text)`."""
    os.environ["RASA_TELEMETRY_ENABLED"] = "false"
    os.environ.setdefault("SQLALCHEMY_SILENCE_UBER_WARNING", "1")
    warnings.showwarning = lambda *_, **__: None  # Rasa's imports reset the filters
    from bot.components import without_tensorflow

    if not without_tensorflow.needed_by(ROOT / "config.yml"):
        without_tensorflow.install()
    from rasa.core.agent import Agent

    _keep_messages_out_of_the_log()
    return Agent.load(str(model))


def _keep_messages_out_of_the_log() -> None:
    import structlog

    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
