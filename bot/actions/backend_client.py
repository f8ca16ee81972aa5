"""The bot's only HTTP: calls of the backend's internal API (`docs/protocol.md` section 2).

Every call has four seconds in all. A call that can do no harm twice (reading, or keyed with an idempotency key) is tried
again up to two times after a broken connection or a 5xx; all calls here are one or the other.
"""
import asyncio
import logging
import time
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from bot.actions.settings import load_settings

logger = logging.getLogger(__name__)

TOTAL_SECONDS = 4.0
ATTEMPTS = 3
FIRST_PAUSE = 0.15

Json = dict[str, Any]


class BackendUnavailable(Exception):
    """No answer in time, or none that can be used. Nothing is known to be saved."""


class Refused(Exception):
    """The backend understood and said no; `code` and `details` are its own, `message` is Danish for the guest."""

    def __init__(self, status: int, code: str, message: str, details: Json) -> None:
        super().__init__(code)
        self.status, self.code, self.message, self.details = status, code, message, details


@dataclass(frozen=True)
class Question:
    """The one question whose answer would change the doors."""

    slot: str
    text: str
    why: str | None = None
    choices: list[Json] = field(default_factory=list)


@dataclass(frozen=True)
class Guidance:
    """`also` says who else is there right now, when few of the doors are."""

    ask: Question | None
    lead: str
    doors: list[Json]
    assumed: "Assumed | None" = None
    also: str = ""


@dataclass(frozen=True)
class Assumed:
    """What the backend took for given: how to say it, the title of the button that corrects it, and the question behind."""

    said: str
    change: str
    ask: Question


@dataclass(frozen=True)
class DoorAnswer:
    text: str
    door: Json | None = None


@dataclass(frozen=True)
class Offers:
    lead: str
    offers: list[Json]


@dataclass(frozen=True)
class Promises:
    anonymity: str
    deletion: str
    duty: str
    duty_professional: str
    readers: str
    contact: str
    consent_version: str
    consent_text: str


@dataclass(frozen=True)
class Saved:
    reference: str
    status: str
    text: str


@dataclass(frozen=True)
class Slots:
    slots: list[Json]
    exact: bool


@dataclass(frozen=True)
class Handoff:
    """state: waiting, with_host or unavailable."""

    state: str
    text: str
    queue_position: int | None = None


class BackendClient:
    """One per process. Methods raise `BackendUnavailable` or `Refused`, nothing else."""

    def __init__(self, url: str | None = None, token: str | None = None) -> None:
        settings = load_settings()
        self._url = (url or settings.backend_url) + "/internal"
        self._token = settings.service_token if token is None else token
        self._session: aiohttp.ClientSession | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    async def guidance(self, conversation_id: str, situation: Json, exclude: list[str]) -> Guidance:
        body = {"conversation_id": conversation_id, "situation": situation, "exclude": exclude}
        answer = await self._call("POST", "/guidance", body)
        ask, assumed = answer.get("ask"), answer.get("assumed")
        taken = Assumed(assumed["said"], assumed["change"], _question(assumed["ask"])) if assumed else None
        return Guidance(_question(ask) if ask else None, answer.get("lead") or "", answer.get("doors") or [], taken, (answer.get("also") or {}).get("text") or "")

    async def answer_about_door(
        self, conversation_id: str, question: str, door_id: str | None, days: tuple[str, str] | None = None
    ) -> DoorAnswer:
        """`days`, first and last date, go with the question `hours`."""
        body = {"conversation_id": conversation_id, "question": question, **_between(days)}
        answer = await self._call("POST", "/doors/answer", {**body, "door_id": door_id} if door_id else body)
        return DoorAnswer(answer["text"], answer.get("door"))

    async def door_names(self, conversation_id: str) -> list[Json]:
        """`[{id, name}]` of every door a guest may call by name."""
        return (await self._call("GET", f"/doors/names/{conversation_id}")).get("doors") or []

    async def offers(self, conversation_id: str, situation: Json, kind: str | None = None) -> Offers:
        body = {"conversation_id": conversation_id, "situation": situation}
        answer = await self._call("POST", "/offers/search", {**body, "kind": kind} if kind else body)
        return Offers(answer.get("lead") or "", answer.get("offers") or [])

    async def opening_hours(self, conversation_id: str, days: tuple[str, str] | None = None) -> str:
        body = {"conversation_id": conversation_id, **_between(days)}
        return (await self._call("POST", "/opening-hours", body))["text"]

    async def crisis_card(self, conversation_id: str, level: str | None = None) -> Json:
        body = {"conversation_id": conversation_id}
        return await self._call("POST", "/crisis", {**body, "level": level} if level else body)

    async def promises(self, conversation_id: str) -> Promises:
        answer = await self._call("GET", f"/promises/{conversation_id}")
        consent = answer.get("consent") or {}
        texts = {key: str(answer.get(key) or "") for key in ("anonymity", "deletion", "duty", "duty_professional", "readers", "contact")}
        return Promises(**texts, consent_version=str(consent.get("version") or ""), consent_text=consent.get("text") or "")

    async def save_enquiry(self, body: Json, key: str) -> Saved:
        answer = await self._call("POST", "/enquiries", body, key)
        return Saved(answer["reference"], answer["status"], answer["text"])

    async def search_slots(
        self, conversation_id: str, window: Json | None, form: str | None, limit: int = 3, host: Json | None = None
    ) -> Slots:
        body: Json = {"conversation_id": conversation_id, "limit": limit}
        body.update({k: v for k, v in (("window", window), ("form", form), ("host", host)) if v})
        answer = await self._call("POST", "/slots/search", body)
        return Slots(answer.get("slots") or [], bool(answer.get("exact", True)))

    async def hold(self, conversation_id: str, slot_id: str, form: str | None = None) -> Json:
        body = {"conversation_id": conversation_id, "slot_id": slot_id}
        return await self._call("POST", "/slots/hold", {**body, "form": form} if form else body)

    async def let_go(self, conversation_id: str) -> None:
        await self._call("POST", "/slots/release", {"conversation_id": conversation_id})

    async def book(self, body: Json, key: str) -> Json:
        return await self._call("POST", "/appointments", body, key)

    async def find(self, conversation_id: str, reference: str) -> Json:
        return await self._call("POST", "/appointments/find", {"conversation_id": conversation_id, "reference": reference})

    async def remind(self, conversation_id: str, reference: str, contact: Json) -> Json:
        body = {"conversation_id": conversation_id, "reference": reference, "contact": contact}
        return await self._call("POST", "/appointments/reminder", body)

    async def wait(self, conversation_id: str, wanted: Json | None = None) -> Json:
        """For something earlier than the guest's appointment, or without one for anything in `wanted` {window, form, host}."""
        return await self._call("POST", "/appointments/wait", {"conversation_id": conversation_id, **(wanted or {})})

    async def follow_up(self, conversation_id: str) -> None:
        await self._call("POST", "/appointments/follow-up", {"conversation_id": conversation_id})

    async def host_named(self, conversation_id: str, names: list[str]) -> str | None:
        """The host one of the words names; None when nobody is called that there."""
        return (await self._call("POST", "/hosts/named", {"conversation_id": conversation_id, "names": names})).get("alias")

    async def cancel(self, conversation_id: str, reference: str, key: str) -> Json:
        body = {"conversation_id": conversation_id, "reference": reference}
        return await self._call("POST", "/appointments/cancel", body, key)

    async def reschedule(self, conversation_id: str, reference: str, slot_id: str, key: str) -> Json:
        body = {"conversation_id": conversation_id, "reference": reference, "slot_id": slot_id}
        return await self._call("POST", "/appointments/reschedule", body, key)

    async def request_handoff(self, conversation_id: str, wish: str | None, key: str) -> Handoff:
        body = {"conversation_id": conversation_id}
        answer = await self._call("POST", "/handoffs", {**body, "wish": wish} if wish else body, key)
        return Handoff(answer["state"], answer.get("text") or "", answer.get("queue_position"))

    async def feedback(self, body: Json, key: str) -> None:
        await self._call("POST", "/feedback", body, key)

    # --- one call ---------------------------------------------------------------------------------------------------

    async def _call(self, method: str, path: str, body: Json | None = None, key: str | None = None) -> Json:
        deadline = time.monotonic() + TOTAL_SECONDS
        for attempt in range(ATTEMPTS):
            try:
                return await self._once(method, path, body, key, deadline)
            except (aiohttp.ClientError, asyncio.TimeoutError, ValueError, KeyError, OSError) as error:
                logger.warning("Backend call %s failed (%s), attempt %d", path.split("/")[1], type(error).__name__, attempt + 1)
            pause = FIRST_PAUSE * 2**attempt
            if attempt + 1 == ATTEMPTS or time.monotonic() + pause >= deadline:
                break
            await asyncio.sleep(pause)
        raise BackendUnavailable(path)

    async def _once(self, method: str, path: str, body: Json | None, key: str | None, deadline: float) -> Json:
        headers = {"X-Service-Token": self._token, **({"Idempotency-Key": key} if key else {})}
        timeout = aiohttp.ClientTimeout(total=max(0.05, deadline - time.monotonic()))
        async with self._opened().request(method, self._url + path, json=body, headers=headers, timeout=timeout) as answer:
            if answer.status >= 500:
                raise aiohttp.ClientError(f"status {answer.status}")
            content = await answer.json()
            if answer.status >= 400:
                raise _refusal(answer.status, content)
            return content

    def _opened(self) -> aiohttp.ClientSession:
        loop = asyncio.get_running_loop()
        if self._session is None or self._session.closed or self._loop is not loop:
            self._session, self._loop = aiohttp.ClientSession(), loop
        return self._session

    async def close(self) -> None:
        if self._session and not self._session.closed:
            await self._session.close()


def _question(ask: Json) -> Question:
    return Question(ask["slot"], ask["text"], ask.get("why"), ask.get("choices") or [])


def _between(days: tuple[str, str] | None) -> Json:
    return {"on": days[0], "to": days[1]} if days else {}


def _refusal(status: int, content: Json) -> Refused:
    error = content.get("error") or {}
    return Refused(status, str(error.get("code") or "error"), str(error.get("message") or ""), error.get("details") or {})


_client: BackendClient | None = None


def backend() -> BackendClient:
    """The process's client; made on first use, so that importing actions needs no environment."""
    global _client
    if _client is None:
        _client = BackendClient()
    return _client
