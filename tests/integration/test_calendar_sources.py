"""Other calendars read again and again: a fault sets nobody free, and the address is a secret."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from backend.appointments.outside import CalendarNotFetched
from backend.appointments.tables import calendar_sources
from tests.integration import booking_parts
from tests.integration.test_console_calendar import OTHER_WORK

desk = booking_parts.on_both
ADDRESS = "https://calendar.example/secret-part/a.ics"


class Fetched:
    """Instead of the internet."""

    def __init__(self) -> None:
        self.text, self.count = OTHER_WORK, 0

    def checked(self, address: str) -> str:
        return address

    async def fetch(self, address: str) -> str:
        assert address == ADDRESS
        self.count += 1
        if self.text is None:
            raise CalendarNotFetched()
        return self.text


@pytest.fixture
async def site(desk):
    desk.appointments.sources.fetcher = Fetched()
    return desk.appointments.sources.fetcher


async def test_read_now_and_again_when_it_is_time(desk, site):
    maja, sources = await desk.host(), desk.appointments.sources
    assert await sources.follow(maja, ADDRESS) == 1
    assert await sources.refresh() == 0
    desk.now += timedelta(minutes=30)
    site.text = OTHER_WORK.replace("T110000Z", "T120000Z")
    assert await sources.refresh() == 1 and await sources.refresh() == 0
    assert await desk.appointments.calendars.count_busy(maja) == 1 and site.count == 2
    assert (await sources.of_host(maja)).read_at == desk.now


@pytest.mark.parametrize("text", [None, "half a calen", OTHER_WORK[:-20]])
async def test_a_fault_keeps_what_was_read_and_is_told(desk, site, text):
    maja, sources = await desk.host(), desk.appointments.sources
    await sources.follow(maja, ADDRESS)
    read_at = desk.now
    desk.now, site.text = desk.now + timedelta(minutes=30), text
    assert await sources.refresh() == 0
    assert await desk.appointments.calendars.count_busy(maja) == 1
    source = await sources.of_host(maja)
    assert source.problem in ("calendar_not_fetched", "unreadable_calendar") and source.read_at == read_at
    desk.now, site.text = desk.now + timedelta(minutes=10), OTHER_WORK
    assert await sources.refresh() == 1 and (await sources.of_host(maja)).problem is None


async def test_an_address_that_cannot_be_read_is_not_kept(desk, site):
    maja, site.text = await desk.host(), None
    with pytest.raises(CalendarNotFetched):
        await desk.appointments.sources.follow(maja, ADDRESS)
    assert await desk.appointments.sources.of_host(maja) is None


async def test_the_address_is_sealed_and_only_its_site_is_shown(desk, site):
    maja = await desk.host()
    await desk.appointments.sources.follow(maja, ADDRESS)
    async with desk.storage.read() as tx:
        row = (await tx.execute(select(calendar_sources))).mappings().one()
    assert b"calendar.example" not in row["sealed"] and b"secret-part" not in row["sealed"]
    assert (await desk.appointments.sources.of_host(maja)).site == "calendar.example"


async def test_leaving_forgets_and_a_file_takes_its_place(desk, site):
    maja, sources = await desk.host(), desk.appointments.sources
    await sources.follow(maja, ADDRESS)
    await sources.take_file(maja, OTHER_WORK)
    assert await sources.of_host(maja) is None and await desk.appointments.calendars.count_busy(maja) == 1
    await sources.leave(maja)
    assert await desk.appointments.calendars.count_busy(maja) == 0


async def test_the_sweeper_reads_beside_its_other_work(desk, site):
    import asyncio

    from backend.jobs.sweeper import Sweeper

    class Idle:
        rounds = 0

        async def run_once(self):
            self.rounds += 1

        async def forget_idle(self):
            return 0

    class Slow(Fetched):
        async def fetch(self, address):
            await asyncio.Event().wait()

    await desk.appointments.sources.follow(await desk.host(), ADDRESS)
    desk.appointments.sources.fetcher = Slow()
    desk.now += timedelta(minutes=31)
    idle = Idle()
    sweeper = Sweeper(idle, idle, desk.appointments)
    running = asyncio.create_task(sweeper.run())
    for _ in range(200):
        await asyncio.sleep(0.02)
        if idle.rounds and sweeper._asides:
            break
    reading = sweeper._asides["refresh"]
    assert idle.rounds == 1 and not reading.done()
    running.cancel()
    await asyncio.wait([running, reading], timeout=5)
    assert reading.cancelled()
