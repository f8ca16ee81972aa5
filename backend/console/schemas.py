"""Bodies the console's script sends."""

from typing import Literal

from backend.conversations.schemas import Body, ClientId, Text


class SayAsHost(Body):
    client_id: ClientId
    text: Text


class Presence(Body):
    active: bool = True
    available: bool | None = None


class ChangeStatus(Body):
    status: Literal["received", "in_progress", "answered", "closed"]
