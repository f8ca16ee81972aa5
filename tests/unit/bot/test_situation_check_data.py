"""The check before a training: what it finds, where, and that it is said in Danish."""

from __future__ import annotations

from trainer.check_data import Line, as_danish, check, read_lines

FINE = [Line("a/nlu.yml", 5 + i, "greet", f"hej nummer {word}") for i, word in enumerate(["et", "to", "tre"])]

AGAIN = Line("a/nlu.yml", 30, "greet", "hej nummer et!")


def kinds(lines, goals=frozenset({"greet", "book"}), forms=None):
    return [finding.kind for finding in check(lines, set(goals), forms or {})]


def test_the_same_message_under_two_labels_must_be_mended():
    lines = [Line("a/nlu.yml", 3, "greet", "Hej, en tid!"), Line("b/nlu.yml", 9, "book", "hej en tid")]
    lines[0] = Line("a/nlu.yml", 3, "greet", "HEJ en tid!")
    found = [finding for finding in check(lines, {"greet", "book"}, {}) if finding.kind == "conflict"]
    assert found[0].must and (found[0].facts["line"], found[0].facts["other_line"]) == (9, 3)
    assert "b/nlu.yml:9" in as_danish(found, lines, {}) and "greet" in as_danish(found, lines, {})


def test_the_same_message_twice_under_one_label_is_a_warning():
    assert "duplicate" in kinds([*FINE, AGAIN]) and "conflict" not in kinds([*FINE, AGAIN])


def test_messages_that_are_nearly_the_same_under_two_labels():
    one = Line("a/nlu.yml", 1, "greet", "jeg vil gerne komme forbi og snakke med en af jer")
    two = Line("b/nlu.yml", 1, "book", "jeg vil gerne komme forbi og snakke med en af jer nu")
    assert "near" in kinds([one, two])


def test_letters_that_mean_something_else_to_rasa():
    assert "forbidden" in kinds([Line("a", 1, "greet", "hej [navn]")])
    assert "start" in kinds([Line("a", 1, "greet", "/hej")])
    assert "empty" in kinds([Line("a", 1, "greet", "")])
    assert "long" in kinds([Line("a", 1, "greet", "ord " * 130)])


def test_too_few_unknown_and_glossary():
    assert {"few", "unknown"} <= set(kinds([Line("a", 1, "no_such_goal", "hej")]))
    assert kinds(FINE, forms={"hilsen": ["hej", "hej"]}).count("lexicon") == 1


def test_nothing_found_is_said_too():
    assert "1 " in as_danish([], FINE[:1], {"a": ["b"]})


def test_lines_are_read_with_their_place(tmp_path):
    (tmp_path / "sleep").mkdir()
    (tmp_path / "sleep" / "nlu.yml").write_text("nlu:\n- intent: guide_topic/sleep\n  examples: |\n    - sover ikke\n    - vågen\n", "utf-8")
    assert [(line.line, line.label, line.text) for line in read_lines(tmp_path)] == [
        (4, "guide_topic/sleep", "sover ikke"),
        (5, "guide_topic/sleep", "vågen"),
    ]
