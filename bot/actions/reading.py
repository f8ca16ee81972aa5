"""The parsing room's functions in the shapes the actions use; each tolerates that its parser is missing or stumbles."""
import importlib
import logging
import re
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from bot.components.danish_text import normalise, words

logger = logging.getLogger(__name__)

REFERENCE = re.compile(r"\b(?=[A-Z -]*\d|\w{4}-)([2-9A-HJKMNP-Z]{4})[\s-]*([2-9A-HJKMNP-Z]{4})[\s-]*([2-9A-HJKMNP-Z]{4})\b")
CODE_LIKE = re.compile(r"\b[A-Z0-9]{2,}(?:-[A-Z0-9]{2,})+\b|\b[A-Z0-9]{8,}\b")
BARE_AGE = re.compile(r"^\D{0,14}(\d{1,2})\D{0,10}$")


@cache
def _parser(module: str, function: str) -> Callable | None:
    try:
        return getattr(importlib.import_module(f"bot.actions.parsing.{module}"), function)
    except (ImportError, AttributeError):
        logger.warning("Parsing of %s is not available", module)
        return None


def _parse(module: str, function: str, *arguments: Any, **named: Any) -> Any:
    parse = _parser(module, function)
    if parse is None:
        return None
    try:
        return parse(*arguments, **named)
    except Exception as error:
        logger.warning("Parsing of %s failed: %s", module, type(error).__name__)
        return None


def choice(text: str, options: Sequence[str]) -> int | None:
    """Which of the offered titles is meant ("den anden", "torsdag", "2"), or None."""
    wanted = normalise(text)
    exact = [i for i, option in enumerate(options) if normalise(option) == wanted]
    if exact:
        return exact[0]
    picked = _parse("choices", "parse_choice", text, list(options)) if options else None
    return picked if picked is not None and picked >= 0 else None


def none_of(text: str, options: Sequence[str]) -> bool:
    """Whether the guest turns all the offered titles down."""
    return bool(text and options) and _parse("choices", "parse_choice", text, list(options)) == -1


def wishes(text: str) -> Any:
    """Wishes for a talk (`parsing/wishes.py`), or None."""
    return _parse("wishes", "parse_wishes", text) if text else None


def names_of_hosts(text: str) -> list[str]:
    """Words that stand where somebody names whom they would like to talk with; most are nobody's name."""
    return (_parse("wishes", "names_of_hosts", text) or []) if text else []


def contact(text: str) -> dict[str, str] | None:
    """{kind: phone|email, value} or None."""
    found = _parse("contact", "parse_contact", text)
    kind, value = getattr(found, "kind", None), getattr(found, "value", None)
    return {"kind": kind, "value": value} if kind in ("phone", "email") and value else None


def age(text: str) -> int | None:
    """Age from a bare answer to the question of age ("17", "jeg er 17")."""
    found = _parse("age", "parse_age", text)
    years = getattr(found, "years", None)
    if years is not None:
        return years
    bare = BARE_AGE.match(text.strip())
    return int(bare.group(1)) if bare else None


def time_wish(text: str, now: datetime, previous: Any = None) -> Any:
    return _parse("danish_time", "parse_time", text, now, previous) if text else None


def window(wish: Any) -> dict[str, Any] | None:
    """The protocol's `Window` of a TimeWish, or None when the text says no time that can be searched."""
    if wish is None or not (wish.windows or wish.first_free or wish.anything):
        return None
    search = wish.as_search()
    return search if wish.windows else {**search, "first_free": True}


def first_day(wish: Any) -> str | None:
    """The local date the first window begins on."""
    return wish.windows[0].start.strftime("%Y-%m-%d") if wish is not None and wish.windows else None


def doubt(wish: Any) -> str | None:
    """Why a time cannot be searched as said: past, unknown_date, unknown_time or far_future; else None."""
    asked = getattr(wish, "ask", None)
    return asked if asked in ("past", "unknown_date", "unknown_time", "far_future") else None


def reference(text: str) -> str | None:
    """A code as it may be typed: small letters, spaces for dashes. A near miss is returned too, so that it can be told."""
    whole = REFERENCE.search(text.upper())
    if whole:
        return "-".join(whole.groups())
    near = [word for word in CODE_LIKE.findall(text.upper()) if any(letter.isdigit() for letter in word)]
    return max(near, key=len) if near else None


def is_stop(text: str) -> bool:
    """Whether the guest wants out of what is going on ("glem det"), by the list in `words.yml`."""
    return _is_one_of(text, "stop")


def is_yes(text: str) -> bool:
    return _is_one_of(text, "yes")


def is_no(text: str) -> bool:
    return _is_one_of(text, "no")


def is_skip(text: str) -> bool:
    return _is_one_of(text, "skip")


def is_by_phone(text: str) -> bool:
    return _is_one_of(text, "by_phone")


def is_by_mail(text: str) -> bool:
    return _is_one_of(text, "by_mail")


def is_any(text: str) -> bool:
    return _is_one_of(text, "any")


def is_correction(text: str) -> bool:
    said = normalise(text)
    return any(said.startswith(normalise(start)) for start in words().get("correction") or [])


def wants_other(text: str) -> bool:
    return _is_one_of(text, "other_times")


def speaks_of(text: str, key: str) -> bool:
    """Whether one of the phrases under `key` stands somewhere in the text, as whole words."""
    return _holds(text, words().get(key) or [])


def offer_kind(text: str) -> str | None:
    """The kind of offer asked for ("en gruppe for forældre" → parents), or None for any."""
    kinds = words().get("offer_kinds") or {}
    return next((kind for kind, phrases in kinds.items() if _holds(text, phrases)), None) if text else None


def _holds(text: str, phrases: Sequence[str]) -> bool:
    said = " " + re.sub(r"[^\w-]+", " ", normalise(text)).strip() + " "
    return any(f" {normalise(phrase)} " in said for phrase in phrases)


def last_day(wish: Any) -> str | None:
    """The local date the last window ends on; a window that ends at midnight ends on the day before."""
    if wish is None or not wish.windows:
        return None
    return (wish.windows[-1].end - timedelta(seconds=1)).strftime("%Y-%m-%d")


def _is_one_of(text: str, key: str) -> bool:
    said = re.sub(r"[^\w\s]", "", normalise(text)).strip()
    return said in {re.sub(r"[^\w\s]", "", normalise(form)).strip() for form in words().get(key) or []}
