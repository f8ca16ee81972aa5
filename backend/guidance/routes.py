"""Guidance over HTTP: for the action server, and what anybody may read about a municipality."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from sanic import Blueprint, Request
from sanic.response import JSONResponse, json

from backend.catalogue import Catalogue
from backend.domain.conversation import Conversation
from backend.domain.situation import Situation
from backend.edge import parse, require_service
from backend.guidance.schemas import AskAboutDoor, AskCrisis, AskGuidance, AskHours, SearchOffers
from backend.guidance.service import (
    advise_json,
    crisis_json,
    door_answer_json,
    door_names_json,
    offers_json,
    opening_hours_json,
    promises_json,
    public_crisis_json,
    public_doors_json,
    public_offers_json,
)


@dataclass(frozen=True)
class GuidanceRoutes:
    """`conversation_of` reads the conversation a call is about (municipality, channel, risk)."""

    conversation_of: Callable
    catalogue: Catalogue
    service_token: str
    clock: Callable[[], datetime]

    def blueprint(self) -> Blueprint:
        bp = Blueprint("guidance")
        bp.add_route(self.advise, "/internal/guidance", methods=["POST"], name="advise")
        bp.add_route(self.door_answer, "/internal/doors/answer", methods=["POST"], name="door_answer")
        bp.add_route(self.door_names, "/internal/doors/names/<conversation_id:str>", methods=["GET"], name="door_names")
        bp.add_route(self.offers, "/internal/offers/search", methods=["POST"], name="offers")
        bp.add_route(self.hours, "/internal/opening-hours", methods=["POST"], name="hours")
        bp.add_route(self.crisis, "/internal/crisis", methods=["POST"], name="crisis")
        bp.add_route(self.promises, "/internal/promises/<conversation_id:str>", methods=["GET"], name="promises")
        public = "/api/v1/municipalities/<municipality:str>"
        bp.add_route(self.public_doors, f"{public}/doors", methods=["GET"], name="public_doors")
        bp.add_route(self.public_offers, f"{public}/offers", methods=["GET"], name="public_offers")
        bp.add_route(self.public_crisis, f"{public}/crisis", methods=["GET"], name="public_crisis")
        return bp

    async def _about(self, request: Request, conversation_id: str) -> Conversation:
        require_service(request, self.service_token)
        return await self.conversation_of(conversation_id)

    async def advise(self, request: Request) -> JSONResponse:
        body = parse(AskGuidance, request)
        c = await self._about(request, body.conversation_id)
        situation = Situation.from_json(body.situation)
        return json(advise_json(self.catalogue, c.municipality, c.channel, situation, self.clock(), body.exclude, c.risk))

    async def door_answer(self, request: Request) -> JSONResponse:
        body = parse(AskAboutDoor, request)
        c = await self._about(request, body.conversation_id)
        return json(door_answer_json(self.catalogue, c.municipality, c.channel, body.door_id, body.question, self.clock(), _days(body)))

    async def door_names(self, request: Request, conversation_id: str) -> JSONResponse:
        c = await self._about(request, conversation_id)
        return json({"doors": door_names_json(self.catalogue, c.municipality)})

    async def offers(self, request: Request) -> JSONResponse:
        body = parse(SearchOffers, request)
        c = await self._about(request, body.conversation_id)
        situation = Situation.from_json(body.situation)
        return json(offers_json(self.catalogue, c.municipality, c.channel, situation, self.clock(), body.kind))

    async def hours(self, request: Request) -> JSONResponse:
        body = parse(AskHours, request)
        c = await self._about(request, body.conversation_id)
        return json(opening_hours_json(self.catalogue, c.municipality, c.channel, self.clock(), _days(body)))

    async def crisis(self, request: Request) -> JSONResponse:
        body = parse(AskCrisis, request)
        c = await self._about(request, body.conversation_id)
        return json(crisis_json(self.catalogue, c.municipality, self.clock(), body.level))

    async def promises(self, request: Request, conversation_id: str) -> JSONResponse:
        c = await self._about(request, conversation_id)
        return json(promises_json(self.catalogue, c.municipality, c.channel))

    async def public_doors(self, request: Request, municipality: str) -> JSONResponse:
        return json(public_doors_json(self.catalogue, municipality, self.clock()))

    async def public_offers(self, request: Request, municipality: str) -> JSONResponse:
        return json(public_offers_json(self.catalogue, municipality, self.clock()))

    async def public_crisis(self, request: Request, municipality: str) -> JSONResponse:
        return json(public_crisis_json(self.catalogue, municipality, self.clock()))


def _days(body: AskAboutDoor | AskHours) -> tuple[date, date] | None:
    return (body.on, max(body.to or body.on, body.on)) if body.on else None
