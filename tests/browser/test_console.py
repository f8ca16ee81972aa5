# ruff: noqa: F811
"""The console in a real browser: a working day's paths, keyboard only, axe in every state, 200 % zoom, dark and phone."""

import asyncio

import pytest

from tests.browser.console_parts import (
    AXE,
    chromium,
    guest_writes,
    new_page,
    overflows,
    sign_in,
    until,
    violations,
    waiting_guest,
)
from tests.integration.conftest import *  # noqa: F403 (all its fixtures, whatever they build on)
from tests.integration.conftest import new_id
from tests.integration.queue_parts import host, state, told

pytestmark = [pytest.mark.browser, pytest.mark.timeout(180)]


@pytest.fixture
async def browser():
    async with chromium() as running:
        yield running


@pytest.fixture
async def maja(server, browser):
    """Maja's console at the desk, on a laptop."""
    page = await new_page(browser, viewport={"width": 1366, "height": 768})
    await sign_in(page, server.settings.public_url, "maja")
    await page.wait_for_selector("#queue h2")
    yield page
    assert page.problems == []


async def claim_next(page) -> None:
    cid = await page.locator("#queue [data-waiting]").first.get_attribute("data-waiting")
    await page.locator(f'#queue [data-claim="{cid}"]').click()
    await page.wait_for_selector(f'.chat[data-conversation="{cid}"] form.say')


async def test_from_sign_in_to_goodbye(server, maja):
    cid = await waiting_guest(server)
    await maja.wait_for_selector("[data-waiting]")
    assert "(1) venter" in await maja.title()
    await claim_next(maja)
    assert "jeg føler mig ensom i skolen" in await maja.locator(".log").inner_text()
    card = await maja.locator("#card").inner_text()
    assert "Ensomhed, Skole" in card and "16 år" in card and "forstår det med skolen" in card
    box = maja.locator("#say")
    await box.fill("Hej, jeg hedder Maja")
    await box.press("Enter")
    await maja.wait_for_selector(".said.host")
    assert await box.input_value() == "" and "Hej, jeg hedder Maja" in await told(server, cid)
    await guest_writes(server, cid, "tak fordi du svarer")
    await maja.get_by_text("tak fordi du svarer").first.wait_for()
    n = (await server.conversations.find(cid)).last_n
    await server.commands.run("!seen", cid, n)
    await maja.locator("[data-tick]", has_text="Set").first.wait_for()
    server.hub.wake(f"conversation:{cid}", "typing:visitor")
    await maja.get_by_text("Blå gæst skriver").wait_for()
    await maja.get_by_role("button", name="Afslut samtalen").click()
    await maja.locator("#confirm").get_by_role("button", name="Afslut").click()
    await maja.get_by_text("Vælg en samtale i køen").wait_for()
    assert await state(server, cid) == "closed"


async def test_new_lines_leave_focus_scroll_and_draft_alone(server, maja):
    cid = await waiting_guest(server)
    for i in range(12):
        await guest_writes(server, cid, f"linje {i} " + "ord " * 30)
    await maja.wait_for_selector("[data-waiting]")
    await claim_next(maja)
    await maja.locator("#say").fill("halvt skrevet svar")
    await maja.locator(".log").evaluate("log => { log.scrollTop = 0 }")
    await maja.locator("#say").focus()
    await guest_writes(server, cid, "en ny besked mens du skriver")
    await maja.locator(".said", has_text="en ny besked mens du skriver").wait_for(state="attached")
    assert await maja.locator("#say").input_value() == "halvt skrevet svar"
    assert await maja.evaluate("document.activeElement.id") == "say"
    assert await maja.locator(".log").evaluate("log => log.scrollTop") == 0
    await maja.locator("[data-newer]").click()
    assert await maja.locator(".log").evaluate("log => log.scrollTop") > 0


async def test_two_chats_two_colours_and_a_draft_for_each(server, maja):
    """H7: what was meant for one guest is never in the box of another."""
    first = await waiting_guest(server, "den første")
    await maja.wait_for_selector("[data-waiting]")
    await claim_next(maja)
    await maja.locator("#say").fill("kladde til den første")
    await waiting_guest(server, "den anden")
    await maja.wait_for_selector("[data-waiting]")
    await claim_next(maja)
    assert await maja.locator(".strip h2").inner_text() == "Grøn gæst"
    assert await maja.locator("#say").input_value() == ""
    await maja.locator("#say").fill("til den anden")
    await guest_writes(server, first, "er du der?")
    await maja.locator(f'[data-mine="{first}"] .unread').wait_for()
    await maja.keyboard.press("Alt+1")
    await maja.locator(".strip h2", has_text="Blå gæst").wait_for()
    assert await maja.locator("#say").input_value() == "kladde til den første"
    await maja.keyboard.press("Alt+2")
    await maja.locator(".strip h2", has_text="Grøn gæst").wait_for()
    assert await maja.locator("#say").input_value() == "til den anden"
    await maja.reload()
    await maja.keyboard.press("Alt+2")
    await maja.locator(".strip h2", has_text="Grøn gæst").wait_for()
    assert await maja.locator("#say").input_value() == "til den anden"


async def test_a_whole_chat_with_the_keyboard_alone(server, maja):
    cid = await waiting_guest(server)
    await maja.wait_for_selector("[data-waiting]")
    await maja.keyboard.press("Alt+n")
    await maja.wait_for_selector("form.say")
    await until(maja, "document.activeElement.id === 'say'")
    await maja.keyboard.press("Alt+h")
    await maja.keyboard.press("Enter")
    await until(maja, "document.activeElement.id === 'say' && document.activeElement.value.includes('Maja')")
    await maja.keyboard.press("Enter")
    await maja.wait_for_selector(".said.host")
    await maja.keyboard.press("Alt+k")
    await until(maja, "document.activeElement.id === 'card'")
    await maja.keyboard.press("Alt+g")
    await maja.locator("#keys[open]").wait_for()
    await maja.keyboard.press("Escape")
    await maja.keyboard.press("Alt+w")
    for _ in range(12):
        await maja.keyboard.press("Tab")
        if await maja.evaluate("document.activeElement.dataset.deed === 'close'"):
            break
    await maja.keyboard.press("Enter")
    await maja.locator("#confirm[open]").wait_for()
    for _ in range(4):
        if await maja.evaluate("document.activeElement.id === 'confirm-yes'"):
            break
        await maja.keyboard.press("Tab")
    await maja.keyboard.press("Enter")
    await maja.get_by_text("Vælg en samtale i køen").wait_for()
    assert await state(server, cid) == "closed"


async def test_the_loser_of_a_race_is_told_who_won(server, browser, maja):
    await waiting_guest(server)
    await maja.wait_for_selector("[data-waiting]")
    cid = await maja.locator("[data-waiting]").get_attribute("data-waiting")
    await maja.route("**/fragments/queue", lambda route: route.abort())  # her list is a moment old
    await server.handoffs.claim(cid, await host(server, "amir"))
    await maja.get_by_role("button", name="Tag samtalen").click()
    await maja.locator("#status", has_text="Amir").wait_for()


async def test_transfer_with_a_note_and_a_yes(server, browser, maja):
    cid = await waiting_guest(server, "det her er svært at fortælle")
    await maja.wait_for_selector("[data-waiting]")
    await claim_next(maja)
    amir = await new_page(browser, viewport={"width": 1280, "height": 800})
    await sign_in(amir, server.settings.public_url, "amir")
    await maja.locator("#colleague").select_option(label=await maja.locator("#colleague option", has_text="Amir").inner_text())
    await maja.locator("#why").fill("vil helst tale med en mand")
    await maja.get_by_role("button", name="Giv videre").click()
    await amir.get_by_text("Maja spørger, om du vil overtage").wait_for()
    await amir.get_by_role("button", name="Se først").click()
    await amir.get_by_text("vil helst tale med en mand").wait_for()
    assert "det her er svært at fortælle" not in await amir.locator("#conversation").inner_text()
    await amir.locator("#conversation").get_by_role("button", name="Ja, jeg tager den").click()
    await amir.wait_for_selector("form.say")
    assert "det her er svært at fortælle" in await amir.locator(".log").inner_text()
    await maja.locator("#status", has_text="ikke længere").wait_for()
    assert (await server.conversations.find(cid)).owner_id == (await host(server, "amir")).id
    assert amir.problems == []


async def test_a_host_in_two_tabs_and_a_reload_see_the_same(server, browser, maja):
    cid = await waiting_guest(server)
    await maja.wait_for_selector("[data-waiting]")
    await claim_next(maja)
    second = await maja.context.new_page()
    await second.goto(f"{server.settings.public_url}/console")
    await second.locator(f'[data-mine="{cid}"]').click()
    await second.locator("#say").fill("fra den anden fane")
    await second.locator("#say").press("Enter")
    await maja.locator(".said.host", has_text="fra den anden fane").wait_for()
    await maja.reload()
    await maja.locator(f'[data-mine="{cid}"]').click()
    await maja.locator(".said.host", has_text="fra den anden fane").wait_for()
    assert await maja.locator(".said.host", has_text="fra den anden fane").count() == 1


async def test_lost_connection_is_told_and_nothing_is_missed(server, maja):
    cid = await waiting_guest(server)
    await maja.wait_for_selector("[data-waiting]")
    await claim_next(maja)
    await maja.context.set_offline(True)
    await maja.locator("#say").fill("sendt uden net")
    await maja.locator("#say").press("Enter")
    await maja.locator("#status", has_text="Ingen forbindelse").wait_for()
    assert await maja.locator("#say").input_value() == "sendt uden net"
    await guest_writes(server, cid, "skrevet imens")
    await maja.context.set_offline(False)
    await maja.locator("#say").press("Enter")
    await maja.locator(".said.host", has_text="sendt uden net").wait_for()
    assert await maja.locator(".said", has_text="skrevet imens").count() == 1
    assert (await told(server, cid)).count("sendt uden net") == 1


async def test_the_third_heavy_chat_is_the_hosts_own_choice(server, maja, clock):
    me = await host(server, "maja")
    for _ in range(2):
        cid = await waiting_guest(server, "jeg vil ikke leve mere")
        await server.handoffs.claim(cid, me)
        await server.handoffs.close(cid, me)
        await server.handoffs.ready_again(me.id)
    third = await waiting_guest(server, "jeg vil ikke leve mere")
    await maja.locator(f'[data-claim="{third}"]').click()
    await maja.locator("#heavy[open]").wait_for()
    await maja.get_by_role("button", name="Lad en kollega tage den").click()
    assert await state(server, third) == "waiting"
    await maja.locator(f'[data-claim="{third}"]').click()
    await maja.get_by_role("button", name="Jeg tager den").click()
    await maja.wait_for_selector("form.say")


async def test_the_alarm_repeats_until_somebody_looks(server, maja):
    await maja.evaluate("Object.defineProperty(document, 'hasFocus', { value: () => window.looks ?? false, configurable: true })")
    await waiting_guest(server)
    await maja.wait_for_selector("html[data-ringing]")
    await maja.evaluate("window.looks = true; window.dispatchEvent(new Event('focus'))")
    await maja.wait_for_selector("html:not([data-ringing])")


async def test_a_guests_words_never_run(server, maja):
    evil = "<img src=x onerror='window.hacked=1'><script>window.hacked=1</script>\"><svg onload=window.hacked=1>"
    cid = await waiting_guest(server, evil, topics=[evil], municipality=evil)
    await maja.wait_for_selector("[data-waiting]")
    await claim_next(maja)
    await server.handoffs.note(cid, await host(server, "maja"), evil)
    await guest_writes(server, cid, evil)
    await maja.locator(".said.visitor").nth(1).wait_for()
    await maja.locator(".note").wait_for()
    assert await maja.evaluate("window.hacked") is None
    assert await maja.locator("#main img, #main script").count() == 0


async def test_signing_out_ends_the_other_tab_too(server, maja):
    second = await maja.context.new_page()
    await second.goto(f"{server.settings.public_url}/console")
    await second.wait_for_selector("#queue h2")
    await maja.get_by_role("button", name="Log ud").click()
    await maja.wait_for_url("**/login")
    await second.wait_for_url("**/login", timeout=9000)
    assert await maja.evaluate("sessionStorage.length") == 0


async def test_the_practice_room_is_clearly_marked_and_answers(server, maja):
    await maja.get_by_role("link", name="Øverum").click()
    await maja.get_by_text("Det her er en øvelse").wait_for()
    await maja.get_by_role("button", name="Øv med Ida").click()
    await maja.locator("#practice-log .visitor").first.wait_for()
    for i in range(6):
        await maja.locator("#practice-text").fill(f"svar {i}")
        await maja.keyboard.press("Enter")
        if i < 5:
            await maja.locator("#practice-log .visitor").nth(i + 1).wait_for()
    await maja.locator('[data-after="ida"]').wait_for()


STATES = ("login", "wrong_login", "empty_queue", "queue", "preview", "chat", "heavy_chat", "replies", "keys", "confirm", "enquiries", "appointments",
          "practice", "staff", "measures", "offered", "locked", "code")  # fmt: skip


@pytest.mark.skipif(not AXE.is_file(), reason="web_widget/node_modules is not installed")
@pytest.mark.parametrize("scheme,width,height", [("light", 1366, 768), ("dark", 1366, 768), ("light", 390, 844), ("light", 683, 384)])
async def test_axe_finds_nothing_in_any_state(server, browser, scheme, width, height):
    """683 × 384 is a laptop at 200 % zoom: all of it without a sideways scrollbar."""
    url = server.settings.public_url
    page = await new_page(browser, viewport={"width": width, "height": height}, color_scheme=scheme, reduced_motion="reduce")
    walk = Walk(server, page, url)
    found = {}
    for name in STATES:
        await getattr(walk, name)()
        wrong = await violations(page)
        if wrong or await overflows(page):
            found[name] = wrong or ["sideways scrollbar"]
    assert found == {}
    assert page.problems == []


class Walk:
    """Leads one page through the console's states, each from the one before."""

    def __init__(self, house, page, url: str) -> None:
        self.house, self.page, self.url = house, page, url

    async def login(self) -> None:
        await self.page.goto(f"{self.url}/console/login")

    async def wrong_login(self) -> None:
        await self.page.get_by_label("Brugernavn").fill("karen")
        await self.page.get_by_label("Adgangskode").fill("forkert")
        await self.page.get_by_role("button", name="Log ind").click()
        await self.page.get_by_role("alert").wait_for()

    async def empty_queue(self) -> None:
        await sign_in(self.page, self.url, "karen")
        await self.page.get_by_text("Ingen venter lige nu").wait_for()

    async def queue(self) -> None:
        self.cid = await waiting_guest(self.house, "jeg føler mig ensom")
        self.danger = await waiting_guest(self.house, "jeg vil ikke leve mere")
        await self.page.locator("[data-waiting]").nth(1).wait_for()

    async def preview(self) -> None:
        await self.page.locator(f'[data-show="{self.cid}"]').click()
        await self.page.locator("#card").wait_for()

    async def chat(self) -> None:
        await self.page.locator(f'#conversation [data-claim="{self.cid}"]').click()
        await self.page.wait_for_selector("form.say")
        await self.house.handoffs.note(self.cid, await host(self.house, "karen"), "en note")
        await self.page.locator("#say").fill("hej")
        await self.page.keyboard.press("Enter")
        await self.page.wait_for_selector(".said.host")

    async def heavy_chat(self) -> None:
        back = self.page.get_by_role("button", name="Tilbage til køen")
        if await back.is_visible():
            await back.click()
        await self.page.locator(f'#queue [data-claim="{self.danger}"]').click()
        await self.page.locator("#card .badge.error").wait_for()

    async def replies(self) -> None:
        await self.page.locator("[data-replies] summary").click()
        await self.page.locator(".pick").first.wait_for()

    async def keys(self) -> None:
        await self.page.keyboard.press("Escape")
        await self.page.keyboard.press("Alt+g")
        await self.page.locator("#keys[open]").wait_for()

    async def confirm(self) -> None:
        await self.page.keyboard.press("Escape")
        await self.page.get_by_role("button", name="Afslut samtalen").click()
        await self.page.locator("#confirm[open]").wait_for()

    async def enquiries(self) -> None:
        from backend.domain.enquiry import Contact
        from backend.enquiries.service import NewEnquiry

        new = NewEnquiry({"relation": "self", "topics": ["school"]}, "ring til mig", "det går ikke så godt", Contact("phone", "20304050", "Hej fra Maja"), "v1")
        await self.house.enquiries.save(self.cid, new_id(), new)
        await self.page.goto(f"{self.url}/console/enquiries")
        await self.page.locator("[data-enquiry]").wait_for()

    async def appointments(self) -> None:
        await self.page.goto(f"{self.url}/console/appointments")

    async def practice(self) -> None:
        await self.page.goto(f"{self.url}/console/practice")
        await self.page.get_by_role("button", name="Øv med Ida").click()
        await self.page.locator("#practice-log .visitor").first.wait_for()

    async def staff(self) -> None:
        await self.page.goto(f"{self.url}/console/staff")

    async def measures(self) -> None:
        await self.page.goto(f"{self.url}/console/measures")

    async def offered(self) -> None:
        maja, karen = await host(self.house, "maja"), await host(self.house, "karen")
        cid = await waiting_guest(self.house)
        await self.house.handoffs.claim(cid, maja)
        await self.house.company.offer(cid, maja, karen.id, "tag du den her")
        await self.page.goto(f"{self.url}/console")
        await self.page.get_by_role("button", name="Se først").click()
        await self.page.get_by_text("Vil du overtage samtalen?").wait_for()

    async def locked(self) -> None:
        await self.page.get_by_role("button", name="Lås").click()
        await self.page.wait_for_url("**/locked")

    async def code(self) -> None:
        await self.house.hosts.add("birthe", "en-lang-adgangskode", "Birthe", "rodovre")
        await sign_in(self.page, self.url, "birthe", "en-lang-adgangskode")
        await self.page.get_by_text("Sæt din kode-app op").wait_for()
        await asyncio.sleep(0)
