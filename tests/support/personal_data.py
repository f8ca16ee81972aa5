"""The lines of `personal_data.yml`; the widget's own tests read the same file."""

from pathlib import Path

import yaml

_LINES = yaml.safe_load(Path(__file__).with_suffix(".yml").read_text("utf-8"))
FOUND = [(str(text), kind) for kind, texts in _LINES["found"].items() for text in texts]
LEFT_ALONE = [str(text) for text in _LINES["left_alone"]]
FIRST_NAME_ONLY = _LINES["first_name_only"]
