"""Bodies the console's script sends."""

from typing import Annotated, Literal

from pydantic import Field

from backend.conversations.schemas import Body, ClientId, Key, Text

HostId = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]


class Nothing(Body):
    pass


class Claim(Body):
    accept_heavy: bool = False


class SayAsHost(Body):
    client_id: ClientId
    text: Text
    fence: int | None = None


class SendCard(Body):
    client_id: ClientId
    kind: Literal["offers", "crisis"]
    ids: Annotated[list[Annotated[str, Field(max_length=80)]], Field(max_length=10)] = []


class WriteNote(Body):
    text: Text


class WriteDown(Body):
    """What was done about an alarm: one of `domain/alarm.ACTS`."""

    act: Key
    with_host: HostId | None = None


class OfferTransfer(Body):
    to_host: HostId | None = None
    note: Text | None = None


class Decline(Body):
    note: Text | None = None


class Invite(Body):
    host: HostId
    writes: bool = False


class Part(Body):
    host: HostId | None = None


class Presence(Body):
    active: bool = True
    available: bool | None = None


class ChangeStatus(Body):
    status: Literal["received", "in_progress", "answered", "closed"]


class AddHost(Body):
    username: Annotated[str, Field(pattern=r"^[a-zæøå0-9._-]{2,40}$")]
    password: Annotated[str, Field(max_length=200)]
    alias: Annotated[str, Field(min_length=1, max_length=40)]
    municipality: Key
    role: Literal["host", "coordinator", "trainer", "administrator"] = "host"
    channels: Annotated[list[Key], Field(min_length=1, max_length=4)]
    peer: bool = False
