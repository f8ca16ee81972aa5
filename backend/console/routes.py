"""The hosts' pages. Every route says which right it needs; every change needs our own origin and the session's token."""

import hmac
import json as jsonlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from sanic import Blueprint, Request
from sanic.response import HTTPResponse, JSONResponse, file, html, json, redirect
from sanic.server.websockets.impl import WebsocketImplProtocol

from backend.appointments.service import AppointmentService
from backend.catalogue import Catalogue
from backend.console.feed import ConsoleFeed, Following
from backend.console.pages import ConsolePages, channels_known
from backend.console.schemas import (
    AddHost,
    ChangeStatus,
    Claim,
    Decline,
    Invite,
    Nothing,
    OfferTransfer,
    Part,
    Presence,
    SayAsHost,
    SendCard,
    WriteDown,
    WriteNote,
)
from backend.conversations.hub import QUEUE_TOPIC
from backend.conversations.service import ConversationService
from backend.edge import parse, require_own_origin, whole_number
from backend.enquiries.service import EnquiryService
from backend.errors import BadInput, IndgangError, NotAllowed, NotFound, NotSignedIn
from backend.guidance.service import offer_json
from backend.handoffs.company import Company
from backend.handoffs.service import HandoffService, Host
from backend.hosts.oidc import Oidc, Provider
from backend.hosts.roles import ALARMS, CHAT, MEASURES, OWN, PRACTICE, STAFF, may
from backend.hosts.service import CODE, ENROL, HostService, Locked, NewHost, SignedIn
from backend.settings import Settings

STATIC = Path(__file__).parent / "static"
COOKIE = "indgang_host"
OIDC_COOKIE, OIDC_SECONDS = "indgang_oidc", 600
HOURS = 9
TYPES = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self' {socket}; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
START = {CHAT: "/console", STAFF: "/console/staff", PRACTICE: "/console/practice"}
Handler = Callable[..., Awaitable[HTTPResponse]]


@dataclass(frozen=True)
class Route:
    """`needs` is the right from `hosts/roles.py`; None: no session needed. `about`: what the id in the path names."""

    path: str
    method: str
    handler: str
    needs: str | None = None
    about: str | None = None

    @property
    def changes(self) -> bool:
        return self.method == "POST"


_CHAT = "/conversations/<conversation_id:str>"
_FRAGMENT = "/fragments/conversations/<conversation_id:str>"
TABLE = (
    Route("/login", "GET", "login"),
    Route("/login", "POST", "sign_in"),
    Route("/oidc", "GET", "oidc_begin"),
    Route("/oidc/callback", "GET", "oidc_callback"),
    Route("/code", "GET", "code_page"),
    Route("/code", "POST", "confirm_code"),
    Route("/locked", "GET", "locked_page"),
    Route("/unlock", "POST", "unlock"),
    Route("/logout", "POST", "sign_out"),
    Route("/static/<name:str>", "GET", "static"),
    Route("/", "GET", "front", OWN),
    Route("/lock", "POST", "lock", OWN),
    Route("/presence", "POST", "presence", OWN),
    Route("/ready", "POST", "ready", CHAT),
    Route("/enquiries", "GET", "enquiry_page", CHAT),
    Route("/enquiries/<enquiry_id:str>", "POST", "move_enquiry", CHAT, "enquiry"),
    Route("/appointments", "GET", "appointment_page", CHAT),
    Route("/fragments/queue", "GET", "queue_fragment", CHAT),
    Route(_FRAGMENT, "GET", "conversation_fragment", CHAT, "conversation"),
    Route(f"{_FRAGMENT}/log", "GET", "log_fragment", CHAT, "conversation"),
    Route(f"{_FRAGMENT}/side", "GET", "side_fragment", CHAT, "conversation"),
    Route(f"{_CHAT}/claim", "POST", "claim", CHAT, "conversation"),
    Route(f"{_CHAT}/go-in", "POST", "go_in", CHAT, "conversation"),
    Route(f"{_CHAT}/alarm/seen", "POST", "alarm_seen", CHAT, "conversation"),
    Route(f"{_CHAT}/alarm/acts", "POST", "write_down", CHAT, "conversation"),
    Route(f"{_CHAT}/messages", "POST", "say", CHAT, "conversation"),
    Route(f"{_CHAT}/cards", "POST", "send_card", CHAT, "conversation"),
    Route(f"{_CHAT}/notes", "POST", "write_note", CHAT, "conversation"),
    Route(f"{_CHAT}/transfer", "POST", "transfer", CHAT, "conversation"),
    Route(f"{_CHAT}/transfer/withdraw", "POST", "withdraw_transfer", CHAT, "conversation"),
    Route(f"{_CHAT}/transfer/accept", "POST", "accept_transfer", CHAT, "conversation"),
    Route(f"{_CHAT}/transfer/decline", "POST", "decline_transfer", CHAT, "conversation"),
    Route(f"{_CHAT}/invite", "POST", "invite", CHAT, "conversation"),
    Route(f"{_CHAT}/join", "POST", "join", CHAT, "conversation"),
    Route(f"{_CHAT}/part", "POST", "part", CHAT, "conversation"),
    Route(f"{_CHAT}/warn", "POST", "warn", CHAT, "conversation"),
    Route(f"{_CHAT}/misuse", "POST", "end_misuse", CHAT, "conversation"),
    Route(f"{_CHAT}/hand-back", "POST", "hand_back", CHAT, "conversation"),
    Route(f"{_CHAT}/close", "POST", "close", CHAT, "conversation"),
    Route("/staff", "GET", "staff_page", STAFF),
    Route("/staff", "POST", "add_host", STAFF),
    Route("/staff/<host_id:str>/dismiss", "POST", "dismiss", STAFF, "host"),
    Route("/staff/<host_id:str>/reinstate", "POST", "reinstate", STAFF, "host"),
    Route("/alarms", "GET", "alarms_page", ALARMS),
    Route("/measures", "GET", "measures_page", MEASURES),
    Route("/measures.csv", "GET", "measures_csv", MEASURES),
    Route("/practice", "GET", "practice", PRACTICE),
)


@dataclass(frozen=True)
class ConsoleRoutes:
    hosts: HostService
    handoffs: HandoffService
    company: Company
    conversations: ConversationService
    enquiries: EnquiryService
    appointments: AppointmentService
    catalogue: Catalogue
    settings: Settings

    def blueprint(self) -> Blueprint:
        bp = Blueprint("console", url_prefix="/console")
        for route in TABLE:
            bp.add_route(
                self._handler(route),
                route.path,
                methods=[route.method],
                name=route.handler,
                strict_slashes=False,
            )
        bp.add_websocket_route(self.feed, "/feed", name="feed")
        bp.on_response(self._guarding())
        return bp

    def _guarding(self) -> Handler:
        """A plain function: Sanic quietly leaves out a bound method as middleware."""

        async def guard(request: Request, response: HTTPResponse) -> None:
            self._guard(response)

        return guard

    def _handler(self, route: Route) -> Handler:
        """The route's own function behind the check of session, right, origin and token."""
        handle = getattr(self, route.handler)
        if route.needs is None:
            return handle

        async def guarded(request: Request, **names: str) -> HTTPResponse:
            try:
                host = await self._who(request, route)
            except (NotSignedIn, Locked) as error:
                if route.changes or "/fragments/" in route.path:
                    raise
                return redirect(
                    "/console/locked" if isinstance(error, Locked) else "/console/login", status=303
                )
            return await handle(request, host, **names)

        return guarded

    async def _who(self, request: Request, route: Route) -> SignedIn:
        host = await self.hosts.who(_token(request))
        if route.changes:
            self._require_own_page(request, host)
        if not may(host.role, route.needs or ""):
            raise NotAllowed()
        return host

    def _require_own_page(self, request: Request, host: SignedIn) -> None:
        require_own_origin(request, {self.settings.public_url})
        sent = request.headers.get("x-csrf") or (request.form or {}).get("csrf") or ""
        if not hmac.compare_digest(str(sent).encode(), host.csrf.encode()):
            raise NotAllowed("Siden er for gammel. Hent den igen.")

    @cached_property
    def pages(self) -> ConsolePages:
        return ConsolePages(
            self.hosts, self.handoffs, self.conversations, self.enquiries, self.appointments, self.catalogue
        )

    @cached_property
    def following(self) -> Following:
        return Following(self.handoffs)

    # Signing in and out

    async def login(self, request: Request) -> HTTPResponse:
        return html(self._login())

    def _login(self, problem: str | None = None) -> str:
        return self.pages.login(not self.settings.production, problem, self.settings.oidc_name if self.oidc else None)

    @cached_property
    def oidc(self) -> Oidc | None:
        s = self.settings
        if not s.oidc_issuer:
            return None
        redirect_uri = f"{s.public_url}/console/oidc/callback"
        return Oidc(Provider(s.oidc_issuer, s.oidc_client_id, s.oidc_client_secret, redirect_uri, s.oidc_claim), self.hosts.clock)

    async def oidc_begin(self, request: Request) -> HTTPResponse:
        if self.oidc is None:
            raise NotFound()
        try:
            address, state = await self.oidc.begin()
        except IndgangError as error:
            return html(self._login(error.message), status=error.status)
        answer = redirect(address, status=303)
        # Lax: the provider's redirect comes from another site and has to bring it along.
        self._set_cookie(answer, OIDC_COOKIE, state, "Lax", OIDC_SECONDS)
        return answer

    async def oidc_callback(self, request: Request) -> HTTPResponse:
        """A page of our own that goes on by itself: a redirect straight from the provider would not carry the strict cookie."""
        if self.oidc is None:
            raise NotFound()
        state, code = str(request.args.get("state") or ""), str(request.args.get("code") or "")
        try:
            person = await self.oidc.finish(state, request.cookies.get(OIDC_COOKIE) or "", code)
            token, host = await self.hosts.sign_in_as(person.username, person.second_factor)
        except IndgangError as error:
            return html(self._login(error.message), status=error.status)
        answer = html(self.pages.signed_in(_start(host) if host.stage not in (CODE, ENROL) else "/console/code"))
        self._set_cookie(answer, COOKIE, token, "Strict", HOURS * 3600)
        answer.delete_cookie(OIDC_COOKIE, path="/console")
        return answer

    def _set_cookie(self, answer: HTTPResponse, name: str, value: str, samesite: str, seconds: int) -> None:
        secure = self.settings.public_url.startswith("https")
        answer.add_cookie(name, value, httponly=True, samesite=samesite, secure=secure, path="/console", max_age=seconds)

    async def sign_in(self, request: Request) -> HTTPResponse:
        require_own_origin(request, {self.settings.public_url})
        try:
            token, host = await self.hosts.sign_in(_field(request, "username"), _field(request, "password"))
        except IndgangError as error:
            return html(
                self._login(error.message),
                status=error.status,
            )
        answer = redirect(_start(host) if host.stage not in (CODE, ENROL) else "/console/code", status=303)
        self._set_cookie(answer, COOKIE, token, "Strict", HOURS * 3600)
        return answer

    async def code_page(self, request: Request, problem: IndgangError | None = None) -> HTTPResponse:
        token = _token(request)
        try:
            host = await self.hosts.who(token, CODE, ENROL)
        except IndgangError:
            return redirect("/console/login", status=303)
        enrolment = await self.hosts.enrolment(token) if host.stage == ENROL else None
        return html(
            self.pages.code(host, enrolment, problem.message if problem else None),
            status=problem.status if problem else 200,
        )

    async def confirm_code(self, request: Request) -> HTTPResponse:
        token = _token(request)
        self._require_own_page(request, await self.hosts.who(token, CODE, ENROL))
        try:
            host = await self.hosts.confirm_code(token, _field(request, "code"))
        except IndgangError as error:
            return await self.code_page(request, error)
        return redirect(_start(host), status=303)

    async def locked_page(self, request: Request) -> HTTPResponse:
        return html(self.pages.locked())

    async def unlock(self, request: Request) -> HTTPResponse:
        require_own_origin(request, {self.settings.public_url})
        try:
            await self.hosts.unlock(_token(request), _field(request, "password"))
        except NotSignedIn as error:
            if error.code != "wrong_login":
                return redirect("/console/login", status=303)
            return html(self.pages.locked(error.message), status=error.status)
        return redirect("/console", status=303)

    async def sign_out(self, request: Request) -> HTTPResponse:
        """Also from a locked page: leaving must never need a password."""
        require_own_origin(request, {self.settings.public_url})
        token = _token(request)
        try:
            host = await self.hosts.who(token, "open", CODE, ENROL)
            self._require_own_page(request, host)
            await self.hosts.sign_out(token, host.id)
            self.conversations.hub.wake(f"host:{host.id}", "signed_out")
            self.conversations.hub.wake(QUEUE_TOPIC)
        except (NotSignedIn, Locked):
            await self.hosts.sign_out(token, "")
        answer = redirect("/console/login", status=303)
        answer.delete_cookie(COOKIE, path="/console")
        answer.headers["clear-site-data"] = '"cache", "storage"'
        return answer

    async def lock(self, request: Request, host: SignedIn) -> JSONResponse:
        await self.hosts.lock(_token(request))
        self.conversations.hub.wake(f"host:{host.id}", "locked")
        return json({})

    async def presence(self, request: Request, host: SignedIn) -> JSONResponse:
        body = parse(Presence, request)
        if body.available is not None:
            await self.hosts.set_available(host.id, body.available)
            self.conversations.hub.wake(QUEUE_TOPIC)
        await self.hosts.heartbeat(_token(request), host.id, body.active)
        return json({})

    async def ready(self, request: Request, host: SignedIn) -> JSONResponse:
        await self.handoffs.ready_again(host.id)
        self.conversations.hub.wake(QUEUE_TOPIC)
        return json({})

    # Pages and fragments

    async def front(self, request: Request, host: SignedIn) -> HTTPResponse:
        if not may(host.role, CHAT):
            return redirect(_start(host), status=303)
        return html(await self.pages.front(host))

    async def enquiry_page(self, request: Request, host: SignedIn) -> HTTPResponse:
        only = request.args.get("only")
        return html(
            await self.pages.enquiries_page(host, only if only in ("all", "answered", "closed") else None)
        )

    async def appointment_page(self, request: Request, host: SignedIn) -> HTTPResponse:
        return html(await self.pages.appointments_page(host))

    async def queue_fragment(self, request: Request, host: SignedIn) -> HTTPResponse:
        return html(await self.pages.queue(host))

    async def conversation_fragment(
        self, request: Request, host: SignedIn, conversation_id: str
    ) -> HTTPResponse:
        return html(await self.pages.conversation(host, conversation_id))

    async def log_fragment(self, request: Request, host: SignedIn, conversation_id: str) -> HTTPResponse:
        return html(await self.pages.log(host, conversation_id, whole_number(request, "after", 0, 10**9)))

    async def side_fragment(self, request: Request, host: SignedIn, conversation_id: str) -> HTTPResponse:
        return html(await self.pages.side(host, conversation_id))

    async def staff_page(self, request: Request, host: SignedIn) -> HTTPResponse:
        return html(await self.pages.staff_page(host))

    async def alarms_page(self, request: Request, host: SignedIn) -> HTTPResponse:
        return html(await self.pages.alarms_page(host))

    async def measures_page(self, request: Request, host: SignedIn) -> HTTPResponse:
        return html(await self.pages.measures_page(host))

    async def measures_csv(self, request: Request, host: SignedIn) -> HTTPResponse:
        headers = {"content-disposition": 'attachment; filename="indgang-ventetid.csv"'}
        return HTTPResponse(
            await self.pages.measures_csv(host), headers=headers, content_type="text/csv; charset=utf-8"
        )

    async def practice(self, request: Request, host: SignedIn) -> HTTPResponse:
        return html(self.pages.practice(host))

    # The chat

    async def claim(self, request: Request, host: SignedIn, conversation_id: str) -> JSONResponse:
        body = parse(Claim, request)
        return json({"fence": await self.handoffs.claim(conversation_id, _acting(host), body.accept_heavy)})

    async def go_in(self, request: Request, host: SignedIn, conversation_id: str) -> JSONResponse:
        body = parse(Claim, request)
        return json({"fence": await self.handoffs.go_in(conversation_id, _acting(host), body.accept_heavy)})

    async def alarm_seen(self, request: Request, host: SignedIn, conversation_id: str) -> JSONResponse:
        parse(Nothing, request)
        await self.handoffs.alarms.acknowledge(conversation_id, _acting(host))
        return json({})

    async def write_down(self, request: Request, host: SignedIn, conversation_id: str) -> JSONResponse:
        body = parse(WriteDown, request)
        await self.handoffs.alarms.write_down(conversation_id, _acting(host), body.act, body.with_host)
        return json({})

    async def say(self, request: Request, host: SignedIn, conversation_id: str) -> JSONResponse:
        body = parse(SayAsHost, request)
        return json(
            {
                "n": await self.handoffs.say(
                    conversation_id, _acting(host), body.client_id, body.text, body.fence
                )
            }
        )

    async def send_card(self, request: Request, host: SignedIn, conversation_id: str) -> JSONResponse:
        body = parse(SendCard, request)
        card = self._crisis(host) if body.kind == "crisis" else self._offers(host, body.ids)
        text = card["lead"]
        return json(
            {"n": await self.handoffs.say(conversation_id, _acting(host), body.client_id, text, card=card)}
        )

    def _crisis(self, host: SignedIn) -> dict:
        card = self.catalogue.crisis(host.municipality, self.conversations.clock()).as_json()
        return dict(card)

    def _offers(self, host: SignedIn, ids: list[str]) -> dict:
        home, now = self.catalogue.municipality(host.municipality), self.conversations.clock()
        chosen = [home.offers[one] for one in ids if one in home.offers]
        if not chosen:
            raise BadInput(fields=[{"field": "ids", "problem": "unknown"}])
        lead = self.catalogue.wording(host.municipality, "offers_lead", host.channels[0]).text
        return {
            "kind": "offers",
            "lead": lead,
            "offers": [offer_json(self.catalogue, host.municipality, home, one, now) for one in chosen],
        }

    async def write_note(self, request: Request, host: SignedIn, conversation_id: str) -> JSONResponse:
        await self.handoffs.note(conversation_id, _acting(host), parse(WriteNote, request).text)
        return json({})

    async def transfer(self, request: Request, host: SignedIn, conversation_id: str) -> JSONResponse:
        body = parse(OfferTransfer, request)
        await self.company.offer(conversation_id, _acting(host), body.to_host, body.note)
        return json({})

    async def withdraw_transfer(self, request: Request, host: SignedIn, conversation_id: str) -> JSONResponse:
        parse(Nothing, request)
        await self.company.withdraw(conversation_id, _acting(host))
        return json({})

    async def accept_transfer(self, request: Request, host: SignedIn, conversation_id: str) -> JSONResponse:
        parse(Nothing, request)
        return json({"fence": await self.company.accept(conversation_id, _acting(host))})

    async def decline_transfer(self, request: Request, host: SignedIn, conversation_id: str) -> JSONResponse:
        await self.company.decline(conversation_id, _acting(host), parse(Decline, request).note)
        return json({})

    async def invite(self, request: Request, host: SignedIn, conversation_id: str) -> JSONResponse:
        body = parse(Invite, request)
        await self.company.invite(conversation_id, _acting(host), body.host, body.writes)
        return json({})

    async def join(self, request: Request, host: SignedIn, conversation_id: str) -> JSONResponse:
        parse(Nothing, request)
        await self.company.join(conversation_id, _acting(host))
        return json({})

    async def part(self, request: Request, host: SignedIn, conversation_id: str) -> JSONResponse:
        await self.company.part(conversation_id, _acting(host), parse(Part, request).host)
        return json({})

    async def warn(self, request: Request, host: SignedIn, conversation_id: str) -> JSONResponse:
        parse(Nothing, request)
        await self.handoffs.warn(conversation_id, _acting(host))
        return json({})

    async def end_misuse(self, request: Request, host: SignedIn, conversation_id: str) -> JSONResponse:
        parse(Nothing, request)
        await self.handoffs.end_misuse(conversation_id, _acting(host))
        return json({})

    async def hand_back(self, request: Request, host: SignedIn, conversation_id: str) -> JSONResponse:
        parse(Nothing, request)
        await self.handoffs.hand_back(conversation_id, _acting(host))
        return json({})

    async def close(self, request: Request, host: SignedIn, conversation_id: str) -> JSONResponse:
        parse(Nothing, request)
        await self.handoffs.close(conversation_id, _acting(host))
        return json({})

    # Lists and staff

    async def move_enquiry(self, request: Request, host: SignedIn, enquiry_id: str) -> JSONResponse:
        body = parse(ChangeStatus, request)
        await self.pages.require_enquiry(host, enquiry_id)
        await self.enquiries.move(enquiry_id, host.municipality, body.status, host.id)
        return json({})

    async def add_host(self, request: Request, host: SignedIn) -> JSONResponse:
        body = parse(AddHost, request)
        if not channels_known(self.catalogue, body.municipality, body.channels):
            raise BadInput(fields=[{"field": "channels", "problem": "unknown"}])
        new = NewHost(
            body.username,
            body.password,
            body.alias.strip(),
            body.municipality,
            body.role,
            tuple(body.channels),
            body.peer,
        )
        return json({"id": await self.hosts.appoint(host, new)}, status=201)

    async def dismiss(self, request: Request, host: SignedIn, host_id: str) -> JSONResponse:
        parse(Nothing, request)
        await self.hosts.dismiss(host, host_id)
        self.conversations.hub.wake(f"host:{host_id}", "dismissed")
        return json({})

    async def reinstate(self, request: Request, host: SignedIn, host_id: str) -> JSONResponse:
        parse(Nothing, request)
        await self.hosts.reinstate(host, host_id)
        return json({})

    # Files and socket

    async def static(self, request: Request, name: str) -> HTTPResponse:
        path = STATIC / Path(name).name
        if not path.is_file():
            raise NotFound()
        return await file(
            path,
            mime_type=TYPES.get(path.suffix, "application/octet-stream"),
            headers={"cache-control": "no-cache"},
        )

    async def feed(self, request: Request, socket: WebsocketImplProtocol) -> None:
        """Ends within seconds of signing out, locking or being dismissed."""
        try:
            require_own_origin(request, {self.settings.public_url})
            host = await self.hosts.who(_token(request))
            if not may(host.role, CHAT):
                raise NotAllowed()
        except IndgangError as error:
            await socket.send(jsonlib.dumps(error.as_json()))
            return
        await ConsoleFeed(
            socket, self.conversations.hub, self.hosts, self.handoffs, self.following, _token(request), _acting(host)
        ).run()

    def _guard(self, response: HTTPResponse) -> None:
        response.headers["content-security-policy"] = POLICY.format(
            socket=self.settings.public_url.replace("http", "ws", 1)
        )
        response.headers.setdefault("cache-control", "no-store")
        response.headers["x-content-type-options"] = "nosniff"
        response.headers["referrer-policy"] = "same-origin"  # with no-referrer, browsers send our own forms with origin «null»
        response.headers["cross-origin-opener-policy"] = "same-origin"


def _token(request: Request) -> str:
    return request.cookies.get(COOKIE) or ""


def _field(request: Request, name: str) -> str:
    return str((request.form or {}).get(name) or "")[:400]


def _start(host: SignedIn) -> str:
    return next(path for right, path in START.items() if may(host.role, right))


def _acting(host: SignedIn) -> Host:
    return Host(host.id, host.alias, host.municipality, host.role, host.channels)
