"""A browser at the hosts' console, and guests to talk to."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, async_playwright

from backend.conversations.service import Incoming
from tests.integration.conftest import new_id

ROOT = Path(__file__).resolve().parents[2]
AXE = ROOT / "web_widget" / "node_modules" / "axe-core" / "axe.min.js"
ARGUMENTS = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-background-networking"]
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
PASSWORD = "demo-vaert-1"


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    path = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if path is None:
        pytest.skip("no Chromium on this machine")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        await browser.close()


async def new_page(browser: Browser, **options) -> Page:
    """A page of its own session that fails the test on any script error or anything the policy stopped."""
    context = await browser.new_context(locale="da-DK", timezone_id="Europe/Copenhagen", **options)
    context.set_default_timeout(8000)
    page = await context.new_page()
    page.problems = []
    page.on("pageerror", lambda error: page.problems.append(str(error)))
    page.on("console", lambda message: page.problems.append(message.text) if "Content Security Policy" in message.text else None)
    return page


async def sign_in(page: Page, url: str, username: str, password: str = PASSWORD) -> Page:
    await page.goto(f"{url}/console/login")
    await page.get_by_label("Brugernavn").fill(username)
    await page.get_by_label("Adgangskode").fill(password)
    await page.get_by_role("button", name="Log ind").click()
    await page.wait_for_url(lambda address: "login" not in address)
    return page


async def until(page: Page, truth: str, seconds: float = 6) -> None:
    """Wait for a JavaScript expression; Playwright's own way needs `eval`, which the page's policy forbids."""
    for _ in range(int(seconds * 20)):
        if await page.evaluate(truth):
            return
        await asyncio.sleep(0.05)
    raise AssertionError(truth)


async def violations(page: Page) -> list[str]:
    """What axe finds wrong, one line each. Run in an isolated world's eval, so the page's own policy stays as it is."""
    await page.evaluate(AXE.read_text(encoding="utf-8"))
    result = await page.evaluate("async () => (await axe.run(document, {resultTypes: ['violations']})).violations")
    return [f"{one['id']}: {node['target']} {node['failureSummary']}" for one in result for node in one["nodes"]]


async def overflows(page: Page) -> bool:
    return await page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth + 1")


async def guest_writes(house, cid: str, text: str) -> int:
    received = await house.conversations.receive(cid, Incoming(new_id(), text=text))
    if received.turn:
        await house.turns.settle(cid, received.n)
    return received.n


async def waiting_guest(house, text: str | None = "jeg føler mig ensom i skolen", **slots) -> str:
    """In the queue, with what the bot has understood."""
    cid, _, _ = await house.conversations.open("rodovre", "municipality")
    if text:
        await guest_writes(house, cid, text)
    async with house.conversations.change(cid) as change:
        known = {"slots": {"relation": "self", "topics": ["loneliness", "school"], "age": 16, "age_band": "15-17", "municipality": "rodovre"} | slots}
        await change.update(situation=house.conversations.repository.seal_situation(change.conversation, known))
    await house.handoffs.request(cid, wish="vil gerne tale med en, der forstår det med skolen")
    return cid
