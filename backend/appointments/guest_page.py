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
from backend.appointments.messengers import EMAIL, PHONE
from backend.appointments.reminders import FOLLOW_UP, REMINDER
from backend.errors import BadInput, IndgangError

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
        bp.add_route(self.write, "/aftale/beskeder", methods=["POST"], name="write")
        bp.add_route(self.answer, "/aftale/svar", methods=["POST"], name="answer")
        bp.add_route(self.ask_cancel, "/aftale/aflys", methods=["POST"], name="ask_cancel")
        bp.add_route(self.cancel, "/aftale/aflyst", methods=["POST"], name="cancel")
        bp.add_route(self.style, "/aftale/page.css", methods=["GET"], name="style")
        bp.exception(IndgangError)(self._sorry)
        return bp

    async def ask(self, request: Request) -> HTTPResponse:
        return _page("ask.html", problem=None)

    async def show(self, request: Request) -> HTTPResponse:
        return await self._show(request)

    async def _show(self, request: Request, news: str | None = None, problem: str | None = None, status: int = 200) -> HTTPResponse:
        code = _field(request, "code")
        known = await self.by_code.shown(code, _who(request))
        return _page("appointment.html" if known["card"] else "waiting.html", status, code=code, news=news, problem=problem, **known)

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
            await self.by_code.move(code, _who(request), slot, _key(request))
        except SlotTaken:
            return await self._times(request, taken=True)
        return await self._show(request, "moved")

    async def write(self, request: Request) -> HTTPResponse:
        """What the guest would like to be written about, and where; just as it stands on the page."""
        about = {kind for kind, name in ((REMINDER, "remind"), (FOLLOW_UP, "follow_up")) if _field(request, name)}
        try:
            await self.by_code.write_to(_field(request, "code"), _who(request), _contact(request), about, bool(_field(request, "earlier")))
        except BadInput as error:
            return await self._show(request, problem=error.message, status=error.status)
        return await self._show(request, "saved")

    async def answer(self, request: Request) -> HTTPResponse:
        """To an offer of something earlier: yes, no, or not to be asked again."""
        code, said = _field(request, "code"), _field(request, "answer")
        if said == "stop":
            await self.by_code.stop_waiting(code, _who(request))
            return _page("stopped.html")
        card = await self.by_code.answer(code, _who(request), said == "yes")
        return await self._show(request, "moved" if card else "gone" if said == "yes" else None)

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


def _field(request: Request, name: str, most: int = 80) -> str:
    return str((request.form or {}).get(name) or "").strip()[:most]


def _contact(request: Request) -> dict | None:
    """None when the guest left it as it was. What stands in the message is the least there can."""
    value = _field(request, "contact", 200)
    return {"kind": EMAIL if "@" in value else PHONE, "value": value, "may_say": "time"} if value else None


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
