"""What may follow after a message in danger: a pure state machine, asked before anything is shown to the visitor.

It stands above bot, queue and host: whoever wants to send something of a kind in FORBIDDEN is refused.
"""

from dataclasses import dataclass

from backend.safety.assessment import rank

PHASES = ("ordinary", "asked_kindly", "high_open", "acute_open", "writing_on", "host_present", "eased")
STEPS = (
    "message_none", "message_concern", "message_high", "message_acute", "answered_no", "answered_yes",
    "answered_unsure", "writes_on", "host_claimed", "host_left", "host_eased",
)
SHOWN = (
    "crisis_card", "overdose_card", "warm_acknowledgement", "direct_question", "live_doors", "human_offer", "queue_notice",
    "host_message", "relative_advice", "anonymity_notice", "soft_way_on", "ordinary_answer",
    "booking_offer", "small_talk", "closing_by_bot", "feedback_question", "method_question", "form_question", "joke",
)
_NEVER = frozenset(("method_question",))
_NOT_IN_CRISIS = _NEVER | {"booking_offer", "small_talk", "closing_by_bot", "feedback_question", "form_question", "joke"}
_FORBIDDEN = {
    "ordinary": _NEVER,
    "asked_kindly": _NEVER | {"closing_by_bot", "joke"},
    "high_open": _NOT_IN_CRISIS,
    "acute_open": _NOT_IN_CRISIS | {"soft_way_on", "direct_question", "ordinary_answer"},
    "writing_on": _NOT_IN_CRISIS,  # the guest says there is no danger: answers, but never back to normal without a host
    "host_present": _NOT_IN_CRISIS,
    "eased": _NEVER | {"closing_by_bot", "feedback_question", "joke"},
}
_BY_LEVEL = {"message_none": "none", "message_concern": "concern", "message_high": "high", "message_acute": "acute"}
_AT_LEAST = {"none": "ordinary", "concern": "asked_kindly", "high": "high_open", "acute": "acute_open"}
_GRAVITY = {"ordinary": 0, "eased": 1, "asked_kindly": 1, "high_open": 2, "writing_on": 2, "host_present": 2, "acute_open": 3}


@dataclass(frozen=True)
class Continuation:
    """`phase` of PHASES. A calm message never ends a crisis; only a host's act (`host_eased`) or a clear no does."""

    phase: str = "ordinary"

    def may_show(self, kind: str) -> bool:
        if kind not in SHOWN:
            raise ValueError(f"Unknown kind: {kind}")
        return kind not in _FORBIDDEN[self.phase]

    def after(self, step: str) -> "Continuation":
        """The phase after one of STEPS."""
        if step in _BY_LEVEL:
            return Continuation(self._after_message(_BY_LEVEL[step]))
        return Continuation(_ACTS[step].get(self.phase, self.phase))

    @property
    def alerts_host(self) -> bool:
        return self.phase == "acute_open"

    @property
    def first_in_queue(self) -> bool:
        return self.phase in ("high_open", "acute_open", "writing_on")

    @property
    def bot_may_close(self) -> bool:
        return self.may_show("closing_by_bot")

    def _after_message(self, level: str) -> str:
        if self.phase == "host_present" and level != "acute":
            return self.phase
        wanted = _AT_LEAST[level]
        if self.phase == "eased" and rank(level) < rank("high"):
            return self.phase
        return wanted if _GRAVITY[wanted] > _GRAVITY[self.phase] else self.phase


_ACTS = {
    "answered_no": {"high_open": "eased", "asked_kindly": "eased"},
    "answered_unsure": {"ordinary": "high_open", "asked_kindly": "high_open", "eased": "high_open"},
    "writes_on": {"acute_open": "writing_on"},
    "answered_yes": {"asked_kindly": "high_open", "high_open": "acute_open", "writing_on": "acute_open", "eased": "high_open", "ordinary": "high_open"},
    "host_claimed": {"high_open": "host_present", "acute_open": "host_present", "writing_on": "host_present"},
    "host_left": {"host_present": "high_open"},
    "host_eased": {"host_present": "eased"},
}
