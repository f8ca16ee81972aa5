"""`booking_form`: when, how, which free time, what to be called, and then yes. The backend decides whether it holds."""
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from rasa_sdk.executor import CollectingDispatcher

from bot.actions import reading, wording
from bot.actions.backend_client import BackendUnavailable, Refused, backend
from bot.actions.base import Domain, Events, HouseAction
from bot.actions.booking import times
from bot.actions.booking.waiting import EARLIER, WAIT
from bot.actions.forms import SKIPPED, STOPPED, YES, FormLogic, Values, chosen, wants_to_skip, yes_or_no
from bot.actions.turn import Turn

BOOKING_SLOTS = (
    "booking_window", "booking_way", "booking_slot", "booking_phone", "booking_nickname", "booking_wishes", "booking_asks_wish", "booking_confirmed", "offered_slots",
    "slots_left_over",
)  # fmt: skip

WISH_WORDS = {
    "peer": "utter_wish_peer", "same_as_last": "utter_wish_same_as_last", "friend": "utter_wish_friend", "parent": "utter_wish_parent",
    "network": "utter_wish_network", "interpreter": "utter_wish_interpreter", "access": "utter_wish_access",
    "quiet_room": "utter_wish_quiet_room",
}  # fmt: skip


class BookingForm(FormLogic):
    form = "booking_form"
    own_goals = ("book", "door_other")
    free_text = ("booking_nickname",)
    confirmed = "booking_confirmed"
    left_by_no = ("booking_window", "booking_way")

    def steps(self, values: Mapping[str, Any]) -> list[str]:
        """A talk on the phone needs a number; wishes are asked about only when the guest says they have some."""
        by_phone = (values.get("booking_slot") or {}).get("form") == "phone"
        number = ["booking_phone"] if by_phone else []
        wish = ["booking_wish"] if values.get("booking_asks_wish") else []
        return ["booking_window", "booking_way", "booking_slot", *number, "booking_nickname", *wish, "booking_confirmed"]

    def is_answer(self, turn: Turn) -> bool:
        if turn.asked == "booking_phone" and turn.said and reading.contact(turn.said):
            return True
        if turn.asked == "booking_slot" and times.picks_slot(turn):
            return True
        if turn.asked == "booking_way" and _says_when(turn):
            return True
        if turn.asked not in self.free_text and reading.speaks_of(turn.said, "earlier"):
            return True
        return turn.asked not in self.free_text and bool(_wished(turn))

    def on_open(self, turn: Turn) -> Values:
        values: Values = {}
        if turn.slots.get("appointment_reference") and reading.speaks_of(turn.said, "earlier"):
            return {self.confirmed: EARLIER}
        if turn.slots.get("booking_window") is None:
            values["booking_window"] = times.read_window(turn)
        if turn.slots.get("booking_way") is None:
            values["booking_way"] = turn.first("contact_form") or turn.slots.get("contact_form")
        values["booking_wishes"] = _together(turn.slots.get("booking_wishes") or {}, _wished(turn))
        return {name: value for name, value in values.items() if value}

    def why_not(self, slot: str, turn: Turn) -> str:
        if slot == "booking_phone":
            return "utter_phone_unread"
        return "utter_which_time" if slot == "booking_slot" and reading.is_yes(turn.said) else times.why_not(turn)

    async def read(self, slot: str, turn: Turn) -> Values | None:
        """The answer, and any wish said along with it."""
        if slot not in self.free_text and reading.speaks_of(turn.said, "earlier"):
            return {self.confirmed: EARLIER if turn.slots.get("appointment_reference") else WAIT}
        values, wished = getattr(self, f"_read_{slot}")(turn), {} if slot in self.free_text else await _wished_by_name(turn)
        if not wished:
            return values
        known = turn.slots.get("booking_wishes") or {}
        is_new_host = any(wished.get(name) and wished[name] != known.get(name) for name in times.HOST_WISHES)
        return {**({"booking_slot": None} if is_new_host else {}), **(values or {}), "booking_wishes": _together(known, wished)}

    async def settle(self, turn: Turn, values: Values, say: CollectingDispatcher) -> Values:
        wishes = reading.wishes(turn.said)
        if wishes is not None and wishes.gender and turn.asked not in self.free_text:
            say.utter_message(response="utter_wish_gender")
        if turn.asked == "booking_way" and values.get("booking_window") and not values.get("booking_way"):
            say.utter_message(response="utter_time_noted")
        if not turn.asked and (named := await _named(turn)):
            values = {**values, "booking_wishes": _together(values.get("booking_wishes") or {}, named)}
        return await times.settle(turn, values, "booking_slot", self.confirmed, say)

    def _read_booking_window(self, turn: Turn) -> Values | None:
        window = times.read_window(turn)
        way = turn.first("contact_form")
        return {"booking_window": window, **({"booking_way": way} if way else {})} if window else None

    def _read_booking_way(self, turn: Turn) -> Values | None:
        way = turn.first("contact_form") or chosen(turn)
        when = _says_when(turn)
        noted = {"booking_window": times.narrowed(turn.slots.get("booking_window"), when)} if when else {}
        if way in times.FORMS:
            return {"booking_way": way, **noted}
        if noted:
            return noted
        any_way = wants_to_skip(turn) or chosen(turn) == "any" or reading.is_any(turn.said)
        return {"booking_way": SKIPPED} if any_way else None

    def _read_booking_slot(self, turn: Turn) -> Values | None:
        if chosen(turn) == "wait":
            return {self.confirmed: WAIT}
        way = turn.first("contact_form")
        if way and way != turn.slots.get("booking_way"):
            return {"booking_way": way, "booking_slot": None}
        return times.read_slot(turn, "booking_window", "booking_slot")

    def _read_booking_phone(self, turn: Turn) -> Values | None:
        found = reading.contact(turn.said) if turn.said else None
        if found and found["kind"] == "phone":
            return {"booking_phone": found["value"]}
        if chosen(turn) == "other_way" or (not found and (wants_to_skip(turn) or yes_or_no(turn) is False)):
            return {"booking_way": None, "booking_slot": None}
        way = turn.first("contact_form")
        return {"booking_way": way, "booking_slot": None} if way and way != "phone" else None

    def _read_booking_wish(self, turn: Turn) -> Values | None:
        tapped, known = chosen(turn), turn.slots.get("booking_wishes") or {}
        if tapped == "none":
            return {"booking_wishes": None, "booking_asks_wish": None}
        if wants_to_skip(turn) or yes_or_no(turn) is False:
            return {"booking_asks_wish": None}
        wished = _tapped_wish(tapped) if tapped else _wished(turn)
        if not wished:
            return None
        again = {"booking_slot": None} if "peer" in wished else {}
        return {"booking_wishes": _together(known, wished), "booking_asks_wish": None, **again}

    def _read_booking_nickname(self, turn: Turn) -> Values | None:
        turned = bool(turn.said) and (reading.is_correction(turn.said) or reading.speaks_of(turn.said, "rather"))
        window = times.read_window(turn) if turned else None
        if window:
            return {"booking_window": window, "booking_slot": None}
        if wants_to_skip(turn) or yes_or_no(turn) is False:
            return {"booking_nickname": SKIPPED}
        said = "" if reading.is_yes(turn.said) else turn.said.strip()
        return {"booking_nickname": said[:40]} if said else None

    def _read_booking_confirmed(self, turn: Turn) -> Values | None:
        if chosen(turn) == "other":
            return {"booking_slot": None, "booking_window": None}
        if chosen(turn) == "wishes":
            return {"booking_asks_wish": True}
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
        return await times.show_slots(turn, turn.slots.get("booking_window"), turn.slots.get("booking_way"), say, domain, turn.slots.get("booking_wishes"))


class AskConfirmBookingAction(HouseAction):
    """Repeats weekday, date, time and place before anything is decided."""

    key = "action_ask_booking_confirmed"
    returns_to_form = False

    async def act(self, turn: Turn, say: CollectingDispatcher, domain: Domain) -> Events:
        slot = turn.slots.get("booking_slot") or {}
        shown = {"label": slot.get("label") or "", "place": slot.get("place") or "", "host": slot.get("host_alias") or ""}
        noted = _noted(turn.slots.get("booking_wishes") or {}, domain)
        if noted:
            say.utter_message(response="utter_booking_wishes", wishes=noted)
        say.utter_message(response="utter_booking_confirm", **shown)
        return []


def _wished(turn: Turn) -> dict[str, Any]:
    found = reading.wishes(turn.said)
    return found.as_values() if found is not None else {}


def _says_when(turn: Turn) -> dict[str, Any] | None:
    """A time that was said; that any will do is none."""
    window = times.read_window(turn) if turn.said else None
    return window if window and window.get("from") else None


async def _wished_by_name(turn: Turn) -> dict[str, Any]:
    return {**_wished(turn), **await _named(turn)}


async def _named(turn: Turn) -> dict[str, Any]:
    """A host called by name, when there is one of that name where the guest is. Without the backend nobody is."""
    names = reading.names_of_hosts(turn.said)
    with suppress(BackendUnavailable, Refused):
        alias = await backend().host_named(turn.conversation_id, names) if names else None
        return {"alias": alias} if alias else {}
    return {}


def _together(known: Mapping[str, Any], wished: Mapping[str, Any]) -> dict[str, Any]:
    """The newest word counts, except that one kind of help does not rule out another."""
    aids = sorted({*(known.get("help") or []), *(wished.get("help") or [])})
    return {**known, **wished, **({"help": aids} if aids else {})}


def _tapped_wish(tapped: str) -> dict[str, Any]:
    if tapped in ("friend", "parent", "network"):
        return {"companion": tapped}
    if tapped in ("interpreter", "access", "quiet_room"):
        return {"help": [tapped]}
    return {"peer": True} if tapped == "peer" else {}


def _noted(wishes: Mapping[str, Any], domain: Domain) -> str:
    """The wishes in the words of `responses.yml`, so that the guest sees what a host will read."""
    keys = [name for name in ("peer", "same_as_last") if wishes.get(name)]
    keys += [wishes["companion"]] if wishes.get("companion") else []
    by_name = [wording.text(domain, "utter_wish_alias").replace("{name}", wishes["alias"])] if wishes.get("alias") else []
    return ", ".join([*by_name, *(wording.text(domain, WISH_WORDS[key]) for key in [*keys, *(wishes.get("help") or [])])])
