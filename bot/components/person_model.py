"""Who is writing and whom it is about, learnt from labelled lines. Knows no Rasa.

A reading is [(label, p)] over `relation/about` (`self/self`, `relative/child` … `professional/other`) and `unknown`. Beside
the words the model counts hints: the goal, the topic and what the written rules say ("min kæreste" is a relative's word
under substance use and the writer's own under heartbreak), who acts in the story, and whose age is told.
"""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bot.actions.parsing.age import parse_age, whose_age
from bot.actions.parsing.relation import parse_relation, voices
from bot.components.danish_features import Grams
from bot.components.linear_model import LinearModel

UNKNOWN = "unknown"
SURE_OF_NOTHING = 0.7  # below it somebody is meant: cross-validation, 1 point more found for nothing more invented
KEPT = 4


@dataclass
class PersonModel:
    """`read` gives the likeliest labels, `person_in` one answer."""

    linear: LinearModel

    def read(self, text: str, goal: str | None, topics: Sequence[str] = ()) -> list[tuple[str, float]]:
        """Of a normalised text; likeliest first, at most four."""
        grams = with_hints(self.linear.grams(text), hints(text, goal, topics), signs(text))
        probabilities = self.linear.parts["label"].read(*self.linear.weigh(grams))
        return [(self.linear.labels[i], float(probabilities[i])) for i in np.argsort(-probabilities)[:KEPT]]

    def save(self, folder: Path) -> None:
        self.linear.save(folder)

    @classmethod
    def load(cls, folder: Path) -> PersonModel:
        return cls(LinearModel.load(folder))


def hints(text: str, goal: str | None, topics: Sequence[str] = ()) -> list[str]:
    said = parse_relation(text)
    rule = f"rule {said.relation}/{said.about}" if said.relation else "rule silent"
    return [rule, *([f"goal {goal}"] if goal else []), *(f"topic {topic}" for topic in topics[:1])]


def signs(text: str) -> list[str]:
    """Of a normalised text: whose story it is by its pronouns, and whose age it tells."""
    age = parse_age(text)
    whose = whose_age(text)
    told = [f"age of {whose or 'somebody'}", f"age of {whose or 'somebody'} {age.band}"] if age.years else []
    return voices(text) + told


def with_hints(grams: Grams, told: Sequence[str], seen: Sequence[str] = ()) -> Grams:
    """Each hint and sign counts as a concept, and a hint also before every concept of the text."""
    concepts = grams["concept"]
    crossed = [f"{hint}>{concept}" for hint in told for concept in concepts]
    return {**grams, "concept": [*concepts, *told, *seen], "order": [*grams["order"], *crossed]}


def person_in(people: Sequence[tuple[str, float]]) -> dict[str, str | None]:
    """{relation, about} of a reading; {} when nothing in the text says who. `about` is None for "other"."""
    likely = dict(people)
    if not likely or likely.get(UNKNOWN, 0.0) >= SURE_OF_NOTHING:
        return {}
    relation, _, about = next((label for label in likely if label != UNKNOWN), "").partition("/")
    return {"relation": relation, "about": about} if relation else {}
