# ruff: noqa: F811
"""The overview in a real browser: narrow and wide, light and dark, zoomed, without script, by keyboard, on paper."""

import pytest

from tests.browser.console_parts import chromium, new_page, overflows, violations
from tests.integration.conftest import *  # noqa: F403 (all its fixtures, whatever they build on)

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]
PAGES = ("/tilbud", "/rodovre/tilbud?who=child&age=15-17", "/rodovre/tilbud/livslinien", "/rodovre/tilbud/deltag-parents-network", "/tilbud/local-entrance")


async def test_every_page_is_accessible_at_every_size(server):
    async with chromium() as browser:
        for width, scheme in ((320, "light"), (320, "dark"), (640, "light"), (1280, "dark"), (1280, "light")):
            tab = await new_page(browser, viewport={"width": width, "height": 800}, color_scheme=scheme)
            for address in PAGES:
                await tab.goto(server.settings.public_url + address)
                assert not await overflows(tab), (width, address)
                assert await violations(tab) == [], (width, scheme, address)
            assert tab.problems == []
            await tab.context.close()


async def test_choosing_works_without_script_and_gives_an_address_to_share(server):
    async with chromium() as browser:
        tab = await new_page(browser, java_script_enabled=False)
        await tab.goto(server.settings.public_url + "/rodovre/tilbud")
        await tab.get_by_label("Hvem handler det om?").select_option("child")
        await tab.get_by_label("Hvad handler det om?").select_option("grief")
        await tab.get_by_role("button", name="Vis").click()
        assert tab.url.removesuffix("#fundet").endswith("/rodovre/tilbud?who=child&topic=grief")
        await tab.get_by_role("link", name="Sorglinjen").click()
        assert tab.url.endswith("/rodovre/tilbud/sorglinjen")
        await tab.get_by_role("link", name="Tilbage til alle steder").click()
        assert tab.url.endswith("/rodovre/tilbud#sorglinjen")


async def test_by_keyboard_alone(server):
    async with chromium() as browser:
        tab = await new_page(browser)
        await tab.goto(server.settings.public_url + "/tilbud")
        await tab.keyboard.press("Tab")
        assert await tab.evaluate("document.activeElement.textContent") == "Gå til listen"
        await tab.keyboard.press("Enter")
        await tab.keyboard.press("Tab")
        assert await tab.evaluate("document.activeElement.id") == "who"
        await tab.keyboard.type("Mig")
        for _ in range(6):
            await tab.keyboard.press("Tab")
        assert await tab.evaluate("document.activeElement.textContent") == "Vis"
        await tab.keyboard.press("Enter")
        await tab.wait_for_url("**/tilbud?who=self*")


async def test_on_paper_there_are_numbers_and_addresses_and_no_form(server):
    async with chromium() as browser:
        tab = await new_page(browser)
        await tab.goto(server.settings.public_url + "/rodovre/tilbud?who=self")
        await tab.emulate_media(media="print")
        assert not await tab.locator("form").is_visible() and not await tab.locator("header").is_visible()
        assert await tab.get_by_text("Skrevet ud", exact=False).is_visible()
        assert await tab.get_by_text("Ring 116 111").first.is_visible()


async def test_a_card_is_made_given_and_opened_in_the_browser(server):
    """The giver's page, the young person's page before and after: each accessible, and the second opening kind."""
    async with chromium() as browser:
        for width, scheme in ((320, "dark"), (1280, "light")):
            giver = await new_page(browser, viewport={"width": width, "height": 800}, color_scheme=scheme, java_script_enabled=True)
            await giver.goto(server.settings.public_url + "/rodovre/tilbud/headspace")
            await giver.get_by_role("button", name="Lav et kort").click()
            code = await giver.locator("dl.code dd").first.inner_text()
            assert await violations(giver) == [] and not await overflows(giver)
            young = await new_page(browser, viewport={"width": width, "height": 800}, color_scheme=scheme)
            await young.goto(server.settings.public_url + "/d")
            assert await violations(young) == [] and not await overflows(young)
            await young.goto(f"{server.settings.public_url}/d/{code}")
            assert await violations(young) == [] and not await overflows(young)
            await young.get_by_role("button", name="Se hvad der er").click()
            assert young.url.endswith("/rodovre/tilbud/headspace")
            await giver.goto(f"{server.settings.public_url}/d/{code}")
            await giver.get_by_role("button", name="Se hvad der er").click()
            await giver.get_by_role("heading", name="Kortet virker ikke mere").wait_for()
            assert await violations(giver) == [] and giver.problems == [] and young.problems == []
            await giver.context.close()
            await young.context.close()
