"""The backend's own Danish texts out of YAML."""

import string
from collections.abc import Mapping

from backend.catalogue.model import Choice, Wording
from backend.catalogue.reading import Record, each

KEYS = (
    "greeting", "bot_unavailable", "not_saved", "handoff_waiting", "handoff_position", "handoff_unavailable",
    "handoff_claimed", "handoff_back_to_bot", "handoff_host_lost", "handoff_still_waiting", "queue_full",
    "closing_soon", "conversation_closed", "conversation_erased", "host_closed", "safety_acute", "safety_high",
    "safety_concern", "safety_overdose", "safety_violence", "safety_relative", "safety_continue", "safety_still_here",
    "safety_still_here_again", "safety_still_here_more", "safety_high_quoted", "safety_again", "safety_concern_relative", "safety_answered_yes",
    "safety_answered_unsure", "safety_answered_no", "safety_eased", "safety_took_back", "safety_numbers", "safety_with_you", "safety_with_you_relative", "safety_advice", "safety_advice_relative",
    "nobody_in_danger", "cpr_covered",
    "handoff_left", "handoff_nobody", "handoff_closing", "handoff_transferred", "wait_estimate", "wait_unknown",
    "queue_closing", "queue_closed", "guest_was_gone", "cohost_joined", "listener_joined", "companion_left", "misuse_end",
    "enquiry_saved", "enquiry_saved_with_contact", "enquiry_keep_code", "appointment_booked", "appointment_cancelled",
    "appointment_moved", "appointment_how_to_cancel", "calendar_title", "reminder", "reminder_with_place", "reminder_subject",
    "misuse_warning",
    "too_fast", "too_long", "anonymity_warning",
    "weekdays", "open_always", "open_until", "open_until_next_day", "closed_next_today", "closed_next_tomorrow",
    "closed_next_day", "closed_unknown_next", "hours_unknown", "hours_holiday_unknown", "hours_web",
    "answer_cost", "answer_cost_unknown", "answer_anonymity", "answer_anonymity_yes", "answer_anonymity_no",
    "answer_anonymity_unknown", "answer_what_happens", "answer_hours", "answer_contact", "answer_contact_unknown",
    "answer_parents", "answer_parents_unknown", "answer_which_door", "service_hours", "service_hours_on_day",
    "service_closed_on_day", "service_unknown_on_day", "offers_lead", "offers_lead_none", "offers_lead_flagged",
    "offer_contact", "if_no_answer", "answer_way", "answer_way_not_a_place", "answer_way_unknown", "answer_who_for",
    "answer_cost_no_door", "answer_what_happens_no_door", "answer_contact_no_door", "answer_parents_no_door",
    "service_closed_on_day_short", "service_unknown_on_day_short", "service_always", "also_open", "also_open_one", "also_open_and", "service_open_all_day", "door_open_all_day", "door_hours_on_day", "door_closed_on_day", "door_unknown_on_day",
)  # fmt: skip
_FREE = {"municipality", "short", "channel_title", "host_title", "promise"}


def wording_of(outer: Record, national: Mapping[str, Wording]) -> dict[str, Wording]:
    """key → wording. `key@headspace` overrides a key in one channel; a local file may only use known keys."""
    texts = {}
    for key, record in outer.named("wording"):
        placeholders = tuple(record.texts("placeholders"))
        wording = Wording(record.texts("texts"), tuple(each(_choice, record.records("choices"))))
        record.done()
        _check(outer, record, key, wording, _allowed(key, national, placeholders))
        texts[key] = wording
    return texts


def _choice(record: Record) -> Choice:
    return Choice(record.text("title"), record.text("payload", '"!handoff"'))


def _allowed(key: str, national: Mapping[str, Wording], declared: tuple[str, ...]) -> set[str]:
    original = national.get(key.partition("@")[0])
    inherited = {name for text in original.texts for name in placeholders(text)} if original else set()
    return _FREE | inherited | set(declared)


def _check(outer: Record, record: Record, key: str, wording: Wording, allowed: set[str]) -> None:
    for text in wording.texts:
        try:
            used = placeholders(text)
        except ValueError:
            record.problem("texts", "bad_braces", key=key)
            continue
        for name in used - allowed:
            record.problem("texts", "placeholder", name=name, key=key, allowed=", ".join(sorted(allowed)))


def placeholders(text: str) -> set[str]:
    """The names in braces. ValueError when the braces do not match."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


class _Values(dict):
    def __missing__(self, key: str) -> str:
        return "…"


def filled(wording: Wording, values: Mapping[str, object]) -> Wording:
    """The wording with its placeholders filled in; `…` where a value was not given."""
    known = _Values(values)
    return Wording(tuple(text.format_map(known) for text in wording.texts), wording.choices)
