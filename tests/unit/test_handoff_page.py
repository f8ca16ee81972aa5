"""The page about handing over names, for each complaint about other chats, tests that exist."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "handoff.md").read_text(encoding="utf-8")


def test_all_fourteen_complaints_have_a_test_that_exists():
    rows = re.findall(r"^\| (\d+) \|[^|]+\|(.+)\|$", PAGE, re.MULTILINE)
    assert [int(number) for number, _ in rows][:14] == list(range(1, 15))
    for number, tests in rows[:14]:
        named = re.findall(r"`(\S+?)::([^`]+)`", tests)
        assert named, number
        for path, name in named:
            assert name in (ROOT / path).read_text(encoding="utf-8"), f"row {number}: {path}::{name}"
