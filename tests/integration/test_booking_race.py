"""The race, on both databases; and the same race with the database's own guards taken down, which must come out wrong."""

import os

import pytest
from sqlalchemy import text

from tests.integration import booking_parts
from tests.integration.booking_race import Outcome, run_race

ROUNDS = int(os.environ.get("INDGANG_RACE_ROUNDS", "40"))
GUARDS = {
    "sqlite": (
        "DROP INDEX uq_appointments_host_slot",
        "DROP TRIGGER tr_appointments_overlap_insert",
        "DROP TRIGGER tr_appointments_overlap_update",
    ),
    "postgresql": ("DROP INDEX uq_appointments_host_slot", "ALTER TABLE appointments DROP CONSTRAINT ex_appointments_host_time"),
}

desk = booking_parts.on_both


def verdict(outcome: Outcome) -> dict:
    return {"doubles": outcome.doubles, "without winner": outcome.without_winner, "told wrong": outcome.told_wrong, "errors": dict(outcome.errors)}


# hazard: H9
@pytest.mark.timeout(60 + ROUNDS * 4)
async def test_no_double_booking_and_no_round_without_a_winner(desk):
    outcome = await run_race(desk, ROUNDS)
    assert verdict(outcome) == {"doubles": 0, "without winner": 0, "told wrong": 0, "errors": {}}, outcome
    assert outcome.rounds == ROUNDS and len(outcome.tried) == 6 and len(outcome.won) >= 2 and outcome.busy < ROUNDS


async def test_without_the_guards_in_the_database_the_same_race_comes_out_wrong(desk):
    async with desk.storage.write() as tx:
        for statement in GUARDS[tx.dialect.name]:
            await tx.execute(text(statement))
    outcome = await run_race(desk, 10)
    assert outcome.doubles > 0


async def test_the_index_is_not_missed_while_the_other_guard_stands(desk):
    """Either of the two keeps equal starts apart; only the overlap guard keeps the rest apart."""
    async with desk.storage.write() as tx:
        await tx.execute(text(GUARDS[tx.dialect.name][0]))
    assert (await run_race(desk, 5)).doubles == 0
