"""What the backend itself says: greeting, notices, and the answer to words of danger. Texts come from the catalogue."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from backend.catalogue import Catalogue
from backend.catalogue.model import Wording
from backend.conversations.events import Draft, bot_says, notice
from backend.domain.conversation import WITH_BOT, Conversation, is_serious
from backend.errors import BadInput
from backend.safety.assessment import Assessment
from backend.safety.screen import Screen

VIOLENCE = ("violence_now", "violence", "sexual_abuse", "neglect")
OWN_COMMANDS = ("!crisis", "!safety_yes", "!safety_no", "!continue")


@dataclass(frozen=True)
class Reaction:
    """`instead_of_bot`: the drafts are the whole answer and Rasa is not asked."""

    drafts: tuple[Draft, ...] = ()
    instead_of_bot: bool = False


class Reactions:
    def __init__(self, catalogue: Catalogue, screen: Screen, clock: Callable[[], datetime]) -> None:
        self.catalogue, self.screen, self.clock = catalogue, screen, clock

    def greeting(self, municipality: str, channel: str) -> list[Draft]:
        """Raises BadInput when there is no such municipality or it does not have that channel."""
        known = self.catalogue.municipalities.get(municipality)
        if known is None or channel not in known.channels:
            raise BadInput(fields=[{"field": "channel" if known else "municipality", "problem": "unknown"}])
        said = self.catalogue.wording(municipality, "greeting", channel)
        return _bubbles(said, bot_says)

    def words(self, conversation: Conversation, key: str, **values) -> list[Draft]:
        return _bubbles(self.catalogue.wording(conversation.municipality, key, conversation.channel, **values), notice)

    def assess(self, text: str, previous: Sequence[str]) -> Assessment:
        return self.screen.assess(text, previous)

    def to(self, conversation: Conversation, assessment: Assessment, command: str | None) -> Reaction:
        """What to say before, or instead of, the bot. In every state: the card does not wait for a human."""
        if command in OWN_COMMANDS:
            return self._own_command(conversation, command)
        if is_serious(assessment.level):
            return Reaction(tuple(self._crisis(conversation, assessment)), instead_of_bot=True)
        if _asks_directly(assessment) and conversation.risk == "none" and conversation.state == WITH_BOT:
            return Reaction(tuple(self.words(conversation, "safety_concern")))
        return Reaction()

    def _own_command(self, conversation: Conversation, command: str) -> Reaction:
        if command in ("!crisis", "!safety_yes"):
            level = "acute" if command == "!safety_yes" else "high"
            return Reaction(tuple(self._crisis(conversation, Assessment(level, ("suicidal_thoughts",), "self"))), True)
        return Reaction(tuple(self.words(conversation, "safety_continue")), instead_of_bot=True)

    def _crisis(self, conversation: Conversation, assessment: Assessment) -> list[Draft]:
        key, branch = _branch(assessment)
        card = self.catalogue.crisis(conversation.municipality, self.clock(), level=branch).as_json()
        said = self.catalogue.wording(conversation.municipality, key, conversation.channel)
        *before, last = said.texts
        choices = [{"title": c.title, "payload": c.payload} for c in said.choices]
        return [*(notice(text) for text in before), notice(last, choices if conversation.state == WITH_BOT else None, card, risk=assessment.level)]

    def crisis_without_database(self, assessment: Assessment) -> dict:
        """The card for a guest whose message could not be stored."""
        municipality = next(iter(self.catalogue.municipalities))
        return self.catalogue.crisis(municipality, self.clock(), level=_branch(assessment)[1]).as_json()


def _asks_directly(assessment: Assessment) -> bool:
    """Ordinary sadness gets care from the bot; only words near suicide are met with the one direct question."""
    return assessment.level == "concern" and "suicidal_thoughts" in assessment.categories


def _branch(assessment: Assessment) -> tuple[str, str]:
    """→ (wording key, branch of the crisis card)."""
    if assessment.overdose:
        return "safety_overdose", "overdose"
    if assessment.categories and assessment.categories[0] in VIOLENCE:
        return "safety_violence", "violence"
    if assessment.who == "third":
        return "safety_relative", "relative"
    return ("safety_acute", "acute") if assessment.level == "acute" else ("safety_high", "high")


def _bubbles(said: Wording, make: Callable[..., Draft]) -> list[Draft]:
    choices = [{"title": choice.title, "payload": choice.payload} for choice in said.choices]
    *before, last = [text.strip() for text in said.texts]
    return [*(make(text) for text in before), make(last, choices)]
