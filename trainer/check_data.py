"""What to mend in the training messages before a training: `python -m trainer.check_data [--alle]`.

Prints in Danish, file and line first: the same message in two places, near-duplicates across labels, too few or too many
examples, letters Rasa reads as something else, labels nobody knows. Exit status 1 when something must be mended.
"""
from __future__ import annotations

import argparse
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from bot.components.danish_text import normalise
from bot.components.lexicon import LEXICON_FOLDER, Forms, read_forms
from trainer.wording import wording

ROOT = Path(__file__).resolve().parents[1]
FORBIDDEN = "[]{}()"
BAD_STARTS = "/-"
MOST_WORDS = 120
LEAST_TOPIC, LEAST_GOAL = 120, 60
TOPIC = "guide_topic/"
UNBALANCED = 6
NEAR = 0.8
SHORTEST_NEAR = 20
SHOWN = 40


@dataclass(frozen=True)
class Line:
    """One training message, where it stands."""

    file: str
    line: int
    label: str
    text: str

    @property
    def normal(self) -> str:
        return normalise(self.text).strip(" .!?,")


@dataclass(frozen=True)
class Finding:
    """`kind` is a key of the wording; `must` when it stops a training."""

    kind: str
    must: bool
    facts: dict[str, Any]


def read_lines(folder: Path = ROOT / "bot" / "data") -> list[Line]:
    """Every example of every `nlu.yml` with its line number."""
    lines: list[Line] = []
    for path in sorted(folder.glob("*/nlu.yml")):
        label = ""
        for number, row in enumerate(path.read_text("utf-8").splitlines(), 1):
            bare = row.strip()
            if bare.startswith("- intent:"):
                label = bare.partition(":")[2].strip()
            elif label and row.startswith("    -"):
                lines.append(Line(f"{path.parent.name}/{path.name}", number, label, bare[1:].strip()))
    return lines


def check(lines: Sequence[Line], known_goals: set[str], forms: Forms) -> list[Finding]:
    """Everything found, what must be mended first."""
    found = [*letters(lines), *twice(lines), *counts(lines), *unknown(lines, known_goals), *near(lines), *glossary(forms)]
    return sorted(found, key=lambda finding: not finding.must)


def letters(lines: Sequence[Line]) -> Iterator[Finding]:
    for line in lines:
        facts = {"file": line.file, "line": line.line, "text": _short(line.text)}
        if not line.text:
            yield Finding("empty", True, facts)
        elif line.text[0] in BAD_STARTS:
            yield Finding("start", True, {**facts, "letter": line.text[0]})
        for letter in sorted(set(line.text) & set(FORBIDDEN)):
            yield Finding("forbidden", True, {**facts, "letter": letter})
        if len(line.text.split()) > MOST_WORDS:
            yield Finding("long", False, {**facts, "count": len(line.text.split()), "most": MOST_WORDS})


def twice(lines: Sequence[Line]) -> Iterator[Finding]:
    """The bot reads a message without capitals and marks, so those do not tell two of them apart."""
    first: dict[str, Line] = {}
    for line in lines:
        other = first.setdefault(line.normal, line) if line.normal else line
        if other is line:
            continue
        same = other.label == line.label
        yield Finding("duplicate" if same else "conflict", not same, _pair(line, other))


def counts(lines: Sequence[Line]) -> Iterator[Finding]:
    count = Counter(line.label for line in lines)
    for label, number in sorted(count.items()):
        least = LEAST_TOPIC if label.startswith(TOPIC) else LEAST_GOAL
        if number < least:
            yield Finding("few", False, {"label": label, "count": number, "least": least})
    if count:
        smallest, fewest = min(count.items(), key=lambda pair: pair[1])
        for label, number in sorted(count.items()):
            if number > UNBALANCED * fewest:
                yield Finding("unbalanced", False, {"label": label, "count": number, "smallest": smallest, "least": fewest, "times": UNBALANCED})


def unknown(lines: Sequence[Line], known_goals: set[str]) -> Iterator[Finding]:
    for label in sorted({line.label for line in lines}):
        if known_goals and label.split("/")[0] not in known_goals:
            yield Finding("unknown", True, {"label": label})


def near(lines: Sequence[Line]) -> Iterator[Finding]:
    """Messages of 20 letters or more that share four fifths of their letter triples and stand under different labels."""
    grams = [_triples(line.normal) if len(line.normal) >= SHORTEST_NEAR else frozenset() for line in lines]
    seen: dict[str, list[int]] = defaultdict(list)
    rarity = Counter(gram for one in grams for gram in one)
    for i, own in enumerate(grams):
        rare = sorted(own, key=lambda gram: (rarity[gram], gram))[: len(own) // 5 + 1]
        close = {j for gram in rare for j in seen[gram] if lines[j].label != lines[i].label}
        for j in sorted(close):
            if len(own & grams[j]) >= NEAR * len(own | grams[j]) and lines[i].normal != lines[j].normal:
                yield Finding("near", False, {**_pair(lines[i], lines[j]), "other_text": _short(lines[j].text)})
        for gram in rare:
            seen[gram].append(i)


def glossary(forms: Forms) -> Iterator[Finding]:
    for concept, written in forms.items():
        for form, number in Counter(written).items():
            if number > 1:
                yield Finding("lexicon", False, {"form": form, "concept": concept})


def _triples(text: str) -> frozenset:
    return frozenset(text[i : i + 3] for i in range(len(text) - 2))


def _pair(line: Line, other: Line) -> dict[str, Any]:
    return {
        "file": line.file, "line": line.line, "label": line.label, "text": _short(line.text),
        "other": other.label, "other_file": other.file, "other_line": other.line,
    }  # fmt: skip


def _short(text: str, most: int = 70) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def goals_of_domain(path: Path = ROOT / "domain.yml") -> set[str]:
    names = yaml.safe_load(path.read_text("utf-8")).get("intents") or []
    return {str(next(iter(name)) if isinstance(name, dict) else name) for name in names}


def as_danish(found: Sequence[Finding], lines: Sequence[Line], forms: Forms, everything: bool = False) -> str:
    say = wording("check")
    if not found:
        labels = len({line.label for line in lines})
        return say["fine"].format(messages=len(lines), labels=labels, forms=sum(map(len, forms.values())))
    told: list[str] = []
    for must, title in ((True, "errors"), (False, "warnings")):
        part = [finding for finding in found if finding.must is must]
        shown = part if everything else part[:SHOWN]
        told += [say[title].format(count=len(part))] if part else []
        told += ["  " + say[finding.kind].format(**finding.facts) for finding in shown]
        told += ["  " + say["more"].format(count=len(part) - len(shown))] if len(part) > len(shown) else []
    return "\n".join(told)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--alle", action="store_true")
    options = parser.parse_args()
    lines, forms = read_lines(), read_forms(LEXICON_FOLDER)
    found = check(lines, goals_of_domain(), forms)
    print(as_danish(found, lines, forms, options.alle))
    return int(any(finding.must for finding in found))


if __name__ == "__main__":
    raise SystemExit(main())
