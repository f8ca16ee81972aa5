"""Compile requirements/*.in to hash-pinned lock files without addresses, the same on every machine."""

import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import machine  # noqa: E402

FLAGS = ["--generate-hashes", "--no-emit-index-url", "--no-emit-find-links", "--no-header", "--no-annotate", "-q"]


def compile_lock(name, python, *more):
    folder = machine.ROOT / "requirements"
    command = [str(machine.TOOLS / "bin" / "uv"), "pip", "compile", str(folder / f"{name}.in"), "--python", python, *FLAGS, *more]
    subprocess.run([*command, "-o", str(folder / f"{name}.lock")], check=True)


if __name__ == "__main__":
    machine.STATE.mkdir(exist_ok=True)
    machine.tools()
    compile_lock("rasa", machine.rasa_python(), "--python-version", "3.10")
    for name, more in (("tools", []), ("service", []), ("dev", ["-c", str(machine.ROOT / "requirements" / "service.lock")])):
        compile_lock(name, machine.service_python(), "--universal", "--python-version", "3.11", *more)
