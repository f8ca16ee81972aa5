"""Booking calls from the action server, the calendar file for the guest, and the host's calendar feed."""

from dataclasses import dataclass

from sanic import Blueprint, Request
from sanic.response import HTTPResponse, JSONResponse, json, text

from backend.appointments.by_code import ByCode
from backend.appointments.schemas import (
    AskReminder,
    BookSlot,
    CancelAppointment,
    HoldSlot,
    MoveAppointment,
    NamesOfHosts,
    ReleaseHolds,
    SearchSlots,
    WaitForTime,
)
from backend.appointments.service import AppointmentService, Window
from backend.edge import idempotency_key, parse, require_service

CALENDAR = "text/calendar; charset=utf-8"


@dataclass(frozen=True)
class AppointmentRoutes:
    service: AppointmentService
    service_token: str

    def blueprint(self) -> Blueprint:
        bp = Blueprint("appointments")
        bp.add_route(self.search, "/internal/slots/search", methods=["POST"], name="search")
        bp.add_route(self.hold, "/internal/slots/hold", methods=["POST"], name="hold")
        bp.add_route(self.let_go, "/internal/slots/release", methods=["POST"], name="let_go")
        bp.add_route(self.book, "/internal/appointments", methods=["POST"], name="book")
        bp.add_route(self.find, "/internal/appointments/find", methods=["POST"], name="find")
        bp.add_route(self.remind, "/internal/appointments/reminder", methods=["POST"], name="remind")
        bp.add_route(self.wait, "/internal/appointments/wait", methods=["POST"], name="wait")
        bp.add_route(self.follow_up, "/internal/appointments/follow-up", methods=["POST"], name="follow_up")
        bp.add_route(self.host_named, "/internal/hosts/named", methods=["POST"], name="host_named")
        bp.add_route(self.cancel, "/internal/appointments/cancel", methods=["POST"], name="cancel")
        bp.add_route(self.reschedule, "/internal/appointments/reschedule", methods=["POST"], name="reschedule")
        bp.add_route(self.calendar, "/api/v1/appointments/calendar.ics", methods=["POST"], name="calendar")
        bp.add_route(self.feed, "/api/v1/calendar/<secret:str>", methods=["GET"], name="feed")
        return bp

    async def search(self, request: Request) -> JSONResponse:
        require_service(request, self.service_token)
        body = parse(SearchSlots, request)
        window = body.window.as_window() if body.window else Window()
        host = body.host.as_wish()
        return json(await self.service.offers(body.conversation_id, window, body.form, host.peer, body.limit, host))

    async def hold(self, request: Request) -> JSONResponse:
        require_service(request, self.service_token)
        body = parse(HoldSlot, request)
        return json(await self.service.hold(body.conversation_id, body.slot_id, body.form))

    async def let_go(self, request: Request) -> JSONResponse:
        require_service(request, self.service_token)
        await self.service.let_go(parse(ReleaseHolds, request).conversation_id)
        return json({})

    async def book(self, request: Request) -> JSONResponse:
        require_service(request, self.service_token)
        body = parse(BookSlot, request)
        return json(await self.service.book(body.conversation_id, idempotency_key(request), body.as_booking()), status=201)

    async def find(self, request: Request) -> JSONResponse:
        """What a code stands for, so that the guest can say yes to a time and not to a code."""
        require_service(request, self.service_token)
        body = parse(CancelAppointment, request)
        return json(await ByCode(self.service).card(body.reference, body.conversation_id))

    async def remind(self, request: Request) -> JSONResponse:
        require_service(request, self.service_token)
        body = parse(AskReminder, request)
        return json(await self.service.remind(body.conversation_id, body.reference, body.contact.model_dump()))

    async def wait(self, request: Request) -> JSONResponse:
        """With a window: for anything within it. Without: for something earlier than the appointment the guest has."""
        require_service(request, self.service_token)
        body = parse(WaitForTime, request)
        if body.window is not None:
            return json({"joined": True} | await self.service.waiting.wait(body.conversation_id, body.as_wanted()))
        return json({"joined": await self.service.waiting.join(body.conversation_id)})

    async def follow_up(self, request: Request) -> JSONResponse:
        require_service(request, self.service_token)
        await self.service.follow_up(parse(ReleaseHolds, request).conversation_id)
        return json({})

    async def host_named(self, request: Request) -> JSONResponse:
        """Whether somebody of that name takes appointments where the guest is: the name as it stands at their times, and no more."""
        require_service(request, self.service_token)
        body = parse(NamesOfHosts, request)
        return json({"alias": await self.service.host_named(body.conversation_id, body.names)})

    async def cancel(self, request: Request) -> JSONResponse:
        require_service(request, self.service_token)
        body, key = parse(CancelAppointment, request), idempotency_key(request)
        return json(await self.service.cancel(body.conversation_id, body.reference, key))

    async def reschedule(self, request: Request) -> JSONResponse:
        require_service(request, self.service_token)
        body, key = parse(MoveAppointment, request), idempotency_key(request)
        return json(await self.service.reschedule(body.conversation_id, body.reference, body.slot_id, key))

    async def calendar(self, request: Request) -> HTTPResponse:
        """The code comes as a form field, so that it stands in no address and no log."""
        code = (request.form or {}).get("code") or ""
        file = await self.service.calendar(str(code), request.remote_addr or request.ip)
        headers = {"content-disposition": 'attachment; filename="aftale.ics"', "cache-control": "no-store"}
        return text(file, content_type=CALENDAR, headers=headers)

    async def feed(self, request: Request, secret: str) -> HTTPResponse:
        """Calendar programs can send no headers of ours, so the link itself is the key: long, hashed at rest, revocable."""
        file = await self.service.calendars.feed(secret.removesuffix(".ics"))
        return text(file, content_type=CALENDAR, headers={"cache-control": "private, no-store"})
