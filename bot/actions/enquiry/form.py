"""`enquiry_form`: what the guest wants written down. Everything but consent can be skipped; nothing is written here."""
from collections.abc import Mapping
from typing import Any

from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from bot.actions import reading, wording
from bot.actions.backend_client import backend
from bot.actions.base import Domain, Events, HouseAction
from bot.actions.forms import SKIPPED, STOPPED, YES, FormLogic, Values, chosen, wants_to_skip, yes_or_no
from bot.actions.situation import FACTS, Situation, from_slots, merge
from bot.actions.turn import Turn

ENQUIRY_SLOTS = (
    "enquiry_wish", "enquiry_summary", "enquiry_contact_kind", "enquiry_contact_value", "enquiry_may_say",
    "enquiry_consent", "enquiry_confirmed",
)  # fmt: skip
LONGEST_SUMMARY = 1500
PARTS = {"wish": ("enquiry_wish",), "summary": ("enquiry_summary",)}
PARTS["contact"] = ("enquiry_contact_kind", "enquiry_contact_value", "enquiry_may_say")


class EnquiryForm(FormLogic):
    form = "enquiry_form"
    own_goals = ("enquiry",)
    free_text = ("enquiry_wish", "enquiry_summary", "enquiry_may_say")
    confirmed = "enquiry_confirmed"

    def steps(self, values: Mapping[str, Any]) -> list[str]:
        steps = ["enquiry_wish", "enquiry_summary", "enquiry_contact_kind"]
        if values.get("enquiry_contact_kind") in ("phone", "email"):
            steps += ["enquiry_contact_value", "enquiry_may_say"]
        return [*steps, "enquiry_consent", "enquiry_confirmed"]

    def is_answer(self, turn: Turn) -> bool:
        return turn.asked == "enquiry_contact_kind" and _way(turn) is not None

    async def read(self, slot: str, turn: Turn) -> Values | None:
        return getattr(self, f"_read_{slot}")(turn)

    def _read_enquiry_wish(self, turn: Turn) -> Values | None:
        if wants_to_skip(turn):
            return {"enquiry_wish": SKIPPED}
        said = chosen(turn) or turn.said.strip()
        return {"enquiry_wish": said[:300]} if said else None

    def _read_enquiry_summary(self, turn: Turn) -> Values | None:
        if wants_to_skip(turn):
            return {"enquiry_summary": SKIPPED}
        said = turn.said.strip()
        if not said or reading.is_yes(said):  # a yes tells a host nothing
            return None
        return {"enquiry_summary": said[:LONGEST_SUMMARY], **_told_besides(turn)}

    def _read_enquiry_contact_kind(self, turn: Turn) -> Values | None:
        found = reading.contact(turn.said) if turn.said else None
        if found:
            return {"enquiry_contact_kind": found["kind"], "enquiry_contact_value": found["value"]}
        tapped = chosen(turn)
        if tapped in ("phone", "email", "none"):
            return {"enquiry_contact_kind": tapped}
        agrees = yes_or_no(turn)
        if wants_to_skip(turn) or agrees is False:
            return {"enquiry_contact_kind": "none"}
        # A bare yes is enough: the next question takes a number as well as a mail address, and settles the kind.
        way = _way(turn) or ("phone" if agrees else None)
        return {"enquiry_contact_kind": way} if way else None

    def _read_enquiry_contact_value(self, turn: Turn) -> Values | None:
        found = reading.contact(turn.said) if turn.said else None
        if found:
            return {"enquiry_contact_kind": found["kind"], "enquiry_contact_value": found["value"]}
        if wants_to_skip(turn) or yes_or_no(turn) is False:
            return {"enquiry_contact_kind": "none", "enquiry_contact_value": None}
        return None

    def _read_enquiry_may_say(self, turn: Turn) -> Values | None:
        if wants_to_skip(turn):
            return {"enquiry_may_say": SKIPPED}
        said = chosen(turn) or turn.said.strip()
        return {"enquiry_may_say": said[:200]} if said else None

    def _read_enquiry_consent(self, turn: Turn) -> Values | None:
        answer = yes_or_no(turn)
        if answer is None:
            return None
        return {"enquiry_consent": turn.slots.get("consent_version") or ""} if answer else {self.confirmed: STOPPED}

    def _read_enquiry_confirmed(self, turn: Turn) -> Values | None:
        part = chosen(turn)
        if part in PARTS:
            return {name: None for name in PARTS[part]}
        found = reading.contact(turn.said) if turn.said else None
        if found:  # a corrected number needs no question of its own
            return {"enquiry_contact_kind": found["kind"], "enquiry_contact_value": found["value"]}
        answer = yes_or_no(turn)
        return None if answer is None else {self.confirmed: YES if answer else STOPPED}


def _way(turn: Turn) -> str | None:
    """How the guest would like to hear from us, in a few words: phone or email."""
    if turn.said and reading.is_by_mail(turn.said):
        return "email"
    return "phone" if turn.first("contact_form") == "phone" or turn.said and reading.is_by_phone(turn.said) else None


def _told_besides(turn: Turn) -> Values:
    """What the summary says about the situation goes with the enquiry, where nothing was known before."""
    known, told = from_slots(turn.slots), merge(Situation(), turn.entities)
    facts = {name: getattr(told, name) for name in (*FACTS, "topics") if getattr(told, name) not in (None, ())}
    return {name: list(v) if isinstance(v, tuple) else v for name, v in facts.items() if not known.knows(name)}


class AskConsentAction(HouseAction):
    """Shows the channel's consent text and remembers its version; without the backend there is nothing to agree to."""

    key = "action_ask_enquiry_consent"
    when_down = "utter_enquiry_failed"
    returns_to_form = False

    async def act(self, turn: Turn, say: CollectingDispatcher, domain: Domain) -> Events:
        promises = await backend().promises(turn.conversation_id)
        text = promises.consent_text or wording.text(domain, "utter_consent_question")
        say.utter_message(text=text, buttons=wording.buttons(domain, "utter_consent_question"))
        return [SlotSet("consent_version", promises.consent_version)]


class AskConfirmAction(HouseAction):
    """Shows the guest exactly what a host would read, before it goes anywhere."""

    key = "action_ask_enquiry_confirmed"
    returns_to_form = False

    async def act(self, turn: Turn, say: CollectingDispatcher, domain: Domain) -> Events:
        nothing = wording.text(domain, "utter_enquiry_nothing")
        shown = {name: _shown(turn.slots.get(f"enquiry_{name}"), domain) or nothing for name in ("wish", "summary", "may_say")}
        contact = turn.slots.get("enquiry_contact_value") or wording.text(domain, "utter_enquiry_no_contact")
        say.utter_message(response="utter_enquiry_summary", wish=shown["wish"], summary=shown["summary"], contact=contact, may_say=shown["may_say"])
        return []


def _shown(value: Any, domain: Domain) -> str | None:
    if value in (None, SKIPPED):
        return None
    titles = {wording.payload_entity(b, "value"): b["title"] for key in ("utter_ask_enquiry_wish", "utter_ask_enquiry_may_say") for b in wording.buttons(domain, key)}
    return titles.get(value, str(value))


