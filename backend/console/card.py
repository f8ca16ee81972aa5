"""The card on top of a conversation: what a host must not ask again."""

from backend.conversations.events import Event
from backend.domain.conversation import Conversation

MOST_WORDS = 3


def card_of(conversation: Conversation, situation: dict, events: list[Event]) -> dict:
    """Built from data: the situation as understood, the guest's own words, the doors named, what was promised."""
    slots = situation.get("slots", {})
    spoken = [e.body["text"] for e in events if e.author == "visitor" and "payload" not in e.body]
    doors = [door["name"] for e in events for door in (e.body.get("card") or {}).get("doors", [])]
    booked = [e.body["card"] for e in events if e.type == "booking" and e.body.get("card")]
    return {
        "relation": slots.get("relation"),
        "about": slots.get("about"),
        "topics": slots.get("topics") or ([slots["topic"]] if slots.get("topic") else []),
        "age": slots.get("age"),
        "age_band": slots.get("age_band"),
        "municipality": slots.get("municipality"),
        "contact_form": slots.get("contact_form"),
        "risk": conversation.risk,
        "channel": conversation.channel,
        "own_words": spoken[:1] + spoken[1:][-(MOST_WORDS - 1):],
        "doors": list(dict.fromkeys(doors)),
        "booked": booked,
    }
