"""Who is writing, and about whom, from Danish words. Pure.

A parent, partner, sibling or friend makes the writer a relative only when that person's trouble is what the message is
about ("min mor er psykisk syg, hvad gør jeg"); someone who acts in the writer's own story does not ("min mor siger jeg
skal skrive", "min kæreste slog op").
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from bot.actions.parsing.patterns import any_of, compiled, load_words, plain


@dataclass(frozen=True)
class Relation:
    """`relation`: self, relative, professional. `about`: self, child, partner, parent, sibling, friend, pupil, other."""

    relation: str | None = None
    about: str | None = None


def voices(text: str) -> list[str]:
    """Who speaks and who is spoken of, by the pronouns alone: which there are, who acts most, who is named first.

    ["there: me them", "acts: them", "first: me"]; the writer's own story is told with "I", another's with "he"."""
    words = _LETTERS.findall(plain(text))
    first = {who: next((place for place, word in enumerate(words) if word in named), None) for who, named in _VOICES.items()}
    acting = {who: sum(word in named for word in words) for who, named in _ACTING.items()}
    told = ["there: " + " ".join(who for who, place in first.items() if place is not None)]
    if any(acting.values()):
        told.append(f"acts: {_most(acting)}")
    if first["me"] is not None and first["them"] is not None:
        told.append("first: me" if first["me"] < first["them"] else "first: them")
    return told


def _most(acting: Mapping[str, int]) -> str:
    me, them = acting["me"], acting["them"]
    if not me:
        return "only them"
    return "me" if me > them else "them" if them > me else "both"


@dataclass(frozen=True)
class _Rule:
    relation: str
    pattern: re.Pattern[str]
    unless: re.Pattern[str] | None
    about: str | None
    names_person: bool
    names_pupil: bool


def parse_relation(text: str) -> Relation:
    """The relation told in `text`; `Relation()` when it does not tell."""
    words = _DENIED.sub(" ", plain(text)).strip(" ,.")
    for rule in _RULES:
        match = rule.pattern.search(words)
        if match and not (rule.unless and rule.unless.search(words)):
            return Relation(rule.relation, _about(rule, words, match.group()))
    return Relation()


def _about(rule: _Rule, words: str, found: str) -> str | None:
    if rule.names_pupil:
        return _about_at_work(words)
    return _person(found) if rule.names_person else rule.about


def _about_at_work(words: str) -> str | None:
    if _PEOPLE["pupil"].search(words):
        return "pupil"
    return "other" if _MET_AT_WORK.search(words) else None


def _person(found: str) -> str | None:
    """The person named last in what the rule found, so that "min mors kæreste" is the partner's."""
    named = [(match.start(), who) for who, pattern in _PEOPLE.items() for match in pattern.finditer(found)]
    return max(named)[1] if named else None


def _rule(line: Mapping[str, str], pieces: Mapping[str, str]) -> _Rule:
    return _Rule(
        relation=line["relation"],
        pattern=compiled(line["match"], pieces),
        unless=compiled(line["unless"], pieces) if "unless" in line else None,
        about=line.get("about"),
        names_person="person" in line,
        names_pupil="with_pupil" in line,
    )


def _pieces(words: Mapping) -> dict[str, str]:
    groups = {who: any_of(names) for who, names in words["people"].items()}
    anyone = any_of(name for names in words["people"].values() for name in names)
    return {**words["pieces"], **groups, "anyone": anyone, "profession": any_of(words["professions"])}


_WORDS = load_words("relation_words.yml")
_PIECES = _pieces(_WORDS)
_PEOPLE = {who: compiled(f"%{who}%", _PIECES) for who in _WORDS["people"]}
_RULES = tuple(_rule(line, _PIECES) for line in _WORDS["rules"])
_MET_AT_WORK = compiled(any_of(_WORDS["met_at_work"]), _PIECES)
_VOICES = {who: frozenset(named) for who, named in _WORDS["voices"].items()}
_ACTING = {who: frozenset(named) for who, named in _WORDS["acting"].items()}
_LETTERS = re.compile(r"[^\W\d_]+")
_DENIED = compiled(_WORDS["denied"], _PIECES)
