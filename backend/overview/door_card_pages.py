"""Making a door card, and opening one. Plain forms; the page that opens a card is the same whether the card works or not."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sanic import Blueprint, Request
from sanic.response import HTTPResponse, JSONResponse, json, redirect

from backend.catalogue.loading import NATIONAL
from backend.door_cards.service import DoorCard, DoorCards
from backend.edge import require_own_origin
from backend.errors import Busy, NotAllowed, NotFound
from backend.overview.pages import HEADERS, address_of
from backend.overview.words import long_date

PRIVATE = HEADERS | {"cache-control": "no-store", "x-robots-tag": "noindex"}


@dataclass(frozen=True)
class DoorCardPages:
    """`page` renders a template in the overview's frame."""

    cards: DoorCards
    page: Callable[..., HTTPResponse]
    public_url: str

    def blueprint(self) -> Blueprint:
        bp = Blueprint("door_cards")
        for name, root in (("everywhere", ""), ("place", "/<municipality:str>")):
            bp.add_route(self.made, f"{root}/tilbud/<key:str>/kort", methods=["POST"], name=f"made_{name}")
        bp.add_route(self.make, "/api/v1/door-cards", methods=["POST"], name="make")
        bp.add_route(self.ask, "/d", methods=["GET"], name="ask")
        bp.add_route(self.opened, "/d", methods=["POST"], name="opened")
        bp.add_route(self.before, "/d/<code:str>", methods=["GET"], name="before")
        bp.add_route(self.opened, "/d/<code:str>", methods=["POST"], name="opened_by_link")
        bp.on_response(_guard)
        bp.exception(Busy)(self._busy)
        return bp

    async def make(self, request: Request) -> JSONResponse:
        """`{municipality?, door}` → 201 `{code, address, expires_on}`. No token of a conversation is sent or read."""
        require_own_origin(request, {self.public_url})
        body = request.json if isinstance(request.json, dict) else {}
        try:
            card = await self.cards.make(str(body.get("municipality") or NATIONAL), str(body.get("door") or ""), _who(request))
        except Busy as error:
            return json(error.as_json(), status=error.status)
        return json({"code": card.code, "address": self._address(card), "expires_on": card.expires_on.isoformat()}, status=201)

    async def made(self, request: Request, key: str, municipality: str = NATIONAL) -> HTTPResponse:
        _not_from_elsewhere(request)
        try:
            card = await self.cards.make(municipality, key, _who(request))
        except NotFound:
            return self._page("missing.html", status=404, elsewhere=[])
        door = self.cards.catalogue.municipality(municipality).doors[key]
        return self._page("card_made.html", municipality, card=card, door=door, address=self._address(card), until=long_date(card.expires_on))

    async def ask(self, request: Request) -> HTTPResponse:
        return self._page("card_ask.html")

    async def before(self, request: Request, code: str) -> HTTPResponse:
        """Reads nothing and changes nothing: whoever opens the link learns only that there is a button."""
        return self._page("card_before.html")

    async def opened(self, request: Request, code: str = "") -> HTTPResponse:
        found = await self.cards.open(code or str((request.form or {}).get("code") or ""), _who(request))
        if found is None:
            return self._page("card_gone.html")
        return redirect(address_of(*found), status=303)

    async def _busy(self, request: Request, error: Busy) -> HTTPResponse:
        return self._page("card_busy.html", status=error.status)

    def _page(self, template: str, municipality: str = NATIONAL, **shown: Any) -> HTTPResponse:
        return self.page(template, municipality, **shown)

    def _address(self, card: DoorCard) -> str:
        return f"{self.public_url}/d/{card.code}"


def _not_from_elsewhere(request: Request) -> None:
    """A form on our own page sends `Origin: null`, since its page tells no referrer; the browser's own word is asked instead."""
    if request.headers.get("sec-fetch-site") == "cross-site":
        raise NotAllowed()


def _who(request: Request) -> str:
    return request.remote_addr or request.ip


async def _guard(request: Request, response: HTTPResponse) -> None:
    response.headers.update(PRIVATE)
