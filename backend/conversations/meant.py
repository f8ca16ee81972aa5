"""Which of the choices on the screen a guest's typed words mean. Pure: whoever types «ja» gets what a tap on it gives."""

from collections.abc import Sequence

from backend.domain.conversation import WITH_BOT, Conversation
from backend.safety.answers import accepts, moves_on, read_answer, same_words, takes_back

PAYLOADS = {
    "yes": ("!safety_yes", "!relative_yes"),
    "no": ("!safety_no",),
    "unsure": ("!safety_unsure", "!relative_unsure"),
    "refused": ("!continue",),
}
TOOK_BACK, WRITES_ON = "!took_back", "!continue"
_ALARMED = ("asked_kindly", "high_open", "acute_open")


def meant_payload(text: str, offered: Sequence[dict], conversation: Conversation) -> str | None:
    """The payload of the choice meant, or a way out of an alarm said in own words; None when the words are a message like any other.

    `offered` are the choices under the last thing the guest was shown.
    """
    if conversation.state != WITH_BOT:
        return None
    same = [choice["payload"] for choice in offered if same_words(text, choice["title"])]
    if len(same) == 1:
        return same[0]
    payloads = {choice["payload"] for choice in offered}
    if payloads & set(PAYLOADS["yes"]):
        return _answer(text, payloads)
    return _way_out(text, conversation.phase) or _plain(text, offered)


def _answer(text: str, payloads: set[str]) -> str | None:
    if takes_back(text):
        return TOOK_BACK
    answer = read_answer(text)
    return next((p for p in PAYLOADS.get(answer or "", ()) if p in payloads), None)


def _way_out(text: str, phase: str) -> str | None:
    if phase in _ALARMED and takes_back(text):
        return TOOK_BACK
    return WRITES_ON if phase == "acute_open" and moves_on(text) else None


def _plain(text: str, offered: Sequence[dict]) -> str | None:
    """A bare yes or no, when exactly one choice begins with that word."""
    agrees = accepts(text)
    if agrees is None:
        return None
    fitting = [c["payload"] for c in offered if _first_word_agrees(c["title"]) is agrees]
    return fitting[0] if len(fitting) == 1 else None


def _first_word_agrees(title: str) -> bool | None:
    return accepts(title.replace(",", " ").split()[0]) if title.strip() else None
