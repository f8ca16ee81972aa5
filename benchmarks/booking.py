"""How long it takes to find free times, out of the rules alone and out of a database.

    .venv/bin/python -m benchmarks.booking [--rounds 100]

Every host has a shift on weekdays and one in the weekend, bookings on a third of their times and an hour of other work a day.
Prints p50 and p95 in milliseconds of CPU; `cold` is the first search of a day, when rules and grids of times are worked out anew.
"""

import argparse
import asyncio
import random
import statistics
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock
from pathlib import Path

from sqlalchemy import insert

from backend.appointments.tables import appointments, external_busy
from backend.domain.appointments import HORIZON, Busy, Shift, Timetable, Window, Wish, _grid, rule_days
from backend.storage.migrate import upgrade
from tests.integration.booking_parts import TUESDAY_NOON, Desk, catalogue, desk_on

NOW = TUESDAY_NOON
WEEKDAYS, WEEKEND = "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "FREQ=WEEKLY;INTERVAL=2;BYDAY=SA,SU"
WISHES = {
    "first free": Wish(),
    "an afternoon in three weeks": Wish(Window(NOW + timedelta(days=21), NOW + timedelta(days=22), parts=(("14:00", "18:00"),))),
    "a night, so the nearest instead": Wish(Window(NOW + timedelta(days=21), NOW + timedelta(days=21, hours=1), parts=(("02:00", "03:00"),))),
    "a form nobody has": Wish(form="letter"),
}


def shifts(hosts: int) -> list[Shift]:
    return [
        Shift(f"{n}.{rule}", f"{n:032x}", f"vært {n}", n % 4 == 0, rule, date(2026, 1, 5), clock(9), clock(17), ("in_person", "phone", "chat"), "town-hall")
        for n in range(hosts)
        for rule in (WEEKDAYS, WEEKEND)
    ]


def busy(all_shifts: list[Shift]) -> list[Busy]:
    chance = random.Random(1)
    slots = Timetable(all_shifts, (), NOW, NOW + HORIZON, lambda _: False).all()
    talks = [Busy(slot.host_id, slot.starts_at, slot.ends_at) for slot in slots if chance.random() < 1 / 3]
    lunches = {(slot.host_id, slot.starts_at.date()) for slot in slots}
    return talks + [Busy(host, datetime(day.year, day.month, day.day, 11, tzinfo=UTC), datetime(day.year, day.month, day.day, 12, tzinfo=UTC), True) for host, day in lunches]


def measured(rounds: int, work) -> list[float]:
    found = []
    for _ in range(rounds):
        began = time.process_time()
        work()
        found.append((time.process_time() - began) * 1000)
    return found


def told(name: str, found: list[float]) -> None:
    p95 = sorted(found)[int(len(found) * 0.95)]
    print(f"  {name:<44} p50 {statistics.median(found):7.2f}   p95 {p95:7.2f}")


def rules_alone(hosts: int, rounds: int) -> None:
    all_shifts = shifts(hosts)
    taken = busy(all_shifts)
    print(f"\nrules alone: {hosts} hosts, {len(taken)} stretches taken, 60 days")

    def timetable(wish: Wish = Wish()) -> Timetable:
        return Timetable([one for one in all_shifts if wish.suits(one)], taken, NOW, NOW + HORIZON, lambda _: False)

    for name, wish in WISHES.items():
        told(name, measured(rounds, lambda wish=wish: timetable(wish).find(wish, 3)))
    told("every free time of the sixty days", measured(max(5, rounds // 5), lambda: timetable().all()))

    def cold() -> None:
        rule_days.cache_clear()
        _grid.cache_clear()
        timetable().find(Wish(), 3)

    told("first free, cold", measured(max(5, rounds // 5), cold))


async def with_database(hosts: int, rounds: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite+aiosqlite:///{Path(folder) / 'bench.sqlite3'}"
        await asyncio.to_thread(upgrade, url)
        async with desk_on(url) as desk:
            guest = await _fill(desk, hosts)
            rows = len(await desk.rows())
            print(f"\nwith SQLite: {hosts} hosts, {rows} appointments")
            for name, wish in WISHES.items():
                found = []
                for _ in range(rounds):
                    began = time.process_time()
                    await desk.appointments.search(guest, wish.window, wish.form, False, 3)
                    found.append((time.process_time() - began) * 1000)
                told(name, found)


async def _fill(desk: Desk, hosts: int) -> str:
    guest = await desk.guest()
    ids = [await desk.host(f"vært {n}", peer=n % 4 == 0) for n in range(hosts)]
    for host in ids:
        await desk.shift(host, rule=WEEKDAYS, starts="09:00", ends="17:00")
        await desk.shift(host, rule=WEEKEND, starts="09:00", ends="17:00")
    rename = {f"{n:032x}": host for n, host in enumerate(ids)}
    taken = busy(shifts(hosts))
    talks = [_row(guest, n, rename[one.host_id], one) for n, one in enumerate(taken) if not one.external]
    work = [{"host_id": rename[one.host_id], "starts_at": one.starts_at, "ends_at": one.ends_at} for one in taken if one.external]
    async with desk.storage.write() as tx:
        await tx.execute(insert(appointments), talks)
        await tx.execute(insert(external_busy), work)
    return guest


def _row(guest: str, n: int, host: str, one: Busy) -> dict:
    return {
        "id": f"{n:032x}", "conversation_id": guest, "host_id": host, "starts_at": one.starts_at, "ends_at": one.ends_at, "status": "booked",
        "form": "chat", "place": "chat", "idempotency_key": f"{n}", "reference_hash": b"", "booked_at": NOW, "changed_at": NOW,
    }  # fmt: skip


def main() -> None:
    asked = argparse.ArgumentParser()
    asked.add_argument("--rounds", type=int, default=100)
    rounds = asked.parse_args().rounds
    catalogue()
    print("milliseconds of CPU")
    for hosts in (10, 50):
        rules_alone(hosts, rounds)
        asyncio.run(with_database(hosts, rounds))


if __name__ == "__main__":
    main()
