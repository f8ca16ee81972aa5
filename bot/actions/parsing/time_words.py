"""The Danish time words of `words.yml`, read once at import into tables and one scanning pattern."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

WORDS: Mapping[str, Any] = yaml.safe_load(Path(__file__).with_name("words.yml").read_text(encoding="utf-8"))

NUMBERS: Mapping[str, int] = WORDS["numbers"]
ORDINALS: Mapping[str, int] = WORDS["ordinals"]
MONTHS: Mapping[str, int] = WORDS["months"]
WEEKDAYS: Mapping[str, int] = {
    **WORDS["weekdays"],
    **{name[:3]: number for name, number in WORDS["weekdays"].items()},
}
CUTS_NEGATION: frozenset[str] = frozenset(WORDS["cuts_negation"])

_MACRO = re.compile(r"%(\w+)%")
_NAMED = re.compile(r"\(\?P<(\w+)>")


@dataclass(frozen=True)
class Rule:
    """One line of `rules`: the reader's name, what it is handed, and which groups of the scanner are its own."""

    kind: str
    argument: Any
    groups: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Find:
    """A stretch of the tidied text that a rule took; `words` are the rule's named pieces that were there."""

    kind: str
    argument: Any
    words: Mapping[str, str]
    start: int
    end: int


def scan(text: str) -> Iterator[Find]:
    """Every rule's find in `text`, from left to right, without overlaps."""
    for match in _SCANNER.finditer(text):
        if match.end() == match.start():
            continue
        rule = _RULES[match.lastgroup or ""]
        yield Find(rule.kind, rule.argument, _words(match, rule), match.start(), match.end())


def _words(match: re.Match[str], rule: Rule) -> dict[str, str]:
    found = ((name, match.group(group)) for name, group in rule.groups)
    return {name: text for name, text in found if text is not None}


def _expanded(pattern: str, macros: Mapping[str, str]) -> str:
    while _MACRO.search(pattern):
        pattern = _MACRO.sub(lambda macro: macros[macro.group(1)], pattern)
    return pattern


def _own_names(pattern: str, prefix: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    """The pattern with its group names made unique in the whole scanner, and pairs (name, unique name)."""
    groups: list[tuple[str, str]] = []

    def rename(match: re.Match[str]) -> str:
        groups.append((match.group(1).rstrip("2") if match.group(1) == "a2" else match.group(1),
                       f"{prefix}_{len(groups)}"))
        return f"(?P<{groups[-1][1]}>"

    return _NAMED.sub(rename, pattern), tuple(groups)


def _compiled() -> tuple[re.Pattern[str], dict[str, Rule]]:
    rules: dict[str, Rule] = {}
    branches: list[str] = []
    for number, line in enumerate(WORDS["rules"]):
        name = f"r{number}"
        pattern, groups = _own_names(_expanded(line["match"], WORDS["macros"]), name)
        rules[name] = Rule(line["kind"], line.get("with"), groups)
        branches.append(f"(?P<{name}>{pattern})")
    return re.compile(r"(?:(?<!\w)|(?=[-–—,.!?;:/&]))(?:" + "|".join(branches) + ")"), rules


_SCANNER, _RULES = _compiled()
