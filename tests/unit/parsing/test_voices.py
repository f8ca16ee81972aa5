"""Whose story it is, by the pronouns alone."""

import pytest

from bot.actions.parsing.relation import voices


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("jeg kan ikke sove, jeg tænker", ["there: me", "acts: me"]),
        ("hun sover ikke, og jeg ved ikke hvad hun tænker", ["there: me them", "acts: them", "first: them"]),
        ("Min mand siger intet. Han går bare", ["there: me them", "acts: only them", "first: me"]),
        ("jeg tror han", ["there: me them", "acts: both", "first: me"]),
        ("vores dreng", ["there: us"]),
        ("hvad koster det", ["there: "]),
    ],
)
def test_voices(text, told):
    assert voices(text) == told
