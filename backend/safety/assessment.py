"""What the screen answers: how serious, about what, and who is at risk."""

from dataclasses import dataclass

LEVELS = ("none", "concern", "high", "acute")
CATEGORIES = (
    "suicidal_thoughts", "plan_or_means", "attempt_or_overdose", "self_harm", "violence_now", "violence",
    "sexual_abuse", "neglect", "eating_danger", "psychosis_danger", "third_person_danger", "missing_goodbye",
)


def rank(level: str) -> int:
    return LEVELS.index(level)


def higher(one: str, other: str) -> str:
    return max(one, other, key=rank)


@dataclass(frozen=True)
class Assessment:
    """`level` is one of LEVELS; `categories` the most serious first; `who` is self, third or unknown.

    `span` is the piece of the visitor's own text that was reacted to (Unicode-cleaned), None when nothing was.
    `overdose` asks for the overdose branch of the crisis card: something may already have been taken.
    """

    level: str = "none"
    categories: tuple[str, ...] = ()
    who: str = "unknown"
    span: str | None = None
    overdose: bool = False

    @property
    def is_crisis(self) -> bool:
        return rank(self.level) >= rank("high")
