"""The hazard log: complete, unsigned, and naming what has no test yet."""

import yaml

from backend.safety.hazards import SOURCE, find_guards, missing, render

DOCUMENT = yaml.safe_load(SOURCE.read_text("utf-8"))


def test_all_sixteen_hazards_are_there_with_mitigations():
    assert [h["id"] for h in DOCUMENT["hazards"]] == [f"H{n}" for n in range(1, 17)]
    assert all(h["mitigations"] and h["causes"] and h["residual"] for h in DOCUMENT["hazards"])


def test_the_page_carries_the_unsigned_line_and_names_what_is_missing():
    page = render(DOCUMENT, find_guards())
    assert "NOT SIGNED" in page
    assert all(h in page for h in missing(DOCUMENT["hazards"], find_guards()))


def test_guards_point_at_tests_that_exist():
    guards = find_guards()
    assert {"H1", "H2", "H4", "H13", "H14"} <= {g.hazard for g in guards}
    assert all(g.path.startswith(("tests/", "web_widget/")) and g.test for g in guards)
