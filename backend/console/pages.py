"""What the hosts see, rendered on the server. A guest's words are always escaped text."""

from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from backend.appointments.labels import label
from backend.appointments.service import AppointmentService
from backend.catalogue import Catalogue
from backend.console.card import card_of
from backend.console.words import ago, words
from backend.conversations.service import ConversationService
from backend.domain.queue import in_order
from backend.enquiries.service import EnquiryService
from backend.errors import NotFound
from backend.handoffs.repository import Team
from backend.handoffs.service import HandoffService
from backend.hosts.service import SignedIn

TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
)
TEMPLATES.filters |= {"word": words, "label": label}


@dataclass(frozen=True)
class ConsolePages:
    handoffs: HandoffService
    conversations: ConversationService
    enquiries: EnquiryService
    appointments: AppointmentService
    catalogue: Catalogue

    def login(self, demo: bool, problem: str | None = None) -> str:
        return _render("login.html", demo=demo, problem=problem)

    async def front(self, host: SignedIn) -> str:
        return _render("front.html", queue=await self._queue(host), **self._frame(host, "queue"))

    async def queue(self, host: SignedIn) -> str:
        return _render("queue.html", queue=await self._queue(host), **self._frame(host, "queue"))

    async def _queue(self, host: SignedIn) -> dict:
        now = self.conversations.clock()
        repository = self.handoffs.repository
        async with self.conversations.storage.read() as tx:
            rows = {row["conversation_id"]: row for row in await repository.rows(tx, host.municipality, host.channels)}
            order = [one.conversation_id for one in in_order([one for channel in host.channels for one in await repository.waiting(tx, Team(host.municipality, channel))])]
            taken = await repository.rows(tx, host.municipality, host.channels, "claimed")
            cards = {cid: await self._card(tx, cid) for cid in [*order, *(row["conversation_id"] for row in taken)]}
        waiting = [dict(rows[cid]) | {"waited": ago(now - rows[cid]["requested_at"]), "card": cards[cid]} for cid in order]
        mine = [dict(row) | {"card": cards[row["conversation_id"]]} for row in taken if row["claimed_by"] == host.id]
        others = [row for row in taken if row["claimed_by"] != host.id]
        availability = await self.handoffs.availability(host.municipality, host.channels[0])
        return {"waiting": waiting, "mine": mine, "others": others, "availability": availability}

    async def _card(self, tx, conversation_id: str) -> dict:
        conversation = await self.conversations.repository.get(tx, conversation_id)
        events = await self.conversations.repository.events_after(tx, conversation)
        return card_of(conversation, self.conversations.repository.situation_of(conversation), events)

    async def conversation(self, host: SignedIn, conversation_id: str) -> str:
        conversation, events = await self.conversations.events_after(conversation_id, 0)
        if conversation.municipality != host.municipality or conversation.channel not in host.channels or conversation.channel not in host.channels or conversation.state not in ("waiting", "with_host"):
            raise NotFound()
        card = card_of(conversation, self.conversations.repository.situation_of(conversation), events)
        mine = conversation.owner_id == host.id
        return _render("conversation.html", conversation=conversation, events=events, card=card, mine=mine, **self._frame(host, "queue"))

    async def open_chats(self, host: SignedIn) -> list[str]:
        async with self.conversations.storage.read() as tx:
            rows = await self.handoffs.repository.rows(tx, host.municipality, host.channels, "claimed")
        return [row["conversation_id"] for row in rows if row["claimed_by"] == host.id]

    async def enquiries_page(self, host: SignedIn) -> str:
        now = self.conversations.clock()
        rows = [row | {"waited": ago(now - row["received_at"])} for row in await self.enquiries.of_municipality(host.municipality)]
        return _render("enquiries.html", rows=rows, **self._frame(host, "enquiries"))

    async def appointments_page(self, host: SignedIn) -> str:
        async with self.conversations.storage.read() as tx:
            found = await self.appointments.repository.upcoming(tx, host.municipality, self.conversations.clock())
            rows = []
            for row in found:
                conversation = await self.conversations.repository.get(tx, row["conversation_id"])
                rows.append(dict(row) | {"content": self.appointments.content_of(conversation, row)})
        return _render("appointments.html", rows=rows, **self._frame(host, "appointments"))

    def _frame(self, host: SignedIn, page: str) -> dict:
        return {"host": host, "page": page, "place": self.catalogue.municipality(host.municipality).name}


def _render(template: str, **values) -> str:
    return TEMPLATES.get_template(template).render(**values)
