"""`make test`: every test this machine can run. With INDGANG_EVERYTHING=1 (as in CI) a part that can't run is a failure."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import machine  # noqa: E402
import model  # noqa: E402
from machine import ROOT, SERVICE, Stop, say  # noqa: E402

EVERYTHING = os.environ.get("INDGANG_EVERYTHING") == "1"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def wanting():
    """The parts this machine lacks, each with what to install."""
    parts = {
        "browser": (any(map(shutil.which, BROWSERS)), "Chromium (Debian/Ubuntu: pakken chromium)"),
        "postgres": (bool(list(Path("/usr/lib/postgresql").glob("*/bin/initdb"))) or bool(shutil.which("initdb")), "PostgreSQL"),
    }
    return {name: package for name, (there, package) in parts.items() if not there}


def pytest(*arguments):
    command = [str(SERVICE / "bin" / "python"), "-m", "pytest", *arguments]
    return subprocess.run(command, cwd=ROOT, env=dict(os.environ, PYTHONUNBUFFERED="1")).returncode


def widget():
    """Types, unit tests and the committed bundle rebuilt byte for byte."""
    npm = str(SERVICE / "bin" / "npm")
    env = dict(os.environ, PATH=f"{SERVICE / 'bin'}{os.pathsep}{os.environ['PATH']}")
    before = _dist()
    steps = (["ci", "--no-audit", "--no-fund"], ["run", "check"], ["test"], ["run", "build"])
    for step in steps:
        if subprocess.run([npm, *step], cwd=ROOT / "web_widget", env=env).returncode:
            print(f"web_widget: npm {' '.join(step)} gik ikke igennem.")
            return 1
    if _dist() != before:
        print("web_widget/dist passer ikke til kilden: kør `make widget` og læg resultatet ind.")
        return 1
    return 0


def _dist():
    return {path.name: path.read_bytes() for path in sorted((ROOT / "web_widget" / "dist").glob("*")) if path.is_file()}


def main():
    machine.environments(for_tests=True)
    missing = wanting()
    for package in missing.values():
        say(f"Mangler på denne maskine: {package}. Den del springes over.")
    if missing and EVERYTHING:
        raise Stop("Alt skal prøves her, så en del, der springes over, er en fejl.")
    model.ensure(say)
    left_out = " and ".join(f"not {name}" for name in missing)
    chosen = sys.argv[1:]
    if chosen:
        sys.exit(pytest(*chosen))
    without_live = " and ".join(part for part in ("not live", "not browser", left_out) if part)
    live = " and ".join(part for part in ("(live or browser)", left_out) if part)
    results = {"ruff": subprocess.run([str(SERVICE / "bin" / "ruff"), "check", "."], cwd=ROOT).returncode}
    results["widget"] = widget()
    if "browser" not in missing:
        results["chatten i en browser"] = pytest("web_widget/checks")
    results["uden kørende bot"] = pytest("-m", without_live, "tests")
    results["med kørende bot"] = pytest("-m", live, "tests")
    failed = [name for name, code in results.items() if code]
    print("\n" + "\n".join(f"  {'FEJL' if code else 'ok  '}  {name}" for name, code in results.items()))
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    try:
        main()
    except Stop as reason:
        sys.exit(f"\n  {reason}\n")
