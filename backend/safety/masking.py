"""Finds what would tell who somebody is, and covers it, before text reaches Rasa, logs, trainers or exports."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path

import phonenumbers
import yaml

from backend.safety.folding import clean

WORDS = Path(__file__).parent / "patterns" / "personal_data.yml"
KINDS = ("cpr", "email", "phone", "address", "name", "school_class")
_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_CPR = re.compile(r"(?<!\d)(\d{2})[ .]?(\d{2})[ .]?(\d{2})[ .–—-]{0,3}(\d{4})(?!\d)")
_CPR_SPELT = re.compile(r"(?<!\d)(\d[ .-]\d)[ .-](\d[ .-]\d)[ .-](\d[ .-]\d)(?:[ .-]\d){4}(?!\d)")
_PHONE = re.compile(r"(?<![\d+])(?:(?:\+|00)45[ .-]?)?\d(?:[ .-]?\d){7}(?!\d)")


@dataclass(frozen=True)
class Span:
    """`text[start:end]` is of one of KINDS."""

    kind: str
    start: int
    end: int


def find_personal_data(text: str) -> list[Span]:
    """Spans in reading order, never overlapping; where two kinds claim the same place the earlier of KINDS wins."""
    kept, taken = [], bytearray(len(text))
    for span in [*_cprs(text), *_emails(text), *_phones(text), *_patterned(text)]:
        if not any(taken[span.start : span.end]):
            taken[span.start : span.end] = b"x" * (span.end - span.start)
            kept.append(span)
    return sorted(kept, key=lambda s: s.start)


def mask(text: str, kinds: Collection[str] = KINDS) -> str:
    """`text` with each finding of `kinds` replaced by its Danish label, such as `[telefon]`."""
    labels = _words()["labels"]
    for span in reversed(find_personal_data(text)):
        if span.kind in kinds:
            text = f"{text[:span.start]}[{labels[span.kind]}]{text[span.end:]}"
    return text


def identifying(text: str) -> frozenset[str]:
    """The kinds in `text` that may tell who somebody is. A first name alone does not; a CPR number is covered anyway."""
    found = (span for span in find_personal_data(text) if span.kind != "cpr")
    return frozenset(span.kind for span in found if span.kind != "name" or " " in text[span.start:span.end].strip())


def without_cpr(text: str) -> str:
    """What may be stored: CPR numbers covered, also those written with invisible characters between the digits."""
    covered = mask(text, ("cpr",))
    seen = clean(covered)
    return mask(seen, ("cpr",)) if any(span.kind == "cpr" for span in find_personal_data(seen)) else covered


def _cprs(text: str) -> list[Span]:
    found = [*_CPR.finditer(text), *_CPR_SPELT.finditer(text)]
    return [Span("cpr", *m.span()) for m in found if _is_birth_date(*(int(re.sub(r"\D", "", part)) for part in m.groups()[:3]))]


def _is_birth_date(day: int, month: int, year: int) -> bool:
    """True when the six digits can be a date in either century; numbers for foreigners add 60 to the day."""
    day = day - 60 if day > 60 else day
    return any(_exists(century + year, month, day) for century in (1900, 2000))


def _exists(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def _emails(text: str) -> list[Span]:
    return [Span("email", *m.span()) for m in _EMAIL.finditer(text)]


def _phones(text: str) -> list[Span]:
    return [Span("phone", *m.span()) for m in _PHONE.finditer(text) if _is_private_number(m.group())]


def _is_private_number(digits: str) -> bool:
    """Valid in the Danish plan, and not one of the public help lines we ourselves hand out."""
    number = phonenumbers.parse(digits, "DK")
    national = str(number.national_number)
    return phonenumbers.is_valid_number(number) and national not in _words()["public_numbers"]


def _patterned(text: str) -> list[Span]:
    return [Span(kind, *m.span("it")) for kind, regex in _regexes() for m in regex.finditer(text)]


@lru_cache(maxsize=1)
def _words() -> dict:
    return yaml.safe_load(WORDS.read_text("utf-8"))


@lru_cache(maxsize=1)
def _regexes() -> list[tuple[str, re.Pattern]]:
    words = _words()
    street_end = "|".join(words["street_ends"])
    capital = r"[A-ZÆØÅ][\wæøåÆØÅé.]{0,30}"  # bounded: a message of one long word must not take long
    floor = r"(?:,?[ ]*\d{1,2}\.?[ ]?(?:sal|tv|th|mf)\.?|,?[ ]*(?:tv|th|mf|st)\.)*"
    town = r"(?:,?[ ]*\d{4}[ ][A-ZÆØÅ]\w+)?"
    road = rf"(?:(?:{capital}[ ]){{0,2}}[A-ZÆØÅa-zæøåé]{{2,40}}(?:{street_end})|{capital}[ ](?i:{street_end}))"
    street = rf"(?P<it>\b{road}[ ]\d{{1,3}}[ ]?[A-Za-z]?\b{floor}{town})"
    one = r"[A-ZÆØÅa-zæøåé][\wæøåÆØÅé'-]+"
    introductions = "|".join(words["introductions"])
    not_names = "|".join(words["not_names"])
    name = rf"\b(?i:{introductions})[ ]+(?P<it>(?!(?i:{not_names})\b){one}(?:[ ][A-ZÆØÅ][\wæøåé'-]+){{0,3}})"
    a_school = rf"{capital}[ ]?(?:{capital}[ ])?(?i:{'|'.join(words['school_ends'])})\b"
    turned = rf"(?P<it>\b{a_school},?[ ](?:i[ ])?\d{{1,2}}\.?[ ]?[a-zæøåA-Z]\b)"
    school = rf"(?P<it>\b\d{{1,2}}\.?[ ]?[a-zæøåA-Z]\b[ ](?:på|i)[ ]{capital}[ ]?(?i:{'|'.join(words['school_ends'])})\b)"
    return [("address", re.compile(street)), ("name", re.compile(name)), ("school_class", re.compile(school)), ("school_class", re.compile(turned))]
