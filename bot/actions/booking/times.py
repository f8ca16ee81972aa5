"""Shared by booking and moving: reading a wish for a time, showing free times, reading which one is meant."""
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from bot.actions import reading, wording
from bot.actions.backend_client import BackendUnavailable, Refused, backend
from bot.actions.base import Domain, Events
from bot.actions.forms import Values, chosen, wants_to_skip
from bot.actions.turn import Turn

ANY_TIME = {"first_free": True}
QUICK = {"first_free": ANY_TIME, "any": ANY_TIME}
SLOTS_SHOWN = 3
HOST_WISHES = ("peer", "same_as_last", "alias")
NO_DAY_NAMED = timedelta(days=8)
FORMS = ("in_person", "phone", "video", "chat")


def read_window(turn: Turn) -> dict[str, Any] | None:
    """The `Window` of this turn: tapped, said, or anything at all when the guest does not mind."""
    tapped = chosen(turn)
    if tapped in QUICK:
        return QUICK[tapped]
    said = tapped or turn.said
    wish = reading.time_wish(said, turn.now) if said else None
    found = None if reading.doubt(wish) else reading.window(wish)
    if found is None and (wants_to_skip(turn) or reading.is_any(said or "")):
        return ANY_TIME
    return found


def why_not(turn: Turn) -> str:
    """Response key for a time that was understood and still cannot be searched (yesterday, 30 February, in ten years)."""
    doubt = reading.doubt(reading.time_wish(turn.said, turn.now)) if turn.said else None
    return f"utter_time_{doubt}" if doubt else "utter_ask_again"


async def settle(turn: Turn, values: Values, chosen_slot: str, confirmed: str, say: CollectingDispatcher) -> Values:
    """The chosen time is held while the guest answers the rest, and let go when they change their mind.

    When somebody was quicker the values hold the nearest other times instead. Without the backend nothing is held: the
    booking itself decides.
    """
    before, now = turn.slots.get(chosen_slot), {**turn.slots, **values}.get(chosen_slot)
    if values.get(confirmed) is not None:
        return values
    try:
        if now:
            await backend().hold(turn.conversation_id, now["id"], now.get("form"))
        elif before:
            await backend().let_go(turn.conversation_id)
    except BackendUnavailable:
        return values
    except Refused as refusal:
        say.utter_message(response="utter_slot_taken")
        return {**values, chosen_slot: None, **left_over(refusal)}
    return values


def left_over(refusal: Refused) -> Values:
    """The other times a refusal came with, to be shown before a new search is made."""
    others = refusal.details.get("slots") or []
    return {"offered_slots": others, "slots_left_over": bool(others)}


async def let_go(turn: Turn, chosen_slot: str) -> None:
    """Free for others at once; if the backend doesn't hear, it is free within minutes."""
    if turn.slots.get(chosen_slot):
        with suppress(BackendUnavailable, Refused):
            await backend().let_go(turn.conversation_id)


def host_wish(wishes: Mapping[str, Any] | None) -> dict[str, Any]:
    """The part of a guest's wishes that says whom they would like to meet."""
    return {name: wishes[name] for name in HOST_WISHES if (wishes or {}).get(name)}


def narrowed(known: Mapping[str, Any] | None, said: Mapping[str, Any]) -> dict[str, Any]:
    """A time of day said after a day ("i morgen", then "efter skole") belongs to that day; a new day is a new wish."""
    names_a_day = datetime.fromisoformat(said["to"]) - datetime.fromisoformat(said["from"]) < NO_DAY_NAMED if said.get("to") else True
    if names_a_day or not said.get("parts") or not (known or {}).get("from"):
        return dict(said)
    return {**known, "parts": said["parts"]}


async def show_slots(
    turn: Turn, window: dict[str, Any] | None, form: str | None, say: CollectingDispatcher, domain: Domain,
    wishes: Mapping[str, Any] | None = None,
) -> Events:  # fmt: skip
    """Search, show up to three as card and buttons; events set `offered_slots`."""
    if turn.slots.get("slots_left_over"):
        offer(turn.slots.get("offered_slots") or [], "utter_slots_left", say, domain)
        return [SlotSet("slots_left_over", None)]
    wanted = form if form in FORMS else None
    host = host_wish(wishes)
    found = await backend().search_slots(turn.conversation_id, window, wanted, SLOTS_SHOWN, host)
    if not found.slots and host:
        say.utter_message(response="utter_slots_other_hosts")
        found = await backend().search_slots(turn.conversation_id, window, wanted, SLOTS_SHOWN)
    if not found.slots:
        say.utter_message(response="utter_no_slots")
        return [SlotSet("offered_slots", [])]
    lead, more = ("utter_slots", "utter_slot_buttons") if found.exact else ("utter_slots_nearest", "utter_slot_buttons_full")
    offer(found.slots, lead, say, domain, more if turn.form != "reschedule_form" else "utter_slot_buttons")
    return [SlotSet("offered_slots", found.slots)]


def offer(slots: list[dict[str, Any]], lead: str, say: CollectingDispatcher, domain: Domain, more: str = "utter_slot_buttons") -> None:
    options = [wording.button(slot["label"], "choose", value=slot["id"]) for slot in slots]
    say.utter_message(
        text=wording.text(domain, lead),
        json_message={"kind": "slots", "slots": slots},
        buttons=options + wording.buttons(domain, more),
    )


def picks_slot(turn: Turn) -> bool:
    """Whether the words point at one of the times shown, whatever the model takes them for. A question points at nothing."""
    labels = [slot["label"] for slot in turn.slots.get("offered_slots") or []]
    return bool(turn.said) and not turn.said.rstrip().endswith("?") and reading.choice(turn.said, labels) is not None


def read_slot(turn: Turn, window_slot: str, chosen_slot: str) -> Values | None:
    """The free time meant, or a new wish for a time; asking for others moves the search past those shown."""
    slots: list[dict[str, Any]] = turn.slots.get("offered_slots") or []
    tapped = chosen(turn)
    said_no = turn.said and (reading.wants_other(turn.said) or reading.is_no(turn.said))
    if tapped == "other" or said_no:
        return {window_slot: _later_than(slots), chosen_slot: None}
    by_id = {slot["id"]: slot for slot in slots}
    if tapped in by_id:
        return {chosen_slot: by_id[tapped]}
    picked = reading.choice(turn.said, [slot["label"] for slot in slots]) if turn.said and slots else None
    if len(slots) == 1 and turn.said and reading.is_yes(turn.said):
        picked = 0
    if picked is not None:
        return {chosen_slot: slots[picked]}
    window = read_window(turn) if not wants_to_skip(turn) else None
    if window is None and reading.none_of(turn.said, [slot["label"] for slot in slots]):
        window = _later_than(slots)
    return {window_slot: window, chosen_slot: None} if window else None


async def known_appointment(turn: Turn, reference: str, say: CollectingDispatcher) -> dict[str, Any] | None:
    """What a code stands for. None when it stands for nothing that can be changed, which is then told. Raises BackendUnavailable."""
    try:
        card = await backend().find(turn.conversation_id, reference)
    except Refused as refusal:
        if refusal.status == 404:
            say.utter_message(response="utter_unknown_reference", reference=reference)
        else:
            say.utter_message(text=refusal.message)
        return None
    if not card.get("is_ahead", True):
        say.utter_message(response="utter_appointment_begun", label=card.get("label") or "")
        return None
    return card


def _later_than(slots: list[dict[str, Any]]) -> dict[str, Any] | None:
    """None asks the guest again when nothing was shown."""
    if not slots:
        return None
    last = max(slot["starts_at"] for slot in slots)
    return {"from": max((slot.get("ends_at") or last) for slot in slots), "first_free": True}
