"""What the backend itself says: greeting, notices, and the answer to words of danger. Texts come from the catalogue."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from backend.catalogue import Catalogue
from backend.catalogue.model import Wording
from backend.conversations.events import Draft, bot_says, notice
from backend.domain.conversation import WITH_BOT, Conversation, is_serious
from backend.errors import BadInput
from backend.safety.assessment import Assessment
from backend.safety.continuation import Continuation
from backend.safety.screen import Screen

VIOLENCE = ("violence_now", "violence", "sexual_abuse", "neglect")
OWN_COMMANDS = ("!crisis", "!safety_yes", "!safety_no", "!continue")


@dataclass(frozen=True)
class Reaction:
    """`instead_of_bot`: the drafts are the whole answer and Rasa is not asked. `phase` is where the conversation now stands."""

    drafts: tuple[Draft, ...] = ()
    instead_of_bot: bool = False
    phase: str = "ordinary"


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
        stands = Continuation(conversation.phase)
        if command in OWN_COMMANDS:
            return self._own_command(conversation, stands, command)
        stands = stands.after(f"message_{_weight(assessment)}")
        if is_serious(assessment.level):
            return Reaction(tuple(self._crisis(conversation, assessment)), True, stands.phase)
        if conversation.state != WITH_BOT or command is not None:
            return Reaction(phase=stands.phase)
        if not stands.may_show("ordinary_answer"):
            return Reaction(tuple(self.words(conversation, "safety_still_here")), True, stands.phase)
        if stands.phase == "asked_kindly" and conversation.phase == "ordinary":
            return Reaction(tuple(self.words(conversation, "safety_concern")), True, stands.phase)
        return Reaction(phase=stands.phase)

    def _own_command(self, conversation: Conversation, stands: Continuation, command: str) -> Reaction:
        if command == "!crisis":
            return Reaction(tuple(self._crisis(conversation, Assessment("high", ("suicidal_thoughts",), "self"))), True, stands.phase)
        if command == "!safety_yes":
            level = "acute" if conversation.phase == "high_open" else "high"
            answered = Assessment(level, ("suicidal_thoughts",), "self")
            return Reaction(tuple(self._crisis(conversation, answered)), True, stands.after("answered_yes").phase)
        step = "answered_no" if command == "!safety_no" else "writes_on"
        return Reaction(tuple(self.words(conversation, "safety_continue")), True, stands.after(step).phase)

    def allowed(self, conversation: Conversation, drafts: Sequence[Draft]) -> list[Draft]:
        """The bot's reply without what has no place after words of danger: offers to book, to rate, to say goodbye."""
        stands = Continuation(conversation.phase)
        kinds = {"/book": "booking_offer", "/feedback": "feedback_question", "/thanks_bye": "closing_by_bot"}
        banned = tuple(start for start, kind in kinds.items() if not stands.may_show(kind))
        return [_without(draft, banned) for draft in drafts] if banned else list(drafts)

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


def _weight(assessment: Assessment) -> str:
    """Ordinary sadness gets care from the bot; only words near suicide are met with the one direct question."""
    if assessment.level == "concern" and "suicidal_thoughts" not in assessment.categories:
        return "none"
    return assessment.level


def _without(draft: Draft, banned: tuple[str, ...]) -> Draft:
    choices = [c for c in draft.body.get("choices", []) if not c["payload"].startswith(banned)]
    return replace(draft, body=draft.body | {"choices": choices}) if "choices" in draft.body else draft


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
