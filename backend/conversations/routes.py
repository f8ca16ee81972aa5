"""The visitor's side of the public interface: HTTP and WebSocket over the same service."""

import asyncio
import json as jsonlib
import logging
from dataclasses import dataclass

from sanic import Blueprint, Request
from sanic.response import JSONResponse, json
from sanic.server.websockets.impl import WebsocketImplProtocol

from backend.conversations.commands import Commands
from backend.conversations.feed import Feed
from backend.conversations.limits import Limits
from backend.conversations.schemas import Nothing, OpenConversation, SendMessage
from backend.conversations.service import ConversationService, Incoming
from backend.conversations.turns import Turns
from backend.edge import bearer, parse, parse_data, require_own_origin, whole_number
from backend.errors import BadInput, IndgangError

log = logging.getLogger(__name__)
MAX_WAIT_SECONDS = 25


@dataclass(frozen=True)
class VisitorRoutes:
    service: ConversationService
    turns: Turns
    commands: Commands
    limits: Limits
    origins: set[str]

    def blueprint(self) -> Blueprint:
        bp = Blueprint("visitor", url_prefix="/api/v1/conversations")
        bp.add_route(self.open, "/", methods=["POST"], name="open", strict_slashes=False)
        bp.add_route(self.send, "/<conversation_id:str>/messages", methods=["POST"], name="send")
        bp.add_route(self.events, "/<conversation_id:str>/events", methods=["GET"], name="events")
        bp.add_route(self.handoff, "/<conversation_id:str>/handoff", methods=["POST"], name="handoff")
        bp.add_route(self.close, "/<conversation_id:str>/close", methods=["POST"], name="close")
        bp.add_route(self.forget, "/<conversation_id:str>", methods=["DELETE"], name="forget")
        bp.add_websocket_route(self.feed, "/<conversation_id:str>/feed", name="feed")
        return bp

    async def open(self, request: Request) -> JSONResponse:
        require_own_origin(request, self.origins)
        body = parse(OpenConversation, request)
        self.limits.may_open(request.remote_addr or request.ip)
        conversation_id, token, events = await self.service.open(body.municipality, body.channel)
        shown = [event.public() for event in events]
        return json({"id": conversation_id, "token": token, "events": shown}, status=201)

    async def send(self, request: Request, conversation_id: str) -> JSONResponse:
        await self._authorise(request, conversation_id)
        n = await self.take(conversation_id, parse(SendMessage, request))
        await self.turns.settle(conversation_id, n)
        return await self._answer(conversation_id, n - 1, n=n)

    async def take(self, conversation_id: str, body: SendMessage) -> int:
        """Screen and store first; only then does the speed limit decide whether the bot is asked."""
        received = await self.service.receive(conversation_id, Incoming(body.client_id, body.text, body.choice))
        if received.command and not received.again:
            await self.commands.run(received.command, conversation_id, received.n)
        elif received.turn and not received.again and not self.limits.may_ask(conversation_id):
            await self.service.slow_down(conversation_id, received.n)
        elif received.turn:
            self.turns.start(conversation_id)
        return received.n

    async def events(self, request: Request, conversation_id: str) -> JSONResponse:
        await self._authorise(request, conversation_id)
        after = whole_number(request, "after", 0, 10**9)
        wait = whole_number(request, "wait", 0, MAX_WAIT_SECONDS)
        await Feed(self.service, conversation_id, after).wait_for_news(wait)
        return await self._answer(conversation_id, after)

    async def handoff(self, request: Request, conversation_id: str) -> JSONResponse:
        conversation = await self._authorise(request, conversation_id)
        parse(Nothing, request)
        await self.commands.run("!handoff", conversation_id, conversation.last_n)
        return await self._answer(conversation_id, conversation.last_n)

    async def close(self, request: Request, conversation_id: str) -> JSONResponse:
        conversation = await self._authorise(request, conversation_id)
        await self.service.close(conversation_id)
        await self.commands.run("!closed", conversation_id, conversation.last_n)
        return await self._answer(conversation_id, conversation.last_n)

    async def forget(self, request: Request, conversation_id: str) -> JSONResponse:
        await self._authorise(request, conversation_id)
        receipt = await self.commands.forget(conversation_id)
        return json({"events": [{"type": "erased", "author": "system", "at": receipt["at"]}], "receipt": receipt})

    async def feed(self, request: Request, socket: WebsocketImplProtocol, conversation_id: str) -> None:
        try:
            require_own_origin(request, self.origins)
            async with asyncio.timeout(10):
                hello = await socket.recv()
            frame = read_frame(hello)
            conversation = await self.service.authorise(conversation_id, str(frame.get("token", "")))
            after = frame.get("after", 0)
            feed = Feed(self.service, conversation.id, after if isinstance(after, int) and 0 <= after < 10**9 else 0)
        except TimeoutError:
            return
        except IndgangError as error:
            await socket.send(jsonlib.dumps({"type": "error"} | error.as_json()))
            return
        await self._both_ways(socket, conversation_id, feed)

    async def _both_ways(self, socket: WebsocketImplProtocol, conversation_id: str, feed: Feed) -> None:
        pushing = asyncio.create_task(feed.push_to(socket.send))
        pushing.add_done_callback(lambda done: _hang_up(socket, done))
        try:
            async for raw in socket:
                await self._frame(socket, conversation_id, raw)
        finally:
            pushing.cancel()
            self.service.hub.wake(f"conversation:{conversation_id}", "typing:none")

    async def _frame(self, socket: WebsocketImplProtocol, conversation_id: str, raw: str | bytes) -> None:
        client_id = None
        try:
            frame = read_frame(raw)
            client_id = frame.get("client_id")
            await self._act_on(socket, conversation_id, frame)
        except IndgangError as error:
            reply = {"type": "error"} | error.as_json() | ({"client_id": client_id} if isinstance(client_id, str) else {})
            await socket.send(jsonlib.dumps(reply))

    async def _act_on(self, socket: WebsocketImplProtocol, conversation_id: str, frame: dict) -> None:
        kind = frame.pop("type", None)
        if kind == "ping":
            await socket.send('{"type":"pong"}')
        elif kind == "typing":
            self.service.hub.wake(f"conversation:{conversation_id}", "typing:visitor")
        elif kind == "seen":
            await self.commands.run("!seen", conversation_id, _event_number(frame))
        elif kind == "message":
            body = parse_data(SendMessage, frame)
            n = await self.take(conversation_id, body)
            await socket.send(jsonlib.dumps({"type": "ack", "client_id": body.client_id, "n": n}))
        else:
            raise BadInput(fields=[{"field": "type", "problem": "unknown"}])

    async def _authorise(self, request: Request, conversation_id: str):
        require_own_origin(request, self.origins)
        return await self.service.authorise(conversation_id, bearer(request))

    async def _answer(self, conversation_id: str, after: int, **more) -> JSONResponse:
        conversation, events = await self.service.events_after(conversation_id, after)
        return json({"events": [event.public() for event in events], "state": conversation.state} | more)


def _hang_up(socket: WebsocketImplProtocol, pushing: asyncio.Task) -> None:
    """A socket nobody pushes to any more would look alive and be silent: closed, the browser comes back and misses nothing."""
    if pushing.cancelled():
        return
    if error := pushing.exception():
        log.info("feed ended early reason=%s", type(error).__name__)
    closing = asyncio.create_task(socket.close(code=1012))
    closing.add_done_callback(lambda done: done.cancelled() or done.exception())


def _event_number(frame: dict) -> int:
    n = frame.get("n")
    return n if isinstance(n, int) and not isinstance(n, bool) and 0 <= n < 10**9 else 0


def read_frame(raw: str | bytes | None) -> dict:
    """One JSON object. Raises BadInput for anything else."""
    try:
        frame = jsonlib.loads(raw or "")
    except (ValueError, RecursionError) as error:
        raise BadInput("Det er ikke gyldig JSON.") from error
    if not isinstance(frame, dict):
        raise BadInput("En ramme er et JSON-objekt.")
    return frame
