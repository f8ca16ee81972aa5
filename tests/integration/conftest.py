"""A house on a real database file, with a scripted Rasa and a clock that can be moved."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from sanic import Sanic

from backend.app import House, build_house, create_app
from backend.catalogue import load_catalogue
from backend.hosts.seed import seed
from backend.safety.screen import Screen
from backend.settings import ROOT, load_settings
from backend.storage.migrate import upgrade
from tests.support.scripted_rasa import ScriptedRasa
from tests.support.stack import free_port


class Clock:
    """Starts on a Tuesday at noon in Copenhagen, when everything is open."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, **span: float) -> None:
        self.now += timedelta(**span)


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory):
    """With the demo hosts in it: hashing their passwords costs more than most tests."""
    path = tmp_path_factory.mktemp("database") / "empty.sqlite3"
    upgrade(f"sqlite+aiosqlite:///{path}")
    asyncio.run(_seeded(load_settings(environment(path, 0))))
    return path


async def _seeded(settings) -> None:
    house = build_house(settings)
    await _add_hosts(house)
    async with house.storage.engine.connect() as connection:
        await connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    await house.storage.close()


def environment(path, port: int) -> dict[str, str]:
    return {
        "INDGANG_DATABASE_URL": f"sqlite+aiosqlite:///{path}",
        "INDGANG_MASTER_KEY": "a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s=",
        "INDGANG_SERVICE_TOKEN": "a-service-token-for-tests",
        "INDGANG_PORT": str(port),
        "INDGANG_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "INDGANG_REPLY_DEADLINE_SECONDS": "1",
    }


@pytest.fixture
def settings(tmp_path, empty_database):
    path = tmp_path / "indgang.sqlite3"
    path.write_bytes(empty_database.read_bytes())
    return load_settings(environment(path, free_port()))


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def rasa() -> ScriptedRasa:
    return ScriptedRasa()


@pytest.fixture(scope="session")
def content():
    """Read once: the catalogue and the screen are frozen and take a second each."""
    return {"catalogue": load_catalogue(ROOT / "municipalities", Clock().now.date()), "screen": Screen.load()}


@pytest.fixture
async def house(settings, clock, rasa, content) -> AsyncIterator[House]:
    built = build_house(settings, clock=clock, rasa=rasa, **content)
    await _add_hosts(built)
    yield built
    await built.turns.stop()
    await built.storage.close()


@pytest.fixture
async def server(settings, clock, rasa, content) -> AsyncIterator[House]:
    """The house behind its real HTTP and WebSocket server, at `server.settings.public_url`."""
    Sanic._app_registry.clear()
    app = create_app(settings, clock=clock, rasa=rasa, **content)
    await _add_hosts(app.ctx.house)
    running = await app.create_server(host="127.0.0.1", port=settings.port, return_asyncio_server=True, asyncio_server_kwargs={})
    await running.startup()
    await running.before_start()
    await running.start_serving()
    yield app.ctx.house
    await running.before_stop()
    running.close()
    await running.wait_closed()


async def _add_hosts(house: House) -> None:
    await seed(house.storage, house.hosts, lambda m, channel: house.catalogue.channel(m, channel).appointment_places[0])


def new_id() -> str:
    return secrets.token_hex(8)
