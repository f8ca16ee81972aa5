"""The card on top of a conversation: what a host knows already and must not ask again. Built from data, never from a guess."""

from collections.abc import Sequence

from backend.conversations.events import Event
from backend.domain.conversation import Conversation

MOST_WORDS = 3
FACTS = ("relation", "about", "age", "age_band", "municipality", "contact_form", "wishes_anonymity")


def facts_of(conversation: Conversation, situation: dict) -> dict:
    """What the bot understood: enough for a line in a list. No event is read."""
    slots = situation.get("slots", {})
    topics = slots.get("topics") or ([slots["topic"]] if slots.get("topic") else [])
    return {name: slots.get(name) for name in FACTS} | {
        "topics": topics,
        "risk": conversation.risk,
        "channel": conversation.channel,
        "skipped": slots.get("skipped") or [],
    }


def card_of(
    conversation: Conversation, situation: dict, events: Sequence[Event], wish: str | None, promise: str
) -> dict:
    """The facts, the guest's own words, what the bot named and promised, and what not to ask again."""
    facts = facts_of(conversation, situation)
    spoken = [e.body["text"] for e in events if e.author == "visitor" and "payload" not in e.body]
    danger = _before_crisis(events)
    cards = [e.body["card"] for e in events if e.body.get("card")]
    return facts | {
        "own_words": [said for said in spoken[:1] + spoken[1:][-(MOST_WORDS - 1) :] if said not in danger],
        "wish": wish,
        "danger_words": danger,
        "doors": _once(door["name"] for card in cards for door in card.get("doors", [])),
        "offers": _once(offer["name"] for card in cards for offer in card.get("offers", [])),
        "booked": [card for card in cards if card["kind"] == "appointment"][-1:],
        "enquiry": next((card["reference"] for card in reversed(cards) if card["kind"] == "enquiry"), None),
        "crisis_shown": any(card["kind"] == "crisis" for card in cards),
        "promise": promise,
        "known": [
            name for name in ("relation", "topics", "age" if facts["age"] else "age_band", "municipality", "contact_form", "wishes_anonymity")
            if facts.get(name) not in (None, [])
        ],
    }


def _before_crisis(events: Sequence[Event]) -> list[str]:
    """The guest's words right before each crisis card."""
    found, last = [], None
    for event in events:
        if event.author == "visitor" and "payload" not in event.body:
            last = event.body["text"]
        elif (event.body.get("card") or {}).get("kind") == "crisis" and last:
            found.append(last)
    return _once(found)[-MOST_WORDS:]


def _once(names) -> list[str]:
    return list(dict.fromkeys(names))
