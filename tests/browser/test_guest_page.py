# ruff: noqa: F811
"""The guest's page in a real browser with JavaScript switched off: axe, a narrow phone, dark, keyboard."""

from datetime import timedelta

import pytest

from backend.appointments.service import Booking, Window
from tests.browser.console_parts import chromium, new_page, overflows, violations
from tests.integration.conftest import clock, content, empty_database, new_id, rasa, server, settings  # noqa: F401

pytestmark = [pytest.mark.browser, pytest.mark.timeout(120)]


@pytest.fixture
async def browser():
    async with chromium() as found:
        yield found


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_moving_and_cancelling_without_javascript(server, browser, scheme):
    cid = (await server.conversations.open("rodovre", "municipality"))[0]
    slot = (await server.appointments.search(cid, Window(), None, False, 1))[0][0]
    card = await server.appointments.book(cid, new_id(), Booking(slot.id))
    options = {"viewport": {"width": 320, "height": 640}, "color_scheme": scheme}
    page = await new_page(browser, java_script_enabled=False, **options)
    seen = await new_page(browser, **options)

    async def sound(sign: str) -> None:
        """Wait for `sign`, then try the same document where scripts may run, since axe is one."""
        await page.get_by_text(sign).first.wait_for()
        await seen.set_content((await page.content()).replace("<head>", f'<head><base href="{server.settings.public_url}">'))
        assert await violations(seen) == [] and not await overflows(seen)

    await page.goto(f"{server.settings.public_url}/aftale")
    await sound("Skriv koden")
    await page.get_by_label("Kode").fill("K7XM 9QPT 4RWD")
    await page.keyboard.press("Enter")
    await sound("kan ikke finde")
    await page.get_by_label("Kode").fill(card["reference"])
    await page.keyboard.press("Enter")
    await sound("Gem i kalender")
    await page.get_by_role("button", name="Find en anden tid").click()
    await sound("Ledige tider")
    await page.get_by_role("radio").nth(3).check()
    await page.get_by_role("button", name="Flyt til den valgte tid").click()
    await sound("Den nye tid står her")
    await page.get_by_role("button", name="Aflys").click()
    await sound("Vil du aflyse?")
    await page.get_by_role("button", name="Ja, aflys").click()
    await sound("Tak fordi du sagde til")
    assert card["reference"] not in page.url and page.problems == []


async def test_an_offer_and_what_to_write_about_on_a_phone_with_a_keyboard(server, browser):
    server.appointments.cards.reminders = ("email", "phone")
    cids = [(await server.conversations.open("rodovre", "municipality"))[0] for _ in range(2)]
    later = Window(server.conversations.clock() + timedelta(days=2))
    slots = (await server.appointments.search(cids[0], later, None, False, 2))[0]
    cards = [await server.appointments.book(cid, new_id(), Booking(slot.id)) for cid, slot in zip(cids, slots, strict=True)]
    page = await new_page(browser, viewport={"width": 360, "height": 740})
    await page.goto(f"{server.settings.public_url}/aftale")
    await page.get_by_label("Kode").fill(cards[1]["reference"])
    await page.keyboard.press("Enter")
    await page.get_by_role("checkbox", name="Hvis der bliver noget tidligere").focus()
    await page.keyboard.press("Space")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Space")
    await page.get_by_label("Hvor skal vi skrive?").fill("storm@example.org")
    await page.keyboard.press("Enter")
    await page.get_by_text("Det er gemt").wait_for()
    assert await page.get_by_role("checkbox").nth(0).is_checked() and await page.get_by_role("checkbox").nth(1).is_checked()
    assert await violations(page) == [] and not await overflows(page)
    await server.appointments.cancel(cids[0], cards[0]["reference"])
    await page.goto(f"{server.settings.public_url}/aftale")
    await page.get_by_label("Kode").fill(cards[1]["reference"])
    await page.keyboard.press("Enter")
    await page.get_by_text("Der er kommet en tidligere tid").wait_for()
    assert await violations(page) == [] and not await overflows(page)
    await page.get_by_role("button", name="Ja, tag den").focus()
    await page.keyboard.press("Enter")
    await page.get_by_text("Den nye tid står her").wait_for()
    assert await page.get_by_text(cards[0]["label"]).count() == 1 and page.problems == []
