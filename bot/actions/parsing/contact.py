"""A phone number or an e-mail address a guest gives, or their no. Pure; the backend checks the number for real."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bot.actions.parsing.patterns import compiled, load_words, plain

DANISH = "+45"
DANISH_DIGITS = 8

_EMAIL = re.compile(r"[^\s@<>,;:()\"']+@(?:[^\W_](?:[\w-]*[^\W_])?\.)+[^\W\d_]{2,}")
_PHONE = re.compile(r"(?<![\w+])(?:(?P<country>\+|00)(?P<abroad>[0-9][0-9 .-]{6,18}[0-9])|(?P<home>[2-9](?:[ .-]?[0-9]){7}))(?![0-9]|[ .-]?[0-9])")
_AFTER_LETTERS = re.compile(r"(?<=[^\W\d_])[.:](?=[0-9])")
_CPR = re.compile(r"(?<![\d+])(?:0[1-9]|[12]\d|3[01])(?:0[1-9]|1[0-2])\d{2}[- ]?\d{4}(?!\d)")


@dataclass(frozen=True)
class Contact:
    """`kind`: phone (value "+45…"), email (value as an address), none (they would rather not), or None (not told)."""

    kind: str | None = None
    value: str | None = None


def parse_contact(text: str) -> Contact:
    """The first phone number or address in `text`, else a refusal, else nothing. A CPR number is never taken."""
    written = _CPR.sub(" ", _with_at_sign(text))
    found = [contact for contact in (_email(written), _phone(written)) if contact]
    if found:
        return min(found, key=lambda one: one[0])[1]
    return Contact("none") if _REFUSED.search(plain(text)) else Contact()


def _email(text: str) -> tuple[int, Contact] | None:
    match = _EMAIL.search(text)
    if not match:
        return None
    name, _, host = match.group().rpartition("@")
    return match.start(), Contact("email", f"{name.lstrip('.')}@{host.lower()}")


def _phone(text: str) -> tuple[int, Contact] | None:
    match = _PHONE.search(_AFTER_LETTERS.sub(" ", text))
    if not match:
        return None
    digits = re.sub(r"\D", "", match["abroad"] or match["home"])
    value = f"+{digits}" if match["country"] else f"{DANISH}{digits}"
    return (match.start(), Contact("phone", value)) if _is_plausible(value) else None


def _is_plausible(value: str) -> bool:
    return not value.startswith(DANISH) or len(value) == len(DANISH) + DANISH_DIGITS


def _with_at_sign(text: str) -> str:
    for sign in _AT_SIGNS:
        text = sign.sub("@", text)
    return text


_WORDS = load_words("contact_words.yml")
_REFUSED = compiled(_WORDS["refused"], {})
_AT_SIGNS = tuple(re.compile(sign, re.IGNORECASE) for sign in _WORDS["at_signs"])
