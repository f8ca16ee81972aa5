"""Enquiries: written once, however often the call is repeated, and confirmed from the row."""

import secrets
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from backend.contact import checked
from backend.conversations.events import Draft
from backend.conversations.service import ConversationService
from backend.domain.enquiry import RECEIVED, Contact, EnquiryContent, may_become
from backend.domain.reference import new_reference, read_reference
from backend.enquiries.repository import EnquiryRepository
from backend.enquiries.tables import enquiries
from backend.errors import Conflict, NotFound


class UnknownEnquiry(NotFound):
    code, message = "unknown_reference", "Vi kan ikke finde en henvendelse med den kode. Se efter, om alle tegn er med."


class WrongStep(Conflict):
    code, message = "wrong_step", "Henvendelsen er allerede et andet sted. Hent siden igen."


@dataclass(frozen=True)
class NewEnquiry:
    situation: dict
    wish: str | None
    summary: str | None
    contact: Contact
    consent_version: str


class EnquiryService:
    def __init__(self, conversations: ConversationService, repository: EnquiryRepository, clock: Callable[[], datetime]) -> None:
        self.conversations, self.repository, self.clock = conversations, repository, clock

    async def save(self, conversation_id: str, key: str, new: NewEnquiry) -> dict:
        """→ {reference, status, text}. The same `key` again returns the first answer; nothing is doubled."""
        contact = checked(new.contact)
        async with self.conversations.change(conversation_id) as change:
            known = await self.repository.by_key(change.tx, key)
            if known:
                return self._answer(change.conversation, known)
            enquiry_id, reference = uuid.uuid4().hex, new_reference(secrets.choice)
            content = EnquiryContent(new.situation, new.wish, new.summary, contact, reference)
            row = {
                "id": enquiry_id,
                "conversation_id": conversation_id,
                "idempotency_key": key,
                "reference_hash": self.conversations.repository.keys.fingerprint(reference),
                "status": RECEIVED,
                "municipality": change.conversation.municipality,
                "channel": change.conversation.channel,
                "consent_version": new.consent_version,
                "content": self._key(change.conversation).seal(content.as_json(), f"enquiries:{enquiry_id}:content"),
                "received_at": change.now,
                "changed_at": change.now,
            }
            await self.repository.add(change.tx, **row)
            answer = self._answer(change.conversation, row)
            card = {"kind": "enquiry", "reference": reference, "text": self._keep_code(change.conversation), "status": RECEIVED}
            await change.say(Draft("notice", "system", {"text": answer["text"], "card": card}))
            return answer

    async def status(self, reference: str) -> dict:
        """What a guest may see with the code: state and times, never the words. Raises UnknownEnquiry."""
        code = read_reference(reference)
        async with self.conversations.storage.read() as tx:
            row = code and await self.repository.by_reference(tx, self.conversations.repository.keys.fingerprint(code))
        if not row or row["content"] is None:
            raise UnknownEnquiry()
        return {
            "status": row["status"],
            "received_at": row["received_at"].isoformat(),
            "changed_at": row["changed_at"].isoformat(),
        }

    async def move(self, enquiry_id: str, municipality: str, status: str, host_id: str) -> None:
        """A host's step. Raises WrongStep when it is not possible from where the enquiry is now."""
        async with self.conversations.storage.write() as tx:
            row = await self.repository.by_id(tx, enquiry_id)
            if row is None or row["municipality"] != municipality:
                raise UnknownEnquiry()
            only_if = [enquiries.c.status == row["status"]]
            values = {"status": status, "changed_at": self.clock(), "changed_by": host_id}
            if not may_become(row["status"], status) or not await self.repository.change(tx, enquiry_id, only_if, **values):
                raise WrongStep()
        self.conversations.hub.wake("queue", enquiry_id)

    async def of_municipality(self, municipality: str) -> list[dict]:
        """Rows with their content opened, for the console. Unreadable ones (key destroyed) are left out."""
        async with self.conversations.storage.read() as tx:
            shown = []
            for row in await self.repository.of_municipality(tx, municipality):
                conversation = await self.conversations.repository.get(tx, row["conversation_id"])
                shown.append(dict(row) | {"content": self._content(conversation, row)})
        return shown

    async def withdraw(self, tx, conversation_id: str) -> None:
        """Part of forgetting a conversation: the content goes, the count stays."""
        await self.repository.forget(tx, conversation_id)

    def _answer(self, conversation, row) -> dict:
        content = self._content(conversation, row)
        has_contact = content["contact"]["kind"] != "none"
        key = "enquiry_saved_with_contact" if has_contact else "enquiry_saved"
        words = self.conversations.reactions.words(conversation, key, reference=content["reference"])
        text = " ".join(draft.body.get("text", "") for draft in words)
        return {"reference": content["reference"], "status": row["status"], "text": text}

    def _keep_code(self, conversation) -> str:
        return self.conversations.reactions.catalogue.wording(conversation.municipality, "enquiry_keep_code").text

    def _content(self, conversation, row) -> dict:
        return self._key(conversation).open(row["content"], f"enquiries:{row['id']}:content")

    def _key(self, conversation):
        return self.conversations.repository.key_of(conversation)
