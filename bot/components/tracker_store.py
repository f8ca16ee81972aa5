"""Tracker store that keeps live trackers in memory and writes nothing anywhere.

Rasa's tracker is a cache (the backend is the system of record), so it is bounded in number, in age and in events: a long
conversation costs a turn no more than a short one. Slots survive trimming as events of their own.
"""
from __future__ import annotations

import copy
import time
from collections import OrderedDict, deque
from collections.abc import Iterable
from typing import Any

from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActiveLoop, Event, SlotSet
from rasa.shared.core.trackers import DialogueStateTracker

from bot.components import quicker_rasa

quicker_rasa.apply()


class LiveTrackerStore(TrackerStore):
    """`endpoints.yml`: `type: bot.components.tracker_store.LiveTrackerStore`, options `most`, `hours`, `window`.

    most: trackers kept (the least recently used goes first) · hours: age at which one is forgotten ·
    window: events kept, at most twice this number before a trim.
    """

    def __init__(
        self, domain: Domain, host: str | None = None, event_broker: EventBroker | None = None,
        most: int = 5000, hours: float = 24, window: int = 60, **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(domain, None)
        self._most, self._seconds, self._window = int(most), float(hours) * 3600, int(window)
        self._live: OrderedDict[str, tuple[float, DialogueStateTracker]] = OrderedDict()

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        self._drop_old()
        entry = self._live.get(sender_id)
        if entry is None:
            return None
        self._live.move_to_end(sender_id)
        return entry[1].copy()

    async def save(self, tracker: DialogueStateTracker) -> None:
        kept = tracker.copy()
        self._trim(kept)
        self._live[tracker.sender_id] = (time.monotonic(), kept)
        self._live.move_to_end(tracker.sender_id)
        while len(self._live) > self._most:
            self._live.popitem(last=False)

    async def keys(self) -> Iterable[str]:
        return list(self._live)

    def forget(self, sender_id: str) -> None:
        self._live.pop(sender_id, None)

    def _drop_old(self) -> None:
        limit = time.monotonic() - self._seconds
        while self._live:
            sender, (saved, _) = next(iter(self._live.items()))
            if saved > limit:
                return
            del self._live[sender]

    def _trim(self, tracker: DialogueStateTracker) -> None:
        if len(tracker.events) <= 2 * self._window:
            return
        recent: list[Event] = list(tracker.events)[-self._window :]
        start = next((i for i, e in enumerate(recent) if getattr(e, "action_name", None) == "action_listen"), None)
        if start is not None:
            before = _at(tracker, len(tracker.events) - self._window + start)
            tracker.events = deque([*before, *recent[start:]], tracker.events.maxlen)


def _at(tracker: DialogueStateTracker, count: int) -> list[Event]:
    """Slots and open form as they were after the first `count` events, so that a later replay ends where it did."""
    fresh = [copy.copy(slot) for slot in tracker.slots.values()]
    for slot in fresh:
        slot.reset()
    earlier = DialogueStateTracker.from_events(tracker.sender_id, list(tracker.events)[:count], fresh)
    slots: list[Event] = [SlotSet(n, copy.copy(s.value)) for n, s in earlier.slots.items() if s.value is not None]
    return slots + ([ActiveLoop(earlier.active_loop_name)] if earlier.active_loop_name else [])
