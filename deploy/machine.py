"""What a fresh machine needs, step by step and in plain words. Standard library only: it runs before anything is installed."""

import hashlib
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
STATE = ROOT / ".run"
TOOLS, SERVICE, RASA = STATE / "tools", ROOT / ".venv", ROOT / ".venv-rasa"
NEEDED_GB = 5


class Stop(Exception):
    """Something only a person can mend; the text says what happened and what to do."""


def say(text):
    print(f"  {text}", flush=True)


def check_disk():
    free = shutil.disk_usage(ROOT).free / 1e9
    if not (RASA / ".done").exists() and free < NEEDED_GB:
        raise Stop(f"Der er kun {free:.1f} GB ledig plads, og de to Python-miljøer skal bruge {NEEDED_GB}. Ryd op på disken, og prøv igen.")


def check_port(port, what):
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            raise Stop(
                f"Port {port} er optaget, og {what} skal bruge den. Stop det program, der bruger porten, "
                f"eller vælg en anden: INDGANG_{what.upper()}_PORT=… make run"
            ) from None


def version_of(python):
    try:
        code = "import sys; print('%d.%d' % sys.version_info[:2])"
        done = subprocess.run([str(python), "-c", code], capture_output=True, text=True, timeout=20)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def pyenv_pythons(prefix):
    root = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    found = root.glob(f"{prefix}*/bin/python") if root.is_dir() else []
    return sorted(found, key=lambda path: [int(part) for part in path.parts[-3].split(".") if part.isdigit()], reverse=True)


def rasa_python():
    """Python 3.10: Rasa 3.6 runs on nothing newer."""
    for candidate in [os.environ.get("RASA_PYTHON"), shutil.which("python3.10"), *pyenv_pythons("3.10.")]:
        if candidate and version_of(candidate) == "3.10":
            return str(candidate)
    raise Stop(
        "Rasa kræver Python 3.10, og den fandt vi ikke. Installér den (Debian/Ubuntu: pakken python3.10, ellers pyenv install 3.10), "
        "eller sig, hvor den er: RASA_PYTHON=/sti/til/python3.10 make run"
    )


def service_python():
    """Python 3.11 or newer, for everything that faces the outside."""
    named = [shutil.which(f"python3.{minor}") for minor in (13, 12, 11)]
    newest = [path for minor in (13, 12, 11) for path in pyenv_pythons(f"3.{minor}.")[:1]]
    for candidate in [os.environ.get("SERVICE_PYTHON"), sys.executable, *named, *newest]:
        version = version_of(candidate) if candidate else None
        if version and (3, 11) <= tuple(map(int, version.split("."))) <= (3, 13):
            return str(candidate)
    raise Stop("Backend kræver Python 3.11, 3.12 eller 3.13. Installér en af dem, eller sig hvor den er: SERVICE_PYTHON=/sti/til/python make run")


def digest(*files):
    summary = hashlib.sha256()
    for path in files:
        summary.update(path.read_bytes())
    return summary.hexdigest()


def environment(folder, python, locks, what):
    """A virtual environment that holds exactly what the lock files say; left alone when it already does."""
    files = [ROOT / "requirements" / lock for lock in locks]
    wanted, stamp = digest(*files), folder / ".done"
    if stamp.exists() and stamp.read_text() == wanted:
        return
    say(f"Installerer {what} (tager 1–3 minutter første gang) …")
    if not (folder / "bin" / "python").exists():
        run([python(), "-m", "venv", str(folder)], f"Kunne ikke oprette {folder.name}. På Debian/Ubuntu mangler måske pakken python3-venv.")
    listed = [part for path in files for part in ("-r", str(path))]
    env = dict(os.environ, UV_PYTHON_DOWNLOADS="never")
    run([str(TOOLS / "bin" / "uv"), "pip", "install", "-q", "--python", str(folder / "bin" / "python"), "--require-hashes", *listed],
        f"Kunne ikke installere {what}. Er der forbindelse til nettet?", env)
    stamp.write_text(wanted)


def tools():
    wanted, stamp = digest(ROOT / "requirements" / "tools.lock"), TOOLS / ".done"
    if stamp.exists() and stamp.read_text() == wanted:
        return
    run([service_python(), "-m", "venv", str(TOOLS)], "Kunne ikke oprette et Python-miljø. På Debian/Ubuntu mangler måske pakken python3-venv.")
    run([str(TOOLS / "bin" / "python"), "-m", "pip", "install", "-q", "--disable-pip-version-check", "--require-hashes", "-r",
         str(ROOT / "requirements" / "tools.lock")], "Kunne ikke hente installationsværktøjet. Er der forbindelse til nettet?")
    stamp.write_text(wanted)


def run(command, problem, env=None):
    done = subprocess.run(command, cwd=ROOT, env=env)
    if done.returncode != 0:
        raise Stop(problem)


def environments(for_tests=False):
    STATE.mkdir(exist_ok=True)
    check_disk()
    tools()
    locks = ["service.lock", "dev.lock"] if for_tests or (SERVICE / ".dev").exists() else ["service.lock"]
    environment(SERVICE, service_python, locks, "backend og værktøjer" if for_tests else "backend")
    if for_tests:
        (SERVICE / ".dev").touch()
    environment(RASA, rasa_python, ["rasa.lock"], "Rasa")
