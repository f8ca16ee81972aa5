"""What Rasa's own validator does not give: every name used exists, every name that exists is used."""

import ast
import json
import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[3]
DATA = ROOT / "bot/data"
TOPICS = ["loneliness", "anxiety", "low_mood", "stress", "self_harm", "suicidal_thoughts", "eating", "bullying", "family_conflict", "divorce", "parent_mental_illness", "parent_substance_use", "heartbreak", "gender_sexuality", "school", "work_money", "substance_use", "violence", "abuse", "grief", "sleep", "neurodivergence", "psychosis", "gaming_gambling", "housing", "body_health", "friends"]
SUBS = {"guide_topic": set(TOPICS), "out_of_scope": {"municipal", "general", "noise"}}
BUTTON_ONLY = {"choose", "stop", "retry", "remind", "wait_earlier", "follow_up", "none_of_these"}
NOT_LEARNED = BUTTON_ONLY | {"nlu_fallback"}
LEAST_EXAMPLES = 25
CLAIM = re.compile(r"\b(booket|bekræftet|sendt|gemt|aflyst|flyttet)\b", re.IGNORECASE)
DENIAL = re.compile(r"\b(ikke|IKKE|ingen|intet)\b")


def load(path: Path) -> dict:
    return yaml.safe_load(path.read_text("utf-8")) or {}


def files(name: str) -> list[Path]:
    return sorted(DATA.glob(f"*/{name}.yml"))


@pytest.fixture(scope="module")
def domain() -> dict:
    return load(ROOT / "domain.yml")


@pytest.fixture(scope="module")
def intents(domain) -> set[str]:
    return {next(iter(i)) if isinstance(i, dict) else i for i in domain["intents"]}


@pytest.fixture(scope="module")
def examples() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for path in files("nlu"):
        for item in load(path).get("nlu", []):
            if "intent" in item:
                lines = [line.strip()[2:] for line in item["examples"].splitlines() if line.strip().startswith("- ")]
                found.setdefault(item["intent"], []).extend(lines)
    return found


@pytest.fixture(scope="module")
def responses() -> dict[str, list[dict]]:
    found: dict[str, list[dict]] = {}
    for path in files("responses"):
        for key, variants in (load(path).get("responses") or {}).items():
            assert key not in found, f"{key} stands twice, the second time in {path}"
            found[key] = variants
    return found


@pytest.fixture(scope="module")
def rules() -> list[dict]:
    return [rule for name in ("rules", "stories") for path in files(name) for rule in load(path).get(name, [])]


@pytest.fixture(scope="module")
def code() -> str:
    return "\n".join(path.read_text("utf-8") for path in (ROOT / "bot/actions").rglob("*.py"))


def steps_of(rules: list[dict], kind: str) -> set[str]:
    steps = [step for rule in rules for step in [*rule.get("condition", []), *rule["steps"]]]
    return {step[kind] for step in steps if isinstance(step, dict) and step.get(kind)}


def labels_of(intents: set[str]) -> set[str]:
    plain = {i for i in intents if i not in SUBS} - NOT_LEARNED
    return plain | {f"{goal}/{sub}" for goal, subs in SUBS.items() for sub in subs}


def test_every_label_has_examples_and_every_example_a_label(intents, examples):
    labels = labels_of(intents)
    assert set(examples) - labels == set(), "examples of goals or topics that do not exist"
    assert labels - set(examples) == set(), "goals or topics without examples"


def test_every_label_has_enough_examples(examples):
    thin = {label: len(lines) for label, lines in examples.items() if len(set(lines)) < LEAST_EXAMPLES}
    assert thin == {}


def test_no_example_stands_under_two_labels(examples):
    seen: dict[str, str] = {}
    doubled = []
    for label, lines in examples.items():
        for line in lines:
            other = seen.setdefault(line.casefold().strip(), label)
            if other != label:
                doubled.append((line, other, label))
    assert doubled == []


def test_every_topic_is_acknowledged_for_the_young_and_for_relatives(responses):
    wanted = {f"utter_acknowledge_{t}{who}" for t in TOPICS for who in ("", "_relative")}
    assert wanted - set(responses) == set()


def test_rules_use_only_what_exists(rules, domain, intents, responses):
    assert steps_of(rules, "intent") <= intents
    known = set(domain["actions"]) | set(domain["forms"]) | set(responses)
    assert steps_of(rules, "action") <= known
    assert {name for name in steps_of(rules, "active_loop")} <= set(domain["forms"])


def test_every_intent_has_a_rule(rules, intents):
    assert intents - steps_of(rules, "intent") == set()


def test_every_action_in_the_domain_exists_in_code_and_the_other_way_round(domain):
    from bot.actions.server import make_executor

    written = {name for name in make_executor().actions if not name.startswith("action_validate_slot")}
    assert written == set(domain["actions"])


def test_every_action_is_used(domain, rules, code):
    asked = {f"action_ask_{slot}" for form in domain["forms"].values() for slot in form["required_slots"]}
    validated = {f"validate_{form}" for form in domain["forms"]}
    used = steps_of(rules, "action") | asked | validated
    assert set(domain["actions"]) - used == set()


def test_every_form_slot_exists_and_has_a_question(domain, responses):
    for form in domain["forms"].values():
        for slot in form["required_slots"]:
            assert slot in domain["slots"]
            assert f"utter_ask_{slot}" in responses or f"action_ask_{slot}" in domain["actions"], slot


def test_slots_set_in_code_exist(domain, code):
    named = set(re.findall(r"SlotSet\(\s*\"(\w+)\"", code)) - {"requested_slot"}
    assert named <= set(domain["slots"])


def test_slots_in_the_domain_are_used(domain, code):
    unused = {slot for slot in domain["slots"] if not re.search(rf"\b{slot}\b", code) and not _is_put_together(slot)}
    assert unused == set()


def _is_put_together(slot: str) -> bool:
    return slot in {"booking_confirmed", "enquiry_confirmed"}


def test_responses_named_in_code_exist(code, responses):
    named = set(re.findall(r"\"(utter_\w+)\"", code)) - {"utter_acknowledge_"}
    assert {key for key in named if not key.endswith("_")} <= set(responses)


def test_every_response_is_used(code, rules, responses, domain):
    asked = {f"utter_ask_{slot}" for form in domain["forms"].values() for slot in form["required_slots"]}
    times = {f"utter_time_{why}" for why in ("past", "unknown_date", "unknown_time", "far_future")}
    acknowledged = {f"utter_acknowledge_{t}{who}" for t in TOPICS for who in ("", "_relative")}
    named = set(re.findall(r"\"(utter_\w+)\"", code)) | steps_of(rules, "action") | asked | times | acknowledged
    assert set(responses) - named == set()


def buttons(responses: dict) -> list[tuple[str, dict]]:
    return [(key, b) for key, variants in responses.items() for v in variants for b in v.get("buttons") or []]


def test_every_button_means_something(responses, intents, domain):
    for key, button in buttons(responses):
        assert button.get("title", "").strip() and button.get("payload", "").startswith("/"), (key, button)
        intent, brace, body = button["payload"][1:].partition("{")
        assert intent in intents, (key, intent)
        if brace:
            entities = json.loads((brace + body).replace("{{", "{").replace("}}", "}"))
            assert set(entities) <= set(domain["entities"]), (key, entities)
            assert "{{" in button["payload"], f"{key}: Rasa wants the braces of a payload doubled"


def test_every_response_says_something(responses):
    for key, variants in responses.items():
        assert all(v.get("text", "").strip() for v in variants), key


def test_ask_back_has_a_title_for_every_topic_and_most_goals(responses):
    titles = [b["payload"] for b in responses["utter_topic_choices"][0]["buttons"]]
    assert {json.loads(p.partition("{")[1] + p.partition("{")[2].replace("}}", "}").lstrip("{"))["topic"] for p in titles} == set(TOPICS)


def test_no_response_claims_what_only_a_row_can(responses):
    """Confirmations come from the backend's answer; a response may only say that something was NOT done."""
    for key, variants in responses.items():
        for variant in variants:
            for sentence in re.split(r"(?<=[.!?])\s+|\n", variant.get("text", "")):
                assert not CLAIM.search(sentence) or DENIAL.search(sentence), f"{key}: {sentence}"


FORBIDDEN = re.compile(r"\b(begå selvmord|klient|sagsbehandl\w*|patient|diagnosticer\w*)\b|§", re.IGNORECASE)


def test_no_response_uses_words_we_do_not_use(responses):
    for key, variants in responses.items():
        assert not any(FORBIDDEN.search(v.get("text", "")) for v in variants), key


def test_numbers_in_responses_are_the_three_that_never_close(responses):
    for key, variants in responses.items():
        for variant in variants:
            numbers = set(re.findall(r"\d{3}(?:[ ]?\d{3})?\d?", variant.get("text", "")))
            assert numbers <= {"112", "1813", "116 111"}, (key, numbers)


def test_placeholders_in_endpoints_are_not_quoted():
    """Rasa does not expand a quoted placeholder; a quoted secret would be sent as it stands."""
    assert not re.search(r"[\"']\$\{", (ROOT / "endpoints.yml").read_text("utf-8"))


def test_sessions_never_expire_and_carry_nothing_over(domain):
    assert domain["session_config"] == {"session_expiration_time": 0, "carry_over_slots_to_new_session": False}


def test_no_reminders_and_no_rest_channel(code):
    assert "ReminderScheduled" not in code
    assert set(load(ROOT / "credentials.yml")) == {"bot.components.channel.IndgangInput"}


def test_only_the_client_speaks_http():
    for path in (ROOT / "bot/actions").rglob("*.py"):
        if path.name != "backend_client.py":
            assert not re.search(r"^\s*(import|from) (aiohttp|requests|httpx|urllib)", path.read_text("utf-8"), re.M), path


def test_no_danish_sentences_in_python():
    for path in [*(ROOT / "bot/actions").rglob("*.py"), *(ROOT / "bot/components").glob("*.py")]:
        if "parsing" not in path.parts:
            assert [text for text in said_in(path) if re.search("[æøåÆØÅ]", text) and len(text.split()) > 3] == [], path


def said_in(path: Path) -> list[str]:
    """String constants of a module that are not docstrings."""
    tree = ast.parse(path.read_text("utf-8"))
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    docstrings = {id(node.body[0].value) for node in ast.walk(tree) if isinstance(node, documented) and ast.get_docstring(node)}
    constants = (node for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str))
    return [node.value for node in constants if id(node) not in docstrings]
