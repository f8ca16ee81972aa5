"""The crisis card's branches out of YAML."""

from backend.catalogue.doors import ages_of
from backend.catalogue.model import CRISIS_LEVELS, CrisisBranch, CrisisLine, Where
from backend.catalogue.reading import Record, each

EMERGENCY_DOOR = "alarm-112"


def crisis_of(outer: Record) -> dict[str, CrisisBranch]:
    """The file's `branches`: level → branch. 112 must stand first in each."""
    return {level: _branch(level, record) for level, record in outer.named("branches")}


def _branch(level: str, record: Record) -> CrisisBranch:
    record._checked("branches", level, CRISIS_LEVELS)
    lines = tuple(each(_line, record.records("lines")))
    if not lines or lines[0].door != EMERGENCY_DOOR:
        record.problem("lines", "crisis_first", level=level)
    branch = CrisisBranch(
        level, record.text("lead"), lines, record.texts("steps"), Where(record.file, record.line)
    )
    record.done()
    return branch


def _line(record: Record) -> CrisisLine:
    return CrisisLine(record.ident("door"), record.text("text"), record.maybe_text("note"), ages_of(record))
