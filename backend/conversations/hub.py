"""Wakes whoever watches a conversation or a queue. Carries ids and typing marks, never text."""

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager


class Hub:
    """In one process: the backend is one, and what must survive it stands in the database."""

    def __init__(self) -> None:
        self._watchers: dict[str, set[asyncio.Queue]] = defaultdict(set)

    def wake(self, topic: str, signal: str = "events") -> None:
        for queue in self._watchers.get(topic, ()):
            if queue.qsize() < 100 or signal == "events":  # a reader that far behind can do without marks, but not without news
                queue.put_nowait(signal)

    def watched(self, prefix: str) -> list[str]:
        """The topics with this beginning that somebody watches in this process."""
        return [topic for topic in self._watchers if topic.startswith(prefix)]

    @contextmanager
    def watch(self, *topics: str) -> Iterator[asyncio.Queue]:
        queue: asyncio.Queue = asyncio.Queue()
        for topic in topics:
            self._watchers[topic].add(queue)
        try:
            yield queue
        finally:
            for topic in topics:
                self._watchers[topic].discard(queue)
                if not self._watchers[topic]:
                    del self._watchers[topic]


def conversation_topic(conversation_id: str) -> str:
    return f"conversation:{conversation_id}"


def guest_topic(conversation_id: str) -> str:
    """Watched for as long as the guest has the chat open somewhere."""
    return f"guest:{conversation_id}"


QUEUE_TOPIC = "queue"
