"""A reader that is cancelled ends, also when news comes in the same moment."""

import asyncio

import pytest

from backend.conversations.feed import Feed
from backend.conversations.hub import Hub, conversation_topic


class Silent:
    """A conversation in which nothing new is ever stored."""

    def __init__(self) -> None:
        self.hub = Hub()

    async def events_after(self, conversation_id: str, after: int):
        return None, []


async def nothing(_frame: str) -> None: ...


@pytest.mark.parametrize("woken_first", [True, False])
async def test_a_wake_in_the_moment_of_cancelling_does_not_keep_the_reader_alive(woken_first):
    service = Silent()
    pushing = asyncio.create_task(Feed(service, "c", 0).push_to(nothing))
    await asyncio.sleep(0.01)
    acts = [lambda: service.hub.wake(conversation_topic("c"), "typing:none"), pushing.cancel]
    for number, act in enumerate(acts if woken_first else reversed(acts)):
        act()
        if woken_first and number == 0:
            await asyncio.sleep(0)
    done, _ = await asyncio.wait([pushing], timeout=2)
    assert done and pushing.cancelled()
