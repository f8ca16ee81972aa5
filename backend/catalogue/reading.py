"""YAML with line numbers: records that know where they stand and take their fields out one by one."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TypeVar

import yaml

from backend.catalogue.problems import Report, message, nearest

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_ID = re.compile(r"[a-z0-9][a-z0-9_-]*")
_NULL, _INT, _BOOL = "tag:yaml.org,2002:null", "tag:yaml.org,2002:int", "tag:yaml.org,2002:bool"
T = TypeVar("T")


@dataclass
class Record:
    """A mapping in a file. Each reader takes a field; `done` reports fields nobody took."""

    file: str
    line: int
    report: Report
    nodes: dict[str, yaml.Node] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)

    def line_of(self, key: str) -> int:
        return self.lines.get(key, self.line)

    def problem(self, at: str, text: str, /, **values: object) -> None:
        self.report.add(self.file, self.line_of(at), text, **values)

    def has(self, key: str) -> bool:
        node = self.nodes.get(key)
        return node is not None and node.tag != _NULL

    def node(self, key: str) -> yaml.Node | None:
        self.taken.add(key)
        node = self.nodes.get(key)
        return None if node is None or node.tag == _NULL else node

    def text(self, key: str, example: str = "…") -> str:
        """A required text."""
        value = self.maybe_text(key)
        if value is None:
            self.problem(key, "missing", key=key, example=example)
        return value or ""

    def maybe_text(self, key: str) -> str | None:
        node = self.node(key)
        if node is None:
            return None
        if not isinstance(node, yaml.ScalarNode):
            self.problem(key, "not_text", key=key)
            return None
        if not node.value.strip():
            self.problem(key, "empty", key=key)
            return None
        return node.value.strip()

    def ident(self, key: str = "id") -> str:
        value = self.text(key, "min-nye-doer")
        if value and not _ID.fullmatch(value):
            self.problem(key, "not_id", value=value)
        return value

    def choice(self, key: str, allowed: tuple[str, ...], default: str | None = None) -> str:
        value = self.maybe_text(key)
        if value is None:
            if default is None:
                self.problem(key, "missing", key=key, example=allowed[0])
            return default or allowed[0]
        return self._checked(key, value, allowed)

    def _checked(self, key: str, value: str, allowed: tuple[str, ...]) -> str:
        if value not in allowed:
            hint = nearest(value, allowed)
            self.problem(key, "not_choice", key=key, value=value, allowed=", ".join(allowed), hint=hint)
        return value

    def choices(self, key: str, allowed: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(self._checked(key, value, allowed) for value in self.texts(key))

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of texts, or one text standing alone; empty when the field is missing."""
        node = self.node(key)
        if node is None:
            return ()
        items = node.value if isinstance(node, yaml.SequenceNode) else [node]
        if not all(isinstance(item, yaml.ScalarNode) for item in items):
            self.problem(key, "not_list", key=key)
            return ()
        return tuple(item.value.strip() for item in items)

    def day(self, key: str, required: bool = True) -> date | None:
        value = self.maybe_text(key)
        if value is None:
            if required:
                self.problem(key, "missing", key=key, example="2027-05-31")
            return None
        try:
            return date.fromisoformat(value)
        except ValueError:
            self.problem(key, "not_date", value=value)
            return None

    def whole(self, key: str, default: int | None = None) -> int | None:
        node = self.node(key)
        if node is None:
            return default
        if node.tag != _INT or not str(node.value).lstrip("-").isdigit():
            self.problem(key, "not_number", key=key, value=node.value)
            return default
        return int(node.value)

    def yes_no(self, key: str, default: bool | None = None) -> bool | None:
        node = self.node(key)
        if node is None:
            return default
        if node.tag != _BOOL:
            self.problem(key, "not_bool", value=node.value)
            return default
        return node.value.lower() in ("true", "yes", "on")

    def record(self, key: str) -> "Record | None":
        node = self.node(key)
        return None if node is None else record_from(node, self.file, self.report)

    def records(self, key: str) -> Iterator["Record"]:
        """The records of a list field."""
        node = self.node(key)
        if node is None:
            return
        if not isinstance(node, yaml.SequenceNode):
            self.problem(key, "not_list", key=key)
            return
        for item in node.value:
            record = record_from(item, self.file, self.report)
            if record is not None:
                yield record

    def named(self, key: str) -> Iterator[tuple[str, "Record"]]:
        """The records of a field that maps names to records."""
        outer = self.record(key)
        if outer is None:
            return
        for name in outer.nodes:
            inner = outer.record(name)
            if inner is not None:
                yield name, inner

    def done(self) -> None:
        """Report every field that no reader took."""
        for key in self.nodes.keys() - self.taken:
            self.problem(key, "unknown_key", key=key, hint=self._hint(key))

    def _hint(self, key: str) -> str:
        if " " in key:
            return message("quote_it")
        return nearest(key, self.taken) or message("allowed_keys", allowed=", ".join(sorted(self.taken)))


def record_from(node: yaml.Node, file: str, report: Report) -> Record | None:
    line = node.start_mark.line + 1
    if not isinstance(node, yaml.MappingNode):
        report.add(file, line, "not_mapping")
        return None
    record = Record(file, line, report)
    for key_node, value_node in node.value:
        _put(record, str(key_node.value), key_node, value_node)
    return record


def _put(record: Record, key: str, key_node: yaml.Node, value_node: yaml.Node) -> None:
    if key in record.nodes:
        record.report.add(record.file, key_node.start_mark.line + 1, "duplicate_key", key=key)
    record.nodes[key] = value_node
    record.lines[key] = key_node.start_mark.line + 1


def read_file(path: Path, root: Path, report: Report) -> Record | None:
    """The file's outermost record; None for a missing or empty file, or one that is no YAML (reported)."""
    if not path.is_file():
        return None
    name = path.relative_to(root).as_posix()
    try:
        node = yaml.compose(path.read_text(encoding="utf-8"), Loader=_Loader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        report.add(name, mark.line + 1 if mark else 1, "not_yaml", why=getattr(error, "problem", None) or "?")
        return None
    except UnicodeDecodeError as error:
        report.add(name, 1, "not_yaml", why=error.reason)
        return None
    return None if node is None else record_from(node, name, report)


def each(report_to: Callable[[Record], T], records: Iterator[Record]) -> list[T]:
    """Read every record and report what was left over in each."""
    read = []
    for record in records:
        read.append(report_to(record))
        record.done()
    return read
