"""The promises a guest rests on: nothing lost, help without a server, leaving unseen, keyboard alone."""

import time

import pytest
from playwright.sync_api import expect
from steps import open_chat, write

CANARY = "kanariefugl-7731"


def frame_of(page):
    return next(frame for frame in page.frames if "/chat" in frame.url)


def test_reload_loses_nothing(page):
    chat = open_chat(page)
    chat.get_by_role("button", name="Mig selv").click()
    write(chat, "noget jeg vil huske")
    expect(chat.get_by_text("Sendt").nth(1)).to_be_visible()
    page.reload()
    chat = open_chat(page)
    expect(chat.get_by_text("noget jeg vil huske")).to_be_visible()
    expect(chat.locator(".row.visitor .bubble")).to_have_text(["Mig selv", "noget jeg vil huske"])


@pytest.mark.parametrize("look", ["320-dark"], indirect=True)
def test_who_comes_back_begins_where_they_left_and_a_long_message_does_not_hide_the_answer(page):
    chat = open_chat(page)
    expect(chat.get_by_role("button", name="Send", exact=True)).to_have_attribute("aria-disabled", "true")
    write(chat, "ord " * 400)
    answer = chat.get_by_text("Vil du fortælle lidt mere?")
    expect(answer).to_be_in_viewport()
    page.reload()
    page.get_by_role("button", name="Skriv med os").click()
    expect(answer).to_be_in_viewport()


def test_used_choices_are_gone_and_the_answer_is_a_bubble(page):
    chat = open_chat(page)
    chat.get_by_role("button", name="En, jeg holder af").click()
    expect(chat.locator(".row.visitor .bubble")).to_have_text("En, jeg holder af")
    expect(chat.get_by_role("button", name="Mig selv")).to_have_count(0)


def test_a_slot_is_a_choice(page):
    chat = open_chat(page)
    write(chat, "tider")
    chat.get_by_role("button", name="Torsdag d. 26. november").click()
    expect(chat.get_by_text("K7M-4PX")).to_be_visible()


def test_failed_sending_keeps_words_and_shows_numbers_in_time(page, server):
    chat = open_chat(page)
    page.request.post(f"{server}/mock/mood", data={"fail": 1})
    started = time.monotonic()
    write(chat, "hjælp nu")
    expect(chat.locator("chat-unsent").get_by_text("Alarm 112")).to_be_visible()
    assert time.monotonic() - started < 3
    page.request.post(f"{server}/mock/mood", data={"fail": 0})
    expect(chat.locator(".row.visitor .status")).to_contain_text("Sendt", timeout=20000)
    expect(chat.locator("chat-unsent")).to_be_hidden()
    expect(chat.locator(".row.visitor .bubble")).to_have_count(1)


def test_offline_help_is_one_tap_away(page, context):
    chat = open_chat(page)
    context.set_offline(True)
    chat.get_by_role("button", name="Akut hjælp").click()
    expect(chat.get_by_role("dialog").get_by_role("link", name="112").first).to_be_visible()
    page.keyboard.press("Escape")
    chat.get_by_role("button", name="Tal med et menneske", exact=True).click()
    expect(chat.get_by_role("dialog").get_by_role("link", name="BørneTelefonen")).to_be_visible(timeout=15000)


# hazard: H2
@pytest.mark.parametrize("how", ["dead", "silent"])
def test_card_when_the_frame_does_not_come(page, how):
    stop = (lambda route: route.abort()) if how == "dead" else (lambda route: None)
    page.route("**/chat?**", stop)
    page.get_by_role("button", name="Skriv med os").click()
    expect(page.get_by_text("Samtalen kan ikke åbne lige nu")).to_be_visible(timeout=3500)
    expect(page.get_by_role("link", name="Alarm 112")).to_have_attribute("href", "tel:112")
    page.get_by_text("Fare for liv, dit eget").click()
    page.unroute("**/chat?**")
    page.get_by_role("button", name="Prøv igen").click()
    expect(page.frame_locator("iframe").get_by_text("Hvem handler det om?")).to_be_visible()


def test_a_late_frame_takes_the_panel_only_from_an_untouched_card(page):
    held = []
    page.route("**/chat?**", lambda route: held.append(route))
    page.get_by_role("button", name="Skriv med os").click()
    expect(page.get_by_text("Samtalen kan ikke åbne lige nu")).to_be_visible(timeout=4000)
    page.get_by_text("Fare for liv, dit eget").click()
    held.pop().continue_()
    page.wait_for_timeout(1500)
    expect(page.get_by_role("link", name="Alarm 112")).to_be_visible()
    page.get_by_role("button", name="Prøv igen").click()
    expect(page.frame_locator("iframe").get_by_text("Hvem handler det om?")).to_be_visible()


def test_creation_refused_shows_the_card_and_recovers(page, server):
    page.request.post(f"{server}/mock/mood", data={"create": False})
    page.get_by_role("button", name="Skriv med os").click()
    chat = page.frame_locator("iframe")
    expect(chat.locator("chat-unsent").get_by_text("Alarm 112")).to_be_visible()
    expect(chat.get_by_text("Du har ikke forbindelse til nogen lige nu")).to_be_visible()
    page.request.post(f"{server}/mock/mood", data={"create": True})
    expect(chat.get_by_text("Hvem handler det om?")).to_be_visible(timeout=20000)


# hazard: H8
@pytest.mark.parametrize("way", ["button", "escape in frame", "escape on page"])
def test_quick_exit_leaves_nothing(page, server, way):
    page.goto("about:blank")
    page.goto(f"{server}/demo/rodovre")
    chat = open_chat(page)
    write(chat, CANARY)
    expect(chat.get_by_text("Sendt")).to_be_visible()
    started = time.monotonic()
    if way == "button":
        chat.get_by_role("button", name="Luk hurtigt").click()
    else:
        if way == "escape on page":
            page.evaluate("document.activeElement.blur(); window.focus()")
        for _ in range(3):
            page.keyboard.press("Escape")
    page.wait_for_url("https://www.dmi.dk/")
    assert time.monotonic() - started < 1.5
    page.go_back()
    assert page.url == "about:blank"
    page.goto(f"{server}/demo/rodovre")
    chat = open_chat(page)
    assert CANARY not in frame_of(page).content()
    for _ in range(20):
        closed = page.request.get(f"{server}/mock/mood").json()["closed"]
        if closed:
            break
        page.wait_for_timeout(250)
    assert closed == 1


# hazard: H8
def test_quick_exit_works_offline(page, context):
    chat = open_chat(page)
    write(chat, CANARY)
    expect(chat.get_by_text("Sendt")).to_be_visible()
    context.set_offline(True)
    chat.get_by_role("button", name="Luk hurtigt").click()
    page.wait_for_url(lambda url: "/demo/" not in url)
    context.set_offline(False)
    page.go_back()
    assert CANARY not in page.content() and "/chat" not in "".join(frame.url for frame in page.frames)


# hazard: H8
@pytest.mark.parametrize("state", ["help in the chat", "card of the launcher", "frame dead"])
def test_escape_three_times_leaves_from_wherever_the_guest_is(page, context, state):
    if state == "frame dead":
        page.route("**/chat?**", lambda route: route.abort())
        page.get_by_role("button", name="Skriv med os").click()
        expect(page.get_by_text("Samtalen kan ikke åbne lige nu")).to_be_visible()
    elif state == "card of the launcher":
        page.get_by_role("button", name="Akut hjælp").click()
    else:
        chat = open_chat(page)
        chat.get_by_role("button", name="Akut hjælp").click()
        expect(chat.get_by_role("dialog")).to_be_visible()
    for _ in range(3):
        page.keyboard.press("Escape")
    page.wait_for_url("https://www.dmi.dk/")


# hazard: H8
def test_nothing_outlives_the_tab_and_the_titles_tell_nothing(page, context, server):
    chat = open_chat(page)
    write(chat, CANARY)
    expect(chat.get_by_text("Sendt")).to_be_visible()
    assert frame_of(page).evaluate("document.title") == "Chat" and CANARY not in frame_of(page).url
    kept = """async () => [localStorage.length, document.cookie, (await indexedDB.databases()).length,
      'caches' in window ? (await caches.keys()).length : 0, (await navigator.serviceWorker?.getRegistrations() ?? []).length]"""
    for frame in page.frames:
        assert frame.evaluate(kept) == [0, "", 0, 0, 0]
    assert context.cookies() == []
    page.close()
    again = context.new_page()
    again.goto(f"{server}/demo/rodovre")
    assert again.evaluate("sessionStorage.length") == 0
    expect(open_chat(again).locator(".row.visitor")).to_have_count(0)


# hazard: H8
def test_leaving_empties_the_tabs_memory_too(page, server):
    chat = open_chat(page)
    write(chat, CANARY)
    expect(chat.get_by_text("Sendt")).to_be_visible()
    chat.get_by_role("button", name="Luk hurtigt").click()
    page.wait_for_url("https://www.dmi.dk/")
    page.goto(f"{server}/demo/rodovre")
    assert page.evaluate("sessionStorage.length") == 0


# hazard: H8
def test_storage_holds_no_words(page):
    chat = open_chat(page)
    write(chat, CANARY)
    expect(chat.get_by_text("Sendt")).to_be_visible()
    stored = frame_of(page).evaluate("JSON.stringify([{...sessionStorage}, {...localStorage}, document.cookie])")
    assert CANARY not in stored
    assert frame_of(page).evaluate("[Object.keys(sessionStorage), localStorage.length, document.cookie]") == [["p1"], 0, ""]


def test_the_host_page_hears_no_words(page):
    page.evaluate("window.heard = []; for (const k of ['message','keydown','input']) addEventListener(k, (e) => heard.push(e.key ?? e.data), true)")
    chat = open_chat(page)
    write(chat, CANARY)
    expect(chat.get_by_text("Sendt")).to_be_visible()
    assert all(set(letter) == {"indgang", "say"} for letter in page.evaluate("heard") if isinstance(letter, dict))
    assert page.evaluate("heard.filter((key) => typeof key === 'string' && key.length === 1)") == []


def test_a_stranger_cannot_drive_the_frame(page):
    chat = open_chat(page)
    write(chat, "hej")
    page.evaluate("window.postMessage({indgang: 1, say: 'exit'}, '*')")
    page.evaluate("document.querySelector('div[lang=da]').shadowRoot.querySelector('iframe').contentWindow.postMessage({indgang: 1, say: 'leave', more: 1}, '*')")
    page.wait_for_timeout(300)
    expect(chat.get_by_text("Sendt")).to_be_visible()


def test_keyboard_alone(page):
    page.get_by_role("button", name="Skriv med os").focus()
    page.keyboard.press("Enter")
    chat = page.frame_locator("iframe")
    expect(chat.get_by_text("Hvem handler det om?")).to_be_visible()
    chat.get_by_label("Skriv din besked").focus()
    page.keyboard.type("første linje")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("anden linje")
    page.keyboard.press("Enter")
    expect(chat.locator(".row.visitor .bubble")).to_have_text("første linje\nanden linje")
    expect(chat.get_by_role("button", name="Vis mig døre")).to_be_visible()
    for _ in range(5):
        page.keyboard.press("Shift+Tab")
        if frame_of(page).evaluate("document.activeElement.className") == "choice":
            break
    page.keyboard.press("Enter")
    expect(chat.locator(".row.visitor .bubble")).to_have_count(2)
    expect(chat.locator(".log")).to_be_focused()


def test_long_texts_are_counted_and_not_sent_too_long(page):
    chat = open_chat(page)
    write(chat, "æ" * 2001)
    expect(chat.get_by_text("1 tegn for langt")).to_be_visible()
    expect(chat.locator(".row.visitor")).to_have_count(0)
    chat.get_by_label("Skriv din besked").fill("æ" * 1990)
    expect(chat.get_by_text("10 tegn tilbage")).to_be_visible()


def test_attention_dot_when_hidden(page, server):
    chat = open_chat(page)
    chat.get_by_role("button", name="Skjul samtalen").click()
    page.request.post(f"{server}/mock/say", data={"events": [{"type": "message", "author": "bot", "text": "Er du der?"}]})
    expect(page.get_by_text("Der er nyt til dig")).to_have_count(1)
    expect(page.locator(".dot")).to_be_visible()
    assert page.title() == "Ung i Rødovre – demo"


def test_door_is_copied_as_plain_text(page, context):
    chat = open_chat(page)
    write(chat, "døre")
    chat.get_by_role("button", name="Kopiér").last.click()
    expect(chat.get_by_role("button", name="Kopieret")).to_be_visible()
    with page.expect_download() as saved:
        chat.get_by_role("button", name="Gem på telefonen").last.click()
    assert saved.value.suggested_filename == "bornetelefonen.vcf"
