"""Logs of Rasa and the action server without anybody's words in them.

Two leaks are closed: exception values (Rasa puts whole transcripts into them) and the fields of structlog events that
hold message text. What remains is the event's name, the exception's type and where it happened.
"""
from __future__ import annotations

import json
import logging
import traceback
from typing import Any

KEPT_FIELDS = {"event", "level", "event_info", "action_name", "event_key", "len_extraction_events", "model_id"}
_make_record = logging.getLogRecordFactory()


def install() -> None:
    """Every log record of this process passes `without_words` from now on."""
    logging.setLogRecordFactory(_record_without_words)


def _record_without_words(*args: Any, **kwargs: Any) -> logging.LogRecord:
    return without_words(_make_record(*args, **kwargs))


def without_words(record: logging.LogRecord) -> logging.LogRecord:
    if record.exc_info and record.exc_info[0] is not None:
        record.exc_text = _where(record.exc_info)
        record.exc_info = None
    if isinstance(record.args, tuple):
        record.args = tuple(_type_of_exception(value) for value in record.args)
    if isinstance(record.msg, BaseException):
        record.msg = type(record.msg).__name__
    if isinstance(record.msg, str) and record.msg.startswith("{"):
        record.msg = _only_kept_fields(record.msg)
    if record.name.startswith("rasa.") and record.levelno >= logging.ERROR:
        record.msg, record.args = _first_sentence(record), ()
    return record


def _where(exc_info: Any) -> str:
    frames = traceback.extract_tb(exc_info[2])[-6:]
    places = " < ".join(f"{frame.name}:{frame.lineno}" for frame in reversed(frames))
    return f"{exc_info[0].__name__} at {places}"


def _type_of_exception(value: Any) -> Any:
    return type(value).__name__ if isinstance(value, BaseException) else value


def _only_kept_fields(line: str) -> str:
    try:
        fields = json.loads(line)
    except ValueError:
        return line
    return json.dumps({key: value for key, value in fields.items() if key in KEPT_FIELDS})


def _first_sentence(record: logging.LogRecord) -> str:
    """Rasa appends bodies and error values after the first sentence of its error messages."""
    return record.getMessage().split(". ")[0].split("Error:")[0][:200]
