"""Booking calls from the action server, and the calendar file for the guest."""

from dataclasses import dataclass

from sanic import Blueprint, Request
from sanic.response import HTTPResponse, JSONResponse, json, text

from backend.appointments.schemas import BookSlot, CancelAppointment, MoveAppointment, SearchSlots
from backend.appointments.service import AppointmentService, Window
from backend.edge import idempotency_key, parse, require_service


@dataclass(frozen=True)
class AppointmentRoutes:
    service: AppointmentService
    service_token: str

    def blueprint(self) -> Blueprint:
        bp = Blueprint("appointments")
        bp.add_route(self.search, "/internal/slots/search", methods=["POST"], name="search")
        bp.add_route(self.book, "/internal/appointments", methods=["POST"], name="book")
        bp.add_route(self.cancel, "/internal/appointments/cancel", methods=["POST"], name="cancel")
        bp.add_route(self.reschedule, "/internal/appointments/reschedule", methods=["POST"], name="reschedule")
        bp.add_route(self.calendar, "/api/v1/appointments/calendar.ics", methods=["POST"], name="calendar")
        return bp

    async def search(self, request: Request) -> JSONResponse:
        require_service(request, self.service_token)
        body = parse(SearchSlots, request)
        window = body.window.as_window() if body.window else Window()
        slots, exact = await self.service.search(body.conversation_id, window, body.form, body.host.peer, body.limit)
        return json({"slots": [self.service.slot_json(slot) for slot in slots], "exact": exact})

    async def book(self, request: Request) -> JSONResponse:
        require_service(request, self.service_token)
        body = parse(BookSlot, request)
        return json(await self.service.book(body.conversation_id, idempotency_key(request), body.as_booking()), status=201)

    async def cancel(self, request: Request) -> JSONResponse:
        require_service(request, self.service_token)
        body = parse(CancelAppointment, request)
        return json(await self.service.cancel(body.conversation_id, body.reference))

    async def reschedule(self, request: Request) -> JSONResponse:
        require_service(request, self.service_token)
        body = parse(MoveAppointment, request)
        return json(await self.service.reschedule(body.conversation_id, body.reference, body.slot_id))

    async def calendar(self, request: Request) -> HTTPResponse:
        """The code comes as a form field, so that it stands in no address and no log."""
        code = (request.form or {}).get("code") or ""
        file = await self.service.calendar(str(code))
        headers = {"content-disposition": 'attachment; filename="aftale.ics"'}
        return text(file, content_type="text/calendar; charset=utf-8", headers=headers)
