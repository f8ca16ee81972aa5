"""Request bodies of the public interface. Unknown fields are refused; the error says which field, never what was written."""

import re
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from backend.conversations.service import MAX_TEXT

CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069]")


def clean_text(text: object) -> object:
    """Lone surrogates, control and direction-changing characters go; everything a person can type stays."""
    if not isinstance(text, str):
        return text
    return CONTROLS.sub("", text.replace("\r\n", "\n").encode("utf-8", "replace").decode()).strip()


def not_blank(text: str | None) -> str | None:
    if text is not None and not text:
        raise ValueError("blank")
    return text


Key = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,39}$")]
ClientId = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{8,64}$")]
Text = Annotated[str, BeforeValidator(clean_text), Field(max_length=MAX_TEXT), AfterValidator(not_blank)]


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class OpenConversation(Body):
    municipality: Key
    channel: Key


class SendMessage(Body):
    client_id: ClientId
    text: Text | None = None
    choice: Annotated[str, Field(max_length=20)] | None = None

    @model_validator(mode="after")
    def _one_of_two(self) -> "SendMessage":
        if (self.text is None) == (self.choice is None):
            raise ValueError("either text or choice")
        return self


class Nothing(Body):
    pass
