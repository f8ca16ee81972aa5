"""Rasa input channel `indgang`: one turn in, one whole turn out, as `docs/protocol.md` section 3 says.

A turn that failed in any part answers 500, so that the backend never mistakes a broken turn for silence. Neither
answers nor logs carry what the guest wrote.
"""
from __future__ import annotations

import asyncio
import contextvars
import hmac
import logging
import os
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Any

from rasa.core.channels.channel import CollectingOutputChannel, InputChannel, UserMessage
from rasa.shared.core.events import ActionExecuted, ActiveLoop, SessionStarted, SlotSet
from rasa.shared.core.trackers import DialogueStateTracker
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

logger = logging.getLogger(__name__)

NAME = "indgang"
MOST_CHARACTERS = 4000
MOST_LOCKS = 5000
INTERNAL_SLOTS = {"requested_slot", "session_started_metadata", "handed_over"}
_failures: contextvars.ContextVar = contextvars.ContextVar("failures_of_this_turn", default=None)


class TurnFailed(Exception):
    """The turn broke, or said nothing although nobody had taken the conversation over."""


class _FailureMark(logging.Filter):
    """Rasa swallows exceptions in actions and only logs them; the log record is the one trace they leave."""

    def filter(self, record: logging.LogRecord) -> bool:
        failures = _failures.get()
        if failures is not None and (record.levelno >= logging.ERROR or "Circuit breaker" in str(record.msg)):
            failures.append(record.funcName)
        return True


class WholeMessages(CollectingOutputChannel):
    """Keeps each bot message whole: text, buttons and card together, in the order they were said."""

    @classmethod
    def name(cls) -> str:
        return NAME

    async def send_response(self, recipient_id: str, message: dict[str, Any]) -> None:
        kept = {key: message[key] for key in ("text", "buttons", "custom") if message.get(key)}
        if "buttons" in kept:
            kept["buttons"] = [{"title": b["title"], "payload": b["payload"]} for b in kept["buttons"]]
        if kept:
            self.messages.append(kept)


class IndgangInput(InputChannel):
    """`POST /webhooks/indgang/webhook` with header `X-Service-Token`."""

    def __init__(self, token: str) -> None:
        self._token = token.encode()
        self._locks: OrderedDict[str, asyncio.Lock] = OrderedDict()
        logging.getLogger("rasa.core.processor").addFilter(_FailureMark())

    @classmethod
    def name(cls) -> str:
        return NAME

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> IndgangInput:
        token = os.environ.get("INDGANG_SERVICE_TOKEN", "")
        if not token:
            raise SystemExit("INDGANG_SERVICE_TOKEN is not set: Rasa would answer to nobody. `make run` writes one to .env.")
        return cls(token)

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        blueprint = Blueprint("indgang_channel", __name__)

        @blueprint.get("/")
        async def health(request: Request) -> HTTPResponse:
            ready = request.app.ctx.agent is not None and request.app.ctx.agent.is_ready()
            return response.json({"ok": ready}, status=200 if ready else 503)

        @blueprint.post("/webhook")
        async def webhook(request: Request) -> HTTPResponse:
            if not self._may_enter(request):
                return response.json({"ok": False}, status=401)
            call = _read_call(request)
            if call is None:
                return response.json({"ok": False}, status=422)
            return await self._answer(request.app.ctx.agent, on_new_message, call)

        return blueprint

    def _may_enter(self, request: Request) -> bool:
        given = request.headers.get("x-service-token", "")
        return hmac.compare_digest(given.encode("utf-8", "replace"), self._token)

    async def _answer(self, agent: Any, on_new_message: Callable, call: dict[str, Any]) -> HTTPResponse:
        try:
            async with self._lock_for(call["sender"]):
                return response.json({"ok": True, **await take_turn(agent, on_new_message, call)})
        except Exception as error:  # the type only: a value may quote the guest
            logger.error("Turn failed: %s", type(error).__name__)
            await _forget(agent, call["sender"])
            return response.json({"ok": False}, status=500)

    def _lock_for(self, sender: str) -> asyncio.Lock:
        lock = self._locks.setdefault(sender, asyncio.Lock())
        self._locks.move_to_end(sender)
        if len(self._locks) > MOST_LOCKS:
            oldest, idle = next(iter(self._locks.items()))
            if not idle.locked():
                del self._locks[oldest]
        return lock


def _read_call(request: Request) -> dict[str, Any] | None:
    try:
        call = request.json
    except Exception:
        return None
    if not isinstance(call, dict):
        return None
    sender, message = call.get("sender"), call.get("message")
    if not (isinstance(sender, str) and sender and isinstance(message, str) and len(message) <= MOST_CHARACTERS):
        return None
    metadata, seeds = ({} if call.get(name) is None else call[name] for name in ("metadata", "seed_slots"))
    if not (isinstance(metadata, dict) and isinstance(seeds, dict)):
        return None
    return {"sender": sender, "message": message, "metadata": metadata, "seeds": seeds}


async def take_turn(agent: Any, on_new_message: Callable, call: dict[str, Any]) -> dict[str, Any]:
    """Run one turn. Raises TurnFailed when any part of it broke."""
    if agent is None or not agent.is_ready():
        raise TurnFailed("no model")
    await seed(agent, call["sender"], call["seeds"])
    failures: list[str] = []
    mark = _failures.set(failures)
    try:
        said = WholeMessages()
        await on_new_message(
            UserMessage(call["message"], said, call["sender"], input_channel=NAME, metadata=call["metadata"])
        )
    finally:
        _failures.reset(mark)
    tracker = await agent.tracker_store.retrieve(call["sender"])
    if failures or tracker is None or not (said.messages or tracker.get_slot("handed_over")):
        raise TurnFailed("broken")
    return {"messages": said.messages, **describe(tracker)}


def describe(tracker: DialogueStateTracker) -> dict[str, Any]:
    """What the backend keeps of a turn: slots, how the message was understood, the form that is open."""
    parsed = tracker.latest_message.parse_data or {} if tracker.latest_message else {}
    slots = {name: slot.value for name, slot in tracker.slots.items()}
    if tracker.active_loop_name:  # with these two among the seeds, a form goes on after a restart
        slots.update(active_form=tracker.active_loop_name, asked=tracker.get_slot("requested_slot"))
    return {
        "slots": {n: v for n, v in slots.items() if v is not None and n not in INTERNAL_SLOTS},
        "understanding": {
            "goal": (parsed.get("intent") or {}).get("name"),
            "confidence": round(float((parsed.get("intent") or {}).get("confidence") or 0.0), 4),
            "topics": parsed.get("topics") or [],
            "ranking": parsed.get("ranking") or [],
            "also": parsed.get("also") or [],
            "entities": [{"entity": e["entity"], "value": e["value"]} for e in parsed.get("entities") or []],
        },
        "active_form": tracker.active_loop_name,
    }


async def seed(agent: Any, sender: str, seeds: dict[str, Any]) -> None:
    """Give a sender Rasa does not know the slots the backend remembers; `active_form` among them reopens a form."""
    if not seeds or await agent.tracker_store.retrieve(sender) is not None:
        return
    tracker = await agent.processor.get_tracker(sender)
    tracker.update_with_events([SessionStarted(), ActionExecuted("action_listen")], agent.domain)
    known = {name: value for name, value in seeds.items() if name in tracker.slots and name not in INTERNAL_SLOTS}
    tracker.update_with_events([SlotSet(name, value) for name, value in known.items()], agent.domain)
    form = seeds.get("active_form")
    if form in agent.domain.form_names:
        tracker.update_with_events([ActiveLoop(form), SlotSet("requested_slot", seeds.get("asked"))], agent.domain)
    await agent.tracker_store.save(tracker)


async def _forget(agent: Any, sender: str) -> None:
    """After a broken turn the tracker cannot be trusted; the backend seeds a new one."""
    store = getattr(agent, "tracker_store", None)
    store = getattr(store, "_tracker_store", store)  # Rasa wraps it
    if hasattr(store, "forget"):
        store.forget(sender)
