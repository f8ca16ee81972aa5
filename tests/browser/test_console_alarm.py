# ruff: noqa: F811
"""The alarm about a guest in danger, as hosts see and hear it: who is rung, who answers, what was done, and what they must know."""

import pytest

from tests.browser.console_parts import (
    chromium,
    guest_writes,
    new_page,
    overflows,
    sign_in,
    until,
    violations,
)
from tests.integration.conftest import *  # noqa: F403 (all its fixtures, whatever they build on)
from tests.integration.queue_parts import host, state, told

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]
ACUTE = "jeg har taget alle pillerne nu"


@pytest.fixture
async def browser():
    async with chromium() as running:
        yield running


async def desk_of(server, browser, name: str, **options):
    page = await new_page(browser, **({"viewport": {"width": 1366, "height": 768}} | options))
    await sign_in(page, server.settings.public_url, name)
    await page.wait_for_selector("#queue h2")
    return page


async def in_danger(server) -> str:
    cid, _, _ = await server.conversations.open("rodovre", "municipality")
    await guest_writes(server, cid, ACUTE)
    return cid


# hazard: H5
async def test_up_the_ladder_until_a_host_answers_and_writes_down_what_was_done(server, browser, clock):
    maja, karen = await desk_of(server, browser, "maja"), await desk_of(server, browser, "karen")
    await karen.get_by_label("Jeg tager imod").uncheck()
    await until(karen, "!document.getElementById('available').checked")
    await server.hosts.set_available((await host(server, "karen")).id, False)
    await in_danger(server)
    await maja.wait_for_selector("[data-alarm][data-rings]")
    await until(maja, "document.documentElement.dataset.alarmed === 'yes'")
    assert "Alarm" in await maja.title()
    assert await karen.locator("[data-alarm]").count() == 0
    clock.pass_by(seconds=31)
    await server.clockwork.run_once()
    await karen.wait_for_selector("[data-alarm][data-rings]")
    assert await violations(karen) == []
    await karen.get_by_role("button", name="Jeg har set den").click()
    await until(maja, "!document.querySelector('[data-alarm]') && !document.documentElement.dataset.alarmed")
    await karen.get_by_label("Hvad blev der gjort?").select_option(label="Ringede 112, og gæsten sagde ja")
    async with karen.expect_response("**/fragments/queue"):
        server.hub.wake("queue")
    await until(karen, "document.querySelector('[data-alarm]')")
    assert await karen.get_by_label("Hvad blev der gjort?").input_value() == "called_112_agreed"  # a new list does not undo a choice
    await karen.get_by_role("button", name="Skriv ned").click()
    await until(karen, "!document.querySelector('[data-alarm]')")
    await karen.goto(f"{server.settings.public_url}/console/alarms")
    ladder = await karen.locator("main").inner_text()
    for expected in ("Ringede hos Maja", "Ringede hos Karen", "hele holdet", "Svaret af Karen: har set den", "Gjort af Karen: Ringede 112, og gæsten sagde ja"):
        assert expected in ladder, expected
    assert "pillerne" not in ladder and await violations(karen) == [] and not await overflows(karen)
    assert maja.problems == [] and karen.problems == []


async def test_reading_first_then_going_in_with_the_duties_at_hand(server, browser):
    maja = await desk_of(server, browser, "maja")
    cid = await in_danger(server)
    await maja.wait_for_selector("[data-alarm]")
    await maja.locator("[data-alarm]").get_by_role("button", name="Læs").click()
    await maja.wait_for_selector('.chat[data-part="alarm"]')
    assert ACUTE in await maja.locator(".log").inner_text()
    duties = maja.locator(".duties")
    await duties.get_by_text("Fare for liv").click()
    assert "altid 112" in await duties.inner_text() and "girltalk.dk" in await duties.inner_text()
    assert await violations(maja) == []
    await maja.locator(".chat-main").get_by_role("button", name="Gå ind i samtalen").click()
    await maja.wait_for_selector('.chat[data-part="owner"] form.say')
    assert await state(server, cid) == "with_host" and any("Jeg sagde til, fordi" in text for text in await told(server, cid))
    await until(maja, "!document.documentElement.dataset.alarmed")
    form = maja.locator(".alarm-box form")
    await form.get_by_label("Hvad blev der gjort?").select_option(label="Sagde det til koordinatoren")
    await form.get_by_label("Besluttet sammen med").select_option(label="Karen")
    await form.get_by_role("button", name="Skriv ned").click()
    await maja.locator(".ladder", has_text="Sagde det til koordinatoren, besluttet sammen med Karen").wait_for()
    assert maja.problems == []


async def test_on_a_phone_the_alarm_fits_and_is_on_top(server, browser):
    maja = await desk_of(server, browser, "maja", viewport={"width": 360, "height": 740}, color_scheme="dark")
    await in_danger(server)
    await maja.wait_for_selector("[data-alarm]")
    assert not await overflows(maja) and await violations(maja) == []
    top = await maja.locator("[data-alarm]").evaluate("one => one.getBoundingClientRect().top + scrollY")
    assert top < await maja.locator("#queue h2").first.evaluate("one => one.getBoundingClientRect().top + scrollY")
    assert maja.problems == []
