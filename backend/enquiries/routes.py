"""Writing an enquiry (action server) and following it with a code (guest)."""

from dataclasses import dataclass

from sanic import Blueprint, Request
from sanic.response import JSONResponse, json

from backend.edge import idempotency_key, parse, require_own_origin, require_service
from backend.enquiries.schemas import EnquiryStatus, SaveEnquiry
from backend.enquiries.service import EnquiryService


@dataclass(frozen=True)
class EnquiryRoutes:
    service: EnquiryService
    service_token: str
    origins: set[str]

    def blueprint(self) -> Blueprint:
        bp = Blueprint("enquiries")
        bp.add_route(self.save, "/internal/enquiries", methods=["POST"], name="save")
        bp.add_route(self.status, "/api/v1/enquiries/status", methods=["POST"], name="status")
        return bp

    async def save(self, request: Request) -> JSONResponse:
        require_service(request, self.service_token)
        body = parse(SaveEnquiry, request)
        return json(await self.service.save(body.conversation_id, idempotency_key(request), body.as_new()), status=201)

    async def status(self, request: Request) -> JSONResponse:
        require_own_origin(request, self.origins)
        return json(await self.service.status(parse(EnquiryStatus, request).reference))
