"""Figures over readings of the held-out messages. Pure: no Rasa, no files."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

PROBLEM = ("guide_topic", "crisis")
OUT = "out_of_scope"
HEAVY = ("suicidal_thoughts", "self_harm", "violence", "abuse", "psychosis")


@dataclass(frozen=True)
class Gold:
    """One held-out message as its writer labelled it; `seen` when a training line says exactly the same."""

    text: str
    goal: str
    topics: tuple[str, ...] = ()
    relation: str | None = None
    about: str | None = None
    age: int | None = None
    register: tuple[str, ...] = ()
    seen: bool = False


@dataclass(frozen=True)
class Reading:
    """What the bot made of one message. `ranking` and `topics` are best first; `served` may be nlu_fallback."""

    served: str | None
    ranking: tuple[tuple[str, float], ...] = ()
    topics: tuple[str, ...] = ()
    relation: str | None = None
    about: str | None = None
    age: int | None = None
    seconds: float = 0.0
    subs: tuple[str, ...] = field(default=())

    @property
    def best(self) -> str | None:
        return self.ranking[0][0] if self.ranking else None

    @property
    def confidence(self) -> float:
        return self.ranking[0][1] if self.ranking else 0.0


Pair = tuple[Gold, Reading]


def share(values: Iterable[bool]) -> float | None:
    """0..1, or None of nothing."""
    values = list(values)
    return sum(values) / len(values) if values else None


def macro_f1(pairs: Sequence[Pair]) -> float | None:
    """Mean F1 over the goals that occur in the gold; a goal never found counts 0."""
    hits, said, meant = Counter(), Counter(), Counter()
    for gold, reading in pairs:
        meant[gold.goal] += 1
        said[reading.best] += 1
        hits[gold.goal] += gold.goal == reading.best
    scores = [2 * hits[goal] / (meant[goal] + said[goal]) for goal in meant]
    return sum(scores) / len(scores) if scores else None


def calibration_error(pairs: Sequence[Pair], bins: int = 10) -> float | None:
    """Expected calibration error: how far confidence is from the share that was right, weighed by bin."""
    filled: dict[int, list[Pair]] = defaultdict(list)
    for pair in pairs:
        filled[min(int(pair[1].confidence * bins), bins - 1)].append(pair)
    gaps = [
        abs(sum(r.confidence for _, r in members) - sum(g.goal == r.best for g, r in members))
        for members in filled.values()
    ]
    return sum(gaps) / len(pairs) if pairs else None


def goal_figures(pairs: Sequence[Pair]) -> dict[str, float | None]:
    answered = [(g, r) for g, r in pairs if r.served == r.best]
    return {
        "messages": len(pairs),
        "accuracy": share(g.goal == r.best for g, r in pairs),
        "macro_f1": macro_f1(pairs),
        "top_three": share(g.goal in [goal for goal, _ in r.ranking[:3]] for g, r in pairs),
        "fallback": share(r.served == "nlu_fallback" for _, r in pairs),
        "accuracy_when_not_fallback": share(g.goal == r.best for g, r in answered),
        "calibration_error": calibration_error(pairs),
    }


def scope_figures(pairs: Sequence[Pair]) -> dict[str, float | None]:
    """Recall of what does not belong here, and how often what does belong is turned away."""
    outside = [(g, r) for g, r in pairs if g.goal == OUT]
    inside = [(g, r) for g, r in pairs if g.goal != OUT]
    figures = {
        "recall": share(r.best == OUT for _, r in outside),
        "recall_or_fallback": share(r.best == OUT or r.served == "nlu_fallback" for _, r in outside),
        "false_rate": share(r.best == OUT for _, r in inside),
        "false_rate_on_problems": share(r.best == OUT for g, r in inside if g.goal in PROBLEM),
    }
    for kind in ("municipal", "general", "noise"):
        figures[f"recall_{kind}"] = share(r.best == OUT for g, r in outside if kind in g.register)
    return figures


def topic_figures(pairs: Sequence[Pair]) -> dict[str, float | None]:
    """Over problems told (crisis apart). top_1 asks for the most important topic, any_1 takes any the message names."""
    told = [(g, r) for g, r in pairs if g.topics and g.goal == "guide_topic"]
    return {
        "messages": len(told),
        "top_1": share(g.topics[0] in r.topics[:1] for g, r in told),
        "macro_f1": topic_macro_f1(told),
        "any_1": share(bool(set(g.topics) & set(r.topics[:1])) for g, r in told),
        "top_3": share(g.topics[0] in r.topics[:3] for g, r in told),
        "goal_and_topic": share(r.best in PROBLEM and g.topics[0] in r.topics[:1] for g, r in told),
    }


def topic_macro_f1(told: Sequence[Pair]) -> float | None:
    """Mean F1 over the topics that occur first in the gold, by the topic read first."""
    meant = Counter(gold.topics[0] for gold, _ in told)
    said = Counter(topic for _, reading in told for topic in reading.topics[:1])
    hits = Counter(gold.topics[0] for gold, reading in told if gold.topics[0] in reading.topics[:1])
    return sum(2 * hits[topic] / (meant[topic] + said[topic]) for topic in meant) / len(meant) if meant else None


def danger_figures(pairs: Sequence[Pair]) -> dict[str, float | None]:
    """Whether the understanding alone notices danger; the safety screen of the backend reads every message besides."""
    crisis = [r for g, r in pairs if g.goal == "crisis"]
    heavy = [r for g, r in pairs if g.goal == "guide_topic" and g.topics[0] in HEAVY]
    light = [r for g, r in pairs if g.goal != "crisis" and not set(g.topics) & set(HEAVY)]
    return {
        "crisis_as_crisis": share(r.best == "crisis" for r in crisis),
        "crisis_noticed": share(_heavy(r) for r in crisis),
        "heavy_noticed": share(_heavy(r) for r in heavy),
        "crisis_by_mistake": share(r.best == "crisis" for r in light),
    }


def _heavy(reading: Reading) -> bool:
    return reading.best == "crisis" or (reading.best == "guide_topic" and bool(set(reading.topics[:1]) & set(HEAVY)))


def by(pairs: Sequence[Pair], keys: Callable[[Gold], Iterable[str]]) -> dict[str, list[Pair]]:
    groups: dict[str, list[Pair]] = defaultdict(list)
    for gold, reading in pairs:
        for key in keys(gold):
            groups[key].append((gold, reading))
    return dict(sorted(groups.items()))


def situation_figures(pairs: Sequence[Pair], name: str) -> dict[str, float | None]:
    """`right` where the text says it, `silent` of those left unset, `invented` where the text does not say it."""
    said = [(getattr(g, name), getattr(r, name)) for g, r in pairs if getattr(g, name) is not None]
    unsaid = [getattr(r, name) for g, r in pairs if getattr(g, name) is None]
    return {
        "messages": len(said),
        "right": share(wanted == got for wanted, got in said),
        "silent": share(got is None for _, got in said),
        "wrong": share(got is not None and wanted != got for wanted, got in said),
        "invented": share(got is not None for got in unsaid),
    }


def label_of_gold(gold: Gold) -> str:
    return f"guide_topic/{gold.topics[0]}" if gold.goal == "guide_topic" and gold.topics else gold.goal


def label_of_reading(reading: Reading) -> str:
    return f"guide_topic/{reading.topics[0]}" if reading.best == "guide_topic" and reading.topics else str(reading.best)


def confusions(pairs: Sequence[Pair], most: int = 30) -> list[dict[str, object]]:
    """[{meant, read, times, confidence (mean)}], worst first: by times, then by how sure the bot was. No words."""
    found: dict[tuple[str, str], list[float]] = defaultdict(list)
    for gold, reading in pairs:
        meant, read = label_of_gold(gold), label_of_reading(reading)
        if meant != read and not (read.startswith("guide_topic/") and read.split("/")[1] in gold.topics):
            found[meant, read].append(reading.confidence)
    worst = sorted(found.items(), key=lambda item: -sum(item[1]) - len(item[1]))[:most]
    return [{"meant": a, "read": b, "times": len(p), "confidence": sum(p) / len(p)} for (a, b), p in worst]


def percentile(values: Sequence[float], part: float) -> float | None:
    ordered = sorted(values)
    return ordered[min(int(part * len(ordered)), len(ordered) - 1)] if ordered else None


def all_figures(pairs: Sequence[Pair]) -> dict[str, object]:
    """Everything the table shows, as plain JSON."""
    unseen = [(g, r) for g, r in pairs if not g.seen]
    seconds = [r.seconds for _, r in pairs]
    return {
        "goal": goal_figures(unseen),
        "goal_with_seen_lines": goal_figures(pairs),
        "per_goal": {k: _goal_row(unseen, k, v) for k, v in by(unseen, lambda g: [g.goal]).items()},
        "scope": scope_figures(unseen),
        "danger": danger_figures(unseen),
        "topic": topic_figures(unseen),
        "per_topic": {k: topic_figures(v) for k, v in by(unseen, _told_topic).items()},
        "per_register": {k: _register_row(v) for k, v in by(unseen, lambda g: g.register or ["none"]).items()},
        "situation": {name: situation_figures(pairs, name) for name in ("relation", "about", "age")},
        "situation_by_kind": {**_by_kind(pairs, "relation"), **_by_kind(pairs, "about")},
        "confusions": confusions(unseen),
        "latency_ms": {"p50": _ms(percentile(seconds, 0.5)), "p95": _ms(percentile(seconds, 0.95))},
    }


def _told_topic(gold: Gold) -> Sequence[str]:
    return gold.topics[:1] if gold.goal == "guide_topic" else ()


def _by_kind(pairs: Sequence[Pair], name: str) -> dict[str, dict[str, float | None]]:
    kinds = by(pairs, lambda gold: [getattr(gold, name)] if getattr(gold, name) else [])
    return {f"{name}={kind}": situation_figures(members, name) for kind, members in kinds.items()}


def _goal_row(every: Sequence[Pair], goal: str, members: Sequence[Pair]) -> dict[str, float | None]:
    said = [g.goal == goal for g, r in every if r.best == goal]
    return {"messages": len(members), "recall": share(r.best == goal for _, r in members), "precision": share(said)}


def _register_row(members: Sequence[Pair]) -> dict[str, float | None]:
    goal, topic = goal_figures(members), topic_figures(members)
    return {"messages": len(members), "goal": goal["accuracy"], "goal_top_three": goal["top_three"],
            "topic_top_1": topic["top_1"], "topic_top_3": topic["top_3"]}  # fmt: skip


def _ms(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds * 1000, 2)
