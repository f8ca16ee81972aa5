"""What the hosts see, rendered on the server. A guest's words are always escaped text."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from pathlib import Path

import yaml
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from backend.appointments.labels import label
from backend.appointments.service import AppointmentService
from backend.catalogue import Catalogue
from backend.console.alarm import alarm_row, duties, for_guest
from backend.console.card import card_of, facts_of
from backend.console.replies import filled, load
from backend.console.together import Together
from backend.console.words import WORDS, ago, clock, clock_seconds, host_name, several, told, words
from backend.conversations.service import ConversationService
from backend.domain.alarm import ACTS, SILENT_AFTER
from backend.domain.conversation import WAITING, WITH_BOT, WITH_HOST, is_serious
from backend.domain.queue import Waiting, in_order
from backend.enquiries.service import EnquiryService
from backend.errors import NotFound
from backend.handoffs.measures import as_csv, report, waits
from backend.handoffs.reception import clock_time
from backend.handoffs.repository import Team
from backend.handoffs.service import HandoffService, team_of
from backend.hosts.roles import ROLES, may, may_appoint
from backend.hosts.service import HostService, SignedIn

HERE = Path(__file__).parent
GONE_AFTER = timedelta(minutes=2)
OLD_AFTER = timedelta(hours=24)
COLOURS = 6
MOST_SHOWN = 20
OPEN_STEPS = ("received", "in_progress")

TEMPLATES = Environment(
    loader=FileSystemLoader(HERE / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    auto_reload=False,
)
TEMPLATES.filters |= {"word": words, "each_word": several, "label": label, "clock": clock, "clock_seconds": clock_seconds, "host_name": host_name}
TEMPLATES.globals |= {"may": may, "script_words": json.dumps(WORDS["script"], ensure_ascii=False)}


@dataclass(frozen=True)
class ConsolePages:
    hosts: HostService
    handoffs: HandoffService
    conversations: ConversationService
    enquiries: EnquiryService
    appointments: AppointmentService
    catalogue: Catalogue

    # The desk

    async def front(self, host: SignedIn) -> str:
        return _render("front.html", queue=await self._queue(host), **self._frame(host, "queue"))

    async def queue(self, host: SignedIn) -> str:
        return _render("queue.html", queue=await self._queue(host), **self._frame(host, "queue"))

    @cached_property
    def _desks(self) -> Together:
        """What the hosts of the same teams all see."""
        return Together(lambda teams: self._look_at_desks(*teams))

    async def _look_at_desks(self, municipality: str, channels: tuple[str, ...]) -> dict:
        now, repository = self.conversations.clock(), self.handoffs.repository
        async with self.conversations.storage.read() as tx:
            waiting = await repository.rows(tx, municipality, channels)
            taken = await repository.rows(tx, municipality, channels, "claimed")
            desks = [(channel, await self.handoffs.reception.availability(tx, Team(municipality, channel), now)) for channel in channels]
            by_id = {row["conversation_id"]: row for row in waiting}
            next_ones = [by_id[one.conversation_id] for one in in_order([_waiting(row) for row in waiting])[:MOST_SHOWN]]
            facts = await self._facts(tx, [row["conversation_id"] for row in (*next_ones, *taken)])
        return {
            "waiting": [_row(row, facts, now) for row in next_ones], "count": len(waiting), "longest": _longest(waiting, now),
            "taken": taken, "desks": desks, "facts": facts,
        }  # fmt: skip

    async def _queue(self, host: SignedIn) -> dict:
        now, repository = self.conversations.clock(), self.handoffs.repository
        team = await self._desks.ask((host.municipality, host.channels))
        async with self.conversations.storage.read() as tx:
            along = await repository.invited_to(tx, host.id)
            offers = await repository.offers_to(tx, host.id, host.municipality, host.channels)
            alarms = await self.handoffs.alarms.repository.for_host(tx, host.id, host.municipality, host.channels, now - SILENT_AFTER)
            unknown = {row["conversation_id"] for row in (*along, *offers, *alarms)} - team["facts"].keys()
            facts = team["facts"] | (await self._facts(tx, list(unknown)) if unknown else {})
        shown = lambda rows: [_row(row, facts, now) for row in rows]  # noqa: E731
        return team | {
            "mine": shown(row for row in team["taken"] if row["claimed_by"] == host.id),
            "along": shown(along),
            "offers": shown(offers),
            "alarms": [alarm_row(row, facts.get(row["conversation_id"]), host.id, now) for row in alarms],
            "acts": ACTS,
            "others": Counter(row["host_alias"] for row in team["taken"] if row["claimed_by"] != host.id),
            "resting": bool(host.resting_until and host.resting_until > now),
        }

    async def _facts(self, tx, conversation_ids: list[str]) -> dict[str, dict]:
        """For a list: one query, no events."""
        repository = self.conversations.repository
        found = await repository.many(tx, conversation_ids)
        return {one.id: facts_of(one, repository.situation_of(one)) for one in found}

    # One chat

    async def conversation(self, host: SignedIn, conversation_id: str) -> str:
        return _render(
            "conversation.html", **await self._chat(host, conversation_id), **self._frame(host, "queue")
        )

    async def side(self, host: SignedIn, conversation_id: str) -> str:
        return _render("side.html", **await self._chat(host, conversation_id), **self._frame(host, "queue"))

    async def log(self, host: SignedIn, conversation_id: str, after: int) -> str:
        conversation, events = await self.conversations.events_after(conversation_id, after)
        async with self.conversations.storage.read() as tx:
            part, row = await self._part(tx, host, conversation)
        if part not in ("owner", "cohost", "listener", "waiting", "alarm"):
            raise NotFound()
        return _render("log.html", events=events, seen_n=row["guest_seen_n"] or 0, host=host)

    async def _chat(self, host: SignedIn, conversation_id: str) -> dict:
        conversation, events = await self.conversations.events_after(conversation_id, 0)
        repository, now = self.handoffs.repository, self.conversations.clock()
        async with self.conversations.storage.read() as tx:
            part, row = await self._part(tx, host, conversation)
            notes = await repository.notes_of(tx, conversation_id)
            ladder = await self._ladder(tx, conversation_id)
            company = await repository.companions_of(tx, row["id"])
            offer = await repository.offered(tx, row["id"])
            colleagues = [
                one
                for one in await repository.colleagues(tx, team_of(conversation), now)
                if one["id"] != host.id
            ]
            availability = await self.handoffs.reception.availability(tx, team_of(conversation), now)
        key = self.conversations.repository.key_of(conversation)
        situation = self.conversations.repository.situation_of(conversation)
        promise = self.catalogue.promises(conversation.municipality, conversation.channel).short
        hidden = part in ("offered", "invited")
        card = card_of(
            conversation,
            situation,
            () if hidden else events,
            self.handoffs.wish_of(conversation, row),
            promise,
        )
        return {
            "conversation": conversation,
            "events": () if hidden else events,
            "part": part,
            "ladder": ladder,
            "duties": for_guest(DUTIES, conversation.channel, situation.get("slots", {})) if is_serious(conversation.risk) else (),
            "acts": ACTS,
            "row": row,
            "card": card,
            "colour": (row["colour"] or 0) % COLOURS,
            "notes": [
                dict(note) | {"text": key.open(note["body"], f"notes:{note['id']}:body")} for note in notes
            ],
            "company": company,
            "offer": offer,
            "colleagues": colleagues,
            "seen_n": row["guest_seen_n"] or 0,
            "gone": _gone(row, now),
            "replies": filled(REPLIES, self._values(host, availability)),
            "offers": [one for one in self.catalogue.offers(conversation.municipality) if not one.flagged],
        }

    async def _part(self, tx, host: SignedIn, conversation) -> tuple[str, object]:
        """→ (what this host is to the chat, its open handoff). Raises NotFound for those it is nothing to."""
        row = await self.handoffs.repository.open_one(tx, conversation.id)
        if conversation.municipality != host.municipality or conversation.channel not in host.channels:
            raise NotFound()
        if row is None and conversation.state == WITH_BOT and await self.handoffs.alarms.may_read(tx, conversation):
            return "alarm", NOT_IN_QUEUE
        if row is None:
            raise NotFound()
        if conversation.state == WAITING:
            return "waiting", row
        if conversation.state == WITH_HOST and conversation.owner_id == host.id:
            return "owner", row
        along = await self.handoffs.repository.companion(tx, row["id"], host.id)
        offer = await self.handoffs.repository.offered(tx, row["id"])
        if along and along["joined_at"]:
            return ("cohost" if along["writes"] else "listener"), row
        if offer and offer["to_host"] in (host.id, None):
            return "offered", row
        if along:
            return "invited", row
        raise NotFound()

    async def _ladder(self, tx, conversation_id: str) -> dict | None:
        """The latest alarm of the conversation with its steps."""
        repository = self.handoffs.alarms.repository
        row = await repository.latest_of(tx, conversation_id)
        return dict(row) | {"steps": await repository.steps(tx, [row["id"]])} if row else None

    def _values(self, host: SignedIn, availability) -> dict[str, str]:
        values = {"alias": host.alias, "place": self.catalogue.municipality(host.municipality).short}
        return values | ({"closes": clock_time(availability.closes_at)} if availability.closes_at else {})

    # Lists

    async def enquiries_page(self, host: SignedIn, only: str | None) -> str:
        now = self.conversations.clock()
        found = [
            row
            for row in await self.enquiries.of_municipality(host.municipality)
            if row["channel"] in host.channels
        ]
        rows = [
            row
            | {
                "since": told(now - row["received_at"]),
                "old": row["status"] in OPEN_STEPS and now - row["received_at"] > OLD_AFTER,
            }
            for row in found
        ]
        rows = [
            row
            for row in rows
            if (only is None and row["status"] in OPEN_STEPS) or row["status"] == only or only == "all"
        ]
        rows.sort(key=lambda row: (row["status"] not in OPEN_STEPS, row["received_at"]))
        return _render("enquiries.html", rows=rows, only=only, **self._frame(host, "enquiries"))

    async def require_enquiry(self, host: SignedIn, enquiry_id: str) -> None:
        async with self.conversations.storage.read() as tx:
            row = await self.enquiries.repository.by_id(tx, enquiry_id)
        if row is None or row["municipality"] != host.municipality or row["channel"] not in host.channels:
            raise NotFound()

    async def appointments_page(self, host: SignedIn) -> str:
        now = self.conversations.clock()
        async with self.conversations.storage.read() as tx:
            found = await self.appointments.repository.upcoming(tx, host.municipality, now)
            rows = []
            for row in found:
                conversation = await self.conversations.repository.get(tx, row["conversation_id"])
                if conversation.channel in host.channels:
                    rows.append(
                        dict(row)
                        | {
                            "content": self.appointments.content_of(conversation, row),
                            "mine": row["host_id"] == host.id,
                        }
                    )
        return _render("appointments.html", rows=rows, **self._frame(host, "appointments"))

    # Running the team

    async def alarms_page(self, host: SignedIn) -> str:
        """The team's alarms of the last 30 days: who was rung, who answered, what was done. Never a guest's word."""
        repository = self.handoffs.alarms.repository
        async with self.conversations.storage.read() as tx:
            rows = await repository.of_team(tx, host.municipality, host.channels, self.conversations.clock() - timedelta(days=30))
            steps = await repository.steps(tx, [row["id"] for row in rows])
        ladders = [dict(row) | {"steps": [step for step in steps if step["alarm_id"] == row["id"]]} for row in rows]
        return _render("alarms.html", ladders=ladders, **self._frame(host, "alarms"))

    async def staff_page(self, host: SignedIn) -> str:
        now = self.conversations.clock()
        rows = [
            row | {"here": bool(row["present_until"] and row["present_until"] > now)}
            for row in await self.hosts.team(host)
        ]
        roles = [role for role in ROLES if may_appoint(host.role, role)]
        places = self.catalogue.ids() if host.role == "administrator" else (host.municipality,)
        channels = ("municipality", "headspace") if host.role == "administrator" else host.channels
        return _render(
            "staff.html",
            rows=rows,
            roles=roles,
            places=places,
            channels=channels,
            **self._frame(host, "staff"),
        )

    async def measures_page(self, host: SignedIn) -> str:
        lines = await self._report(host)
        groups: dict[str, list] = {}
        for line in lines:
            groups.setdefault(line.group, []).append(line)
        most = max((line.count or 0 for line in lines), default=0) or 1
        return _render("measures.html", groups=groups, most=most, **self._frame(host, "measures"))

    async def measures_csv(self, host: SignedIn) -> str:
        return as_csv(await self._report(host))

    async def _report(self, host: SignedIn) -> list:
        since = self.conversations.clock() - timedelta(days=30)
        return report(await waits(self.conversations.storage, host.municipality, host.channels, since))

    def practice(self, host: SignedIn) -> str:
        return _render("practice.html", guests=GUESTS, **self._frame(host, "practice"))

    # Signing in

    def login(self, demo: bool, problem: str | None = None, oidc: str | None = None) -> str:
        """`oidc`: what the provider is called on its button; None without one."""
        return _render("login.html", demo=demo, problem=problem, oidc=oidc)

    def signed_in(self, start: str) -> str:
        return _render("signed_in.html", start=start)

    def code(self, host: SignedIn, enrolment: tuple[str, str] | None, problem: str | None = None) -> str:
        return _render("code.html", host=host, enrolment=enrolment, problem=problem)

    def locked(self, problem: str | None = None) -> str:
        return _render("locked.html", problem=problem)

    def error(self, host: SignedIn | None, message: str) -> str:
        return _render("error.html", message=message)

    def _frame(self, host: SignedIn, page: str) -> dict:
        return {"host": host, "page": page, "place": self.catalogue.municipality(host.municipality).name}


REPLIES = load()
DUTIES = duties()
# A guest in danger who has asked for nobody: read because of the alarm, not from the queue.
NOT_IN_QUEUE = {"id": "", "colour": None, "guest_seen_n": None, "guest_seen_at": None, "requested_at": None, "wish": None}
GUESTS = yaml.safe_load((HERE / "practice.yml").read_text(encoding="utf-8"))


def _waiting(row) -> Waiting:
    return Waiting(row["conversation_id"], row["risk"], row["requested_at"], row["lost_host"])


def _row(row, facts: dict, now) -> dict:
    shown = dict(row) | {"facts": facts[row["conversation_id"]], "colour": (row.get("colour") or 0) % COLOURS}
    shown |= {"gone": None, "lost_host": shown.get("lost_host", False)}
    if "requested_at" in row:
        shown |= {"waited": told(now - row["requested_at"], "waited"), "gone": _gone(row, now)}
    return shown


def _longest(waiting, now) -> str | None:
    """How long the guest who has waited longest has waited; None when nobody has waited for a minute yet."""
    longest = max((now - row["requested_at"] for row in waiting), default=timedelta())
    return ago(longest) if longest >= timedelta(minutes=1) else None


def _gone(row, now) -> str | None:
    """How long the guest's chat has been shut, when it is long enough to tell the host."""
    if row["requested_at"] is None:
        return None
    away = now - (row["guest_seen_at"] or row["requested_at"])
    return ago(away) if away >= GONE_AFTER else None


def _render(template: str, **values: object) -> str:
    return TEMPLATES.get_template(template).render(**values)


def channels_known(catalogue: Catalogue, municipality: str, channels: Sequence[str]) -> bool:
    return municipality in catalogue.ids() and all(
        channel in catalogue.municipality(municipality).channels for channel in channels
    )
