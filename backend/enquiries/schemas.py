"""Bodies of the enquiry calls."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from backend.domain.enquiry import Contact
from backend.edge import InternalBody
from backend.enquiries.service import NewEnquiry

Words = Annotated[str, Field(max_length=4000)]


class ContactBody(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    kind: Literal["phone", "email", "none"] = "none"
    value: Annotated[str, Field(max_length=200)] | None = None
    may_say: Annotated[str, Field(max_length=500)] | None = None


class SaveEnquiry(InternalBody):
    situation: dict = {}
    wish: Words | None = None
    summary: Words | None = None
    contact: ContactBody = ContactBody()
    consent_version: Annotated[str, Field(min_length=1, max_length=20)]

    def as_new(self) -> NewEnquiry:
        return NewEnquiry(self.situation, self.wish, self.summary, Contact(**self.contact.model_dump()), self.consent_version)


class EnquiryStatus(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)
    reference: Annotated[str, Field(max_length=40)]
