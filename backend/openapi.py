"""The public interface as OpenAPI 3.1, built from the same models that read the requests."""

from pydantic.json_schema import models_json_schema

from backend.conversations.schemas import Nothing, OpenConversation, SendMessage
from backend.enquiries.schemas import EnquiryStatus

REF = "#/components/schemas/{model}"
MODELS = (OpenConversation, SendMessage, Nothing, EnquiryStatus)
API = "/api/v1"

EVENT = {
    "type": "object",
    "required": ["type", "author", "at"],
    "properties": {
        "n": {"type": "integer", "description": "counts up by one per conversation, without gaps"},
        "at": {"type": "string", "format": "date-time"},
        "type": {"enum": ["message", "state", "typing", "notice", "booking", "erased"]},
        "author": {"enum": ["visitor", "bot", "host", "system"]},
        "text": {"type": "string"},
        "choices": {
            "type": "array",
            "items": {"type": "object", "properties": {"id": {"type": "string"}, "title": {"type": "string"}}},
        },
        "card": {"type": "object", "properties": {"kind": {"type": "string"}}},
        "state": {"enum": ["with_bot", "waiting", "with_host", "closed"]},
        "queue_position": {"type": "integer"},
        "risk": {"enum": ["none", "concern", "high", "acute"]},
        "client_id": {"type": "string"},
    },
}
ERROR = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "message"],
            "properties": {"code": {"type": "string"}, "message": {"type": "string"}, "details": {"type": "object"}},
        }
    },
}

GUEST_PAGE = (
    ("/aftale", "Page: the appointment of a code", "code"),
    ("/aftale/tider", "Page: free times to move to, from `since` on", "code", "since"),
    ("/aftale/flyt", "Page: move; `key` makes pressing twice one move", "code", "slot", "key"),
    ("/aftale/beskeder", "Page: what to write about (a reminder, a greeting, something earlier) and where", "code", "contact", "remind", "follow_up", "earlier"),
    ("/aftale/svar", "Page: yes, no or stop to an offer of something earlier", "code", "answer"),
    ("/aftale/aflys", "Page: asks whether to cancel", "code"),
    ("/aftale/aflyst", "Page: cancel", "code", "key"),
)


def describe(public_url: str) -> dict:
    _, schemas = models_json_schema([(model, "validation") for model in MODELS], ref_template=REF)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Indgang", "version": "1", "description": "One conversation from greeting to forgetting."},
        "servers": [{"url": public_url}],
        "paths": _paths(),
        "components": {
            "schemas": schemas.get("$defs", {}) | {"Event": EVENT, "Error": ERROR},
            "securitySchemes": {"conversation": {"type": "http", "scheme": "bearer"}},
        },
    }


def _paths() -> dict:
    one = f"{API}/conversations/{{id}}"
    return {
        f"{API}/conversations": {"post": _call("Open a conversation; the bot greets", OpenConversation, 201)},
        f"{one}/messages": {"post": _call("Send text or a choice; answers after the bot's turn", SendMessage, own=True)},
        f"{one}/events": {"get": _call("What came after N; waits for news", own=True, query=("after", "wait"))},
        f"{one}/feed": {"get": _call("WebSocket: the same events pushed; first frame {type: hello, token, after}", status=101, path=True)},
        f"{one}/handoff": {"post": _call("Ask for a human", Nothing, own=True)},
        f"{one}/close": {"post": _call("End the conversation", Nothing, own=True)},
        one: {"delete": _call("Forget me", own=True)},
        f"{API}/enquiries/status": {"post": _call("Follow an enquiry with its code", EnquiryStatus)},
        f"{API}/appointments/calendar.ics": {"post": _form("The appointment as iCalendar with a neutral title", "code")},
        **{path: {"post": _form(summary, *fields)} for path, summary, *fields in GUEST_PAGE},
        **{
            f"{API}/municipalities/{{municipality}}/{what}": {"get": _call(f"The municipality's {what}", place=True)}
            for what in ("doors", "offers", "crisis", "availability")
        },
    }


def _call(summary: str, body=None, status: int = 200, own: bool = False, path: bool = False, place: bool = False, query=()) -> dict:
    parameters = [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}] if own or path else []
    parameters += [{"name": "municipality", "in": "path", "required": True, "schema": {"type": "string"}}] if place else []
    parameters += [{"name": name, "in": "query", "schema": {"type": "integer", "minimum": 0}} for name in query]
    call: dict = {"summary": summary, "parameters": parameters, "responses": _responses(status)}
    if body:
        call["requestBody"] = {"content": {"application/json": {"schema": {"$ref": REF.format(model=body.__name__)}}}}
    if own:
        call["security"] = [{"conversation": []}]
    return call


def _form(summary: str, *fields: str) -> dict:
    """A call a plain HTML form makes."""
    schema = {"type": "object", "properties": {name: {"type": "string"} for name in fields}, "required": ["code"]}
    return _call(summary) | {"requestBody": {"content": {"application/x-www-form-urlencoded": {"schema": schema}}}}


def _responses(status: int) -> dict:
    error = {"description": "One error shape everywhere", "content": {"application/json": {"schema": {"$ref": REF.format(model="Error")}}}}
    return {str(status): {"description": "Done"}, "default": error}
