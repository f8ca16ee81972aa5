"""What every route needs at the edge: parsing bodies, tokens and origins. Knows HTTP, knows no rules."""

import hmac
from typing import Annotated, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sanic import Request
from sanic.exceptions import BadRequest
from sanic.response import JSONResponse, json

from backend.errors import BadInput, IndgangError, NotAllowed, NotSignedIn

Model = TypeVar("Model", bound=BaseModel)


def parse(model: type[Model], request: Request) -> Model:
    """The request's JSON as `model`. Raises BadInput with the places of the faults, never their values."""
    try:
        data = request.json if request.body else {}
    except BadRequest as error:
        raise BadInput("Det er ikke gyldig JSON.") from error
    return parse_data(model, data)


def parse_data(model: type[Model], data: object) -> Model:
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise BadInput(fields=[{"field": _place(fault), "problem": fault["type"]} for fault in error.errors()]) from None


def _place(fault: dict) -> str:
    return ".".join(str(part)[:40] for part in fault["loc"]) or "body"


def bearer(request: Request) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise NotSignedIn("Nøglen til samtalen mangler.")
    return token


def require_service(request: Request, token: str) -> None:
    """The shared secret in `X-Service-Token`, or as bearer for programs that can send nothing else."""
    scheme, _, borne = request.headers.get("authorization", "").partition(" ")
    sent = request.headers.get("x-service-token") or (borne if scheme.lower() == "bearer" else "")
    if not hmac.compare_digest(sent.encode(), token.encode()):
        raise NotSignedIn("Kun for husets egne processer.")


def require_own_origin(request: Request, allowed: set[str]) -> None:
    """A browser that states an origin must state ours. Programs send none."""
    origin = request.headers.get("origin")
    if origin is not None and origin not in allowed:
        raise NotAllowed("Siden må ikke tale med samtalen.")


def answer(error: IndgangError) -> JSONResponse:
    return json(error.as_json(), status=error.status)


def whole_number(request: Request, name: str, default: int, most: int) -> int:
    text = request.args.get(name, str(default))
    if not text.isdigit() or len(text) > 9:
        raise BadInput(fields=[{"field": name, "problem": "whole_number"}])
    return min(int(text), most)


class InternalBody(BaseModel):
    """A body from the action server: always about one conversation (its id without the epoch)."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    conversation_id: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]


def idempotency_key(request: Request) -> str:
    key = request.headers.get("idempotency-key", "")
    if not 8 <= len(key) <= 120:
        raise BadInput("Et skrivende kald skal have en Idempotency-Key på 8–120 tegn.")
    return key
