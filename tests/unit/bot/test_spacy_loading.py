"""A site with a Danish spaCy model can put it before our components: the loading path, with a small pipeline built here."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from bot.components.without_tensorflow import needed_by

ROOT = Path(__file__).resolve().parents[3]
PYTHON = ROOT / ".venv-rasa" / "bin" / "python"
SCRIPT = """
import json, sys
sys.modules["tensorflow"] = None  # spaCy asks it for its devices; without it this takes seconds, not a minute
import spacy
del sys.modules["tensorflow"]
from bot.components import without_tensorflow
without_tensorflow.install()
from rasa.nlu.tokenizers.spacy_tokenizer import SpacyTokenizer
from rasa.nlu.utils.spacy_utils import SpacyNLP
from rasa.shared.nlu.training_data.message import Message
from bot.components.danish_normaliser import NORMAL_TEXT, DanishNormaliser

danish = spacy.blank("da")
danish.add_pipe("lemmatizer", config={"mode": "lookup"})
danish.initialize()
danish.to_disk(sys.argv[1])
loaded = SpacyNLP.create({"model": sys.argv[1], "case_sensitive": False}, None, None, None)
message = Message(data={"text": "Jeg sover dårligt om nætterne"})
loaded.process([message], loaded.provide())
SpacyTokenizer(SpacyTokenizer.get_default_config()).process([message])
DanishNormaliser().process([message])
print(json.dumps([message.get(NORMAL_TEXT), [token.lemma for token in message.get("text_tokens")]]))
"""


def test_tensorflow_is_not_left_out_when_the_pipeline_names_spacy(tmp_path):
    config = tmp_path / "config.yml"
    config.write_text("pipeline:\n  - name: SpacyNLP\n    model: da_core_news_md\n", "utf-8")
    assert needed_by(config)
    assert not needed_by(ROOT / "config.yml")


@pytest.mark.skipif(not PYTHON.exists(), reason="Rasa's environment is not set up")
def test_a_danish_model_on_disk_is_loaded_by_its_path(tmp_path):
    done = subprocess.run(
        [str(PYTHON), "-W", "ignore", "-c", SCRIPT, str(tmp_path / "da")], cwd=ROOT, capture_output=True, text=True, timeout=110
    )
    assert done.returncode == 0, done.stderr[-2000:]
    normal, lemmas = json.loads(done.stdout.splitlines()[-1])
    assert normal == "jeg sover dårligt om nætterne"
    assert lemmas[1] == "sove" and lemmas[-1] == "nat"
