"""The trainer's rules for guidance out of YAML."""

from collections.abc import Mapping

import yaml

from backend.catalogue.facts import Facts
from backend.catalogue.model import CHANNELS
from backend.catalogue.reading import Record, each
from backend.domain.guidance import (
    ELSEWHERE,
    UNKNOWN,
    VIEW_SLOTS,
    Lead,
    Option,
    Phrases,
    Question,
    Rule,
    Rules,
    When,
)
from backend.domain.situation import ABOUT, AGE_BANDS, CONTACT_FORMS, RELATIONS, SLOTS, TOPICS

RISKS = ("none", "concern", "high", "acute")
YES_NO = ("yes", "no")
_WORDS: Mapping[str, tuple[str, ...]] = {
    "relation": (*RELATIONS, UNKNOWN),
    "about": (*ABOUT, UNKNOWN),
    "age_band": (*AGE_BANDS, UNKNOWN),
    "topics": (*TOPICS, UNKNOWN),
    "wishes_anonymity": (*YES_NO, UNKNOWN),
    "contact_form": (*CONTACT_FORMS, UNKNOWN),
    "channel": CHANNELS,
    "heavy": YES_NO,
    "risk": RISKS,
}


def rules_of(outer: Record, municipalities: tuple[str, ...], facts: Facts) -> Rules:
    """All of `_national/guidance.yml`."""
    return Rules(
        rules=rule_list_of(outer, municipalities),
        questions=tuple(each(lambda one: _question(one, municipalities), outer.records("questions"))),
        leads=lead_list_of(outer, municipalities),
        phrases=_phrases(outer),
        heavy_topics=frozenset(outer.choices("heavy_topics", TOPICS)),
        safety_net=outer.texts("safety_net"),
        live_when_heavy=outer.whole("live_when_heavy", 2) or 0,
        live_otherwise=outer.whole("live_otherwise", 1) or 0,
        stop_after_skips=outer.whole("stop_after_skips", 2) or 2,
    )


def rule_list_of(outer: Record, municipalities: tuple[str, ...]) -> tuple[Rule, ...]:
    return tuple(each(lambda one: _rule(one, municipalities), outer.records("rules")))


def lead_list_of(outer: Record, municipalities: tuple[str, ...]) -> tuple[Lead, ...]:
    return tuple(each(lambda one: Lead(_when(one, municipalities), one.text("text")), outer.records("leads")))


def _rule(record: Record, municipalities: tuple[str, ...]) -> Rule:
    rule = Rule(
        id=record.ident(),
        when=_when(record, municipalities),
        doors=record.texts("doors"),
        take=record.whole("take", 2) or 2,
        because=record.maybe_text("because"),
        otherwise=record.maybe_text("otherwise"),
    )
    if not rule.doors:
        record.problem("doors", "rule_empty", rule=rule.id)
    return rule


def _when(record: Record, municipalities: tuple[str, ...]) -> When:
    inner = record.record("when")
    if inner is None:
        return When()
    words = {**_WORDS, "municipality": (*municipalities, "other", ELSEWHERE, UNKNOWN)}
    allowed = {}
    for slot in inner.nodes:
        if slot in VIEW_SLOTS:
            allowed[slot] = frozenset(inner.choices(slot, words[slot]))
    inner.done()
    return When(allowed)


def _question(record: Record, municipalities: tuple[str, ...]) -> Question:
    return Question(
        id=record.ident(),
        slot=record.choice("slot", SLOTS),
        when=_when(record, municipalities),
        text=record.text("text"),
        why=record.text("why"),
        options=tuple(each(_option, record.records("choices"))),
        assume=record.maybe_text("assume"),
        change=record.maybe_text("change"),
    )


def _option(record: Record) -> Option:
    title, node = record.text("title"), record.node("value")
    if node is None:
        return Option(title, None)
    if node.tag == "tag:yaml.org,2002:bool":
        return Option(title, node.value.lower() == "true")
    return Option(title, str(node.value) if isinstance(node, yaml.ScalarNode) else None)


def _phrases(outer: Record) -> Phrases:
    record = outer.record("phrases")
    if record is None:
        outer.problem("phrases", "missing", key="phrases", example="{reason: …}")
        return Phrases()
    phrases = Phrases(
        reason=record.text("reason"),
        comma=record.text("comma").strip("|"),
        joiner=record.text("joiner").strip("|"),
        clause_comma=record.text("clause_comma").strip("|"),
        clause_joiner=record.text("clause_joiner").strip("|"),
        subject=record.text("subject").strip("|"),
        otherwise=record.text("otherwise"),
        topic=record.text("topic"),
        topics=_texts(record, "topics"),
        age=_texts(record, "age"),
        bands=_texts(record, "bands"),
        anonymous=record.text("anonymous"),
        forms=_texts(record, "forms"),
        resident=record.text("resident"),
        live=record.text("live"),
        emergency=record.text("emergency"),
    )
    record.done()
    return phrases


def _texts(record: Record, key: str) -> dict[str, str]:
    inner = record.record(key)
    return {} if inner is None else {name: inner.text(name) for name in inner.nodes}
