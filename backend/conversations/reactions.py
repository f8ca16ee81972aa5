"""What the backend itself says: greeting, notices, and the answer to words of danger. Texts come from the catalogue."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from backend.catalogue import Catalogue
from backend.catalogue.model import Wording
from backend.conversations.events import Draft, Event, bot_says, notice
from backend.domain.conversation import WITH_BOT, WITH_HOST, Conversation, is_serious
from backend.errors import BadInput
from backend.safety.assessment import Assessment, rank
from backend.safety.continuation import Continuation
from backend.safety.masking import identifying, without_cpr
from backend.safety.quoting import quotable
from backend.safety.screen import Screen

VIOLENCE = ("violence_now", "violence", "sexual_abuse", "neglect")
NOBODY_HERE = ("handoff_unavailable", "handoff_nobody", "handoff_closing", "queue_full", "queue_closed")
TOOK_BACK, ANONYMITY = "!took_back", "anonymity"
_KNOWN_LEVEL = {"high_open": "high", "writing_on": "high", "host_present": "high", "acute_open": "acute"}
_KIND_OF_PAYLOAD = {"/book": "booking_offer", "/feedback": "feedback_question", "/thanks_bye": "closing_by_bot"}
_KIND_OF_GOAL = {"chitchat": "small_talk", "thanks_bye": "closing_by_bot", "feedback": "feedback_question"}


@dataclass(frozen=True)
class Reaction:
    """`instead_of_bot`: the drafts are the whole answer and Rasa is not asked. `phase` is where the conversation now stands.

    `level` is what an answer says about the danger; `resume` that the bot may now answer what the guest wrote before the question.
    """

    drafts: tuple[Draft, ...] = ()
    instead_of_bot: bool = False
    phase: str = "ordinary"
    level: str = "none"
    resume: bool = False


@dataclass(frozen=True)
class _Own:
    """What the backend does about one of its own choices: the step of the state machine, the wording, the branch of the card."""

    step: str | None
    key: str
    branch: str | None = None


_OWN = {
    "!safety_yes": _Own("answered_yes", "safety_answered_yes", "high"),
    "!safety_unsure": _Own("answered_unsure", "safety_answered_unsure", "high"),
    "!relative_yes": _Own("answered_yes", "safety_relative", "relative"),
    "!relative_unsure": _Own("answered_unsure", "safety_relative", "relative"),
    "!safety_no": _Own("answered_no", "safety_eased"),
    TOOK_BACK: _Own("answered_no", "safety_took_back"),
    "!continue": _Own("writes_on", "safety_continue"),
    "!crisis": _Own(None, "safety_numbers", "high"),
}
OWN_COMMANDS = tuple(_OWN)


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
        """Somebody in danger who asks for a host when there is none gets the numbers that answer, not a booking."""
        if key in NOBODY_HERE and not Continuation(conversation.phase).may_show("booking_offer"):
            return self._with_card(conversation, "nobody_in_danger", self._branch_now(conversation.phase))
        return _bubbles(self._wording(conversation, key, **values), notice)

    def _wording(self, conversation: Conversation, key: str, **values) -> Wording:
        return self.catalogue.wording(conversation.municipality, key, conversation.channel, **values)

    def assess(self, text: str, previous: Sequence[str], phase: str = "ordinary", relation: str | None = None) -> Assessment:
        """Earlier lines count where they raise the level; what the conversation already stands at is not found anew in them.

        `relation`: who writes, when they have said so; it tells who is at risk where the words don't.
        """
        together = self.screen.assess(text, previous, relation)
        found_anew = previous and together.level != "none" and rank(together.level) <= rank(_KNOWN_LEVEL.get(phase, "none"))
        return self.screen.assess(text, (), relation) if found_anew else together

    def to(
        self, conversation: Conversation, assessment: Assessment, command: str | None, said: str = "", offered: Sequence[dict] = ()
    ) -> Reaction:
        """What to say before, or instead of, the bot. In every state: the card does not wait for a human.

        `offered` are the choices under the last thing the guest was shown.
        """
        before = Continuation(conversation.phase)
        stands = before.after(f"message_{_weight(assessment)}")
        if is_serious(assessment.level):
            return Reaction(tuple(self._to_danger(conversation, before, stands, assessment, said)), True, stands.phase, assessment.level)
        if command in _OWN:
            return self._to_own(conversation, before, command, offered)
        if conversation.state != WITH_BOT or command is not None:
            return Reaction(phase=stands.phase)
        if not stands.may_show("ordinary_answer"):
            return Reaction(tuple(self.words(conversation, _still_here(conversation, offered))), True, stands.phase)
        if stands.phase == "asked_kindly" and before.phase == "ordinary":
            key = "safety_concern_relative" if assessment.who == "third" else "safety_concern"
            return Reaction(tuple(self.words(conversation, key)), True, stands.phase)
        return Reaction(phase=stands.phase)

    def _to_danger(
        self, conversation: Conversation, before: Continuation, stands: Continuation, assessment: Assessment, said: str
    ) -> list[Draft]:
        """The one direct question is asked once, and never in acute danger."""
        key, branch = _branch(assessment)
        if key != "safety_high":
            return self._with_card(conversation, key, branch, assessment.level)
        if conversation.state == WITH_HOST:
            return self._with_card(conversation, "safety_numbers", branch, assessment.level)
        if before.phase not in ("ordinary", "eased") or not stands.may_show("direct_question"):
            return self._with_card(conversation, "safety_again", self._branch_now(stands.phase), assessment.level)
        quote = quotable(said, assessment)
        return self._with_card(conversation, "safety_high_quoted" if quote else key, branch, assessment.level, said=quote)

    def _to_own(self, conversation: Conversation, before: Continuation, command: str, offered: Sequence[dict]) -> Reaction:
        own = _OWN[command]
        stands = before.after(_step(own, before)) if own.step else before
        if own.branch:
            branch = "acute" if stands.phase == "acute_open" and own.branch == "high" else own.branch
            level = "none" if command == "!crisis" else "acute" if stands.phase == "acute_open" else "high"
            return Reaction(tuple(self._with_card(conversation, own.key, branch, level)), True, stands.phase, level)
        if command == "!safety_no" and before.phase == "acute_open":
            return Reaction(tuple(self.words(conversation, "safety_still_here")), True, stands.phase)
        asked = any(choice["payload"] == command for choice in offered)
        if command == "!safety_no" and before.phase == "asked_kindly" and asked:
            return Reaction(tuple(self.words(conversation, "safety_answered_no")), True, stands.phase, resume=True)
        return Reaction(tuple(self.words(conversation, own.key)), True, stands.phase)

    def fitting(
        self, conversation: Conversation, drafts: Sequence[Draft], since: Sequence[Event], goal: str | None, relation: str | None = None
    ) -> list[Draft]:
        """The bot's reply as it may stand here. `since` is what was said after the message it answers, `relation` who writes.

        Left out: what the backend has said itself, the bot's own alarm at words the guest has explained, and after words of danger
        small talk, goodbyes, ratings and offers to book. Advice is then that of the crisis card.
        """
        stands = Continuation(conversation.phase)
        if goal in _KIND_OF_GOAL and not stands.may_show(_KIND_OF_GOAL[goal]) and conversation.phase != "eased":
            return self._in_danger(conversation, "safety_with_you", relation)
        if goal == "advice" and not stands.may_show("small_talk"):
            return self._in_danger(conversation, "safety_advice", relation)
        alarmed = any(draft.body.get("card", {}).get("kind") == "crisis" for draft in drafts)
        if alarmed and conversation.phase == "eased" and any(event.body.get("payload") == "!safety_no" for event in since):
            return self.words(conversation, "safety_eased")
        told = {event.body.get("text") for event in since if event.author != "visitor"}
        banned = tuple(start for start, kind in _KIND_OF_PAYLOAD.items() if not stands.may_show(kind))
        return [_without(draft, banned) for draft in drafts if not _repeats(draft, told)]

    def _in_danger(self, conversation: Conversation, key: str, relation: str | None) -> list[Draft]:
        return self.words(conversation, f"{key}_relative" if relation in ("relative", "professional") else key)

    def on_personal_data(self, conversation: Conversation, text: str, told: bool) -> list[Draft]:
        """What the guest is told about having written who they are. `told`: they have been told before, or were just asked for it."""
        covered = self.words(conversation, "cpr_covered") if without_cpr(text) != text else []
        if told or not identifying(text):
            return covered
        *before, last = self.words(conversation, "anonymity_warning")
        return [*covered, *before, replace(last, body=last.body | {"told": ANONYMITY})]

    def _with_card(self, conversation: Conversation, key: str, branch: str, level: str = "none", **values) -> list[Draft]:
        card = self.catalogue.crisis(conversation.municipality, self.clock(), level=branch).as_json()
        said = self._wording(conversation, key, **values)
        *before, last = said.texts
        choices = [{"title": c.title, "payload": c.payload} for c in said.choices]
        risk = {"risk": level} if level != "none" else {}
        return [*(notice(text) for text in before), notice(last, choices if conversation.state == WITH_BOT else None, card, **risk)]

    def _branch_now(self, phase: str) -> str:
        return "acute" if phase == "acute_open" else "high"

    def crisis_alone(self, assessment: Assessment, municipality: str | None = None) -> dict:
        """The card for a guest whose message was not stored: the database is gone, or the chat is closed."""
        return self.catalogue.crisis(municipality or next(iter(self.catalogue.municipalities)), self.clock(), level=_branch(assessment)[1]).as_json()


def phase_in(conversation: Conversation, state: str) -> str:
    """The phase once the conversation has become `state`: a crisis stays open when a host leaves."""
    stands = Continuation(conversation.phase)
    if state == WITH_HOST:
        return stands.after("host_claimed").phase
    return stands.after("host_left").phase if conversation.state == WITH_HOST else stands.phase


def _still_here(conversation: Conversation, offered: Sequence[dict]) -> str:
    """Nobody who keeps writing is told the same sentence twice in a row: a turn is two events, so the keys take turns."""
    if not any(choice["payload"] == TOOK_BACK for choice in offered):
        return "safety_still_here"
    return "safety_still_here_more" if conversation.last_n // 2 % 2 else "safety_still_here_again"


def _repeats(draft: Draft, told: set) -> bool:
    """Whether the backend has said this already, line by line, e.g. that no host is there."""
    lines = (draft.body.get("text") or "").split("\n")
    return "card" not in draft.body and bool(told) and all(line in told for line in lines)


def _step(own: _Own, before: Continuation) -> str:
    """Words taken back are a no; in acute danger they only let the guest write on, and a host still looks."""
    return "writes_on" if own.key == "safety_took_back" and before.phase == "acute_open" else str(own.step)


def _weight(assessment: Assessment) -> str:
    """Ordinary sadness gets care from the bot; only words near suicide are met with the one direct question."""
    if assessment.level == "concern" and "suicidal_thoughts" not in assessment.categories:
        return "none"
    return assessment.level


def _without(draft: Draft, banned: tuple[str, ...]) -> Draft:
    if not banned:
        return draft
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
