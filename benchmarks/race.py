"""The race of `tests/integration/booking_race.py` for as long as one likes: twenty clients after the same times, round after round.

    nice -n 19 .venv/bin/python -m benchmarks.race sqlite [--rounds 10000]
    nice -n 19 .venv/bin/python -m benchmarks.race postgresql [--rounds 10000]

Prints how it stands every 100 rounds, so that a run that is broken off has told what it came to. Ends with 1 when anything went wrong.
"""

import argparse
import asyncio
import tempfile
import time
from pathlib import Path

from backend.storage.migrate import upgrade
from tests.integration.booking_parts import desk_on
from tests.integration.booking_race import Outcome, entered
from tests.support import postgres

STEP = 100


def told(outcome: Outcome, began: float) -> str:
    wrong = f"doubles {outcome.doubles}, without a winner {outcome.without_winner}, told wrong {outcome.told_wrong}, errors {dict(outcome.errors)}"
    return f"{outcome.rounds:>6} rounds: {wrong}; asked to try again {outcome.busy}; {time.process_time() - began:.0f} CPU s"


async def raced(url: str, rounds: int) -> Outcome:
    began = time.process_time()
    async with desk_on(url) as desk:
        race = await entered(desk)
        while race.outcome.rounds < rounds:
            await race.run(min(rounds, race.outcome.rounds + STEP))
            print(told(race.outcome, began), flush=True)
    return race.outcome


def main() -> int:
    asked = argparse.ArgumentParser()
    asked.add_argument("database", choices=("sqlite", "postgresql"))
    asked.add_argument("--rounds", type=int, default=10_000)
    chosen = asked.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite+aiosqlite:///{Path(folder) / 'race.sqlite3'}"
        if chosen.database == "postgresql":
            url = postgres.fresh_url()
        else:
            upgrade(url)
        outcome = asyncio.run(raced(url, chosen.rounds))
    return int(bool(outcome.doubles or outcome.without_winner or outcome.told_wrong or outcome.errors))


if __name__ == "__main__":
    raise SystemExit(main())
