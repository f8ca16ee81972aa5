"""The one module that knows Rasa exists. It trusts nothing that comes back."""

import asyncio
import re
import time
from dataclasses import dataclass, field

import aiohttp

BREAK_AFTER, BREAK_SECONDS = 5, 15.0
LEADING = re.compile("^[\\s/\u200b-\u200d\u2060\ufeff]+")
FORM_SLOTS = ("active_form", "asked", "awaiting", "handed_over", "requested_slot", "booking_", "enquiry_", "cancel_", "reschedule_")


class RasaUnavailable(Exception):
    """No usable answer: not running, broken turn, nothing said, or too slow."""


@dataclass(frozen=True)
class Reply:
    """One bot turn. `messages` items have `text?`, `buttons?: [{title, payload}]`, `custom?`."""

    messages: list[dict]
    slots: dict = field(default_factory=dict)
    understanding: dict = field(default_factory=dict)
    active_form: str | None = None


class RasaClient:
    """Asks Rasa over our own channel. After five failures in a row it is left alone for a while."""

    def __init__(self, url: str, token: str, cap_seconds: float) -> None:
        self._url = f"{url}/webhooks/indgang/webhook"
        self._headers = {"X-Service-Token": token}
        self._timeout = aiohttp.ClientTimeout(total=cap_seconds, sock_connect=2)
        self._session: aiohttp.ClientSession | None = None
        self._failures, self._resting_until = 0, 0.0

    async def ask(self, sender: str, message: str, metadata: dict, seed_slots: dict | None = None) -> Reply:
        """`message` is plain text or the payload of a choice we offered. Raises RasaUnavailable."""
        if not sender or time.monotonic() < self._resting_until:
            raise RasaUnavailable("resting")
        body = {"sender": sender, "message": message, "metadata": metadata, "seed_slots": seed_slots or {}}
        try:
            reply = await self._post(body)
        except (aiohttp.ClientError, asyncio.TimeoutError, ValueError, KeyError, TypeError) as error:
            self._note_failure()
            raise RasaUnavailable(type(error).__name__) from None
        self._failures = 0
        return reply

    async def _post(self, body: dict) -> Reply:
        async with self._opened().post(self._url, json=body, headers=self._headers) as answer:
            if answer.status != 200:
                raise ValueError("status")
            data = await answer.json()
        if data.get("ok") is not True or not isinstance(data["messages"], list):
            raise ValueError("shape")
        return Reply(data["messages"], data.get("slots") or {}, data.get("understanding") or {}, data.get("active_form"))

    def _opened(self) -> aiohttp.ClientSession:
        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession(timeout=self._timeout)
        return self._session

    def _note_failure(self) -> None:
        self._failures += 1
        if self._failures >= BREAK_AFTER:
            self._failures, self._resting_until = 0, time.monotonic() + BREAK_SECONDS

    async def close(self) -> None:
        if self._session:
            await self._session.close()


def without_forms(slots: dict) -> dict:
    """What is known of the guest, without half a form: for a conversation that comes back after a human had it."""
    return {name: value for name, value in slots.items() if not name.startswith(FORM_SLOTS)}


def as_plain_text(text: str) -> str:
    """A guest's text can never be read as an intent payload: the leading slashes go."""
    return LEADING.sub("", text) or " "
