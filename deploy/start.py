"""`make run`: from a fresh clone to a real answer, then everything under one supervisor until Ctrl-C."""

import base64
import json
import os
import secrets
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import machine  # noqa: E402
import model  # noqa: E402
from machine import ROOT, SERVICE, STATE, Stop, say  # noqa: E402

PORTS = {"backend": ("INDGANG_PORT", 8000), "rasa": ("INDGANG_RASA_PORT", 5005), "actions": ("INDGANG_ACTIONS_PORT", 5055)}
READY_WITHIN = 180


def read_env():
    """`.env` holds this machine's secrets; what is set outside wins."""
    path = ROOT / ".env"
    if not path.exists():
        key = base64.b64encode(secrets.token_bytes(32)).decode()
        path.touch(mode=0o600)
        path.write_text(f"INDGANG_SERVICE_TOKEN={secrets.token_urlsafe(32)}\nINDGANG_MASTER_KEY={key}\n")
    lines = [line.strip().partition("=") for line in path.read_text().splitlines() if "=" in line and not line.startswith("#")]
    return {name: value for name, _, value in lines} | dict(os.environ)


def settings():
    env = read_env()
    for name, (variable, default) in PORTS.items():
        port = env.get(f"INDGANG_{name.upper()}_PORT") or env.get(variable) or str(default)
        env[variable] = port
    env.setdefault("INDGANG_PUBLIC_URL", f"http://127.0.0.1:{env['INDGANG_PORT']}")
    env["INDGANG_RASA_URL"] = f"http://127.0.0.1:{env['INDGANG_RASA_PORT']}"
    env["INDGANG_BACKEND_URL"] = f"http://127.0.0.1:{env['INDGANG_PORT']}"
    env["INDGANG_ACTIONS_URL"] = f"http://127.0.0.1:{env['INDGANG_ACTIONS_PORT']}/webhook"
    env.setdefault("INDGANG_DEMO_ALWAYS_OPEN", "0" if env.get("INDGANG_PRODUCTION") == "1" else "1")
    env |= {"INDGANG_ROOT": str(ROOT), "INDGANG_STATE": str(STATE), "PYTHONUNBUFFERED": "1"}
    return env


def prepare(env):
    """Content, database, demo hosts. What these print is shown only when one of them fails."""
    for module, arguments, problem in (
        ("backend.catalogue", ["check"], "Indholdet i municipalities/ har fejl. De står ovenfor med fil og linje."),
        ("backend.storage.migrate", [], "Databasen kunne ikke gøres klar."),
        ("backend.hosts.seed", [], "Demoværterne kunne ikke oprettes."),
    ):
        command = [str(SERVICE / "bin" / "python"), "-m", module, *arguments]
        done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True)
        if done.returncode != 0:
            raise Stop(f"{done.stdout[-3000:]}{done.stderr[-3000:]}\n  {problem}")


def call(url, body=None, token=None):
    headers = {"content-type": "application/json"} | ({"authorization": f"Bearer {token}"} if token else {})
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(url, data, headers), timeout=30) as answer:
        return json.loads(answer.read())


def real_answer(env):
    """True when the bot itself answers a question through the public interface."""
    api = f"{env['INDGANG_PUBLIC_URL']}/api/v1/conversations"
    opened = call(api, {"municipality": "rodovre", "channel": "municipality"})
    one = f"{api}/{opened['id']}"
    said = call(f"{one}/messages", {"client_id": secrets.token_hex(8), "text": "hej, er du en robot?"}, opened["token"])
    request = urllib.request.Request(one, headers={"authorization": f"Bearer {opened['token']}"}, method="DELETE")
    urllib.request.urlopen(request, timeout=10).close()
    return any(event["author"] == "bot" for event in said["events"])


def listening(url):
    """Raises OSError until something answers there."""
    urllib.request.urlopen(url, timeout=5).close()


def wait_until_ready(env, supervisor):
    started = time.monotonic()
    while time.monotonic() - started < READY_WITHIN:
        if supervisor.poll() is not None:
            raise Stop("Processerne stoppede igen. Se .run/logs/ – den sidste linje siger hvorfor.")
        try:
            listening(env["INDGANG_RASA_URL"])  # asking through the backend before that would only make it give Rasa a rest
            if real_answer(env):
                return time.monotonic() - started
        except OSError:
            pass
        time.sleep(0.4)
    raise Stop(f"Botten svarede ikke inden {READY_WITHIN} sekunder. Se .run/logs/rasa.log og .run/logs/backend.log.")


def where_to_go(env, seconds):
    url = env["INDGANG_PUBLIC_URL"]
    print(f"""
  Klar efter {seconds:.0f} sekunder.

    Rødovres side (demo)     {url}/demo/rodovre
    Ballerups side (demo)    {url}/demo/ballerup
    headspaces side (demo)   {url}/demo/headspace
    Værternes konsol         {url}/console        vært: maja   adgangskode: demo-vaert-1
                                                  (Ballerup: jonas · headspace: nora, emil – samme adgangskode)
    Beskrivelse af API       {url}/openapi.json

  Ctrl-C stopper det hele.
""", flush=True)


def main():
    started = time.monotonic()
    os.chdir(ROOT)
    print("\nIndgang\n")
    env = settings()
    for name, (variable, _) in PORTS.items():
        machine.check_port(int(env[variable]), name)
    machine.environments()
    env["INDGANG_MODEL"] = str(model.served(say))
    say("Gør database og indhold klar …")
    prepare(env)
    (STATE / "logs").mkdir(exist_ok=True)
    say("Starter bot, handlinger og backend …")
    for stop in (signal.SIGINT, signal.SIGTERM):
        signal.signal(stop, signal.default_int_handler)
    supervisor = subprocess.Popen([str(SERVICE / "bin" / "supervisord"), "-n", "-c", str(HERE / "supervisord.conf")], env=env, cwd=ROOT)
    try:
        wait_until_ready(env, supervisor)
        where_to_go(env, time.monotonic() - started)
        supervisor.wait()
    except KeyboardInterrupt:
        print("\n  Stopper …")
    finally:
        supervisor.terminate()
        supervisor.wait(timeout=30)


if __name__ == "__main__":
    try:
        main()
    except Stop as reason:
        sys.exit(f"\n  {reason}\n")
