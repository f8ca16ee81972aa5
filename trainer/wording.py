"""The Danish that trainers read: `trainer/wording.yml`, by tool and key."""
from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml


@lru_cache(maxsize=1)
def _all() -> dict[str, dict[str, Any]]:
    return yaml.safe_load(Path(__file__).with_suffix(".yml").read_text("utf-8"))


def wording(tool: str) -> dict[str, Any]:
    """{key: text or list} of one tool."""
    return _all()[tool]
