"""Logs hold no words: exception values and message fields are left out, the rest is still of use."""

import json
import logging
import sys

from bot.components.quiet_logs import without_words

SECRET = "kanariefugl"


def record(msg, args=(), exc=None, level=logging.ERROR, name="rasa.core.processor"):
    return logging.LogRecord(name, level, __file__, 1, msg, args, exc)


def shown(found: logging.LogRecord) -> str:
    return logging.Formatter("%(message)s").format(without_words(found))


def test_an_exceptions_value_is_left_out_and_its_place_kept():
    try:
        raise ValueError(SECRET)
    except ValueError:
        text = shown(record("Encountered an exception while running action 'action_x'.Bot will continue", exc=sys.exc_info()))
    assert SECRET not in text and "ValueError" in text and "action_x" in text


def test_an_exception_as_argument_or_message():
    assert SECRET not in shown(record("failed: %s", (ValueError(SECRET),)))
    assert SECRET not in shown(record(ValueError(SECRET)))


def test_structlog_lines_keep_only_known_fields():
    line = json.dumps({"event": "rest.message.received.failure", "text": SECRET, "level": "error"})
    text = shown(record(line, level=logging.INFO))
    assert SECRET not in text and "rest.message.received.failure" in text


def test_bodies_after_the_first_sentence_of_an_error_go():
    assert SECRET not in shown(record(f"Failed to run custom action 'a'. Error: {SECRET}"))
