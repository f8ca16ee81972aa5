"""`make compare`: what a new model reads otherwise than the live one, in Danish, and whether it may be published.

Three kinds of lines are read with both: the key lines of `trainer/key_lines.yml` (told in full), what guests write in the
conversation scripts (told in full), and the held-out messages (told by line number only, so that they stay blind).
"""
from __future__ import annotations

import argparse
import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from trainer import versions
from trainer.served_model import ROOT, NoModel, load_agent, usual_model
from trainer.wording import wording

HEAVY = frozenset({"suicidal_thoughts", "self_harm", "violence", "abuse", "psychosis"})
HELDOUT = ROOT / "tests" / "heldout" / "understanding.yml"
SCRIPTS = ROOT / "tests" / "conversations" / "scripts"
KEY_LINES = Path(__file__).with_name("key_lines.yml")
TOPIC_GOAL, CRISIS = "guide_topic", "crisis"


@dataclass(frozen=True)
class Line:
    """`where` names it to a trainer. `goal` and `topic` are what it should be, None when nobody has said; `blind` lines
    are told by `where` alone."""

    where: str
    text: str
    goal: str | None = None
    topic: str | None = None
    blind: bool = False


@dataclass(frozen=True)
class Understood:
    """What one model made of one line."""

    goal: str | None
    topic: str | None
    relation: str | None = None

    @property
    def label(self) -> str:
        return f"{self.goal}/{self.topic}" if self.goal == TOPIC_GOAL and self.topic else str(self.goal)

    @property
    def notices_danger(self) -> bool:
        return self.goal == CRISIS or (self.goal == TOPIC_GOAL and self.topic in HEAVY)


@dataclass(frozen=True)
class Change:
    """A line the two models read differently."""

    line: Line
    before: Understood
    now: Understood

    @property
    def kind(self) -> str:
        """better, worse or other, by the label the line should have."""
        was, is_now = (right(self.line, one) for one in (self.before, self.now))
        if was == is_now:
            return "other"
        return "better" if is_now else "worse"


@dataclass(frozen=True)
class Comparison:
    """`blocked` are crisis lines the new model does not notice: key lines at all, held-out ones the old model did."""

    lines: int
    changes: tuple[Change, ...]
    blocked: tuple[Change, ...]
    right_before: float | None
    right_now: float | None

    @property
    def may_be_published(self) -> bool:
        return not self.blocked


Read = Callable[[Sequence[str]], Sequence[Understood]]


def right(line: Line, said: Understood) -> bool:
    """A line without a label cannot be wrong; crisis is right when the danger is noticed."""
    if line.goal is None:
        return True
    if line.goal == CRISIS:
        return said.notices_danger
    return said.goal == line.goal and (line.topic is None or said.topic == line.topic)


def compare(lines: Sequence[Line], before: Sequence[Understood], now: Sequence[Understood]) -> Comparison:
    pairs = [Change(line, was, is_now) for line, was, is_now in zip(lines, before, now, strict=True)]
    labelled = [pair for pair in pairs if pair.line.goal]
    return Comparison(
        len(pairs),
        tuple(pair for pair in pairs if pair.before.label != pair.now.label),
        tuple(pair for pair in pairs if _blocks(pair)),
        _share(right(pair.line, pair.before) for pair in labelled),
        _share(right(pair.line, pair.now) for pair in labelled),
    )


def _blocks(pair: Change) -> bool:
    if pair.line.goal != CRISIS or pair.now.notices_danger:
        return False
    return not pair.line.blind or pair.before.notices_danger


def _share(values) -> float | None:
    values = list(values)
    return sum(values) / len(values) if values else None


def all_lines() -> list[Line]:
    """Key lines, guests' words of the scripts, held-out messages; those that are missing are left out."""
    return [*key_lines(), *script_lines(), *heldout_lines()]


def key_lines(path: Path = KEY_LINES) -> list[Line]:
    content = yaml.safe_load(path.read_text("utf-8"))
    crisis = [Line(path.name, text, CRISIS) for text in content["crisis"]]
    return crisis + [Line(path.name, one["text"], one["goal"], one.get("topic")) for one in content["keys"]]


def script_lines(folder: Path = SCRIPTS) -> list[Line]:
    found: dict[str, Line] = {}
    for path in sorted(folder.glob("*.yml")):
        for script in yaml.safe_load(path.read_text("utf-8")) or []:
            for step in script.get("steps") or []:
                text = step.get("user") if isinstance(step, dict) else None
                if isinstance(text, str) and text.strip() and not text.startswith("/"):
                    found.setdefault(text, Line(f"{path.name}: {script.get('name')}", text))
    return list(found.values())


def heldout_lines(path: Path = HELDOUT) -> list[Line]:
    if not path.exists():
        return []
    rows = yaml.safe_load(path.read_text("utf-8"))
    return [
        Line(f"{path.name} nr. {number}", row["text"], row["goal"], (row.get("topics") or [None])[0] if row["goal"] == TOPIC_GOAL else None, True)
        for number, row in enumerate(rows, 1)
    ]  # fmt: skip


def read_with(model: Path) -> Read:
    """Reading by a trained model, as it is served."""

    def read(texts: Sequence[str]) -> list[Understood]:
        return asyncio.run(_read_all(load_agent(model), texts))

    return read


async def _read_all(agent: Any, texts: Sequence[str]) -> list[Understood]:
    return [understood(await agent.parse_message(text)) for text in texts]


def understood(parsed: dict[str, Any]) -> Understood:
    best = next((r["name"] for r in parsed.get("intent_ranking") or [] if r["name"] != "nlu_fallback"), None)
    topics = parsed.get("topics") or []
    relation = next((e.get("value") for e in parsed.get("entities") or [] if e["entity"] == "relation"), None)
    return Understood(best, topics[0][0] if topics else None, relation)


def compare_models(live: Path, new: Path, lines: Sequence[Line]) -> Comparison:
    """Both models are loaded in this process, one after the other."""
    texts = [line.text for line in lines]
    return compare(lines, read_with(live)(texts), read_with(new)(texts))


def as_danish(found: Comparison, live: str, new: str, most: int = 40) -> str:
    say = wording("compare")
    told = [say["title"].format(live=live, new=new, lines=found.lines)]
    if found.right_before is not None:
        told.append(say["right"].format(before=round(100 * found.right_before, 1), now=round(100 * found.right_now, 1)))
    for kind in ("worse", "better", "other"):
        part = [change for change in found.changes if change.kind == kind]
        told += [say[kind].format(count=len(part))] if part else []
        told += ["  " + _told(change, say) for change in part[:most]]
        told += ["  " + say["more"].format(count=len(part) - most)] if len(part) > most else []
    told += [say["same"]] if not found.changes else []
    told += [say["blocked"].format(count=len(found.blocked)), *("  " + _told(one, say) for one in found.blocked)] if found.blocked else [say["free"]]
    return "\n".join(told)


def _told(change: Change, say: dict[str, str]) -> str:
    key = "blind_line" if change.line.blind else "line"
    wanted = "/".join(part for part in (change.line.goal, change.line.topic) if part) or say["unlabelled"]
    return say[key].format(
        where=change.line.where, text=change.line.text, wanted=wanted, before=change.before.label, now=change.now.label
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--live", type=Path)
    parser.add_argument("--new", type=Path)
    options = parser.parse_args()
    say = wording("compare")
    try:
        new = options.new or usual_model()
    except NoModel:
        print(say["no_model"])
        return 1
    live = options.live or versions.live_path()
    if live is None:
        print(say["no_live"])
        return 0
    found = compare_models(live, new, all_lines())
    print(as_danish(found, live.name, new.name))
    return 0 if found.may_be_published else 1


if __name__ == "__main__":
    raise SystemExit(main())
