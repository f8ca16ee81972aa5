"""Danish as it is written in a chat, brought to one form before it is counted.

Pure and idempotent: `normalise(normalise(t)) == normalise(t)` for every string. Digits are never changed.
"""
import re
import unicodedata
from functools import lru_cache
from pathlib import Path

import yaml

WORDS_FILE = Path(__file__).resolve().parents[1] / "data" / "shared" / "words.yml"

_INVISIBLE = re.compile(r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\x00-\x08\x0b-\x1f\x7f]")
_REPEATED = re.compile(r"([^\W\d_])\1{2,}")
_PUNCTUATION_RUN = re.compile(r"([^\w\s])\1+")
_SPACE = re.compile(r"\s+")
_WORD = re.compile(r"[^\W_]+", re.UNICODE)
_SPELLINGS = (("aa", "å"), ("ae", "æ"), ("oe", "ø"), ("ä", "æ"), ("ö", "ø"))


@lru_cache(maxsize=1)
def words() -> dict:
    """The word lists that trainers keep in `bot/data/shared/words.yml`; empty when the file is missing."""
    if not WORDS_FILE.exists():
        return {}
    return yaml.safe_load(WORDS_FILE.read_text("utf-8")) or {}


@lru_cache(maxsize=1)
def sms_forms() -> dict:
    """{short form: full form}, e.g. the way "ik" stands for the Danish "not"."""
    return {str(short): str(full) for short, full in (words().get("sms_forms") or {}).items()}


def normalise(text: str) -> str:
    """One form of `text`: lower case, æøå, no long-drawn letters, no short forms, single spaces."""
    seen: set = set()
    while text not in seen:
        seen.add(text)
        text = _one_pass(text)
    return text


def _one_pass(text: str) -> str:
    text = unicodedata.normalize("NFKC", _INVISIBLE.sub("", text)).lower()
    text = _SPACE.sub(" ", text).strip()
    text = _PUNCTUATION_RUN.sub(r"\1", _REPEATED.sub(r"\1", text))
    for spelling, letter in _SPELLINGS:
        text = text.replace(spelling, letter)
    forms = sms_forms()
    return _WORD.sub(lambda found: forms.get(found.group(), found.group()), text) if forms else text
