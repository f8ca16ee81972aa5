"""Facts: every piece of content says where it is known from, who checked it and until when that holds."""

from datetime import date

import yaml

from backend.catalogue.model import CONFIDENCES, Fact
from backend.catalogue.problems import nearest
from backend.catalogue.reading import Record, record_from

NO_FACT = Fact("", date(1970, 1, 1), "", date(1970, 1, 1), "U")
Facts = dict[str, Fact]


def read_facts(outer: Record) -> Facts:
    """The file's `facts` section: name → fact, so that one check of a source is written once."""
    return {name: _fact(record) for name, record in outer.named("facts")}


def fact_of(record: Record, facts: Facts, default: Fact | None = None) -> Fact:
    """The record's `fact`: the name of one in `facts`, or the five fields written out."""
    node = record.node("fact")
    if node is None:
        if default is None:
            record.problem("fact", "missing", key="fact", example=next(iter(facts), "navnet-paa-en-kilde"))
        return default or NO_FACT
    if isinstance(node, yaml.ScalarNode):
        if node.value not in facts:
            record.problem("fact", "unknown_fact", value=node.value, hint=nearest(node.value, facts))
        return facts.get(node.value, NO_FACT)
    inner = record_from(node, record.file, record.report)
    return _fact(inner) if inner else NO_FACT


def _fact(record: Record) -> Fact:
    checked, until = record.day("checked_on"), record.day("valid_until")
    if checked and until and until < checked:
        record.problem("valid_until", "fact_order", until=until, checked=checked)
    fact = Fact(
        source=record.text("source"),
        checked_on=checked or NO_FACT.checked_on,
        checked_by=record.text("checked_by"),
        valid_until=until or NO_FACT.valid_until,
        confidence=record.choice("confidence", CONFIDENCES),
    )
    record.done()
    return fact
