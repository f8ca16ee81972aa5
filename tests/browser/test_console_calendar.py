# ruff: noqa: F811
"""«Mine tider» in a real browser: axe, phone and dark, and a shift made with the keyboard's own controls."""

import pytest

from backend.appointments.service import Booking, Window
from tests.browser.console_parts import chromium, new_page, overflows, sign_in, violations
from tests.integration.conftest import *  # noqa: F403 (all its fixtures, whatever they build on)
from tests.integration.conftest import new_id
from tests.integration.queue_parts import host

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]


@pytest.fixture
async def browser():
    async with chromium() as found:
        yield found


@pytest.mark.parametrize("scheme,width", [("light", 1366), ("dark", 390), ("light", 320)])
async def test_a_hosts_own_times(server, browser, clock, scheme, width):
    url = server.settings.public_url
    cid = (await server.conversations.open("rodovre", "municipality"))[0]
    slot = next(s for s in (await server.appointments.search(cid, Window(), None, False, 12))[0] if s.host_alias == "Maja")
    await server.appointments.book(cid, new_id(), Booking(slot.id, nickname="Storm"))
    page = await new_page(browser, viewport={"width": width, "height": 800}, color_scheme=scheme, reduced_motion="reduce")
    await sign_in(page, url, "maja")

    async def sound(name: str) -> None:
        wrong = await violations(page)
        assert (wrong, await overflows(page)) == ([], False), name

    await page.goto(f"{url}/console/calendar")
    await page.get_by_text("Senere i dag").wait_for()
    await sound("page")
    await page.get_by_text("Ny vagt").click()
    await page.get_by_label("lørdag").check()
    await page.get_by_label("Hvor tit").select_option("first")
    await page.get_by_label("Begynder").fill("11:00")
    await page.get_by_label("Slutter").fill("14:00")
    await sound("new shift")
    await page.get_by_role("button", name="Tilføj vagten").click()
    await page.get_by_text("Gemt. Det gælder").wait_for()
    await page.get_by_text("Den første i måneden").first.wait_for()
    await page.get_by_label("Tag en dag ud").first.fill("2026-11-26")
    await page.get_by_role("button", name="Tag ud").first.click()
    await page.get_by_text("Ikke tors. 26. nov.").wait_for()
    await page.get_by_role("button", name="Lav et link").click()
    assert "/api/v1/calendar/" in await page.get_by_label("Link", exact=True).input_value()
    await sound("link")
    await page.get_by_role("link", name="Ret").first.click()
    await page.get_by_role("heading", name="Ret en vagt").wait_for()
    await sound("shift")
    clock.now = slot.starts_at
    await page.context.clear_cookies()
    await sign_in(page, url, "maja")
    await page.goto(f"{url}/console/calendar")
    await sound("ask")
    await page.get_by_role("button", name="Kom ikke").click()
    await page.get_by_text("Gemt. Tak.").wait_for()
    rows = await server.appointments.of_host((await host(server, "maja")).id, slot.starts_at)
    assert [row["status"] for row in rows] == ["not_attended"]
    assert page.problems == []
