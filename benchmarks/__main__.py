"""`make bench`: the measurements one after the other, each printing its table. Never part of the tests."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SERVICE, RASA = ROOT / ".venv" / "bin" / "python", ROOT / ".venv-rasa" / "bin" / "python"
MEASUREMENTS = (
    ("latency, memory and long conversations", [SERVICE, "-m", "benchmarks.latency"]),
    ("understanding on held-out messages", [RASA, "-m", "benchmarks.understanding"]),
    ("doors: loading, guidance, overview", [SERVICE, "-m", "benchmarks.guidance"]),
    ("booking", [SERVICE, "-m", "benchmarks.booking"]),
    ("handoff", [SERVICE, "-m", "benchmarks.handoff"]),
    ("safety screen", [SERVICE, "-m", "backend.safety.evaluate"]),
    ("safety screen on ordinary talk", [SERVICE, "-m", "backend.safety.evaluate_talk"]),
    ("safety screen on the blind set", [SERVICE, "-m", "backend.safety.evaluate_set", "tests/safety"]),
    ("cost of the safety screen", [SERVICE, "-m", "benchmarks.screen"]),
)


def main() -> int:
    failed = 0
    for name, command in MEASUREMENTS:
        print(f"\n== {name}\n", flush=True)
        failed |= subprocess.run([str(part) for part in command], cwd=ROOT).returncode
    return failed


if __name__ == "__main__":
    sys.exit(main())
