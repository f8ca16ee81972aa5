"""One message through the guest's own path: the safety screen of the backend, then the pipeline that Rasa serves."""
from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from backend.rasa.client import as_plain_text
from backend.safety.assessment import Assessment
from backend.safety.screen import Screen

FALLBACK = "nlu_fallback"
TOPIC_GOAL = "guide_topic"
TOLD = (TOPIC_GOAL, "crisis")
# The bot tells finer goals apart than the house names; `ranking` keeps the finer one.
HOUSE_GOAL = {
    "parents_know": "privacy", "forget_me": "privacy", "not_serious_enough": TOPIC_GOAL, "advice": TOPIC_GOAL, "inform": TOPIC_GOAL,
    "skip": "deny", "send_help": "human", "enquiry": "human", "door_cost": "contact_info", "door_what_happens": "contact_info",
    "door_other": "offers", "door_card": "offers",
}  # fmt: skip
# What a danger is about, by the screen's first category: the pipeline knows `crisis` as one goal without topics.
TOPIC_OF_DANGER = {
    "suicidal_thoughts": "suicidal_thoughts", "plan_or_means": "suicidal_thoughts", "attempt_or_overdose": "suicidal_thoughts",
    "missing_goodbye": "suicidal_thoughts", "third_person_danger": "suicidal_thoughts", "self_harm": "self_harm",
    "violence_now": "violence", "violence": "violence", "sexual_abuse": "abuse", "eating_danger": "eating",
    "psychosis_danger": "psychosis",
}  # fmt: skip


@dataclass(frozen=True)
class Assessed:
    """`risk` none, concern, high or acute · `goal`, `topic`, `relation`, `about` in the house's keys, None when the text
    does not say · `confidence` of the goal, 0..1 · `ranking` [[label, p]] best first, a label being `goal` or `goal/sub` ·
    `entities` [{entity, value}]."""

    text: str
    risk: str
    goal: str | None
    topic: str | None
    relation: str | None
    about: str | None
    confidence: float
    ranking: list[list[Any]]
    entities: list[dict[str, Any]]

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


class Reader:
    """Reads single messages with no conversation before them."""

    def __init__(self, agent: Any, screen: Screen) -> None:
        self._agent, self._screen = agent, screen

    async def parse(self, text: str) -> dict[str, Any]:
        """Rasa's parse data, as the served pipeline leaves it."""
        return await self._agent.parse_message(as_plain_text(text))

    async def read(self, text: str) -> Assessed:
        return assessed(text, self._screen.assess(text), await self.parse(text))


def assessed(text: str, danger: Assessment, parsed: dict[str, Any]) -> Assessed:
    ranked = [r for r in parsed.get("intent_ranking") or [] if r["name"] != FALLBACK]
    best, sure = (ranked[0]["name"], float(ranked[0]["confidence"])) if ranked else (None, 0.0)
    said = {one["entity"]: one.get("value") for one in reversed(parsed.get("entities") or [])}
    return Assessed(
        text, danger.level, HOUSE_GOAL.get(best, best), _topic(best, danger, parsed), said.get("relation"), said.get("about"),
        round(sure, 4), parsed.get("ranking") or [], _entities(parsed),
    )  # fmt: skip


def _topic(goal: str | None, danger: Assessment, parsed: dict[str, Any]) -> str | None:
    """The problem told; beside a wish ("can we get a time, he is bullied") only when a clause says it clearly."""
    if goal == "crisis" and danger.is_crisis and danger.categories[0] in TOPIC_OF_DANGER:
        return TOPIC_OF_DANGER[danger.categories[0]]
    if goal in TOLD and parsed.get("topics"):
        return parsed["topics"][0][0]
    return next((label.partition("/")[2] for label, _ in parsed.get("also") or [] if label.startswith(TOPIC_GOAL + "/")), None)


def _entities(parsed: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"entity": one["entity"], "value": one.get("value")} for one in parsed.get("entities") or []]
