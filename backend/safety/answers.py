"""What a guest's own words answer to the direct question, and whether they take an alarm back. Pure; the words are in answers.yml."""

import re
from functools import lru_cache
from pathlib import Path

import yaml

from backend.safety.folding import clean, fold_word, one_slip_apart

WORDS = Path(__file__).with_name("answers.yml")
ANSWERS = ("yes", "no", "unsure", "refused")
_TOKEN = re.compile(r"[^\W_]+|[\U0001F300-\U0001FAFF]")
_LONGEST_PHRASED, _LONGEST_TAKEN_BACK = 10, 16
_LONGEST_BARE = 4  # in a longer message one loose word says too little
_MENDED_FROM = 5
Tokens = tuple[str, ...]


def read_answer(text: str) -> str | None:
    """One of ANSWERS, or None when the words are something else than an answer.

    A doubtful no is `unsure`: whoever is not clearly fine is met with care.
    """
    said = _tokens(text)
    if not said:
        return None
    short = len(said) <= _LONGEST_PHRASED
    if short and _holds(said, "refused"):
        return "refused"
    if _begins(said, "no_first"):
        return "unsure" if _holds(said, "no_but") and not _holds(said, "no_but_calm") else "no"
    if _begins(said, "yes_first"):
        return "unsure" if short and (_holds(said, "both_ways") or _holds(said, "no")) else "yes"
    if not short:
        return None
    least = 1 if len(said) <= _LONGEST_BARE else 2
    return next((answer for answer in ("no", "unsure", "yes") if _holds(said, answer, least)), None)


def takes_back(text: str) -> bool:
    """Whether the guest says it was not meant so, or that there is no danger."""
    said = _tokens(text)
    return len(said) <= _LONGEST_TAKEN_BACK and _holds(said, "took_back") and not _holds(said, "not_took_back")


def moves_on(text: str) -> bool:
    """Whether the guest asks to go on with something else."""
    said = _tokens(text)
    return len(said) <= _LONGEST_PHRASED and _holds(said, "move_on")


def accepts(text: str) -> bool | None:
    """True or False when the whole message is a plain yes or no to an offer; else None."""
    said = _tokens(text)
    if said in _lists()["offer_yes"]:
        return True
    return False if said in _lists()["offer_no"] else None


def same_words(one: str, other: str) -> bool:
    """Whether two texts are the same but for spelling, case and signs."""
    return bool(_tokens(one)) and _tokens(one) == _tokens(other)


def _begins(said: Tokens, name: str) -> bool:
    return any(said[:len(phrase)] == phrase for phrase in _lists()[name])


def _holds(said: Tokens, name: str, least: int = 1) -> bool:
    return any(_is_in(phrase, said) for phrase in _lists()[name] if len(phrase) >= least)


def _is_in(phrase: Tokens, said: Tokens) -> bool:
    return any(all(map(_alike, phrase, said[at:])) for at in range(len(said) - len(phrase) + 1))


def _alike(known: str, word: str) -> bool:
    return known == word or (len(known) >= _MENDED_FROM and one_slip_apart(word, known))


def _tokens(text: str) -> Tokens:
    """Folded words, short forms spelt out; pairs of short forms are looked up before single ones."""
    words = [fold_word(word) for word in _TOKEN.findall(clean(text))]
    out: list[str] = []
    at = 0
    while at < len(words):
        size = 2 if " ".join(words[at:at + 2]) in _short_forms() else 1
        here = " ".join(words[at:at + size])
        out += _short_forms().get(here, here).split()
        at += size
    return tuple(out)


@lru_cache(maxsize=1)
def _data() -> dict:
    return yaml.safe_load(WORDS.read_text("utf-8"))


def _fold(phrase: str) -> str:
    return " ".join(fold_word(word) for word in _TOKEN.findall(phrase))


@lru_cache(maxsize=1)
def _short_forms() -> dict[str, str]:
    return {_fold(str(short)): _fold(str(full)) for short, full in _data()["short_forms"].items()}


@lru_cache(maxsize=1)
def _lists() -> dict[str, frozenset[Tokens]]:
    return {name: frozenset(tuple(_fold(str(p)).split()) for p in phrases) for name, phrases in _data().items() if name != "short_forms"}
