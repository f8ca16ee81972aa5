"""Asking for a human: from the bot's actions, and whether one is there (public)."""

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field
from sanic import Blueprint, Request
from sanic.response import HTTPResponse, JSONResponse, json, text

from backend.edge import InternalBody, parse, require_service
from backend.handoffs.gauges import exposition, samples
from backend.handoffs.repository import Team
from backend.handoffs.service import HandoffService


class RequestHandoff(InternalBody):
    wish: Annotated[str, Field(max_length=2000)] | None = None


@dataclass(frozen=True)
class HandoffRoutes:
    service: HandoffService
    service_token: str
    teams: tuple[Team, ...] = ()

    def blueprint(self) -> Blueprint:
        bp = Blueprint("handoffs")
        bp.add_route(self.request, "/internal/handoffs", methods=["POST"], name="request")
        bp.add_route(
            self.availability,
            "/api/v1/municipalities/<municipality:str>/availability",
            methods=["GET"],
            name="availability",
        )
        bp.add_route(self.metrics, "/internal/metrics", methods=["GET"], name="metrics")
        return bp

    async def request(self, request: Request) -> JSONResponse:
        require_service(request, self.service_token)
        body = parse(RequestHandoff, request)
        return json(await self.service.request(body.conversation_id, wish=body.wish))

    async def availability(self, request: Request, municipality: str) -> JSONResponse:
        found = await self.service.availability(municipality, request.args.get("channel", "municipality"))
        return json(
            {
                "human": found.open,
                "reason": found.reason,
                "open": found.opens,
                "minutes": found.minutes_for(found.desk.waiting + 1),
            }
        )

    async def metrics(self, request: Request) -> HTTPResponse:
        require_service(request, self.service_token)
        found = await samples(self.service.conversations.storage, self.service.repository, self.teams, self.service.clock())
        return text(exposition(found), content_type="text/plain; version=0.0.4; charset=utf-8")
