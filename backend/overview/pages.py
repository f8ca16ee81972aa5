"""The overview of doors and offers: to browse without a chat, to link to, to print. Served whole; no script is needed."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader
from sanic import Blueprint, Request
from sanic.response import HTTPResponse, file, html, json, redirect, text

from backend.catalogue import Catalogue
from backend.catalogue.calendar import local
from backend.catalogue.catalogue import clock
from backend.catalogue.loading import NATIONAL
from backend.catalogue.model import Door, Hours
from backend.domain.opening_hours import DAY, Span, at_minute
from backend.overview.contact_card import contact_card
from backend.overview.entries import Entry, entry_of, find
from backend.overview.filters import ALLOWED, Wish
from backend.overview.words import WORDS, long_date, say

HERE = Path(__file__).parent
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; frame-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "permissions-policy": "camera=(), microphone=(), geolocation=(), interest-cohort=()",
    "content-security-policy": POLICY,
}
CARD_SUFFIX = ".vcf"
SOME_DAY = date(2026, 1, 5)  # only the time of day is read

TEMPLATES = Environment(
    loader=FileSystemLoader(HERE / "templates"), autoescape=True, trim_blocks=True, lstrip_blocks=True
)
TEMPLATES.globals |= {"say": say, "words": WORDS}
TEMPLATES.filters |= {"digits": lambda number: "".join(sign for sign in number if sign.isdigit() or sign == "+"), "long_date": long_date}


@dataclass(frozen=True)
class OverviewPages:
    """`public_url` is what addresses to share begin with; `findable` lets search engines in."""

    catalogue: Catalogue
    public_url: str
    findable: bool
    clock: Callable[[], datetime]

    def blueprint(self) -> Blueprint:
        bp = Blueprint("overview")
        for name, root in (("everywhere", ""), ("place", "/<municipality:str>")):
            bp.add_route(self.listing, f"{root}/tilbud", name=f"listing_{name}")
            bp.add_route(self.open_data, f"{root}/tilbud.json", name=f"open_data_{name}")
            bp.add_route(self.one, f"{root}/tilbud/<key:str>", name=f"one_{name}")
        bp.add_route(self.style, "/overview.css", name="style")
        bp.on_response(self._guard)
        return bp

    async def listing(self, request: Request, municipality: str = NATIONAL) -> HTTPResponse:
        if not self._known(municipality):
            return self._missing(municipality)
        wish = Wish.read(request.args.get)
        if any(name in ALLOWED and not value for name, value in request.get_query_args(keep_blank_values=True)):
            return redirect(_root(municipality) + wish.query())  # one address for one choice, fit to be shared
        found = find(self.catalogue, municipality, wish, self.clock())
        return self.render("list.html", municipality, wish=wish, found=found, choices=WORDS["choices"])

    async def open_data(self, request: Request, municipality: str = NATIONAL) -> HTTPResponse:
        """The same choice as `{municipality, at, doors, offers}`; anybody may fetch it."""
        now = self.clock()
        found = find(self.catalogue, municipality, Wish.read(request.args.get), now)
        everything = [*found.shown(), *found.unsure]
        body = {
            "municipality": self._name(municipality),
            "at": now.isoformat(),
            "doors": [one.shown | {"page": self._address(municipality, one.key)} for one in everything if one.is_door],
            "offers": [one.shown | {"page": self._address(municipality, one.key)} for one in everything if not one.is_door],
        }
        return json(body, headers={"access-control-allow-origin": "*"}, ensure_ascii=False)

    async def one(self, request: Request, key: str, municipality: str = NATIONAL) -> HTTPResponse:
        entry = self._entry(municipality, key.removesuffix(CARD_SUFFIX))
        if entry is None:
            return self._missing(municipality, key)
        if key.endswith(CARD_SUFFIX):
            card = contact_card(entry.shown)
            return text(card, content_type="text/vcard; charset=utf-8", headers={"content-disposition": f'attachment; filename="{entry.key}.vcf"'})
        return self.render("one.html", municipality, entry=entry, **self._details(municipality, entry))

    async def style(self, request: Request) -> HTTPResponse:
        return await file(HERE / "static" / "overview.css", mime_type="text/css; charset=utf-8", headers={"cache-control": "public, max-age=300"})

    def _known(self, municipality: str) -> bool:
        return municipality == NATIONAL or municipality in self.catalogue.municipalities

    def _entry(self, municipality: str, key: str) -> Entry | None:
        return entry_of(self.catalogue, municipality, key, self.clock()) if self._known(municipality) else None

    def _details(self, municipality: str, entry: Entry) -> dict[str, Any]:
        home = self.catalogue.municipality(municipality)
        related = [o for o in home.offers.values() if entry.is_door and o.door == entry.key]
        asked_at = home.doors.get(entry.thing.door or "") if not isinstance(entry.thing, Door) else None
        return {
            "related": related,
            "asked_at": asked_at,
            "weeks": _weeks(entry),
            "address": self._address(municipality, entry.key),
        }

    def _address(self, municipality: str, key: str) -> str:
        return self.public_url + address_of(municipality, key)

    def _name(self, municipality: str) -> str:
        return self.catalogue.municipality(municipality).short or WORDS["place"][NATIONAL]

    def render(self, template: str, municipality: str, status: int = 200, **shown: Any) -> HTTPResponse:
        """A template in the frame every page has: places, crisis numbers, the foot."""
        now = self.clock()
        frame = {
            "root": _root(municipality),
            "municipality": None if municipality == NATIONAL else municipality,
            "place": self._name(municipality),
            "places": [(_root(one), WORDS["place_in_menu"].get(one) or self._name(one), one == municipality) for one in (*self.catalogue.ids(), NATIONAL)],
            "crisis": self.catalogue.crisis(municipality, now).as_json(),
            "today": long_date(local(now).date()),
            "public_url": self.public_url,
        }
        return html(TEMPLATES.get_template(template).render(frame | shown), status=status)

    def _missing(self, municipality: str, key: str = "") -> HTTPResponse:
        """A kind page with the numbers; a door that only some municipalities have is shown the way to."""
        elsewhere = [(f"{_root(one)}/{key}", self._name(one)) for one in self.catalogue.ids() if key and self._entry(one, key)]
        return self.render("missing.html", municipality if self._known(municipality) else NATIONAL, 404, elsewhere=elsewhere)

    async def _guard(self, request: Request, response: HTTPResponse) -> None:
        robots = "all" if self.findable and not request.query_string else "noindex"
        for name, value in {**HEADERS, "x-robots-tag": robots}.items():
            response.headers.setdefault(name, value)
        response.headers.setdefault("cache-control", "public, max-age=60")


def address_of(municipality: str, key: str) -> str:
    """The path of a door's or an offer's page."""
    return f"{_root(municipality)}/{key}"


def _root(municipality: str) -> str:
    return "/tilbud" if municipality == NATIONAL else f"/{municipality}/tilbud"


def _weeks(entry: Entry) -> list[tuple[str, list[tuple[str, str]]]]:
    """For each way in with sure hours: the way, and what stands beside each weekday."""
    if not isinstance(entry.thing, Door):
        return [("", _week(one)) for one in entry.hours]
    with_hours = [one for one in entry.thing.contacts if one.hours in entry.hours and one.hours is not None]
    return [(WORDS["forms"].get(one.kind, one.kind), _week(one.hours)) for one in with_hours]


def _week(hours: Hours) -> list[tuple[str, str]]:
    names = list(WORDS["choices"]["day"].values())
    if hours.opening.always:
        return [(f"{names[0]}–{names[-1].lower()}", say("card.always"))]
    return [(name, _day(hours, place)) for place, name in enumerate(names)]


def _day(hours: Hours, place: int) -> str:
    return ", ".join(_span(one) for one in hours.opening.week[place]) or say("card.closed")


def _span(span: Span) -> str:
    start, end = (clock(at_minute(SOME_DAY, minute)) for minute in (span.start, span.end))
    return say("card.overnight", start=start, end=end) if span.end > DAY else f"{start}–{end}"


