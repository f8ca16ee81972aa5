"""Danish labels of keys and spans of time for the console. The labels are data: words.yml."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import yaml

from backend.domain.appointments import COPENHAGEN

WORDS: dict[str, dict[str, str]] = yaml.safe_load(
    (Path(__file__).parent / "words.yml").read_text(encoding="utf-8")
)


def words(key: object, kind: str) -> str:
    """The label of `key` among `kind` (risk, relation, topic …); a plain «andet» when nobody has named it yet, never the key."""
    return WORDS[kind].get(str(key), WORDS["unnamed"]["key"])


def several(keys: Iterable[object], kind: str) -> list[str]:
    """The labels of `keys`, each once (`age` and `age_band` are the same word to a host)."""
    return list(dict.fromkeys(words(key, kind) for key in keys))


def ago(span: timedelta) -> str:
    """→ «lige nu», «1 minut», «12 minutter», «2 timer», «3 dage»."""
    minutes = int(span.total_seconds() // 60)
    for name, size in (("day", 1440), ("hour", 60), ("minute", 1)):
        if minutes >= size:
            count = minutes // size
            return f"{count} {words(name if count == 1 else name + 's', 'time')}"
    return words("now", "time")


def told(span: timedelta, kind: str = "since") -> str:
    """→ «for 3 minutter siden», «har ventet 3 minutter» (`kind` waited), or the words for a moment ago."""
    spelled = ago(span)
    return words("now", kind) if spelled == words("now", "time") else words("then", kind).format(span=spelled)


def clock(moment: datetime) -> str:
    """→ «14.05» in Copenhagen."""
    return moment.astimezone(COPENHAGEN).strftime("%H.%M")


def clock_seconds(moment: datetime) -> str:
    """→ «14.05.30» in Copenhagen."""
    return moment.astimezone(COPENHAGEN).strftime("%H.%M.%S")


def host_name(address: str) -> str:
    """→ «girltalk.dk» of a web address."""
    return urlsplit(address).netloc.removeprefix("www.")
