"""Every setting is documented, and a wrong one stops the start with what to write instead."""

from pathlib import Path

import pytest

from backend.settings import DEFAULTS, BadSettings, load_settings

RIGHT = {"INDGANG_MASTER_KEY": "a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s=", "INDGANG_SERVICE_TOKEN": "a-service-token-for-tests"}


@pytest.mark.parametrize("name", DEFAULTS)
def test_every_setting_stands_in_the_operations_guide(name):
    guide = Path(__file__).resolve().parents[2] / "docs" / "operations.md"
    assert f"INDGANG_{name.upper()}" in guide.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"INDGANG_PORT": "eighty"}, "INDGANG_PORT"),
        ({"INDGANG_MASTER_KEY": ""}, "INDGANG_MASTER_KEY"),
        ({"INDGANG_MASTER_KEY": "short"}, "INDGANG_MASTER_KEY"),
        ({"INDGANG_SERVICE_TOKEN": ""}, "INDGANG_SERVICE_TOKEN"),
        ({"INDGANG_CONTENT_DIR": "/nowhere"}, "INDGANG_CONTENT_DIR"),
        ({"INDGANG_DATABASE_URL": "postgresql://x"}, "asyncpg"),
        ({"INDGANG_PRODUCTION": "1"}, "INDGANG_EMBED_ORIGINS"),
        ({"INDGANG_PRODUCTION": "1", "INDGANG_DEMO_ALWAYS_OPEN": "1"}, "INDGANG_DEMO_ALWAYS_OPEN"),
    ],
)
def test_a_wrong_setting_is_named_with_its_fix(wrong, named):
    with pytest.raises(BadSettings, match=named):
        load_settings(RIGHT | wrong)


def test_all_faults_are_told_at_once():
    with pytest.raises(BadSettings) as told:
        load_settings({"INDGANG_PORT": "x"})
    assert len(str(told.value).splitlines()) == 3
