"""`make backup` and `make restore`: the backend's own command with this machine's settings."""

import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import start  # noqa: E402
from machine import ROOT, SERVICE  # noqa: E402

command = [str(SERVICE / "bin" / "python"), "-m", "backend.backup", *sys.argv[1:]]
sys.exit(subprocess.run(command, cwd=ROOT, env=start.settings()).returncode)
