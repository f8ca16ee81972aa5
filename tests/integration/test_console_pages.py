"""What the pages say: the card from data, escaped words, measures without small counts, quick replies as data."""

import csv
import re
import unicodedata
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.console.replies import filled, load
from backend.console.words import ago
from backend.domain.enquiry import Contact
from backend.enquiries.service import NewEnquiry
from backend.handoffs.measures import Line, Wait, as_csv, report
from tests.integration.conftest import new_id
from tests.integration.console_client import ConsoleClient
from tests.integration.queue_parts import guest, host, write

INJECTIONS = (
    "<script>window.hacked=1</script>", "<img src=x onerror=window.hacked=1>", "\"><svg onload=window.hacked=1>", "javascript:alert(1)",
    "{{7*7}}", "{% raw %}", "' onmouseover='window.hacked=1", "</template><script>window.hacked=1</script>", "&lt;b&gt;", "<!--", "]]>", "${7*7}",
)  # fmt: skip


@pytest.fixture
async def desk(server):
    await host(server, "maja")
    async with ConsoleClient(server.settings.public_url) as client:
        yield server, await client.sign_in("maja")


async def understood(house, cid, **slots):
    async with house.conversations.change(cid) as change:
        sealed = house.conversations.repository.seal_situation(change.conversation, {"slots": slots})
        await change.update(situation=sealed)


async def test_the_card_tells_what_not_to_ask_again(desk):
    house, client = desk
    cid = await guest(house, "jeg føler mig helt alene i skolen")
    await understood(house, cid, relation="self", topics=["loneliness", "school"], age=15, municipality="rodovre", skipped=["age_band"])
    await house.handoffs.request(cid, wish="vil helst tale med en ung")
    _, page = await client.get(f"/fragments/conversations/{cid}")
    for expected in ("Det ved vi allerede", "Skriver om sig selv", "Ensomhed, Skole", "15 år", "vil helst tale med en ung", "jeg føler mig helt alene",
                     "Spørg ikke igen om", "Du kan være anonym"):  # fmt: skip
        assert expected in page, expected
    assert "bot: jeg føler" in page  # the whole dialogue with the bot


async def test_words_of_danger_and_the_shown_card_are_on_top(desk):
    house, client = desk
    cid = await guest(house, "jeg vil ikke leve mere")
    await house.handoffs.request(cid)
    _, page = await client.get(f"/fragments/conversations/{cid}")
    card = page[page.index('id="card"'):]
    assert "Gæsten har set krisekortet" in card and '<blockquote class="danger">jeg vil ikke leve mere' in card
    _, queue = await client.get("/fragments/queue")
    assert "badge error" in queue


async def test_nothing_a_guest_writes_runs_anywhere(desk):
    house, client = desk
    maja = await host(house, "maja")
    cid = await guest(house)
    for text in INJECTIONS:
        await write(house, cid, text)
    await understood(house, cid, relation="self", topics=[INJECTIONS[0]], municipality=INJECTIONS[1], age=INJECTIONS[2])
    await house.handoffs.request(cid, wish=INJECTIONS[0])
    await house.handoffs.claim(cid, maja)
    await house.handoffs.note(cid, maja, INJECTIONS[1])
    await house.enquiries.save(cid, new_id(), NewEnquiry({"topics": [INJECTIONS[0]]}, INJECTIONS[1], INJECTIONS[0], Contact("none"), "v1"))
    for path in ("/", "/fragments/queue", f"/fragments/conversations/{cid}", f"/fragments/conversations/{cid}/log?after=0", "/enquiries", "/appointments"):
        status, page = await client.get(path)
        assert status == 200
        assert not re.search(r"<(script(?! src=\"/console)|img|svg onload)|onerror=window(?![^<]*&)", page.replace("&lt;", "")), path
        for text in INJECTIONS[:3]:
            assert text not in page, (path, text)
        assert "49" not in re.findall(r'<p class="text">(.*?)</p>', page)


async def test_pages_carry_a_strict_policy_and_no_inline_script_or_style(desk):
    _, client = desk
    for path in ("/", "/login", "/enquiries", "/appointments", "/practice", "/locked"):
        async with client.http.get(f"{client.url}/console{path}") as answer:
            policy, page = answer.headers["content-security-policy"], await answer.text()
        assert "default-src 'none'" in policy and "unsafe" not in policy and "frame-ancestors 'none'" in policy
        assert answer.headers["cache-control"] == "no-store" and answer.headers["referrer-policy"] == "same-origin"
        assert not re.search(r"<style|style=|<script(?![^>]*src=)|\son\w+=", page), path


async def test_the_log_comes_in_pieces(desk):
    house, client = desk
    maja = await host(house, "maja")
    cid = await guest(house, "hej")
    await house.handoffs.request(cid)
    await house.handoffs.claim(cid, maja)
    last = (await house.conversations.find(cid)).last_n
    _, nothing = await client.get(f"/fragments/conversations/{cid}/log?after={last}")
    assert "<li" not in nothing
    await write(house, cid, "en ny besked")
    _, piece = await client.get(f"/fragments/conversations/{cid}/log?after={last}")
    assert piece.count("<li") == 1 and "en ny besked" in piece


async def test_a_guest_gone_for_two_minutes_is_shown_and_one_who_is_here_is_not(desk, clock):
    house, client = desk
    cid = await guest(house)
    await house.handoffs.request(cid)
    clock.pass_by(minutes=2, seconds=1)
    await client.post("/presence", {"active": True})
    assert "Gik for 2 minutter siden" in (await client.get("/fragments/queue"))[1]
    with house.hub.watch(f"guest:{cid}"):
        await house.clockwork.note_presence()
    assert "Gik for" not in (await client.get("/fragments/queue"))[1]


async def test_seen_by_the_guest_is_shown_to_the_host(desk):
    house, client = desk
    maja = await host(house, "maja")
    cid = await guest(house)
    await house.handoffs.request(cid)
    await house.handoffs.claim(cid, maja)
    n = await house.handoffs.say(cid, maja, new_id(), "hej")
    assert ">Sendt<" in (await client.get(f"/fragments/conversations/{cid}"))[1]
    await house.commands.run("!seen", cid, n)
    assert ">Set<" in (await client.get(f"/fragments/conversations/{cid}"))[1]


async def test_an_enquiry_goes_its_steps_and_an_old_one_is_flagged(desk, clock):
    house, client = desk
    cid = await guest(house)
    await house.enquiries.save(cid, new_id(), NewEnquiry({}, None, "vil gerne ringes op", Contact("phone", "20304050", None), "v1"))
    row = (await house.enquiries.of_municipality("rodovre"))[0]
    assert "Over et døgn" not in (await client.get("/enquiries"))[1]
    clock.pass_by(hours=25)
    await client.sign_in("maja")
    assert "Over et døgn" in (await client.get("/enquiries"))[1]
    for step, status in (("in_progress", 200), ("answered", 200), ("in_progress", 200), ("closed", 200), ("answered", 409)):
        assert (await client.post(f"/enquiries/{row['id']}", {"status": step}))[0] == status
    assert "vil gerne ringes op" not in (await client.get("/enquiries"))[1]
    assert "vil gerne ringes op" in (await client.get("/enquiries?only=closed"))[1]


def test_quick_replies_fill_what_is_known_and_promise_nothing():
    replies = load()
    assert len(replies) >= 12
    for one in filled(replies, {"alias": "Maja"}):
        assert "{" not in one.text and len(one.text) < 220
        for banned in ("klient", "patient", "§", "begå", "helt sikkert", "lover"):
            assert banned not in one.text.lower()
    assert any("Maja" in one.text for one in filled(replies, {"alias": "Maja"}))


def test_small_counts_are_hidden_and_cells_cannot_begin_a_formula():
    start = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
    quick = Wait(start, start + timedelta(seconds=20), start + timedelta(seconds=40), start + timedelta(minutes=9), "closed")
    left = Wait(start, None, None, start + timedelta(minutes=6), "left")
    slow = Wait(start, start + timedelta(minutes=3), start + timedelta(minutes=4), start + timedelta(minutes=20), "closed")
    lines = {(one.group, one.key): one.count for one in report([quick] * 7 + [left] * 3 + [slow] * 6)}
    assert lines["waited", "under_1"] == 7 and lines["answered", "within_a_minute"] == 7
    assert lines["left_after", "5_to_15"] is None and lines["outcome", "left"] is None
    assert [key for group, key in lines if group == "waited"] == ["under_1", "1_to_5"]
    assert [key for group, key in lines if group == "answered"] == ["within_a_minute", "same_day", "never"]
    evils = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", 'a"b', " =1", "\r\n=1", "=cmd|' /C calc'!A0", "\uff1d1+1", "a\r\n=1;2", "\u00a0=1", "\u2028=1")
    for evil in evils:
        line = as_csv([Line(evil, evil, 9)]).removeprefix("\ufeff")
        assert len(line.splitlines()) == 2 and line.endswith("\r\n"), evil
        for cell in next(csv.reader([line.split("\r\n")[1]], delimiter=";")):
            assert not unicodedata.normalize("NFKC", cell).lstrip().startswith(("=", "+", "-", "@")), evil


@given(st.lists(st.tuples(st.integers(0, 40), st.sampled_from(["closed", "left", "guest_gone", None]), st.integers(8, 20)), max_size=60))
def test_what_is_hidden_cannot_be_worked_out_from_the_rest(drawn):
    """The groups have the same total, so what one group shows gives away the total of all."""
    waits = []
    for minutes, outcome, hour in drawn:
        start = datetime(2026, 11, 24, hour, 0, tzinfo=UTC)
        came = start + timedelta(minutes=minutes) if outcome in ("closed", None) else None
        waits.append(Wait(start, came, came, start + timedelta(minutes=minutes + 1), outcome))
    lines = report(waits)
    for group in ("answered", "outcome", "hour"):
        mine = [one for one in lines if one.group == group]
        hidden = [one for one in mine if one.count is None]
        left_over = len(waits) - sum(one.count for one in mine if one.count is not None)
        assert not hidden or len(hidden) == len(mine) or (len(hidden) > 1 and left_over >= 5), lines


def test_times_read_naturally():
    assert [ago(timedelta(seconds=s)) for s in (5, 60, 720, 3600, 172800)] == ["lige nu", "1 minut", "12 minutter", "1 time", "2 dage"]
