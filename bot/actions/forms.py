"""The frame of a form: one question at a time, every value read by code of ours, any other wish let through.

Rasa runs `validate_<form>` on each turn of an open form. `FormLogic` answers with slot values and the next question, or
rejects the turn so that another rule can answer; that answer's action then comes back here (see `HouseAction`).
Slots have custom mappings only, so nothing a guest writes becomes a value by itself.
"""
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import ActionExecutionRejection

from bot.actions import reading
from bot.actions.base import Domain, Events, HouseAction
from bot.actions.turn import Turn

SKIPPED = "skipped"
STOPPED = "stopped"
YES = "yes"

URGENT = frozenset({"human", "crisis"})
INTERRUPTS = URGENT | {
    "privacy", "parents_know", "opening_hours", "contact_info", "offers", "bot_identity", "door_cost", "door_other",
    "door_what_happens", "forget_me", "other_language", "raise_concern_professional", "guide_topic", "not_serious_enough",
    "book", "cancel", "reschedule", "enquiry", "chitchat", "thanks_bye", "out_of_scope", "advice", "send_help",
}  # fmt: skip
SURE_WHEN_UNREADABLE = 0.5
SURE_WHEN_READABLE = 0.9
SURE_IN_FREE_TEXT = 0.85
LONGEST_ASIDE = 14
SURE_OF_URGENT = 0.6
SHORT_CRY = 7
SURE_OF_GOODBYE = 0.9
TIMES_BEFORE_STUCK = 2

Values = dict[str, Any]


class FormLogic(HouseAction, ABC):
    """Subclasses name `form`, its `own_goals`, its `free_text` slots, its `confirmed` slot and the questions whose bare
    no ends it (`left_by_no`), and read one answer."""

    form: str = ""
    own_goals: Sequence[str] = ()
    free_text: Sequence[str] = ()
    confirmed: str = ""
    left_by_no: Sequence[str] = ()
    returns_to_form = False

    def name(self) -> str:
        return f"validate_{self.form}"

    @property
    def key(self) -> str:
        return self.name()

    @abstractmethod
    def steps(self, values: Mapping[str, Any]) -> list[str]:
        """Slots to be asked for, in order, given what is known."""

    @abstractmethod
    async def read(self, slot: str, turn: Turn) -> Values | None:
        """Values this turn gives for `slot`; None when it cannot be read as an answer."""

    def is_answer(self, turn: Turn) -> bool:
        """Whether our own parsing knows the words as an answer, whatever the model takes them for."""
        return False

    async def settle(self, turn: Turn, values: Values, say: CollectingDispatcher) -> Values:
        """The values after what the backend has to say about them, before the next question is found."""
        return values

    def why_not(self, slot: str, turn: Turn) -> str:
        """The response that says why the answer could not be used, before the question is asked again."""
        return "utter_ask_again"

    def on_open(self, turn: Turn) -> Values:
        """Values the message that opened the form already holds."""
        return {}

    async def act(self, turn: Turn, say: CollectingDispatcher, domain: Domain) -> Events:
        if not turn.asked:
            return self._go_on(turn, await self.settle(turn, self.on_open(turn), say))
        if turn.is_return:
            return self._go_on(turn, {})
        if self._wants_out(turn):
            return self._go_on(turn, {self.confirmed: STOPPED})
        values = await self._values(turn)
        if values is None and self._is_about_something_else(turn, SURE_WHEN_UNREADABLE):
            raise ActionExecutionRejection(self.form)
        if values is None:
            return self._ask_again(turn, say)
        return self._go_on(turn, {**await self.settle(turn, values, say), "times_unsure": None})

    def _ask_again(self, turn: Turn, say: CollectingDispatcher) -> Events:
        """The second time in a row it is offered to stop or to have a human, so that nobody is caught in a form."""
        times = int(turn.slots.get("times_unsure") or 0) + 1
        why = self.why_not(str(turn.asked), turn)
        is_stuck = why == "utter_ask_again" and times >= TIMES_BEFORE_STUCK
        say.utter_message(response="utter_form_stuck" if is_stuck else why)
        return self._go_on(turn, {"times_unsure": times})

    async def _values(self, turn: Turn) -> Values | None:
        if turn.asked in self.free_text:
            needed = SURE_IN_FREE_TEXT
        else:
            needed = SURE_WHEN_READABLE
        if self._is_about_something_else(turn, needed) and (turn.goal in URGENT or not self.is_answer(turn)):
            raise ActionExecutionRejection(self.form)
        return await self.read(str(turn.asked), turn)

    def _is_about_something_else(self, turn: Turn, sure: float) -> bool:
        if turn.goal in self.own_goals or turn.goal not in INTERRUPTS:
            return False
        if turn.tapped:
            return True
        if turn.asked in self.free_text:
            return self._is_aside(turn) and turn.confidence >= SURE_IN_FREE_TEXT
        return turn.confidence >= (SURE_OF_URGENT if turn.goal in URGENT else sure)

    def _is_aside(self, turn: Turn) -> bool:
        """In free text almost everything is the answer: only a short question, or a short cry for a human, is not."""
        length = len(turn.said.split())
        return length <= SHORT_CRY if turn.goal in URGENT else length <= LONGEST_ASIDE and turn.said.rstrip().endswith("?")

    def _wants_out(self, turn: Turn) -> bool:
        """Said or tapped; a goodbye and a bare no to an open question are a way out too."""
        if turn.goal == "stop" or (turn.said and reading.is_stop(turn.said)):
            return True
        if turn.goal == "thanks_bye" and turn.asked not in self.free_text:
            return turn.tapped or turn.confidence >= SURE_OF_GOODBYE
        return turn.asked in self.left_by_no and bool(turn.said) and reading.is_no(turn.said)

    def _go_on(self, turn: Turn, values: Values) -> Events:
        known = {**turn.slots, **values}
        if known.get(self.confirmed) is not None:
            following: str | None = None
        else:
            following = next((slot for slot in self.steps(known) if known.get(slot) is None), None)
        # Rasa itself rejects a turn that sets no slot of the form, so one is always set, if only to what it was.
        told = {self.confirmed: known.get(self.confirmed), **values}
        return [*(SlotSet(name, value) for name, value in told.items()), SlotSet("requested_slot", following)]


def chosen(turn: Turn) -> str | None:
    """The machine value of a tapped form button."""
    return str(turn.first("value")) if turn.goal == "choose" and turn.first("value") is not None else None


def yes_or_no(turn: Turn) -> bool | None:
    tapped = chosen(turn)
    if tapped in ("yes", "no"):
        return tapped == "yes"
    if turn.goal in ("affirm", "deny") and (turn.tapped or turn.confidence >= 0.5):
        return turn.goal == "affirm"
    if turn.said and reading.is_yes(turn.said):
        return True
    return False if turn.said and reading.is_no(turn.said) else None


def wants_to_skip(turn: Turn) -> bool:
    return turn.goal == "skip" or chosen(turn) == SKIPPED or bool(turn.said and reading.is_skip(turn.said))


def cleared(names: Sequence[str]) -> Events:
    return [SlotSet(name, None) for name in names]


def option(turn: Turn, titles_and_values: Sequence[tuple[str, str]]) -> str | None:
    """The value meant among (title, value) pairs: tapped, or written close enough to a title."""
    tapped = chosen(turn)
    values = [value for _, value in titles_and_values]
    if tapped in values:
        return tapped
    picked = reading.choice(turn.said, [title for title, _ in titles_and_values]) if turn.said else None
    return values[picked] if picked is not None else None
