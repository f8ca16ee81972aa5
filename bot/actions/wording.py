"""Buttons and variants out of `responses.yml`. Actions choose by key; no sentence is written in Python."""
import json
from collections.abc import Sequence
from typing import Any

Button = dict[str, Any]


def has(domain: dict[str, Any], key: str) -> bool:
    return key in (domain.get("responses") or {})


def buttons(domain: dict[str, Any], key: str) -> list[Button]:
    """The buttons of one response, e.g. to put after choices that came from the backend."""
    variants = (domain.get("responses") or {}).get(key) or [{}]
    return [{"title": b["title"], "payload": _unescaped(b["payload"])} for b in variants[0].get("buttons") or []]


def _unescaped(payload: str) -> str:
    """Rasa wants braces doubled in `responses.yml`, because a single brace there means a variable."""
    return payload.replace("{{", "{").replace("}}", "}")


def text(domain: dict[str, Any], key: str) -> str:
    """The first text of one response, for use inside another."""
    variants = (domain.get("responses") or {}).get(key) or [{}]
    return variants[0].get("text") or ""


def button(title: str, intent: str, **entities: Any) -> Button:
    """A button whose payload says `intent` with entities; values travel as they are."""
    payload = "/" + intent + (json.dumps(entities, ensure_ascii=False) if entities else "")
    return {"title": title, "payload": payload}


def payload_intent(found: Button) -> str:
    return found["payload"].lstrip("/").split("{")[0]


def payload_entity(found: Button, name: str) -> str | None:
    _, brace, body = found["payload"].partition("{")
    return json.loads(brace + body).get(name) if brace else None


def pick_by_entity(domain: dict[str, Any], key: str, name: str, wanted: Sequence[str]) -> list[Button]:
    """Buttons of `key` whose payload carries `name` in `wanted`, in the order of `wanted`."""
    by_value = {payload_entity(b, name): b for b in buttons(domain, key)}
    return [by_value[value] for value in wanted if value in by_value]


def pick_by_intent(domain: dict[str, Any], key: str, wanted: Sequence[str]) -> list[Button]:
    by_intent = {payload_intent(b): b for b in reversed(buttons(domain, key))}
    return [by_intent[goal] for goal in wanted if goal in by_intent]
