"""Our bot beside the default bot of `rasa init`, both trained on the same data in the same run.

    .venv/bin/python -m benchmarks.against_default [--per-label 25]

Both get the same messages (a fixed choice of N per label, since the default pipeline needs an hour for all of them), the
same domain, rules and responses; only `config.yml` differs: ours, and the one Rasa fills in when it is left empty. Prints
training CPU seconds, time from start to first answer, memory, and p50/p95 over the same REST channel.
"""

import argparse
import json
import os
import resource
import shutil
import statistics
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

import yaml

from tests.support.stack import ROOT, free_port

RASA = ROOT / ".venv-rasa" / "bin" / "python"
MESSAGES = ("hej", "jeg er ked af det", "er du en robot", "tak for hjælpen", "er det anonymt", "jeg føler mig helt alene", "hvad er klokken")
DEFAULT = """recipe: default.v1
language: da
assistant_id: default
pipeline:
- {name: WhitespaceTokenizer}
- {name: RegexFeaturizer}
- {name: LexicalSyntacticFeaturizer}
- {name: CountVectorsFeaturizer}
- {name: CountVectorsFeaturizer, analyzer: char_wb, min_ngram: 1, max_ngram: 4}
- {name: DIETClassifier, epochs: 100, constrain_similarities: true}
- {name: EntitySynonymMapper}
- {name: ResponseSelector, epochs: 100, constrain_similarities: true}
- {name: FallbackClassifier, threshold: 0.3, ambiguity_threshold: 0.1}
policies:
- {name: MemoizationPolicy}
- {name: RulePolicy}
- {name: UnexpecTEDIntentPolicy, max_history: 5, epochs: 100}
- {name: TEDPolicy, max_history: 5, epochs: 100, constrain_similarities: true}
"""


def project(folder: Path, config: str, per_label: int) -> None:
    """The repository's bot with fewer messages per label; everything else as it is."""
    for name in ("bot", "rasaw", "domain.yml", "endpoints.yml"):
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, folder / name, **({"ignore": shutil.ignore_patterns("models", "__pycache__")} if name == "bot" else {}))
    (folder / "config.yml").write_text(config)
    (folder / "credentials.yml").write_text("rest:\n")
    for path in (folder / "bot" / "data").rglob("nlu.yml"):
        data = yaml.safe_load(path.read_text())
        for entry in data.get("nlu", []):
            if "intent" in entry:
                lines = entry["examples"].splitlines()
                entry["examples"] = "\n".join(lines[:: max(1, len(lines) // per_label)][:per_label]) + "\n"
        path.write_text(yaml.safe_dump(data, allow_unicode=True))


def train(folder: Path) -> tuple[float, float]:
    """→ CPU and wall seconds."""
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    done = subprocess.run([str(RASA), "rasaw", "train", "--fixed-model-name", "bench"], cwd=folder, capture_output=True, text=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise SystemExit(done.stdout[-2000:] + done.stderr[-2000:])
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, time.monotonic() - began


def say(port: int, sender: str, text: str) -> None:
    body = json.dumps({"sender": sender, "message": text}).encode()
    request = urllib.request.Request(f"http://127.0.0.1:{port}/webhooks/rest/webhook", body, {"content-type": "application/json"})
    urllib.request.urlopen(request, timeout=60).read()


def serve(folder: Path, rounds: int) -> dict[str, float]:
    port = free_port()
    env = os.environ | {"INDGANG_RASA_PORT": str(port), "INDGANG_SERVICE_TOKEN": "benchmark-token-only"}
    began = time.monotonic()
    process = subprocess.Popen([str(RASA), "rasaw", "run", "-m", "bot/models/bench.tar.gz"], cwd=folder, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while True:
            try:
                say(port, "first", "hej")
                break
            except (urllib.error.URLError, ConnectionError):
                if process.poll() is not None:
                    raise SystemExit("Rasa stopped") from None
                time.sleep(0.2)
        ready = time.monotonic() - began
        times = []
        for turn in range(rounds):
            for text in MESSAGES:
                at = time.perf_counter()
                say(port, f"guest{turn}", text)
                times.append((time.perf_counter() - at) * 1000)
        status = Path(f"/proc/{process.pid}/status").read_text()
        memory = next(int(row.split()[1]) / 1024 for row in status.splitlines() if row.startswith("VmRSS"))
    finally:
        process.terminate()
        process.wait(timeout=30)
    times.sort()
    return {"first answer, s": ready, "memory, MB": memory, "p50, ms": statistics.median(times), "p95, ms": times[int(len(times) * 0.95)]}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--per-label", type=int, default=25)
    parser.add_argument("--rounds", type=int, default=20)
    arguments = parser.parse_args()
    columns = {}
    for name, config in (("ours", (ROOT / "config.yml").read_text()), ("rasa init", DEFAULT)):
        with tempfile.TemporaryDirectory() as temporary:
            folder = Path(temporary)
            project(folder, config, arguments.per_label)
            cpu, wall = train(folder)
            columns[name] = {"training, CPU s": cpu, "training, wall s": wall} | serve(folder, arguments.rounds)
    ours, default = columns["ours"], columns["rasa init"]
    print(f"\n  {'':<22}{'ours':>10}{'rasa init':>12}{'ratio':>8}   ({arguments.per_label} messages per label)")
    for name in ours:
        print(f"  {name:<22}{ours[name]:>10.1f}{default[name]:>12.1f}{default[name] / ours[name]:>8.1f}")


if __name__ == "__main__":
    main()
