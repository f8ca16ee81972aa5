"""`make assess`: what a line in must be, what a line out holds, and that the real pipeline answers."""

import asyncio
import json
import subprocess
from pathlib import Path

import pytest

from backend.safety.screen import Screen
from tests.support.stack import trained_model
from trainer.assess import Asked, Bad, assess, in_danish, lines_of, read_lines
from trainer.reading import HOUSE_GOAL, Reader, assessed

ROOT = Path(__file__).resolve().parents[3]
PYTHON = ROOT / ".venv-rasa/bin/python"
KEYS = ["id", "text", "risk", "goal", "topic", "relation", "about", "confidence", "ranking", "entities"]
PARSED = {
    "intent_ranking": [{"name": "nlu_fallback", "confidence": 0.4}, {"name": "book", "confidence": 0.38}],
    "ranking": [["book", 0.38], ["guide_topic/bullying", 0.3]],
    "topics": [["bullying", 0.9], ["school", 0.1]],
    "also": [["guide_topic/bullying", 0.9]],
    "entities": [{"entity": "relation", "value": "relative", "extractor": "x"}, {"entity": "about", "value": "child", "extractor": "x"}],
}


HOUSE = frozenset(["guide_topic", "crisis", "book", "reschedule", "cancel", "human", "offers", "opening_hours", "contact_info", "privacy", "bot_identity", "greet", "thanks_bye", "affirm", "deny", "feedback", "chitchat", "out_of_scope", "other_language", "raise_concern_professional"])  # fmt: skip


def test_every_goal_the_bot_reads_has_a_name_in_the_house():
    files = (ROOT / "bot" / "data").glob("*/nlu.yml")
    read = {line.split(":")[1].strip().partition("/")[0] for path in files for line in path.read_text("utf-8").splitlines() if line.startswith("- intent:")}
    assert len(read) > 25 and {HOUSE_GOAL.get(goal, goal) for goal in read} == HOUSE


@pytest.fixture(scope="module")
def screen() -> Screen:
    return Screen.load()


class Agent:
    """Answers as told; `asked` keeps what it was given."""

    def __init__(self, parsed=PARSED):
        self.parsed, self.asked = parsed, []

    async def parse_message(self, text):
        self.asked.append(text)
        if "broken" in text:
            raise ValueError("a value that may quote the guest")
        return self.parsed


@pytest.mark.parametrize(
    ("raw", "reason"),
    [
        (b"nej", "not_json"), (b'{"text": "a"', "not_json"), (b"[1]", "not_object"), (b'"hej"', "not_object"),
        (b'{"id": 1}', "no_text"), (b'{"text": 3}', "text_not_string"), (b'{"text": null}', "text_not_string"),
        (b'{"text": " "}', "text_empty"), (b'{"text": "\\ud83d"}', "text_not_unicode"), (b'\xff{"text": "a"}', "not_utf8"),
        (b'{"id": [1], "text": "a"}', "id_not_simple"), (b'{"id": true, "text": "a"}', "id_not_simple"), (b"[" * 5000, "not_json"),
    ],
)  # fmt: skip
def test_a_bad_line_is_told_by_number_and_the_next_is_read(raw, reason):
    lines = list(read_lines(b'{"id": "a", "text": "hej"}\n' + raw + b'\n{"text": "hej igen"}\n'))
    assert lines == [Asked(1, "a", "hej"), Bad(2, reason), Asked(3, 3, "hej igen")]
    assert "Linje 2" in in_danish(lines[1])


def test_blank_lines_marks_and_windows_ends_are_no_errors():
    assert list(read_lines(b'\xef\xbb\xbf{"text": "hej"}\r\n\r\n  \n')) == [Asked(1, 1, "hej")]


def test_a_line_out_has_the_keys_in_order_and_keeps_the_id(screen):
    agent, out, bad = Agent(), [], []
    lines = [Asked(1, "x1", "/hej min søn"), Bad(2, "not_json"), Asked(3, 7, "broken"), Asked(4, 0, "hej")]
    read, skipped = asyncio.run(assess(lines, Reader(agent, screen).read, out.append, bad.append))
    assert (read, skipped) == (2, 2) and bad == [Bad(2, "not_json"), Bad(3, "failed")]
    first, last = map(json.loads, out)
    assert list(first) == KEYS and first["id"] == "x1" and last["id"] == 0
    assert first["text"] == "/hej min søn" and agent.asked[0] == "hej min søn", "as the guest's own path strips it"


def test_doubt_is_no_goal_and_a_wish_keeps_its_topic(screen):
    said = assessed("a", screen.assess("hej"), PARSED)
    assert (said.goal, said.confidence, said.topic, said.relation, said.about) == ("book", 0.38, "bullying", "relative", "child")
    assert said.entities == [{"entity": "relation", "value": "relative"}, {"entity": "about", "value": "child"}]


def test_finer_goals_are_given_by_the_name_the_house_has(screen):
    parsed = {"intent_ranking": [{"name": "parents_know", "confidence": 0.9}], "ranking": [["parents_know", 0.9]]}
    said = assessed("a", screen.assess("hej"), parsed)
    assert (said.goal, said.topic, said.ranking) == ("privacy", None, [["parents_know", 0.9]])


def test_risk_is_the_screens_and_names_what_a_crisis_is_about(screen):
    parsed = {"intent_ranking": [{"name": "crisis", "confidence": 0.9}], "topics": [["sleep", 0.3]]}
    said = assessed("a", screen.assess("jeg vil dø i aften"), parsed)
    assert (said.risk, said.topic) == ("acute", "suicidal_thoughts")


def test_nothing_understood_is_still_a_line(screen):
    said = assessed("?", screen.assess("?"), {})
    assert (said.goal, said.topic, said.confidence, said.ranking, said.entities) == (None, None, 0.0, [], [])


def test_a_file_that_is_not_there_is_said_in_danish(tmp_path):
    from trainer.assess import Unusable

    with pytest.raises(Unusable, match="kan ikke læses"):
        lines_of(tmp_path / "no.jsonl")


@pytest.mark.skipif(not PYTHON.exists(), reason="make setup has not made Rasa's environment")
@pytest.mark.timeout(400)
def test_the_real_pipeline_answers_and_prints_no_message(tmp_path):
    source, target = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    texts = ["min søn på 15 er blevet mobbet, kan vi få en tid i morgen?", "jeg vil dø i aften", "zebrastribe hvad koster en taxa"]
    source.write_text("\n".join([json.dumps({"id": n, "text": t}) for n, t in enumerate(texts)] + ["nej"]), "utf-8")
    command = [str(PYTHON), "-m", "trainer.assess", str(source), str(target), "--model", str(trained_model())]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-2000:]
    rows = [json.loads(line) for line in target.read_text("utf-8").splitlines()]
    assert [list(row) for row in rows] == [KEYS] * 3
    assert (rows[0]["goal"], rows[0]["topic"], rows[0]["relation"], rows[0]["about"]) == ("book", "bullying", "relative", "child")
    assert rows[1]["risk"] == "acute" and rows[1]["goal"] == "crisis"
    assert "Linje 4" in done.stderr and not any(text in done.stdout + done.stderr for text in texts)
