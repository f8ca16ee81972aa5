"""The anonymity guard: asked before anything leaves the browser, with keyboard and screen reader, and never a nuisance."""

import pytest
from playwright.sync_api import expect
from steps import open_chat, violations, write

FULL = "jeg hedder Lise Holm og mit nummer er 20 30 40 50"


@pytest.fixture
def sent(page):
    """Every frame and request body that leaves the chat."""
    bodies = []
    page.on("request", lambda request: bodies.append(request.post_data or ""))
    page.on("websocket", lambda socket: socket.on("framesent", lambda frame: bodies.append(str(frame))))
    return bodies


def asked(chat):
    return chat.get_by_role("dialog", name="Vil du sende det her?")


def own_words(chat):
    return chat.locator(".row.visitor .bubble")


# hazard: H14
def test_nothing_leaves_before_the_choice_and_the_guest_sees_what_it_would_mean(page, sent):
    chat = open_chat(page)
    write(chat, FULL)
    expect(asked(chat)).to_contain_text("Et helt navn: »Lise Holm«")
    expect(asked(chat)).to_contain_text("Et telefonnummer: »20 30 40 50«")
    expect(asked(chat)).to_contain_text("ved kommunen, hvem du er")
    expect(chat.get_by_role("button", name="Ret beskeden")).to_be_focused()
    assert not any("Holm" in body for body in sent)
    chat.get_by_role("button", name="Send, som det er").click()
    expect(own_words(chat)).to_have_text(FULL)
    expect(chat.get_by_text("Sendt").first).to_be_visible()
    assert any("Holm" in body for body in sent)
    expect(chat.get_by_label("Skriv din besked")).to_have_value("")


# hazard: H14
def test_covering_sends_the_labels_and_never_the_words(page, sent):
    chat = open_chat(page)
    write(chat, FULL)
    chat.get_by_role("button", name="Dæk det til, og send").click()
    expect(own_words(chat)).to_have_text("jeg hedder [navn] og mit nummer er [telefon]")
    expect(chat.get_by_text("Sendt").first).to_be_visible()
    assert not any("Holm" in body or "20 30" in body for body in sent)


# hazard: H14
@pytest.mark.parametrize("way", ["Escape", "Enter"])
def test_editing_keeps_the_words_in_the_field(page, way):
    chat = open_chat(page)
    write(chat, FULL)
    expect(chat.get_by_role("button", name="Ret beskeden")).to_be_focused()
    page.keyboard.press(way)
    expect(asked(chat)).to_have_count(0)
    expect(chat.get_by_label("Skriv din besked")).to_have_value(FULL)
    expect(chat.get_by_label("Skriv din besked")).to_be_focused()
    expect(own_words(chat)).to_have_count(0)


def test_the_same_words_are_asked_about_once_but_a_cpr_number_always(page):
    chat = open_chat(page)
    write(chat, "ring 20 30 40 50")
    chat.get_by_role("button", name="Send, som det er").click()
    write(chat, "altså 20 30 40 50")
    expect(own_words(chat)).to_have_count(2)
    for count in (3, 4):
        write(chat, "010190-1234")
        expect(asked(chat)).to_contain_text("CPR-nummer har vi ikke brug for")
        chat.get_by_role("button", name="Dæk det til, og send").click()
        expect(own_words(chat)).to_have_count(count)


@pytest.mark.parametrize("words", ["jeg hedder Maja", "jeg går i 8. klasse", "kl 14.30 på torsdag", "jeg har det skidt"])
def test_ordinary_words_are_not_asked_about(page, words):
    chat = open_chat(page)
    write(chat, words)
    expect(own_words(chat)).to_have_text(words)
    expect(asked(chat)).to_have_count(0)


def test_a_number_that_was_asked_for_is_not_asked_about_but_an_address_is(page, server):
    chat = open_chat(page)
    question = {"type": "message", "author": "bot", "text": "Hvilket nummer må vi bruge?", "asks": "contact"}
    page.request.post(f"{server}/mock/say", data={"events": [question]})
    expect(chat.get_by_text("Hvilket nummer må vi bruge?")).to_be_visible()
    write(chat, "Rosenvej 12")
    expect(asked(chat)).to_be_visible()
    page.keyboard.press("Escape")
    write(chat, "20 30 40 50")
    expect(own_words(chat)).to_have_text("20 30 40 50")


def test_headspace_makes_its_own_promise(page, server):
    page.goto(f"{server}/demo/headspace")
    chat = open_chat(page)
    write(chat, FULL)
    expect(asked(chat)).to_contain_text("anonym i headspace")


# hazard: H8
def test_escape_three_times_leaves_from_the_question_too(page):
    chat = open_chat(page)
    write(chat, FULL)
    expect(asked(chat)).to_be_visible()
    for _ in range(3):
        page.keyboard.press("Escape")
    page.wait_for_url("https://www.dmi.dk/")


@pytest.mark.parametrize("look", ["320-dark"], indirect=True)
def test_it_fits_a_small_dark_screen_and_axe_is_content(page):
    chat = open_chat(page)
    write(chat, f"{FULL}, 010190-1234, Rosenvej 12, 8.b på Nyager Skole")
    expect(asked(chat)).to_be_visible()
    page.wait_for_timeout(250)
    wide = [frame.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") for frame in page.frames]
    assert max(wide) <= 0 and violations(page) == []
    last = chat.get_by_role("button", name="Send, som det er")
    last.scroll_into_view_if_needed()
    expect(last).to_be_in_viewport()


# hazard: H14
def test_without_the_guards_script_words_still_get_through(page, context):
    context.route("**/widget/guard.js", lambda route: route.abort())
    chat = open_chat(page)
    write(chat, "ring 20 30 40 50")
    expect(own_words(chat)).to_have_text("ring 20 30 40 50")
