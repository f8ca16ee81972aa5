"""The two environments and nothing more."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import machine  # noqa: E402

if __name__ == "__main__":
    try:
        machine.environments(for_tests=True)
    except machine.Stop as reason:
        sys.exit(f"\n  {reason}\n")
