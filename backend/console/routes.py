"""The hosts' pages. Every change needs an open session, our own origin and the session's token."""

import asyncio
import hmac
import json as jsonlib
from dataclasses import dataclass
from pathlib import Path

from sanic import Blueprint, Request
from sanic.response import HTTPResponse, JSONResponse, file, html, json, redirect
from sanic.server.websockets.impl import WebsocketImplProtocol

from backend.appointments.service import AppointmentService
from backend.catalogue import Catalogue
from backend.console.pages import ConsolePages
from backend.console.schemas import ChangeStatus, Presence, SayAsHost
from backend.conversations.hub import QUEUE_TOPIC, conversation_topic
from backend.conversations.service import ConversationService
from backend.edge import parse, require_own_origin
from backend.enquiries.service import EnquiryService
from backend.errors import IndgangError, NotAllowed, NotFound, NotSignedIn
from backend.handoffs.service import HandoffService, Host
from backend.hosts.service import HostService, SignedIn
from backend.settings import Settings

STATIC = Path(__file__).parent / "static"
COOKIE = "indgang_host"
TYPES = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8"}
POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self' {socket}; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"


@dataclass(frozen=True)
class ConsoleRoutes:
    hosts: HostService
    handoffs: HandoffService
    conversations: ConversationService
    enquiries: EnquiryService
    appointments: AppointmentService
    catalogue: Catalogue
    settings: Settings

    def blueprint(self) -> Blueprint:
        bp = Blueprint("console", url_prefix="/console")
        for path, methods, handler in (
            ("/login", ["GET"], self.login),
            ("/login", ["POST"], self.sign_in),
            ("/logout", ["POST"], self.sign_out),
            ("/", ["GET"], self.front),
            ("/enquiries", ["GET"], self.enquiry_page),
            ("/enquiries/<enquiry_id:str>", ["POST"], self.move_enquiry),
            ("/appointments", ["GET"], self.appointment_page),
            ("/fragments/queue", ["GET"], self.queue_fragment),
            ("/fragments/conversations/<conversation_id:str>", ["GET"], self.conversation_fragment),
            ("/conversations/<conversation_id:str>/claim", ["POST"], self.claim),
            ("/conversations/<conversation_id:str>/messages", ["POST"], self.say),
            ("/conversations/<conversation_id:str>/hand-back", ["POST"], self.hand_back),
            ("/conversations/<conversation_id:str>/close", ["POST"], self.close),
            ("/presence", ["POST"], self.presence),
            ("/static/<name:str>", ["GET"], self.static),
        ):
            bp.add_route(handler, path, methods=methods, name=f"{handler.__name__}", strict_slashes=False)
        bp.add_websocket_route(self.feed, "/feed", name="feed")
        bp.on_response(self._guard)
        return bp

    @property
    def pages(self) -> ConsolePages:
        return ConsolePages(self.handoffs, self.conversations, self.enquiries, self.appointments, self.catalogue)

    async def login(self, request: Request) -> HTTPResponse:
        return html(self.pages.login(demo=not self.settings.production))

    async def sign_in(self, request: Request) -> HTTPResponse:
        require_own_origin(request, {self.settings.public_url})
        form = request.form or {}
        try:
            token, _ = await self.hosts.sign_in(str(form.get("username") or ""), str(form.get("password") or ""))
        except IndgangError as error:
            return html(self.pages.login(demo=not self.settings.production, problem=error.message), status=error.status)
        answer = redirect("/console", status=303)
        secure = self.settings.public_url.startswith("https")
        answer.add_cookie(COOKIE, token, httponly=True, samesite="Strict", secure=secure, path="/console", max_age=9 * 3600)
        return answer

    async def sign_out(self, request: Request) -> HTTPResponse:
        token, host = await self._who(request, change=True)
        await self.hosts.sign_out(token, host.id)
        self.conversations.hub.wake(f"host:{host.id}", "signed_out")
        self.conversations.hub.wake(QUEUE_TOPIC)
        answer = redirect("/console/login", status=303)
        answer.delete_cookie(COOKIE, path="/console")
        answer.headers["clear-site-data"] = '"cache", "storage"'
        return answer

    async def front(self, request: Request) -> HTTPResponse:
        try:
            _, host = await self._who(request)
        except NotSignedIn:
            return redirect("/console/login", status=303)
        return html(await self.pages.front(host))

    async def enquiry_page(self, request: Request) -> HTTPResponse:
        _, host = await self._who(request)
        return html(await self.pages.enquiries_page(host))

    async def appointment_page(self, request: Request) -> HTTPResponse:
        _, host = await self._who(request)
        return html(await self.pages.appointments_page(host))

    async def queue_fragment(self, request: Request) -> HTTPResponse:
        _, host = await self._who(request)
        return html(await self.pages.queue(host))

    async def conversation_fragment(self, request: Request, conversation_id: str) -> HTTPResponse:
        _, host = await self._who(request)
        return html(await self.pages.conversation(host, conversation_id))

    async def claim(self, request: Request, conversation_id: str) -> JSONResponse:
        _, host = await self._who(request, change=True)
        return json({"fence": await self.handoffs.claim(conversation_id, _acting(host))})

    async def say(self, request: Request, conversation_id: str) -> JSONResponse:
        _, host = await self._who(request, change=True)
        body = parse(SayAsHost, request)
        return json({"n": await self.handoffs.say(conversation_id, _acting(host), body.client_id, body.text)})

    async def hand_back(self, request: Request, conversation_id: str) -> JSONResponse:
        _, host = await self._who(request, change=True)
        await self.handoffs.hand_back(conversation_id, _acting(host))
        return json({})

    async def close(self, request: Request, conversation_id: str) -> JSONResponse:
        _, host = await self._who(request, change=True)
        await self.handoffs.close(conversation_id, _acting(host))
        return json({})

    async def move_enquiry(self, request: Request, enquiry_id: str) -> JSONResponse:
        _, host = await self._who(request, change=True)
        await self.enquiries.move(enquiry_id, host.municipality, parse(ChangeStatus, request).status, host.id)
        return json({})

    async def presence(self, request: Request) -> JSONResponse:
        token, host = await self._who(request, change=True)
        body = parse(Presence, request)
        if body.available is not None:
            await self.hosts.set_available(host.id, body.available)
        await self.hosts.heartbeat(token, host.id, body.active)
        return json({})

    async def static(self, request: Request, name: str) -> HTTPResponse:
        path = STATIC / Path(name).name
        if not path.is_file():
            raise NotFound()
        return await file(path, mime_type=TYPES.get(path.suffix, "application/octet-stream"), headers={"cache-control": "no-cache"})

    async def feed(self, request: Request, socket: WebsocketImplProtocol) -> None:
        """Signals only: which conversation or list to fetch again. Ends within seconds of signing out."""
        try:
            token, host = await self._who(request)
            require_own_origin(request, {self.settings.public_url})
        except IndgangError as error:
            await socket.send(jsonlib.dumps(error.as_json()))
            return
        pushing = asyncio.create_task(self._push(socket, token, host))
        try:
            async for raw in socket:
                await self._frame(host, raw)
        finally:
            pushing.cancel()

    async def _push(self, socket: WebsocketImplProtocol, token: str, host: SignedIn) -> None:
        mine = await self.pages.open_chats(host)
        with self.conversations.hub.watch(QUEUE_TOPIC, f"host:{host.id}", *map(conversation_topic, mine)) as woken:
            while True:
                try:
                    signal = await asyncio.wait_for(woken.get(), 4)
                except TimeoutError:
                    signal = "tick"
                try:
                    await self.hosts.who(token)
                except NotSignedIn:
                    await socket.close()
                    return
                if signal != "tick":
                    await socket.send(jsonlib.dumps({"signal": signal}))

    async def _frame(self, host: SignedIn, raw: str | bytes) -> None:
        try:
            frame = jsonlib.loads(raw)
            conversation_id = frame["typing"]
        except (ValueError, KeyError, TypeError):
            return
        if isinstance(conversation_id, str) and conversation_id in await self.pages.open_chats(host):
            self.conversations.hub.wake(conversation_topic(conversation_id), "typing:host")

    async def _who(self, request: Request, change: bool = False) -> tuple[str, SignedIn]:
        token = request.cookies.get(COOKIE) or ""
        host = await self.hosts.who(token)
        if change:
            require_own_origin(request, {self.settings.public_url})
            sent = request.headers.get("x-csrf") or (request.form or {}).get("csrf") or ""
            if not hmac.compare_digest(str(sent), host.csrf):
                raise NotAllowed("Siden er for gammel. Hent den igen.")
        return token, host

    async def _guard(self, request: Request, response: HTTPResponse) -> None:
        response.headers["content-security-policy"] = POLICY.format(socket=self.settings.public_url.replace("http", "ws", 1))
        response.headers.setdefault("cache-control", "no-store")
        response.headers["x-content-type-options"] = "nosniff"
        response.headers["referrer-policy"] = "no-referrer"


def _acting(host: SignedIn) -> Host:
    return Host(host.id, host.alias, host.municipality, host.role, host.channels)
