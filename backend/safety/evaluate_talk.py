"""Measures the screen on ordinary talk it was not trained on: `python -m backend.safety.evaluate_talk [--all]`.

Alarm is high or acute; question is the one direct question about suicide; care is a concern without it.
"""

import argparse
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from backend.safety.assessment import Assessment
from backend.safety.ordinary import Said, read_talk
from backend.safety.screen import Screen


@dataclass(frozen=True)
class Shares:
    """Of `count` texts, the shares that got an alarm, the direct question, caring words only."""

    count: int
    alarm: float
    question: float
    care: float


def answer_kind(answer: Assessment) -> str:
    if answer.is_crisis:
        return "alarm"
    if answer.level == "concern":
        return "question" if "suicidal_thoughts" in answer.categories else "care"
    return "nothing"


def shares(screen: Screen, texts: Iterable[str]) -> Shares:
    kinds = [answer_kind(screen.assess(text)) for text in texts]
    return Shares(len(kinds), *(kinds.count(k) / max(1, len(kinds)) for k in ("alarm", "question", "care")))


def is_topical(said: Said) -> bool:
    """Talk about a difficulty, told to be guided: sorrow and worry without danger."""
    return said.guided and said.kind == "ordinary"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--all", action="store_true", help="also the lines that the model was trained on")
    lines = [said for said in read_talk() if parser.parse_args().all or said.held_out]
    screen = Screen.load()
    by_topic: dict[str, list[Said]] = defaultdict(list)
    for said in lines:
        by_topic[f"{said.kind} {said.topic}"].append(said)
    groups = {"all topical": [s for s in lines if is_topical(s)], "all calm": [s for s in lines if s.kind == "calm"], **dict(sorted(by_topic.items()))}
    print(f"{'':<42}{'n':>6}{'alarm':>9}{'question':>10}{'care':>8}")
    for name, found in groups.items():
        got = shares(screen, (said.text for said in found))
        print(f"{name:<42}{got.count:>6}{got.alarm:>9.3f}{got.question:>10.3f}{got.care:>8.3f}")


if __name__ == "__main__":
    main()
