# ruff: noqa: F811
"""What a guest or a colleague writes is text in every place the console shows it: nothing of it runs in a real browser."""

import pytest

from backend.appointments.service import Booking, Window
from backend.domain.enquiry import Contact
from backend.enquiries.service import NewEnquiry
from tests.browser.console_parts import chromium, guest_writes, new_page, sign_in
from tests.integration.conftest import *  # noqa: F403 (all its fixtures, whatever they build on)
from tests.integration.conftest import new_id
from tests.integration.queue_parts import host

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]
RUN = "window.hacked=(window.hacked||0)+1"
CORPUS = (
    f"<script>{RUN}</script>", f"<img src=x onerror='{RUN}'>", f"\"><svg onload='{RUN}'>", f"' autofocus onfocus='{RUN}' x='", f"</textarea><script>{RUN}</script>",
    f"</title><script>{RUN}</script>", f"</template><img src=x onerror='{RUN}'>", f"<iframe srcdoc=\"<script>parent.{RUN}</script>\"></iframe>",
    f"<a href=\"javascript:{RUN}\">tryk her</a>", f"<details open ontoggle='{RUN}'>", f"<math><mtext></p><img src=x onerror='{RUN}'>", "<style>*{display:none}</style>",
    "<base href='https://evil.example/'>", "<meta http-equiv=refresh content='0;url=https://evil.example'>", f"<form action=https://evil.example><button autofocus onfocus='{RUN}'>",
    "{{7*7}}{% for x in y %}", "${7*7}", "&lt;script&gt;", "\u202e<b>baglæns</b>", f"]]><script>{RUN}</script><!--",
)  # fmt: skip
OURS = "document.querySelectorAll('#main :is(img, script, svg:not(.bars svg), iframe, style, base, meta, math, object, embed)').length"


@pytest.fixture
async def browser():
    async with chromium() as running:
        yield running


async def evil_guest(server, text: str) -> str:
    """In the queue with `text` in every field something a guest says may end up in."""
    cid, _, _ = await server.conversations.open("rodovre", "municipality")
    await guest_writes(server, cid, text)
    await guest_writes(server, cid, "jeg vil ikke leve mere " + text)
    slots = {name: text for name in ("relation", "about", "age", "age_band", "municipality", "contact_form")}
    async with server.conversations.change(cid) as change:
        known = {"slots": slots | {"topics": [text], "skipped": [text], "wishes_anonymity": True}}
        await change.update(situation=server.conversations.repository.seal_situation(change.conversation, known))
    await server.handoffs.request(cid, wish=text)
    await server.enquiries.save(cid, new_id(), NewEnquiry({"topics": [text], "relation": text}, text, text, Contact("phone", "20304050", text), "v1"))
    return cid


async def untouched(page, where: str) -> None:
    assert await page.evaluate("window.hacked") is None, where
    assert await page.evaluate(OURS) == 0, where
    assert "evil" not in page.url and "<" not in await page.title(), where
    assert await page.locator("#main [onerror], #main [onfocus], #main [onload], #main [ontoggle], #main a[href^=javascript]").count() == 0, where


# hazard: H7
async def test_nothing_runs_wherever_a_guests_or_colleagues_words_are_shown(server, browser):
    maja, amir = await new_page(browser), await new_page(browser)
    for page, name in ((maja, "maja"), (amir, "amir")):
        page.on("dialog", lambda dialog: pytest.fail(f"a dialog opened: {dialog.message}"))
        await sign_in(page, server.settings.public_url, name)
    one, other = await host(server, "maja"), await host(server, "amir")
    for start in range(0, len(CORPUS), 4):  # as many chats as a host may have
        chats = [await evil_guest(server, text) for text in CORPUS[start : start + 4]]
        await maja.goto(f"{server.settings.public_url}/console")
        await maja.locator(f'[data-waiting="{chats[-1]}"]').wait_for()
        await untouched(maja, "queue")
        for cid, text in zip(chats, CORPUS[start : start + 4], strict=True):
            await server.handoffs.claim(cid, one, accept_heavy=True)
            await server.handoffs.note(cid, one, text)
            await server.company.offer(cid, one, other.id, text)
            await amir.goto(f"{server.settings.public_url}/console")
            await amir.locator(f'.alert [data-show="{cid}"]').first.click()
            await amir.locator(".note").first.wait_for()
            await untouched(amir, f"offered: {text}")
            await maja.locator(f'[data-mine="{cid}"]').click()
            await maja.locator(f'.chat[data-conversation="{cid}"] .said.visitor').first.wait_for()
            await guest_writes(server, cid, text)
            await maja.locator(".said.visitor").nth(2).wait_for()
            assert text.strip() in await maja.locator(".said.visitor .text").first.evaluate("one => one.textContent")
            await untouched(maja, f"chat: {text}")
            await server.handoffs.close(cid, one)
            await server.handoffs.ready_again(one.id)
        await maja.goto(f"{server.settings.public_url}/console/enquiries")
        await maja.locator("[data-enquiry]").first.wait_for()
        await untouched(maja, "enquiries")
    for path in ("/appointments", "/calendar"):
        await maja.goto(f"{server.settings.public_url}/console{path}")
        await untouched(maja, path)
    assert [problem for page in (maja, amir) for problem in page.problems] == []


# hazard: H7
async def test_nothing_runs_where_an_appointment_is_shown(server, browser):
    """A nickname in the host's calendar and list, and everything of it on the guest's own page."""
    page, guest = await new_page(browser), await new_page(browser)
    for one in (page, guest):
        one.on("dialog", lambda dialog: pytest.fail(f"a dialog opened: {dialog.message}"))
    await sign_in(page, server.settings.public_url, "maja")
    for text in CORPUS:
        cid = (await server.conversations.open("rodovre", "municipality"))[0]
        slot = next(s for s in (await server.appointments.search(cid, Window(), None, False, 40))[0] if s.host_alias == "Maja")
        card = await server.appointments.book(cid, new_id(), Booking(slot.id, nickname=text, companion=text, help=(text,)))
        await guest.goto(f"{server.settings.public_url}/aftale")
        await guest.get_by_label("Kode").fill(card["reference"])
        await guest.keyboard.press("Enter")
        await guest.get_by_role("button", name="Aflys").wait_for()
        assert await guest.evaluate("window.hacked") is None and "evil" not in guest.url, text
        assert await guest.locator("[onerror], [onfocus], [onload], [ontoggle], a[href^=javascript], main script, iframe, base, math").count() == 0, text
    for path in ("/appointments", "/calendar"):
        await page.goto(f"{server.settings.public_url}/console{path}")
        shown = await page.locator("#main").inner_text()
        assert all(text.strip() in shown for text in CORPUS if text.isascii()), path
        await untouched(page, path)
    assert page.problems == [] and guest.problems == []
