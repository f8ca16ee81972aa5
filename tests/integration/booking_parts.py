"""Just enough house to book in: a database, the catalogue and hosts with given shifts. No passwords, no bot."""

import asyncio
import secrets
import tempfile
import uuid
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from pathlib import Path

import pytest
from sqlalchemy import insert, select

from backend.app import _closed_day
from backend.appointments.repository import AppointmentRepository
from backend.appointments.service import AppointmentService, Window
from backend.appointments.tables import appointments
from backend.catalogue import load_catalogue
from backend.conversations.hub import Hub
from backend.conversations.reactions import Reactions
from backend.conversations.repository import ConversationRepository
from backend.conversations.service import ConversationService
from backend.domain.appointments import TAKES_SLOT
from backend.hosts.tables import hosts, shifts
from backend.settings import ROOT
from backend.storage.engine import Storage
from backend.storage.keys import KeyRing
from tests.support import postgres

WEEKDAYS = "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"
TUESDAY_NOON = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)


@lru_cache(maxsize=1)
def catalogue():
    return load_catalogue(ROOT / "municipalities", date(2026, 11, 24))


@dataclass
class Desk:
    """`appointments` is the real service; `now` can be moved."""

    storage: Storage
    conversations: ConversationService
    appointments: AppointmentService
    now: datetime = TUESDAY_NOON

    async def guest(self, municipality: str = "rodovre", channel: str = "municipality") -> str:
        return (await self.conversations.open(municipality, channel))[0]

    async def host(self, alias: str = "Maja", municipality: str = "rodovre", peer: bool = False, channels: str = "municipality") -> str:
        host_id = uuid.uuid4().hex
        row = {
            "id": host_id, "username": secrets.token_hex(8), "password_hash": "-", "alias": alias, "role": "host",
            "municipality": municipality, "peer": peer, "demo": True, "available": True, "channels": channels,
        }  # fmt: skip
        async with self.storage.write() as tx:
            await tx.execute(insert(hosts).values(row))
        return host_id

    async def shift(self, host_id: str, rule: str = WEEKDAYS, starts: str = "10:00", ends: str = "17:00", **more) -> str:
        shift_id = uuid.uuid4().hex
        row = {
            "id": shift_id, "host_id": host_id, "rule": rule, "first_on": date(2026, 1, 5), "starts": starts, "ends": ends,
            "forms": "in_person phone video chat", "place": "rodovre-town-hall", "slot_minutes": 45, "buffer_minutes": 15,
        }  # fmt: skip
        async with self.storage.write() as tx:
            await tx.execute(insert(shifts).values(row | more))
        return shift_id

    async def slots(self, conversation_id: str, limit: int = 3, window: Window = Window(), form: str | None = None, peer: bool = False):
        return (await self.appointments.search(conversation_id, window, form, peer, limit))[0]

    async def rows(self, *statuses: str) -> list:
        async with self.storage.read() as tx:
            wanted = select(appointments).where(appointments.c.status.in_(statuses or TAKES_SLOT)).order_by(appointments.c.starts_at)
            return list((await tx.execute(wanted)).mappings())


@asynccontextmanager
async def desk_on(url: str):
    desk = Desk(Storage(url), None, None)  # type: ignore[arg-type]
    keys = KeyRing(b"k" * 32)
    conversations = ConversationRepository(keys)
    reactions = Reactions(catalogue(), None, lambda: desk.now)  # type: ignore[arg-type]
    desk.conversations = ConversationService(desk.storage, conversations, Hub(), reactions, lambda: desk.now)
    closed = _closed_day(catalogue())
    desk.appointments = AppointmentService(desk.conversations, AppointmentRepository(), catalogue(), lambda _: closed, lambda: desk.now)
    try:
        yield desk
    finally:
        await desk.storage.close()


def doubles(rows: list) -> list[tuple[str, str]]:
    """Pairs of appointments or holds of one host that overlap."""
    found, by_host = [], {}
    for row in sorted(rows, key=lambda row: row["starts_at"]):
        for other in by_host.setdefault(row["host_id"], []):
            if row["starts_at"] < other["ends_at"]:
                found.append((other["id"], row["id"]))
        by_host[row["host_id"]].append(row)
    return found


async def together(*tasks):
    return await asyncio.gather(*tasks, return_exceptions=True)


@lru_cache(maxsize=1)
def _tables_of_sqlite() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "empty.sqlite3"
        postgres.upgrade_aside(f"sqlite+aiosqlite:///{path}")
        return path.read_bytes()


def new_url(request, tmp_path) -> str:
    """A migrated, empty database of the kind the test runs on."""
    if request.param == "postgresql":
        if reason := postgres.why_not():
            pytest.skip(reason)
        return postgres.fresh_url()
    path = tmp_path / "booking.sqlite3"
    path.write_bytes(_tables_of_sqlite())
    return f"sqlite+aiosqlite:///{path}"


async def _open(request, tmp_path):
    async with desk_on(new_url(request, tmp_path)) as desk:
        yield desk


POSTGRESQL = pytest.param("postgresql", marks=pytest.mark.postgres)
on_both = pytest.fixture(params=["sqlite", POSTGRESQL])(_open)
on_sqlite = pytest.fixture(params=["sqlite"])(_open)
