"""What the safety screen costs: start, memory, and processor time per message. `python -m benchmarks.screen [--every N]`.

Processor time, because the promise is about the screen's own work and not about who else uses the machine.
"""

import argparse
import resource
import time
from collections.abc import Iterator

WANTED = {"start (s)": 2.0, "extra memory (MB)": 150.0, "p99 (ms)": 5.0}


def memory() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def times(screen, texts: list[str], before: list[str]) -> list[float]:
    """Milliseconds of processor time per message, ascending."""
    found = []
    for text in texts:
        begin = time.process_time()
        screen.assess(text, before)
        found.append(1000 * (time.process_time() - begin))
    return sorted(found)


def rows(every: int) -> Iterator[tuple[str, list[float]]]:
    from backend.safety.corpus_reader import read_corpus
    from backend.safety.screen import Screen

    texts = [line.text for line in read_corpus()][::every]
    screen = Screen.load()
    for name, before in (("a message alone", []), ("with three earlier lines", texts[:3])):
        yield f"{name}, first time read", times(screen, texts, before)
    yield "with three earlier lines, words known", times(screen, texts, texts[:3])
    yield "ten thousand characters", times(screen, ["I dag var vi i skole og det regnede lidt. " * 240] * 20, [])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--every", type=int, default=8, help="every n-th line of the corpus")
    options = parser.parse_args()
    empty, begin = memory(), time.process_time()
    from backend.safety.screen import Screen

    Screen.load().assess("hej")
    print(f"start {time.process_time() - begin:.2f} s of processor (wanted ≤ {WANTED['start (s)']:.0f}), "
          f"memory {memory() - empty:.0f} MB (wanted ≤ {WANTED['extra memory (MB)']:.0f})\n")
    print(f"{'':<42}{'n':>6}{'median':>9}{'p95':>8}{'p99':>8}   ms, wanted p99 ≤ {WANTED['p99 (ms)']:.0f} for one message")
    for name, found in rows(options.every):
        print(f"{name:<42}{len(found):>6}{found[len(found) // 2]:>9.2f}{found[int(len(found) * .95)]:>8.2f}{found[int(len(found) * .99)]:>8.2f}")


if __name__ == "__main__":
    main()
