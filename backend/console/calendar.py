"""«Mine tider»: a host's own shifts, calendar link, other work and appointments. Plain forms; every host sees only their own."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sanic import Blueprint, Request
from sanic.response import HTTPResponse, html, redirect

from backend.appointments.external import LARGEST, UnreadableCalendar
from backend.appointments.labels import day_label
from backend.appointments.shifts import FORMS, BookingRules, ShiftForm
from backend.console.pages import TEMPLATES
from backend.console.routes import ConsoleRoutes, Route
from backend.console.words import WORDS, words
from backend.domain.appointments import BOOKED, local_day, rule_days
from backend.domain.recurrence import IN_MONTH, WEEKDAYS, WEEKS, Recurrence, read_rule, rule_of
from backend.errors import BadInput, NotFound
from backend.hosts.roles import CHAT
from backend.hosts.service import Locked, NotSignedIn, SignedIn

HOME = "/console/calendar"
ROOM_FOR_HEADERS = 16 * 1024
SHOWN_AHEAD, SHOWN_BACK, NEXT_DAYS = timedelta(days=60), timedelta(days=14), 4
Handler = Callable[..., Awaitable[HTTPResponse]]

_SHIFT = "/shifts/<shift_id:str>"
TABLE = (
    Route("/", "GET", "page", CHAT),
    Route("/shifts", "POST", "add_shift", CHAT),
    Route(_SHIFT, "GET", "shift_page", CHAT, "shift"),
    Route(_SHIFT, "POST", "change_shift", CHAT, "shift"),
    Route(f"{_SHIFT}/remove", "POST", "remove_shift", CHAT, "shift"),
    Route(f"{_SHIFT}/leave-out", "POST", "leave_out", CHAT, "shift"),
    Route(f"{_SHIFT}/put-back", "POST", "put_back", CHAT, "shift"),
    Route("/rules", "POST", "set_rules", CHAT),
    Route("/feed", "POST", "open_feed", CHAT),
    Route("/feed/close", "POST", "close_feed", CHAT),
    Route("/source", "POST", "follow", CHAT),
    Route("/source/leave", "POST", "leave", CHAT),
    Route("/file", "POST", "take_file", CHAT),
    Route("/appointments/<appointment_id:str>", "POST", "mark", CHAT, "appointment"),
)


@dataclass(frozen=True)
class OwnCalendar:
    desk: ConsoleRoutes

    def blueprint(self) -> Blueprint:
        bp = Blueprint("console_calendar", url_prefix=HOME)
        for route in TABLE:
            handler, is_upload = self._handler(route), route.handler == "take_file"
            bp.add_route(handler, route.path, methods=[route.method], name=route.handler, strict_slashes=False, stream=is_upload)
        bp.on_response(self.desk._guarding())
        return bp

    def _handler(self, route: Route) -> Handler:
        """Behind the same check as every page of the console; a fault in a form is told in the page."""
        handle = getattr(self, route.handler)

        async def guarded(request: Request, **names: str) -> HTTPResponse:
            try:
                if route.handler == "take_file":
                    await self._receive(request)
                host = await self.desk._who(request, route)
            except (NotSignedIn, Locked) as error:
                return redirect("/console/locked" if isinstance(error, Locked) else "/console/login", status=303)
            try:
                return await handle(request, host, **names)
            except BadInput as error:
                return await self._page(host, problem=_told(error), status=error.status)

        return guarded

    async def _receive(self, request: Request) -> None:
        """A calendar file may be larger than anything else that is sent here, but only from someone who is signed in."""
        await self.desk.hosts.who(request.cookies.get("indgang_host") or "")
        request.stream.request_max_size = LARGEST + ROOM_FOR_HEADERS
        await request.receive_body()

    # The page

    async def page(self, request: Request, host: SignedIn) -> HTTPResponse:
        return await self._page(host, said=WORDS["calendar"].get(request.args.get("said") or ""))

    async def _page(self, host: SignedIn, problem: str | None = None, said: str | None = None, link: str | None = None, status: int = 200) -> HTTPResponse:
        service = self.desk.appointments
        values = {
            "mine": await self._appointments(host),
            "waiting": await service.waiting.count(host.municipality),
            "shifts": [self._shown(row) for row in await service.shifts.of_host(host.id)],
            "rules": await service.shifts.rules(host.id),
            "has_feed": await service.calendars.has_feed(host.id),
            "source": await service.sources.of_host(host.id),
            "busy": await service.calendars.count_busy(host.id),
            "new": self._blank(host),
        }
        return self._render("calendar.html", host, status, problem=problem, said=said, link=link, **values)

    async def _appointments(self, host: SignedIn) -> dict[str, list[dict]]:
        """→ {ask: begun and not yet marked, today, ahead, marked}, each row with what the guest said with the booking."""
        now, service = self.desk.conversations.clock(), self.desk.appointments
        rows = await service.of_host(host.id, now - SHOWN_BACK)
        begun = [row for row in rows if row["starts_at"] <= now]
        ahead = [row for row in rows if row["starts_at"] > now and row["status"] == BOOKED]
        return {
            "ask": [row for row in begun if row["status"] == BOOKED],
            "today": [row for row in ahead if local_day(row["starts_at"]) == local_day(now)],
            "ahead": [row for row in ahead if local_day(row["starts_at"]) != local_day(now)],
            "marked": [row for row in begun if row["status"] != BOOKED][-5:],
        }

    def _shown(self, row: dict) -> dict:
        today = local_day(self.desk.conversations.clock())
        days = [day for day in _days(row, today) if day not in row["except_on"]]
        return row | {
            "how_often": read_rule(row["rule"]),
            "next": [day_label(day) for day in days[:NEXT_DAYS]],
            "away": [(day.isoformat(), day_label(day)) for day in row["except_on"] if day >= today],
            "forms": row["forms"].split(),
        }

    def _blank(self, host: SignedIn) -> dict:
        today = local_day(self.desk.conversations.clock())
        return {
            "id": None, "rule": "", "how_often": Recurrence(()), "first_on": today, "starts": "", "ends": "", "forms": ["in_person"],
            "place": next(iter(self._places(host)), ""), "slot_minutes": 45, "buffer_minutes": 15,
        }  # fmt: skip

    def _places(self, host: SignedIn) -> dict[str, str]:
        """Where guests can be met in person by this host's teams: id → name."""
        home = self.desk.catalogue.municipality(host.municipality)
        ids = [place for channel in host.channels if channel in home.channels for place in home.channels[channel].appointment_places]
        return {place: home.places[place].name for place in ids if place not in FORMS and place in home.places}

    def _render(self, template: str, host: SignedIn, status: int = 200, **values: object) -> HTTPResponse:
        frame = self.desk.pages._frame(host, "calendar")
        options = {"places": self._places(host), "weekdays": WEEKDAYS, "rhythms": (*WEEKS, *IN_MONTH), "ways": FORMS}
        return html(TEMPLATES.get_template(template).render(**values, **options, **frame), status=status)

    # Shifts

    async def shift_page(self, request: Request, host: SignedIn, shift_id: str) -> HTTPResponse:
        return self._render("shift.html", host, shift=self._shown(await self._own(host, shift_id)))

    async def _own(self, host: SignedIn, shift_id: str) -> dict:
        found = next((row for row in await self.desk.appointments.shifts.of_host(host.id) if row["id"] == shift_id), None)
        if found is None:
            raise NotFound()
        return found

    async def add_shift(self, request: Request, host: SignedIn) -> HTTPResponse:
        await self.desk.appointments.shifts.add(host.id, _shift_form(request))
        return _back("saved")

    async def change_shift(self, request: Request, host: SignedIn, shift_id: str) -> HTTPResponse:
        await self._own(host, shift_id)
        await self.desk.appointments.shifts.change(host.id, shift_id, _shift_form(request))
        return _back("saved")

    async def remove_shift(self, request: Request, host: SignedIn, shift_id: str) -> HTTPResponse:
        await self.desk.appointments.shifts.remove(host.id, shift_id)
        return _back("removed")

    async def leave_out(self, request: Request, host: SignedIn, shift_id: str) -> HTTPResponse:
        await self.desk.appointments.shifts.leave_out(host.id, shift_id, _day(request, "day"))
        return _back("away")

    async def put_back(self, request: Request, host: SignedIn, shift_id: str) -> HTTPResponse:
        await self.desk.appointments.shifts.put_back(host.id, shift_id, _day(request, "day"))
        return _back("saved")

    async def set_rules(self, request: Request, host: SignedIn) -> HTTPResponse:
        most = _text(request, "most_a_day")
        languages = tuple(_text(request, "languages").lower().replace(",", " ").split())
        await self.desk.appointments.shifts.set_rules(
            host.id, BookingRules(_whole(request, "notice_minutes"), _whole(request, "most_a_day") if most else None, languages)
        )
        return _back("saved")

    # Calendars

    async def open_feed(self, request: Request, host: SignedIn) -> HTTPResponse:
        """The link is shown in the answer itself, this once: it must not stand in an address."""
        secret = await self.desk.appointments.calendars.open_feed(host.id)
        return await self._page(host, link=f"{self.desk.settings.public_url}/api/v1/calendar/{secret}.ics")

    async def close_feed(self, request: Request, host: SignedIn) -> HTTPResponse:
        await self.desk.appointments.calendars.close_feed(host.id)
        return _back("feed_closed")

    async def follow(self, request: Request, host: SignedIn) -> HTTPResponse:
        await self.desk.appointments.sources.follow(host.id, _text(request, "address", 1000))
        return _back("read")

    async def leave(self, request: Request, host: SignedIn) -> HTTPResponse:
        await self.desk.appointments.sources.leave(host.id)
        return _back("left")

    async def take_file(self, request: Request, host: SignedIn) -> HTTPResponse:
        sent = (request.files or {}).get("file")
        try:
            text = sent.body.decode("utf-8-sig") if sent else ""
        except UnicodeDecodeError as error:
            raise UnreadableCalendar() from error
        await self.desk.appointments.sources.take_file(host.id, text)
        return _back("read")

    # Attended or not

    async def mark(self, request: Request, host: SignedIn, appointment_id: str) -> HTTPResponse:
        rows = await self.desk.appointments.of_host(host.id, self.desk.conversations.clock() - SHOWN_BACK)
        if appointment_id not in {row["id"] for row in rows}:
            raise NotFound()
        await self.desk.appointments.mark_attended(host.municipality, appointment_id, _text(request, "came") == "yes")
        return _back("marked")


def _days(row: dict, today: date) -> list[date]:
    try:
        return list(rule_days(row["rule"], row["first_on"], max(today, row["first_on"]), today + SHOWN_AHEAD))
    except (ValueError, TypeError, KeyError):
        return []


def _shift_form(request: Request) -> ShiftForm:
    """Raises BadInput naming the fields that can't be read."""
    sent = request.form or {}
    until = _day(request, "until") if _text(request, "until") else None
    own = _text(request, "rule", 400)
    try:
        rule = own or rule_of(Recurrence(tuple(sent.getlist("days", [])), _text(request, "every"), until))
    except ValueError as error:
        raise _wrong("rule") from error
    return ShiftForm(
        rule, _day(request, "first_on"), _clock(request, "starts"), _clock(request, "ends"), tuple(sent.getlist("forms", [])),
        _text(request, "place"), _whole(request, "slot_minutes"), _whole(request, "buffer_minutes"),
    )  # fmt: skip


def _text(request: Request, name: str, most: int = 80) -> str:
    return str((request.form or {}).get(name) or "").strip()[:most]


def _whole(request: Request, name: str) -> int:
    text = _text(request, name, 6)
    if not (text.isascii() and text.isdigit()):
        raise _wrong(name)
    return int(text)


def _day(request: Request, name: str) -> date:
    try:
        return date.fromisoformat(_text(request, name))
    except ValueError as error:
        raise _wrong(name) from error


def _clock(request: Request, name: str) -> time:
    try:
        return datetime.strptime(_text(request, name)[:5], "%H:%M").time()
    except ValueError as error:
        raise _wrong(name) from error


def _wrong(name: str) -> BadInput:
    return BadInput(fields=[{"field": name, "problem": "not_possible"}])


def _told(error: BadInput) -> str:
    fields = [words(one["field"], "shift_field") for one in error.details.get("fields", [])]
    return f"{WORDS['calendar']['not_possible']} {', '.join(fields)}." if fields else error.message


def _back(said: str) -> HTTPResponse:
    return redirect(f"{HOME}?said={said}", status=303)
