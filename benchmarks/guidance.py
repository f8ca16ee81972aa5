"""How long it takes to load the content, to choose doors and to find in the overview, with today's doors and with 1,000.

    .venv/bin/python -m benchmarks.guidance [--rounds 200]

Asked for: 1,000 doors loaded within 1 s, guidance within 2 ms. `new minute` is the first guest of a minute, when it is worked
out anew who is open; `same minute` is everybody after that.
"""

import argparse
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from backend.catalogue import Catalogue, load_catalogue
from backend.domain.situation import Situation
from backend.guidance.service import advise_json
from backend.overview.entries import find
from backend.overview.filters import Wish

CONTENT = Path(__file__).resolve().parents[1] / "municipalities"
TODAY, NOON = date(2026, 11, 22), datetime(2026, 11, 24, 11, tzinfo=UTC)
GUESTS = (
    Situation(),
    Situation(relation="self", age=17, age_band="15-17", topics=("loneliness",)),
    Situation(relation="relative", about="child", age_band="12-14", topics=("school",)),
    Situation(relation="self", age_band="18-25", topics=("suicidal_thoughts",)),
)
COPIES = 112


def with_many_doors(folder: Path) -> Path:
    """The content with the municipality's doors copied until there are more than a thousand."""
    root = Path(shutil.copytree(CONTENT, folder / "municipalities"))
    path = root / "rodovre" / "doors.yml"
    head, _, doors = path.read_text(encoding="utf-8").partition("doors:\n")
    many = "".join(doors.replace("- id: ", f"- id: copy-{n}-") for n in range(COPIES))
    path.write_text(f"{head}doors:\n{doors}{many}", encoding="utf-8")
    return root


def milliseconds(work: Callable[[], object]) -> float:
    """The processor's own time, so that a busy machine does not count."""
    started = time.process_time()
    work()
    return (time.process_time() - started) * 1000


def guests(rounds: int) -> Iterator[tuple[int, Situation]]:
    return ((n, GUESTS[n % len(GUESTS)]) for n in range(rounds))


def measure(root: Path, rounds: int) -> Iterator[tuple[str, list[float]]]:
    yield "load", [milliseconds(lambda: load_catalogue(root, TODAY)) for _ in range(5)]
    catalogue = load_catalogue(root, TODAY)
    yield "guidance, same minute", [milliseconds(lambda g=g: advise(catalogue, g, NOON)) for _, g in guests(rounds)][len(GUESTS) :]
    minutes = [(g, NOON + timedelta(minutes=n + 1)) for n, g in guests(rounds)]
    yield "guidance, new minute", [milliseconds(lambda g=g, at=at: advise(catalogue, g, at)) for g, at in minutes]
    yield "overview, one choice", [milliseconds(lambda: find(catalogue, "rodovre", Wish(who="child"), NOON)) for _ in range(max(rounds // 10, 5))]


def advise(catalogue: Catalogue, guest: Situation, now: datetime) -> dict:
    return advise_json(catalogue, "rodovre", "municipality", guest, now)


def main() -> None:
    asked = argparse.ArgumentParser()
    asked.add_argument("--rounds", type=int, default=200)
    rounds = asked.parse_args().rounds
    with tempfile.TemporaryDirectory() as folder:
        roots = (CONTENT, with_many_doors(Path(folder)))
        print(f"{'doors':>6} {'what':<24} {'p50 ms':>9} {'p95 ms':>9}")
        for root in roots:
            count = len(load_catalogue(root, TODAY).doors("rodovre"))
            for what, times in measure(root, rounds):
                p95 = sorted(times)[int(len(times) * 0.95) - 1] if len(times) > 1 else times[0]
                print(f"{count:>6} {what:<24} {statistics.median(times):>9.2f} {p95:>9.2f}")


if __name__ == "__main__":
    main()
