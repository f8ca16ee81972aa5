"""`rasaw` knows our folders, and the actions load under Rasa's own Python too. Skipped where that Python is not set up."""

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
PYTHON = ROOT / ".venv-rasa/bin/python"
pytestmark = pytest.mark.skipif(not PYTHON.exists(), reason="make setup has not made Rasa's environment")


def run(*arguments: str) -> str:
    done = subprocess.run([str(PYTHON), *arguments], cwd=ROOT, capture_output=True, text=True, timeout=110)
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def test_help_names_our_folders_and_a_local_address():
    shown = run("rasaw", "run", "--help")
    assert "bot/models" in shown and "127.0.0.1" in shown


def test_actions_load_as_plain_rasa_run_actions_would():
    code = "from rasa_sdk.executor import ActionExecutor as A; a = A(); a.register_package('bot.actions'); print(sorted(a.actions))"
    assert "action_guide" in run("-c", code)


LONG_CONVERSATION = """
import asyncio, random
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, ActiveLoop, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker as Tracker
from bot.components.tracker_store import LiveTrackerStore

domain = Domain.load("domain.yml")
chance = random.Random(7)

def values(tracker):
    return {n: s.value for n, s in tracker.slots.items()}, tracker.active_loop_name

async def main():
    store = LiveTrackerStore(domain, window=20, most=3)
    kept = Tracker("a.1", domain.slots)
    for turn in range(120):
        kept.update(ActionExecuted("action_listen"), domain)
        kept.update(UserUttered("x", {"name": "inform"}), domain)
        kept.update(SlotSet(chance.choice(["age", "relation", "topics"]), chance.choice([None, turn])), domain)
        if chance.random() < 0.3:
            kept.update(ActiveLoop(chance.choice([None, "booking_form"])), domain)
        await store.save(kept)
        wanted, kept = values(kept), await store.retrieve("a.1")
        assert values(kept) == wanted and len(kept.events) <= 60, (turn, wanted, len(kept.events))
        again = Tracker.from_events("a.1", list(kept.events), domain.slots)
        assert values(again) == wanted, (turn, values(again), wanted)
    for name in "bcd":
        await store.save(Tracker(name, domain.slots))
    assert await store.retrieve("a.1") is None and await store.retrieve("d") is not None
    store.forget("d")
    assert await store.retrieve("d") is None
    print("kept")

asyncio.run(main())
"""


def test_a_long_conversation_is_trimmed_and_keeps_slots_and_form():
    assert "kept" in run("-c", LONG_CONVERSATION)


def test_tensorflow_stays_out_only_while_nothing_needs_it(tmp_path):
    from bot.components.without_tensorflow import needed_by

    assert not needed_by(ROOT / "config.yml")
    other = tmp_path / "config.yml"
    other.write_text("pipeline:\n  - name: DIETClassifier\n")
    assert needed_by(other)
    other.write_text("pipeline: []  # DIETClassifier\n")
    assert not needed_by(other)
