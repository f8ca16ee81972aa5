"""No axe violation in any main state, at both widths and in both schemes; and nothing wider than the screen."""

import pytest
from playwright.sync_api import Page, expect
from steps import open_chat, violations, write

pytestmark = pytest.mark.parametrize("look", ["1280-light", "320-dark"], indirect=True)


def calm(page: Page) -> None:
    page.wait_for_timeout(250)
    wide = [frame.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") for frame in page.frames]
    assert max(wide) <= 0
    assert violations(page) == []


def test_launcher_closed(page):
    calm(page)


def test_greeting_with_choices(page):
    open_chat(page)
    calm(page)


@pytest.mark.parametrize(
    ("word", "seen"),
    [
        ("døre", "headspace Rødovre"),
        ("krise", "Alarm 112"),
        ("tilbud", "Åbent værksted"),
        ("tider", "Andre tider"),
        ("torsdag", "K7M-4PX"),
        ("henvendelse", "R4T-9QW"),
    ],
)
def test_cards(page, word, seen):
    chat = open_chat(page)
    write(chat, word)
    expect(chat.get_by_text(seen).first).to_be_visible()
    calm(page)


def test_waiting_then_host_then_closed(page, server):
    chat = open_chat(page)
    chat.get_by_role("button", name="Tal med et menneske", exact=True).click()
    expect(chat.get_by_text("Du er nr. 2 i køen", exact=True)).to_be_visible()
    calm(page)
    host = {"type": "state", "author": "system", "state": "with_host", "host": {"alias": "Maja"}, "text": "Maja er her nu."}
    words = {"type": "message", "author": "host", "text": "Hej, jeg hedder Maja."}
    page.request.post(f"{server}/mock/say", data={"events": [host, words]})
    expect(chat.get_by_text("Du skriver med Maja, vært og menneske")).to_be_visible()
    calm(page)
    page.request.post(f"{server}/mock/say", data={"events": [{"type": "state", "author": "system", "state": "closed"}]})
    expect(chat.get_by_role("button", name="Start en ny samtale")).to_be_visible()
    expect(chat.get_by_role("button", name="Akut hjælp")).to_be_visible()
    expect(chat.get_by_role("button", name="Tal med et menneske", exact=True)).to_be_visible()
    calm(page)


def test_not_sent(page, server):
    chat = open_chat(page)
    page.request.post(f"{server}/mock/mood", data={"fail": 2})
    write(chat, "er her nogen")
    expect(chat.get_by_text("Ikke sendt endnu")).to_be_visible()
    calm(page)


def test_help_panel_and_erase_dialog(page):
    chat = open_chat(page)
    chat.get_by_role("button", name="Akut hjælp").click()
    expect(chat.get_by_role("dialog").get_by_text("Alarm 112")).to_be_visible()
    calm(page)
    page.keyboard.press("Escape")
    expect(chat.get_by_role("dialog")).to_have_count(0)
    chat.get_by_role("button", name="Afslut og slet").click()
    calm(page)
    chat.get_by_role("button", name="Ja, slet det hele").click()
    expect(chat.get_by_text("Din aftale er aflyst.")).to_be_visible()
    calm(page)


def test_launcher_card(page):
    page.get_by_role("button", name="Akut hjælp").click()
    expect(page.get_by_text("Alarm 112")).to_be_visible()
    calm(page)


def test_other_pages(page, server):
    for name in ("ballerup", "headspace"):
        page.goto(f"{server}/demo/{name}")
        calm(page)
