"""The composition root: the one place that knows everybody. Nobody imports it but the start command and the tests."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from sanic import Request, Sanic
from sanic.exceptions import SanicException
from sanic.response import HTTPResponse, json

from backend.appointments.by_code import ByCode
from backend.appointments.cards import MANAGE_PATH
from backend.appointments.guest_page import GuestPage
from backend.appointments.messengers import EMAIL, PHONE, FileOutbox, Messenger, SmsGateway, SmtpMessenger
from backend.appointments.outside import CalendarFetcher
from backend.appointments.repository import AppointmentRepository
from backend.appointments.routes import AppointmentRoutes
from backend.appointments.service import AppointmentService
from backend.catalogue import Catalogue, load_catalogue
from backend.catalogue.calendar import calendar_for
from backend.console.calendar import OwnCalendar
from backend.console.routes import ConsoleRoutes
from backend.conversations.commands import Command, Commands
from backend.conversations.events import bot_says, notice
from backend.conversations.hub import Hub
from backend.conversations.limits import Limits
from backend.conversations.reactions import OWN_COMMANDS, Reactions
from backend.conversations.repository import ConversationRepository
from backend.conversations.routes import VisitorRoutes
from backend.conversations.service import RESUME, ConversationService
from backend.conversations.turns import Turns
from backend.domain.appointments import COPENHAGEN
from backend.domain.conversation import WAITING, WITH_BOT
from backend.domain.situation import Situation
from backend.door_cards.service import DoorCards
from backend.edge import answer
from backend.enquiries.repository import EnquiryRepository
from backend.enquiries.routes import EnquiryRoutes
from backend.enquiries.service import EnquiryService
from backend.errors import BadInput, IndgangError, NotFound
from backend.feedback.routes import FeedbackRoutes
from backend.guidance.routes import GuidanceRoutes
from backend.guidance.service import advise_json
from backend.handoffs.clockwork import Clockwork
from backend.handoffs.company import Company
from backend.handoffs.repository import HandoffRepository, Team
from backend.handoffs.routes import HandoffRoutes
from backend.handoffs.service import HandoffService
from backend.hosts.service import HostService
from backend.jobs.forgetting import Forgetting
from backend.jobs.sweeper import Sweeper
from backend.overview.door_card_pages import DoorCardPages
from backend.overview.pages import OverviewPages
from backend.pages import Pages
from backend.rasa.client import RasaClient
from backend.safety.screen import Screen
from backend.settings import Settings
from backend.storage.engine import Storage
from backend.storage.keys import KeyRing

log = logging.getLogger(__name__)
REQUEST_BYTES = 64 * 1024


@dataclass(frozen=True)
class House:
    """Everything that is wired together, for the start command and for tests that want to reach inside."""

    settings: Settings
    storage: Storage
    catalogue: Catalogue
    hub: Hub
    rasa: RasaClient
    conversations: ConversationService
    turns: Turns
    commands: Commands
    handoffs: HandoffService
    company: Company
    clockwork: Clockwork
    appointments: AppointmentService
    enquiries: EnquiryService
    hosts: HostService
    forgetting: Forgetting
    sweeper: Sweeper
    door_cards: DoorCards


def now_in_utc() -> datetime:
    return datetime.now(UTC)


def build_house(
    settings: Settings,
    clock: Callable[[], datetime] = now_in_utc,
    rasa: RasaClient | None = None,
    catalogue: Catalogue | None = None,
    screen: Screen | None = None,
) -> House:
    storage, keys, hub = Storage(settings.database_url), KeyRing(settings.master_key), Hub()
    catalogue = catalogue or load_catalogue(settings.content_dir, clock().astimezone(COPENHAGEN).date())
    rasa = rasa or RasaClient(settings.rasa_url, settings.service_token, settings.reply_cap_seconds)
    repository = ConversationRepository(keys)
    reactions = Reactions(catalogue, screen or Screen.load(), clock)
    conversations = ConversationService(storage, repository, hub, reactions, clock)
    turns = Turns(conversations, rasa, settings.reply_deadline_seconds)
    handoffs = HandoffService(conversations, HandoffRepository(), _opening(catalogue, settings.demo_always_open), clock)
    conversations.on_danger = handoffs.alarms.raised
    appointments = AppointmentService(
        conversations, AppointmentRepository(), catalogue, lambda _: _closed_day(catalogue), clock, settings.video_link,
        CalendarFetcher(plain_http=not settings.production), _messengers(settings), f"{settings.public_url}{MANAGE_PATH}",
    )  # fmt: skip
    enquiries = EnquiryService(conversations, EnquiryRepository(), clock)
    forgetting = Forgetting(
        conversations, appointments, enquiries, handoffs, clock, *_keep(settings, catalogue)
    )
    door_cards = DoorCards(storage, keys, catalogue, clock)
    commands, clockwork = _commands(conversations, turns, handoffs, forgetting, appointments), Clockwork(handoffs)
    return House(
        settings, storage, catalogue, hub, rasa, conversations, turns, commands, handoffs, Company(handoffs), clockwork, appointments,
        enquiries, HostService(storage, keys, clock), forgetting,
        Sweeper(clockwork, forgetting, appointments, [door_cards.forget_expired, handoffs.alarms.forget_old]), door_cards,
    )


def _messengers(settings: Settings) -> dict[str, Messenger]:
    """By kind of contact; an empty setting means that nothing of that kind is sent."""
    outbox = FileOutbox(Path(settings.outbox_dir)) if settings.outbox_dir else None
    mail = SmtpMessenger(settings.smtp_url, settings.mail_from) if settings.smtp_url else outbox
    texts = SmsGateway(settings.sms_url, settings.sms_token, settings.sms_from) if settings.sms_url else outbox
    return {kind: messenger for kind, messenger in ((EMAIL, mail), (PHONE, texts)) if messenger}


def _keep(settings: Settings, catalogue: Catalogue) -> tuple[int, int]:
    """→ (hours, days): the settings may shorten what the channels promise, never lengthen it."""
    promises = [catalogue.promises(m, channel) for m, one in catalogue.municipalities.items() for channel in one.channels]
    hours, days = [p.conversation_hours for p in promises], [p.enquiry_days for p in promises]
    return min(settings.keep_conversation_hours, *hours), min(settings.keep_enquiry_days, *days)


def _opening(catalogue: Catalogue, always: bool) -> Callable[[str, str, datetime], dict]:
    if always:
        return lambda m, channel, now: {"now": True, "text": catalogue.wording(m, "open_always").text}
    return lambda m, channel, now: catalogue.open_state(m, catalogue.channel(m, channel), now).as_json()


def _closed_day(catalogue: Catalogue) -> Callable[[date], bool]:
    def closed(day: date) -> bool:
        calendar = calendar_for(day.year, catalogue.closing_days)
        return day in calendar.holidays or day in calendar.closing_days

    return closed


def _commands(
    conversations: ConversationService, turns: Turns, handoffs: HandoffService, forgetting: Forgetting, appointments: AppointmentService
) -> Commands:
    commands = Commands(forgetting.forget)

    async def doors_without_bot(conversation_id: str, n: int) -> None:
        """The way round a bot that does not answer: the doors that suit anybody, straight from the catalogue."""
        async with conversations.change(conversation_id) as change:
            c = change.conversation
            if c.state not in (WITH_BOT, WAITING):
                return  # an old button, pressed while a human has the chat: the host reads it, the bot stays out of it
            advice = advise_json(conversations.reactions.catalogue, c.municipality, c.channel, Situation(), change.now, risk=c.risk)
            say = bot_says if c.bot_may_speak else notice
            await change.say(say(advice["lead"], card={"kind": "doors", "doors": advice["doors"]}))

    async def ask_again(conversation_id: str, n: int) -> None:
        await conversations.ask_again(conversation_id, n)
        turns.start(conversation_id)

    async def leave_for_bot(conversation_id: str, n: int) -> None:
        await handoffs.leave_for_bot(conversation_id, n)
        turns.start(conversation_id)

    async def closed(conversation_id: str, n: int) -> None:
        await handoffs.closed_by_guest(conversation_id)

    waiting = appointments.waiting
    for own, act in (("!earlier_yes", waiting.accept), ("!earlier_no", waiting.decline), ("!earlier_stop", waiting.stop)):
        commands.register(own, _of_guest(act))
    commands.register("!handoff", handoffs.request)
    commands.register("!leave_queue", handoffs.leave_queue)
    commands.register("!leave_for_bot", leave_for_bot)
    commands.register("!closed", closed)
    commands.register("!seen", handoffs.seen_by_guest)
    commands.register("!doors", doors_without_bot)
    commands.register("!wait", _already_answered)
    commands.register("!retry", ask_again)
    commands.register(RESUME, ask_again)
    for own in OWN_COMMANDS:
        commands.register(own, _already_answered)
    return commands


def _of_guest(act: Callable[[str], Awaitable]) -> Command:
    """A choice that needs to know who chose, and not where in the chat. What came of it is told there."""

    async def run(conversation_id: str, n: int) -> None:
        await act(conversation_id)

    return run


async def _already_answered(_conversation_id: str, _n: int) -> None:
    """Choices that the reactions answer in the message's own transaction."""


def create_app(settings: Settings, **overrides) -> Sanic:
    """`overrides` (clock, rasa, catalogue, screen) are for tests. The house is at `app.ctx.house`."""
    app = Sanic("indgang", configure_logging=False)
    app.config.REQUEST_MAX_SIZE = REQUEST_BYTES
    app.config.WEBSOCKET_MAX_SIZE = REQUEST_BYTES
    app.config.WEBSOCKET_PING_INTERVAL = 20
    app.config.WEBSOCKET_PING_TIMEOUT = 25
    app.config.FALLBACK_ERROR_FORMAT = "json"
    app.config.PROXIES_COUNT = settings.trusted_proxies
    app.config.ACCESS_LOG = False
    app.config.TOUCHUP = False  # it rewrites Sanic's own methods in place, so a second app in one process breaks
    house = build_house(settings, **overrides)
    app.ctx.house = house
    for routes in _routes(house):
        app.blueprint(routes.blueprint())
    app.error_handler.add(IndgangError, _told)
    app.error_handler.add(SanicException, _refused)
    app.error_handler.add(Exception, _broken)
    app.before_server_start(_start)
    app.before_server_stop(_stop)
    app.add_route(_health, "/health", name="health")
    return app


def _routes(house: House) -> list:
    settings, token = house.settings, house.settings.service_token
    origins = {settings.public_url}
    console = ConsoleRoutes(house.hosts, house.handoffs, house.company, house.conversations, house.enquiries, house.appointments, house.catalogue, settings)
    overview = OverviewPages(house.catalogue, settings.public_url, settings.production, house.conversations.clock)
    return [
        VisitorRoutes(house.conversations, house.turns, house.commands, Limits(settings.questions_per_minute), origins),
        HandoffRoutes(house.handoffs, token, _teams(house.catalogue)),
        AppointmentRoutes(house.appointments, token),
        GuestPage(ByCode(house.appointments)),
        EnquiryRoutes(house.enquiries, token, origins),
        GuidanceRoutes(house.conversations.find, house.catalogue, token, house.conversations.clock),
        FeedbackRoutes(house.conversations, token),
        OwnCalendar(console),
        console,
        overview,
        DoorCardPages(house.door_cards, overview.render, settings.public_url),
        Pages(house.catalogue, settings),
    ]


def _teams(catalogue: Catalogue) -> tuple[Team, ...]:
    return tuple(Team(one, channel) for one in catalogue.ids() for channel in catalogue.municipality(one).channels)


async def _start(app: Sanic) -> None:
    house: House = app.ctx.house
    app.ctx.sweeping = asyncio.create_task(house.sweeper.run())
    app.ctx.recovering = asyncio.create_task(_recover(house))


async def _recover(house: House) -> None:
    try:
        recovered = await house.turns.recover(house.conversations.clock())
    except IndgangError as error:
        log.warning("recovery put off: %s", error.code)
    else:
        log.info("recovered %d conversations", recovered)


async def _stop(app: Sanic) -> None:
    house: House = app.ctx.house
    own = (app.ctx.sweeping, app.ctx.recovering)
    for task in own:
        task.cancel()
    await asyncio.gather(*own, return_exceptions=True)  # waited for: half a query must not outlive the database
    await house.turns.stop()
    await house.rasa.close()
    await house.storage.close()


async def _health(request: Request) -> HTTPResponse:
    """Functional: the database answers. Whether Rasa does is `/health/bot`'s to say."""
    house: House = request.app.ctx.house
    async with house.storage.read() as tx:
        await tx.exec_driver_sql("SELECT 1")
    return json({"ok": True})


def _told(request: Request, error: IndgangError) -> HTTPResponse:
    return answer(error)


def _refused(request: Request, error: SanicException) -> HTTPResponse:
    kinds = {404: NotFound(), 405: NotFound("Den handling findes ikke her.")}
    told = kinds.get(error.status_code) or BadInput("Det kunne vi ikke tage imod.", status=error.status_code)
    told.status = error.status_code
    return answer(told)


def _broken(request: Request, error: Exception) -> HTTPResponse:
    # The exception's text may hold a guest's words: only its type and the route are logged.
    log.error("request failed route=%s error=%s", request.route.path if request.route else "?", type(error).__name__)
    return answer(IndgangError())
