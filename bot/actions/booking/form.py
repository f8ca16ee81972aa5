"""`booking_form`: when, how, which free time, what to be called, and then yes. The backend decides whether it holds."""
from collections.abc import Mapping
from typing import Any

from rasa_sdk.executor import CollectingDispatcher

from bot.actions import reading
from bot.actions.base import Domain, Events, HouseAction
from bot.actions.booking import times
from bot.actions.forms import SKIPPED, STOPPED, YES, FormLogic, Values, chosen, wants_to_skip, yes_or_no
from bot.actions.turn import Turn

BOOKING_SLOTS = (
    "booking_window", "booking_way", "booking_slot", "booking_nickname", "booking_confirmed", "offered_slots",
    "slots_left_over",
)  # fmt: skip


class BookingForm(FormLogic):
    form = "booking_form"
    own_goals = ("book", "door_other")
    free_text = ("booking_nickname",)
    confirmed = "booking_confirmed"
    left_by_no = ("booking_window", "booking_way")

    def steps(self, values: Mapping[str, Any]) -> list[str]:
        return ["booking_window", "booking_way", "booking_slot", "booking_nickname", "booking_confirmed"]

    def on_open(self, turn: Turn) -> Values:
        values: Values = {}
        if turn.slots.get("booking_window") is None:
            values["booking_window"] = times.read_window(turn)
        if turn.slots.get("booking_way") is None:
            values["booking_way"] = turn.first("contact_form") or turn.slots.get("contact_form")
        return {name: value for name, value in values.items() if value}

    def why_not(self, slot: str, turn: Turn) -> str:
        return "utter_which_time" if slot == "booking_slot" and reading.is_yes(turn.said) else times.why_not(turn)

    async def read(self, slot: str, turn: Turn) -> Values | None:
        return getattr(self, f"_read_{slot}")(turn)

    async def settle(self, turn: Turn, values: Values, say: CollectingDispatcher) -> Values:
        return await times.settle(turn, values, "booking_slot", self.confirmed, say)

    def _read_booking_window(self, turn: Turn) -> Values | None:
        window = times.read_window(turn)
        way = turn.first("contact_form")
        return {"booking_window": window, **({"booking_way": way} if way else {})} if window else None

    def _read_booking_way(self, turn: Turn) -> Values | None:
        way = turn.first("contact_form") or chosen(turn)
        if way in times.FORMS:
            return {"booking_way": way}
        any_way = wants_to_skip(turn) or chosen(turn) == "any" or reading.is_any(turn.said)
        return {"booking_way": SKIPPED} if any_way else None

    def _read_booking_slot(self, turn: Turn) -> Values | None:
        way = turn.first("contact_form")
        if way and way != turn.slots.get("booking_way"):
            return {"booking_way": way, "booking_slot": None}
        return times.read_slot(turn, "booking_window", "booking_slot")

    def _read_booking_nickname(self, turn: Turn) -> Values | None:
        window = times.read_window(turn) if reading.is_correction(turn.said) else None
        if window:
            return {"booking_window": window, "booking_slot": None}
        if wants_to_skip(turn) or yes_or_no(turn) is False:
            return {"booking_nickname": SKIPPED}
        said = "" if reading.is_yes(turn.said) else turn.said.strip()
        return {"booking_nickname": said[:40]} if said else None

    def _read_booking_confirmed(self, turn: Turn) -> Values | None:
        if chosen(turn) == "other":
            return {"booking_slot": None, "booking_window": None}
        answer = yes_or_no(turn)
        if answer is None:
            window = times.read_window(turn) if not wants_to_skip(turn) else None
            return {"booking_window": window, "booking_slot": None} if window else None
        return {self.confirmed: YES if answer else STOPPED}


class AskSlotAction(HouseAction):
    """Asks which of the free times; those a lost race left over are shown before a new search is made."""

    key = "action_ask_booking_slot"
    when_down = "utter_booking_down"
    returns_to_form = False

    async def act(self, turn: Turn, say: CollectingDispatcher, domain: Domain) -> Events:
        return await times.show_slots(turn, turn.slots.get("booking_window"), turn.slots.get("booking_way"), say, domain)


class AskConfirmBookingAction(HouseAction):
    """Repeats weekday, date, time and place before anything is decided."""

    key = "action_ask_booking_confirmed"
    returns_to_form = False

    async def act(self, turn: Turn, say: CollectingDispatcher, domain: Domain) -> Events:
        slot = turn.slots.get("booking_slot") or {}
        say.utter_message(response="utter_booking_confirm", label=slot.get("label") or "", place=slot.get("place") or "")
        return []
