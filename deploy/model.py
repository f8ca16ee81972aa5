"""The trained model that belongs to the data as they are now: trained when they changed, named by their content."""

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MODELS = ROOT / "bot" / "models"
KEEP, KEEP_PUBLISHED = 3, 5
# Parts of bot/components that serve a trained model and take no part in making one.
SERVING = {
    "channel.py", "tracker_store.py", "quiet_logs.py", "quicker_rasa.py", "without_tensorflow.py", "clauses.py",
    "situation.py", "situation_extractor.py",
}  # fmt: skip
RELATION_RULES = ("relation.py", "relation_words.yml", "age.py", "age_words.yml", "patterns.py")


def fingerprint():
    """Of everything training reads."""
    files = [ROOT / "config.yml", ROOT / "domain.yml", ROOT / "requirements" / "rasa.lock"]
    files += [path for path in (ROOT / "bot" / "data").rglob("*.yml")]
    files += [path for path in (ROOT / "bot" / "components").glob("*.py") if path.name not in SERVING]
    files += [ROOT / "bot" / "actions" / "parsing" / name for name in RELATION_RULES]
    summary = hashlib.sha256()
    for path in sorted(files):
        summary.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes())
    return summary.hexdigest()[:16]


def path():
    return MODELS / f"indgang-{fingerprint()}.tar.gz"


def ensure(say=print):
    """→ the model's path; trains first if there is none for these data."""
    wanted = path()
    if wanted.exists():
        return wanted
    say("Træner sproget (under et minut) …")
    command = [str(ROOT / ".venv-rasa" / "bin" / "python"), "rasaw", "train", "--skip-validation", "--fixed-model-name", wanted.name.removesuffix(".tar.gz")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env=_compiled_once())
    if done.returncode != 0 or not wanted.exists():
        sys.stderr.write(done.stdout[-4000:] + done.stderr[-4000:])
        raise SystemExit("Træningen gik ikke igennem. Fejlen står lige ovenfor; den nævner oftest filen og linjen.")
    published = [one["name"] for one in _published().get("history", [])][-KEEP_PUBLISHED:]
    for old in sorted(MODELS.glob("indgang-*.tar.gz"), key=lambda one: one.stat().st_mtime)[:-KEEP]:
        if old.name not in published:
            old.unlink()
    return wanted


def _compiled_once():
    """Environment variables that let Python keep its compiled modules: without, a third of a training is compiling Rasa."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {"PYTHONPYCACHEPREFIX": str(ROOT / ".rasa" / "compiled"), **kept}


def served(say=print):
    """→ the model guests meet: the published one (`make publish`), else that of the data as they are."""
    live = MODELS / str(_published().get("live"))
    if not live.is_file():
        return ensure(say)
    if live != path():
        say(f"Bruger den udgivne model {live.name}. Data er ændret siden: make publish udgiver en ny.")
    return live


def _published():
    """What trainer/versions.py keeps; read here by the standard library alone."""
    try:
        return json.loads((MODELS / "published.json").read_text("utf-8"))
    except (OSError, ValueError):
        return {}


if __name__ == "__main__":
    print(ensure())
