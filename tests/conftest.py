"""Fixtures every part of the tests shares."""

import os
from collections.abc import Iterator

import pytest
from hypothesis import settings

from tests.support.stack import Stack, new_stack

settings.register_profile("default", max_examples=60, deadline=None)
settings.register_profile("thorough", max_examples=1000, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


@pytest.fixture(scope="session")
def stack(tmp_path_factory) -> Iterator[Stack]:
    """A running stack that tests share; a test that kills processes starts its own."""
    running = new_stack(tmp_path_factory.mktemp("stack"))
    try:
        running.start_all()
        yield running
    finally:
        running.stop()
