"""Conversations written in YAML, by phenomenon, held over the public interface with everything real behind it.

A script (`scripts/<phenomenon>.yml`) is a list of conversations:

    - name: says what it shows
      channel: municipality | headspace        (municipality)
      municipality: rodovre | ballerup         (rodovre)
      steps:
        - user: what the guest writes        or  choice: part of the title of a choice offered so far
          text: [parts the answer must hold]         not_text: [parts it must not hold]      any_text: [one of these]
          cards: [kinds that must come]              no_cards: [kinds that must not]
          choices: [parts of titles offered now]     no_choices: [parts that must not be offered]
          state: with_bot | waiting | …              risk: none | concern | high | acute
          names: [parts of names of doors and offers named]    not_names: [parts that must not be among them]
          doors: least number of doors named         silent: true when nothing may be said
          enquiries: rows in the database            appointments: {booked: 1, …}

No host is at the desk in these scripts, whoever was signed in by tests before: what the bot offers depends on it.
With INDGANG_URL set, the stack at that address is used (and INDGANG_DATABASE for the rows).
"""

import os
import sqlite3
import uuid
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import requests
import yaml

pytestmark = [pytest.mark.live, pytest.mark.timeout(600)]
SCRIPTS = Path(__file__).parent / "scripts"
SHARED = Path(__file__).parents[2] / "bot" / "data" / "shared" / "responses.yml"
DID_NOT_FOLLOW = yaml.safe_load(SHARED.read_text("utf-8"))["responses"]["utter_did_not_follow"][0]["text"]
KNOWN_KEYS = {
    "user", "choice", "text", "not_text", "any_text", "cards", "no_cards", "choices", "no_choices", "state", "risk", "doors", "names", "not_names",
    "silent", "enquiries", "appointments",
}  # fmt: skip


def all_scripts() -> list:
    found = []
    for path in sorted(SCRIPTS.glob("*.yml")):
        for script in yaml.safe_load(path.read_text("utf-8")) or []:
            found.append(pytest.param(script, id=f"{path.stem}: {script['name']}"))
    return found


@dataclass(frozen=True)
class Place:
    url: str
    database: Path | None


@pytest.fixture(scope="session")
def place(request) -> Place:
    if os.environ.get("INDGANG_URL"):
        database = os.environ.get("INDGANG_DATABASE")
        return Place(os.environ["INDGANG_URL"], Path(database) if database else None)
    stack = request.getfixturevalue("stack")
    return Place(stack.url, stack.database_path)


@pytest.fixture
def nobody_at_the_desk(place: Place) -> None:
    if place.database is not None:
        with sqlite3.connect(place.database, timeout=30) as database:
            database.execute("UPDATE hosts SET present_until = NULL")


@dataclass
class Guest:
    """One guest's browser, without the browser."""

    place: Place
    municipality: str
    channel: str
    id: str = ""
    token: str = ""
    state: str = "with_bot"
    risk: str = "none"
    offered: list = field(default_factory=list)
    heard: list = field(default_factory=list)

    def open(self) -> None:
        body = {"municipality": self.municipality, "channel": self.channel}
        opened = requests.post(f"{self.place.url}/api/v1/conversations", json=body, timeout=20)
        opened.raise_for_status()
        self.id, self.token = opened.json()["id"], opened.json()["token"]
        self._take(opened.json()["events"])

    def send(self, **what: str) -> None:
        self.heard = []
        answer = requests.post(
            f"{self.place.url}/api/v1/conversations/{self.id}/messages",
            json={"client_id": uuid.uuid4().hex, **what},
            headers={"Authorization": f"Bearer {self.token}"},
            timeout=60,
        )
        assert answer.status_code == 200, answer.text
        self._take(answer.json()["events"])

    def choose(self, title: str) -> None:
        found = [c for c in self.offered if title.lower() in c["title"].lower()]
        assert found, f"no choice with {title!r}; offered: {[c['title'] for c in self.offered[-12:]]}"
        self.send(choice=found[-1]["id"])

    def _take(self, events: list) -> None:
        self.heard = [e for e in events if e["author"] != "visitor"]
        for event in events:
            self.state, self.risk = event.get("state") or self.state, event.get("risk") or self.risk
            self.offered += event.get("choices") or []

    @property
    def text(self) -> str:
        cards = (str(e["card"].get("text") or e["card"].get("lead") or "") for e in self.heard if e.get("card"))
        return "\n".join([*(e.get("text") or "" for e in self.heard), *cards])

    @property
    def cards(self) -> list[dict]:
        return [e["card"] for e in self.heard if e.get("card")]

    @property
    def titles(self) -> list[str]:
        return [c["title"] for e in self.heard for c in e.get("choices") or []]

    def rows(self, query: str) -> list:
        if self.place.database is None:
            pytest.skip("no database to look into (INDGANG_DATABASE)")
        with sqlite3.connect(f"file:{self.place.database}?mode=ro", uri=True) as database:
            return database.execute(query, (self.id,)).fetchall()


@pytest.mark.parametrize("script", all_scripts())
def test_conversation(script: dict, place: Place, nobody_at_the_desk: None) -> None:
    guest = Guest(place, script.get("municipality", "rodovre"), script.get("channel", "municipality"))
    guest.open()
    for number, step in enumerate(script["steps"], 1):
        guest.choose(step["choice"]) if "choice" in step else guest.send(text=step["user"])
        faults = list(faults_of(step, guest))
        said = "\n".join(f"  < {e.get('text')} {[c['title'] for c in e.get('choices') or []]}" for e in guest.heard)
        assert not faults, f"step {number} ({step.get('user') or step.get('choice')}): {'; '.join(faults)}\n{said}"


def faults_of(step: dict, guest: Guest):
    text, kinds = guest.text.lower(), [card["kind"] for card in guest.cards]
    titles = " | ".join(guest.titles).lower()
    yield from (f"text lacks {p!r}" for p in step.get("text", []) if p.lower() not in text)
    yield from (f"text holds {p!r}" for p in step.get("not_text", []) if p.lower() in text)
    if step.get("any_text") and not any(p.lower() in text for p in step["any_text"]):
        yield f"text holds none of {step['any_text']}"
    yield from (f"no card {kind}" for kind in step.get("cards", []) if kind not in kinds)
    yield from (f"card {kind}" for kind in step.get("no_cards", []) if kind in kinds)
    yield from (f"no choice {p!r} in {titles}" for p in step.get("choices", []) if p.lower() not in titles)
    yield from (f"choice {p!r}" for p in step.get("no_choices", []) if p.lower() in titles)
    yield from faults_of_state(step, guest)
    said = [event["text"] for event in guest.heard if event["type"] == "message" and event.get("text")]
    if len(said) > 1 and DID_NOT_FOLLOW in said:
        yield "says that it did not follow, after having answered"
    if not step.get("silent") and not guest.heard:
        yield "nothing was said"


def faults_of_state(step: dict, guest: Guest):
    for name in ("state", "risk"):
        if name in step and getattr(guest, name) != step[name]:
            yield f"{name} is {getattr(guest, name)}, not {step[name]}"
    doors = [door for card in guest.cards if card["kind"] == "doors" for door in card["doors"]]
    offers = [offer for card in guest.cards if card["kind"] == "offers" for offer in card["offers"]]
    named = " | ".join(one["name"] for one in (*doors, *offers)).lower()
    yield from (f"{name!r} is not named: {named}" for name in step.get("names", []) if name.lower() not in named)
    yield from (f"{name!r} is named: {named}" for name in step.get("not_names", []) if name.lower() in named)
    if len(doors) < step.get("doors", 0):
        yield f"{len(doors)} doors, not {step['doors']}"
    if "enquiries" in step:
        found = len(guest.rows("SELECT 1 FROM enquiries WHERE conversation_id = ?"))
        yield from [f"{found} enquiries, not {step['enquiries']}"] if found != step["enquiries"] else []
    for status, wanted in (step.get("appointments") or {}).items():
        rows = guest.rows("SELECT status FROM appointments WHERE conversation_id = ?")
        found = sum(row[0] == status for row in rows)
        yield from [f"{found} {status} appointments, not {wanted} ({rows})"] if found != wanted else []


def test_scripts_are_written_right() -> None:
    scripts = [p.values[0] for p in all_scripts()]
    assert len(scripts) >= 25
    for script in scripts:
        for step in script["steps"]:
            assert set(step) <= KNOWN_KEYS and ("user" in step) != ("choice" in step), (script["name"], step)
