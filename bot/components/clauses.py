"""Reading a longer message clause by clause, so that a need in the middle of a story is found. Pure; knows no Rasa."""
from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from bot.components.linear_model import LinearModel

TOPIC_GOAL = "guide_topic"
CLAUSE = re.compile(r"[.!?;\n]+|,\s+|\s+(?:og|men|samt)\s+")
SHORTEST_CLAUSE = 3
MOST_CLAUSES = 8
WORDS_OF_A_STORY = 18


@dataclass(frozen=True)
class Reading:
    """P(label) of the message, and of each of its clauses (none when it is a single one)."""

    probabilities: np.ndarray
    clauses: tuple[np.ndarray, ...] = ()


def split_clauses(text: str) -> list[str]:
    """The clauses of a normalised text with three words or more; [] when there is only one."""
    parts = [part.strip() for part in CLAUSE.split(text) if part and len(part.split()) >= SHORTEST_CLAUSE]
    return parts[:MOST_CLAUSES] if len(parts) > 1 else []


def read_whole(model: LinearModel, text: str, clause_share: float = 0.0) -> Reading:
    """Read the text at once and by clauses; in a story the clauses' mean has `clause_share` of the say."""
    whole = model.read(text)
    clauses = tuple(model.read(clause) for clause in split_clauses(text))
    if not clauses or clause_share <= 0 or len(text.split()) < WORDS_OF_A_STORY:
        return Reading(whole, clauses)
    mixed = whole ** (1 - clause_share) * np.mean(clauses, axis=0) ** clause_share
    return Reading(mixed / mixed.sum(), clauses)


def asked_besides(model: LinearModel, reading: Reading, threshold: float) -> list[tuple[str, float]]:
    """(label, p) a clause of its own is sure of and the whole message did not choose, surest first."""
    goals = model.goal_probabilities(reading.probabilities)
    best_goal = model.goals[int(np.argmax(goals))]
    found: dict[str, float] = {}
    for clause in reading.clauses:
        place = int(np.argmax(clause))
        label, p = model.labels[place], float(clause[place])
        if p >= threshold and (label.split("/")[0] != best_goal or best_goal == TOPIC_GOAL):
            found[label] = max(p, found.get(label, 0.0))
    return sorted(found.items(), key=lambda pair: -pair[1])
