"""What is sealed in an appointment, and what a guest sees of slots and appointments."""

from collections.abc import Mapping
from dataclasses import asdict

from backend.appointments.booking import Booking
from backend.appointments.calendar_file import calendar_file
from backend.appointments.labels import label
from backend.catalogue import Catalogue
from backend.catalogue.model import Place
from backend.conversations.repository import ConversationRepository
from backend.domain.appointments import IN_PERSON, Slot, default_form
from backend.domain.conversation import Conversation

MANAGE_PATH = "/aftale"


class Cards:
    def __init__(self, conversations: ConversationRepository, catalogue: Catalogue, video_link: str = "", reminders: tuple[str, ...] = ()) -> None:
        self.conversations, self.catalogue, self.video_link, self.reminders = conversations, catalogue, video_link, reminders

    # What is sealed

    def content(self, booking: Booking, reference: str, slot: Slot) -> dict:
        """What the guest said with the booking; nothing they left out is kept as an empty field."""
        said = asdict(booking) | {"reference": reference, "host_alias": slot.host_alias}
        left_out = ("slot_id", "form")
        return {name: value for name, value in said.items() if value and name not in left_out}

    def seal(self, conversation: Conversation, appointment_id: str, content: dict) -> bytes:
        return self.conversations.key_of(conversation).seal(content, _where(appointment_id))

    def content_of(self, conversation: Conversation, row: Mapping) -> dict:
        if row["content"] is None:
            return {}
        return self.conversations.key_of(conversation).open(row["content"], _where(row["id"]))

    # What is shown

    def appointment(self, conversation: Conversation, row: Mapping) -> dict:
        """The card of the protocol, read from the row."""
        content = self.content_of(conversation, row)
        place = self.place(conversation.municipality, row["place"])
        reference, video_url = content.get("reference", ""), self.video_url(row)
        return {
            "kind": "appointment",
            "reference": reference,
            "label": label(row["starts_at"]),
            "starts_at": row["starts_at"].isoformat(),
            "ends_at": row["ends_at"].isoformat(),
            "form": row["form"],
            "place": place.name,
            "how_to_get_in": None if video_url else place.how_to_get_in,
            "video_url": video_url,
            "host_alias": content.get("host_alias", ""),
            "cancel_text": self.catalogue.wording(conversation.municipality, "appointment_how_to_cancel", reference=reference).text,
            "manage_path": MANAGE_PATH,
            "reminders": list(self.reminders),
            "calendar_file": self.calendar_file(conversation.municipality, row),
            "status": row["status"],
        }

    def video_url(self, row: Mapping) -> str | None:
        """The appointment's own room with the configured provider, which nobody can guess; None when there is no provider."""
        if row["form"] != "video" or not self.video_link:
            return None
        return self.video_link.replace("{room}", self.conversations.keys.fingerprint(f"room:{row['id']}").hex()[:32])

    def calendar_file(self, municipality: str, row: Mapping) -> str:
        title = self.catalogue.wording(municipality, "calendar_title").text
        return calendar_file(row, title, self.place(municipality, row["place"]).name)

    def slot(self, municipality: str, slot: Slot, form: str | None = None) -> dict:
        """A slot as it can be chosen. `form` is the one asked for, else meeting in person where that is possible."""
        form = form if form in slot.forms else default_form(slot)
        return {
            "id": slot.id,
            "label": label(slot.starts_at),
            "starts_at": slot.starts_at.isoformat(),
            "ends_at": slot.ends_at.isoformat(),
            "form": form,
            "forms": list(slot.forms),
            "place": self.place(municipality, self.place_id(municipality, slot, form)).name,
            "host_alias": slot.host_alias,
            "peer": slot.peer,
            "languages": list(slot.languages),
        }

    def place_id(self, municipality: str, slot: Slot, form: str) -> str:
        """Where it happens: the shift's place in person, else the place of the form itself (phone, video, chat)."""
        at_a_distance = form != IN_PERSON and form in self.catalogue.municipality(municipality).places
        return form if at_a_distance else slot.place

    def place(self, municipality: str, place_id: str) -> Place:
        return self.catalogue.place(municipality, place_id)


def _where(appointment_id: str) -> str:
    return f"appointments:{appointment_id}:content"
