"""The page where a guest moves or cancels with the code. Plain forms: it works without JavaScript and without a login.

The code travels in the body of a POST, so that it stands in no address, no history and no log.
"""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sanic import Blueprint, Request
from sanic.response import HTTPResponse, file, html

from backend.appointments.booking import SlotTaken
from backend.appointments.by_code import ByCode
from backend.errors import IndgangError

HERE = Path(__file__).parent
POLICY = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
HEADERS = {
    "content-security-policy": POLICY,
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "x-robots-tag": "noindex",
    "cross-origin-opener-policy": "same-origin",
}
TEMPLATES = Environment(
    loader=FileSystemLoader(HERE / "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
)


@dataclass(frozen=True)
class GuestPage:
    by_code: ByCode

    def blueprint(self) -> Blueprint:
        bp = Blueprint("guest_page")
        bp.add_route(self.ask, "/aftale", methods=["GET"], name="ask")
        bp.add_route(self.show, "/aftale", methods=["POST"], name="show")
        bp.add_route(self.times, "/aftale/tider", methods=["POST"], name="times")
        bp.add_route(self.move, "/aftale/flyt", methods=["POST"], name="move")
        bp.add_route(self.ask_cancel, "/aftale/aflys", methods=["POST"], name="ask_cancel")
        bp.add_route(self.cancel, "/aftale/aflyst", methods=["POST"], name="cancel")
        bp.add_route(self.style, "/aftale/page.css", methods=["GET"], name="style")
        bp.exception(IndgangError)(self._sorry)
        return bp

    async def ask(self, request: Request) -> HTTPResponse:
        return _page("ask.html", problem=None)

    async def show(self, request: Request) -> HTTPResponse:
        code = _field(request, "code")
        return _page("appointment.html", code=code, card=await self.by_code.card(code, _who(request)), news=None)

    async def times(self, request: Request) -> HTTPResponse:
        return await self._times(request)

    async def _times(self, request: Request, taken: bool = False) -> HTTPResponse:
        code = _field(request, "code")
        found = await self.by_code.times(code, _who(request), _moment(_field(request, "since")))
        later = max((slot["ends_at"] for slot in found["slots"]), default=None)
        return _page("times.html", 409 if taken else 200, code=code, key=secrets.token_hex(16), taken=taken, later=later, **found)

    async def move(self, request: Request) -> HTTPResponse:
        code, slot = _field(request, "code"), _field(request, "slot")
        if not slot:
            return await self._times(request)
        try:
            card = await self.by_code.move(code, _who(request), slot, _key(request))
        except SlotTaken:
            return await self._times(request, taken=True)
        return _page("appointment.html", code=code, card=card | {"is_ahead": True}, news="moved")

    async def ask_cancel(self, request: Request) -> HTTPResponse:
        code = _field(request, "code")
        return _page("cancel.html", code=code, key=secrets.token_hex(16), card=await self.by_code.card(code, _who(request)))

    async def cancel(self, request: Request) -> HTTPResponse:
        card = await self.by_code.cancel(_field(request, "code"), _who(request), _key(request))
        return _page("cancelled.html", card=card)

    async def style(self, request: Request) -> HTTPResponse:
        return await file(HERE / "templates" / "page.css", mime_type="text/css; charset=utf-8", headers={"cache-control": "no-cache"})

    async def _sorry(self, request: Request, error: IndgangError) -> HTTPResponse:
        """Said in the page, where the guest can try again."""
        return _page("ask.html", error.status, problem=error.message)


def _page(template: str, status: int = 200, **values: object) -> HTTPResponse:
    return html(TEMPLATES.get_template(template).render(**values), status=status, headers=HEADERS)


def _field(request: Request, name: str) -> str:
    return str((request.form or {}).get(name) or "").strip()[:80]


def _key(request: Request) -> str:
    """One per page shown: pressing twice is pressing once."""
    return _field(request, "key") or secrets.token_hex(16)


def _who(request: Request) -> str:
    return request.remote_addr or request.ip


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
