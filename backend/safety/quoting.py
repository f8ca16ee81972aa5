"""The guest's own sentence given back to them, where that can do no harm. Pure."""

import re
from functools import lru_cache
from pathlib import Path

import yaml

from backend.safety.assessment import Assessment
from backend.safety.folding import clean
from backend.safety.masking import find_personal_data

FORBIDDEN = Path(__file__).parent / "patterns" / "forbidden_wording.yml"
LONGEST = 80
_SENTENCE = re.compile(r"[^.!?…\n]+")


def quotable(text: str, assessment: Assessment) -> str | None:
    """The sentence that was reacted to, at most 80 characters; None when it is long, names somebody or holds what we never write.

    Only thoughts are quoted, never plans, means, injuries or violence.
    """
    if not assessment.span or assessment.level != "high" or assessment.categories != ("suicidal_thoughts",) or assessment.who == "third":
        return None
    sentences = (found.group().strip(" ,;:-»«\"'") for found in _SENTENCE.finditer(clean(text)))
    sentence = next((s for s in sentences if assessment.span.strip() in s), None)
    if sentence is None or len(sentence) > LONGEST or find_personal_data(sentence) or _forbidden(sentence):
        return None
    return sentence


def _forbidden(text: str) -> bool:
    return any(rule.search(text) for rule in _rules())


@lru_cache(maxsize=1)
def _rules() -> tuple[re.Pattern, ...]:
    return tuple(re.compile(rule["words"], re.IGNORECASE) for rule in yaml.safe_load(FORBIDDEN.read_text("utf-8"))["forbidden"])
