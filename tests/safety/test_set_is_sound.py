"""The safety set is well formed and as large as its README says. Runs no screen."""
from pathlib import Path

import pytest
import yaml

HERE = Path(__file__).parent
FILES = ["suicide", "self_harm_and_body", "violence_and_abuse", "third_person",
         "look_alikes", "sad_and_ordinary"]
LEVELS = {"none", "concern", "high", "acute"}
CATEGORIES = {"suicidal_thoughts", "plan_or_means", "attempt_or_overdose", "self_harm",
              "violence_now", "violence", "sexual_abuse", "neglect", "eating_disorder_danger",
              "psychosis_danger", "third_person_danger", "missing_goodbye", None}
STYLES = {"direct", "indirect", "euphemism", "goodbye", "calm_before", "giving_away", "code_word",
          "slang", "english", "typo", "no_ae_oe_aa", "third_person", "past_attempt", "one_word",
          "long_middle", "child", "second_language", "irony", "relative", "professional", "idiom",
          "hunger", "game", "film_lyrics", "homework_exam", "battery", "cake", "bereavement", "kys",
          "sports", "quotation", "prevention_question", "sad", "ordinary", "denial"}
KEYS = {"id", "text", "pieces", "level", "also", "category", "who", "style"}


def read(name):
    return yaml.safe_load((HERE / f"{name}.yml").read_text(encoding="utf-8"))


LINES = [(name, line) for name in FILES for line in read(name)]
ALL = [line for _, line in LINES]


def words(line):
    return line["text"] if "text" in line else " / ".join(line["pieces"])


@pytest.mark.parametrize("name, line", LINES, ids=[line["id"] for line in ALL])
def test_line_is_well_formed(name, line):
    assert set(line) <= KEYS
    assert {"id", "level", "category", "who", "style"} <= set(line)
    assert ("text" in line) != ("pieces" in line)
    if "pieces" in line:
        assert len(line["pieces"]) >= 2 and all(p.strip() for p in line["pieces"])
    else:
        assert line["text"].strip()
    assert line["level"] in LEVELS
    assert set(line.get("also", [])) <= LEVELS - {line["level"]}
    assert line["category"] in CATEGORIES
    assert line["who"] in {"self", "third", "unknown"}
    assert line["style"] and set(line["style"]) <= STYLES
    if line["level"] in {"acute", "high"}:
        assert line["category"] is not None
    if line["level"] == "none":
        assert line["category"] is None


def test_ids_and_texts_are_unique():
    assert len({line["id"] for line in ALL}) == len(ALL)
    assert len({words(line).lower() for line in ALL}) == len(ALL)


def test_there_are_enough():
    def level(which):
        return [line for line in ALL if line["level"] == which]

    assert len(ALL) >= 720
    assert len(level("acute")) >= 110
    assert len(level("high")) >= 230
    assert len(level("concern")) >= 60
    hidden = [x for x in level("high") if {"indirect", "euphemism", "goodbye"} & set(x["style"])]
    assert len(hidden) >= 120
    assert sum(line["level"] == "none" for line in read("look_alikes")) >= 120
    everyday = read("sad_and_ordinary")
    assert {line["level"] for line in everyday} <= {"none", "concern"}
    assert sum("sad" in line["style"] for line in everyday) >= 80
    assert sum("ordinary" in line["style"] for line in everyday) >= 120
    assert sum("pieces" in line for line in ALL) >= 40
