"""What is wrong with the content: file, line and what to write instead, all at once."""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

_MESSAGES: dict[str, str] = yaml.safe_load(
    Path(__file__).with_name("messages.yml").read_text(encoding="utf-8")
)


def message(text: str, /, **values: object) -> str:
    """The Danish sentence `text` of `messages.yml`."""
    return _MESSAGES[text].format(**values)


def nearest(value: str, allowed: Iterable[str]) -> str:
    """` Mente du »…«?`, or nothing when no allowed word is near."""
    near = difflib.get_close_matches(value, list(allowed), n=1)
    return message("did_you_mean", near=near[0]) if near else ""


@dataclass(frozen=True, order=True, slots=True)
class Problem:
    """`file` is relative to the content folder, `line` counts from 1."""

    file: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.text}"


class ContentError(Exception):
    """The content can't be used. `problems` lists every mistake found, in order of file and line."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(set(problems)))
        super().__init__("\n".join(str(problem) for problem in self.problems))


@dataclass
class Report:
    """Collects problems while everything is read, so that an editor sees them together."""

    problems: list[Problem] = field(default_factory=list)

    def add(self, file: str, line: int, text: str, /, **values: Any) -> None:
        self.problems.append(Problem(file, line, message(text, **values)))

    def raise_if_any(self) -> None:
        if self.problems:
            raise ContentError(self.problems)
