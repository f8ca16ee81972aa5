"""The screen on the development set: floors a little under what was measured.

Opened on 2026-11-22: its missed lines were read to learn their kinds, so its figures promise less than they seem to. Raising a floor
is welcome; lowering one is a decision to write down.
"""

from pathlib import Path

import pytest

from backend.safety.evaluate_set import figures, meet, read_set
from backend.safety.screen import Screen

LINES = read_set(Path(__file__).parent)
FLOORS = {
    "acute lines: alarm": 0.975, "acute lines: answered as acute": 0.78, "high lines: alarm": 0.89, "said directly: alarm": 0.96,
    "indirect: alarm": 0.86, "all danger: alarm or question": 0.96, "split in pieces, against sent at once": -0.03,
    "danger: right person, when alarmed": 0.88,
}
CEILINGS = {
    "look-alikes: alarm": 0.10, "look-alikes: emergency answer": 0.03, "sorrow and ordinary: alarm": 0.12,
    "sorrow and ordinary: emergency answer": 0.03, "sorrow and ordinary: alarm or question": 0.21,
}


def measured(screen):
    return {figure.name: figure.measured for figure in figures(meet(screen, LINES))}


@pytest.fixture(scope="module")
def found():
    return measured(Screen.load())


# hazard: H1
@pytest.mark.parametrize("name", FLOORS)
def test_danger_is_met_no_less_than_measured(found, name):
    assert found[name] >= FLOORS[name]


# hazard: H4
@pytest.mark.parametrize("name", CEILINGS)
def test_what_is_no_danger_is_alarmed_no_more_than_measured(found, name):
    assert found[name] <= CEILINGS[name]


# hazard: H1
def test_the_floors_can_fail():
    """Sabotage: without its patterns the screen falls through the floor for acute lines."""
    screen = Screen.load()
    screen.rules.entries, screen.rules._by_word, screen.rules._by_prefix = [], {}, {}
    assert measured(screen)["acute lines: answered as acute"] < FLOORS["acute lines: answered as acute"]
