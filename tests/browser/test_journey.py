"""One evening for a guest and a host: the page, the bot, a door, a human, goodbye. Everything real, two browsers.

With INDGANG_SHOTS=folder the pictures of the README are taken on the way.
"""

import os
import sqlite3
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.browser.console_parts import chromium, new_page, overflows, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.live, pytest.mark.timeout(180)]
SLOW = 15_000


async def picture(page: Page, name: str) -> None:
    if folder := os.environ.get("INDGANG_SHOTS"):
        await page.screenshot(path=str(Path(folder) / f"{name}.png"))


async def open_chat(page: Page, url: str, demo: str = "rodovre"):
    await page.goto(f"{url}/demo/{demo}")
    await page.get_by_role("button", name="Skriv med os").click()
    chat = page.frame_locator("iframe")
    await expect(chat.get_by_text("Hvem handler det om?")).to_be_visible(timeout=SLOW)
    return chat


async def write(chat, words: str) -> None:
    field = chat.get_by_label("Skriv din besked")
    await field.fill(words)
    await field.press("Enter")


async def test_a_young_person_is_met_guided_and_handed_to_a_host(stack):
    async with chromium() as browser:
        page = await new_page(browser, viewport={"width": 1280, "height": 800})
        chat = await open_chat(page, stack.url)
        await expect(chat.get_by_text("chatbot", exact=False).first).to_be_visible()
        await write(chat, "jeg føler mig ensom og har ingen at være sammen med i klassen")
        await write(chat, "jeg er 16")
        await page.wait_for_timeout(1500)
        for _ in range(3):  # whatever the bot still wants to know may be skipped
            if await chat.get_by_role("article").count() or await chat.get_by_role("heading", level=3).count():
                break
            skip = chat.get_by_role("button", name="Spring over")
            if await skip.count():
                await skip.last.click()
                await page.wait_for_timeout(1200)
        await expect(chat.get_by_text("Fordi du er 16", exact=False).first).to_be_visible(timeout=SLOW)
        await picture(page, "guest")

        console = await new_page(browser, viewport={"width": 1280, "height": 800})
        await sign_in(console, stack.url, "maja")
        await chat.get_by_role("button", name="Tal med et menneske").first.click()
        claim = console.get_by_role("button", name="Tag samtalen").first
        await expect(claim).to_be_visible(timeout=SLOW)
        await claim.click()
        await expect(chat.get_by_text("Du skriver nu med Maja", exact=False)).to_be_visible(timeout=SLOW)
        known = console.get_by_role("complementary")
        await expect(known).to_contain_text("Ensomhed")
        await expect(known).to_contain_text("16")

        field = console.get_by_label("Skriv til", exact=False)
        await field.fill("Hej, jeg hedder Maja. Det lyder hårdt. Hvordan har du det lige nu?")
        await field.press("Enter")
        await expect(chat.get_by_text("Hvordan har du det lige nu?", exact=False)).to_be_visible(timeout=SLOW)
        await write(chat, "lidt bedre, tak fordi du spørger")
        await expect(console.get_by_text("lidt bedre, tak fordi du spørger").first).to_be_visible(timeout=SLOW)
        await picture(console, "host")
        spoken = await chat.get_by_role("log").inner_text()
        assert spoken.rstrip().endswith("lidt bedre, tak fordi du spørger") or "Robot" not in spoken.rpartition("lidt bedre")[2]

        await console.get_by_role("button", name="Afslut samtalen").click()
        await console.get_by_role("button", name="Afslut", exact=True).click()
        await expect(chat.get_by_text("Maja har sagt farvel", exact=False)).to_be_visible(timeout=SLOW)
        assert page.problems == [] and console.problems == []


async def test_a_parent_on_a_phone_leaves_an_enquiry_and_the_host_finds_it(stack):
    async with chromium() as browser:
        page = await new_page(browser, viewport={"width": 320, "height": 640}, color_scheme="dark", has_touch=True)
        chat = await open_chat(page, stack.url, "ballerup")
        assert not await overflows(page)
        await write(chat, "Jeg er mor til en dreng på 15, der ikke vil i skole mere, og vi kan ikke nå ham")
        await page.wait_for_timeout(1500)
        await write(chat, "jeg vil gerne skrive en henvendelse til jer")
        for _ in range(8):
            saved = chat.get_by_text("henvendelse er gemt", exact=False)
            if await saved.count():
                break
            for title in ("Ja, send den", "Ja, det er i orden", "Nej tak", "Et godt råd"):
                button = chat.get_by_role("button", name=title, exact=True)
                if await button.count() and await button.last.is_enabled():
                    await button.last.click()
                    break
            else:
                await write(chat, "vi vil gerne tale med nogen om hvordan vi hjælper ham")
            await page.wait_for_timeout(1500)
        await expect(chat.get_by_text("henvendelse er gemt", exact=False).first).to_be_visible(timeout=SLOW)
        await picture(page, "phone")
        with sqlite3.connect(stack.database_path) as database:
            found = database.execute("SELECT status, content FROM enquiries WHERE municipality = 'ballerup'").fetchall()
        assert len(found) == 1 and found[0][0] == "received" and b"skole" not in found[0][1]

        console = await new_page(browser)
        await sign_in(console, stack.url, "jonas")
        await console.goto(f"{stack.url}/console/enquiries")
        await expect(console.get_by_role("main")).to_contain_text("Ny")
        assert page.problems == [] and console.problems == []


async def test_with_the_bot_by_keyboard_alone(stack):
    async with chromium() as browser:
        page = await new_page(browser)
        await page.goto(f"{stack.url}/demo/headspace")
        for _ in range(60):
            await page.keyboard.press("Tab")
            name = await page.evaluate("(document.activeElement.shadowRoot?.activeElement ?? document.activeElement).textContent")
            if "Skriv med os" in (name or ""):
                break
        await page.keyboard.press("Enter")
        chat = page.frame_locator("iframe")
        await expect(chat.get_by_text("Hvem handler det om?")).to_be_visible(timeout=SLOW)
        field = chat.get_by_label("Skriv din besked")
        for _ in range(30):
            if await field.evaluate("element => element === element.getRootNode().activeElement"):
                break
            await page.keyboard.press("Tab")
        await page.keyboard.type("er du et menneske?")
        await page.keyboard.press("Enter")
        await expect(chat.get_by_text("er du et menneske?")).to_be_visible(timeout=SLOW)
        await expect(chat.get_by_text("ikke et menneske", exact=False)).to_have_count(3, timeout=SLOW)
