"""How did it feel, and do you know your next step? Counted, never tied to a conversation."""

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field
from sanic import Blueprint, Request
from sanic.response import JSONResponse, json
from sqlalchemy import insert

from backend.conversations.service import ConversationService
from backend.edge import InternalBody, parse, require_service
from backend.feedback.tables import feedback

Stars = Annotated[int, Field(ge=1, le=5)]


class GiveFeedback(InternalBody):
    felt: Stars | None = None
    next_step: Stars | None = None


@dataclass(frozen=True)
class FeedbackRoutes:
    conversations: ConversationService
    service_token: str

    def blueprint(self) -> Blueprint:
        bp = Blueprint("feedback")
        bp.add_route(self.give, "/internal/feedback", methods=["POST"], name="give")
        return bp

    async def give(self, request: Request) -> JSONResponse:
        require_service(request, self.service_token)
        body = parse(GiveFeedback, request)
        async with self.conversations.storage.write() as tx:
            conversation = await self.conversations.repository.get(tx, body.conversation_id)
            row = {"given_on": self.conversations.clock().date(), "municipality": conversation.municipality, "channel": conversation.channel}
            await tx.execute(insert(feedback).values(row | {"felt": body.felt, "next_step": body.next_step}))
        return json({}, status=201)
