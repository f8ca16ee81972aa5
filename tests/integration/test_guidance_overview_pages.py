"""The overview over HTTP: addresses, headers, escaping, what is open to anybody."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from types import SimpleNamespace

import aiohttp
import pytest
from sanic.response import empty

from backend.overview.entries import entries
from backend.overview.pages import OverviewPages


@pytest.fixture
async def client(server):
    async with aiohttp.ClientSession(server.settings.public_url) as session:
        yield session


async def page(client, address: str, status: int = 200) -> str:
    async with client.get(address) as answer:
        assert answer.status == status, address
        assert answer.headers["content-type"].startswith("text/html")
        return await answer.text()


class Links(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.found += [value for name, value in attrs if name == "href" and tag == "a"]


# hazard: H3
@pytest.mark.parametrize("address", ["/tilbud", "/rodovre/tilbud", "/ballerup/tilbud", "/rodovre/tilbud/headspace", "/rodovre/tilbud/findes-ikke", "/hest/tilbud"])
async def test_crisis_numbers_stand_before_everything_else_on_every_page(client, address):
    async with client.get(address) as answer:
        text = await answer.text()
    assert text.index('href="tel:112"') < text.index('href="tel:1813"') < text.index("<main")
    assert 'href="tel:116111"' in text


async def test_a_choice_is_an_address_without_empty_parts(client):
    async with client.get("/rodovre/tilbud?who=child&age=&topic=&day=&form=", allow_redirects=False) as answer:
        assert answer.status == 302 and answer.headers["location"] == "/rodovre/tilbud?who=child"
    text = await page(client, "/rodovre/tilbud?who=child&age=12-14")
    assert '<option value="child" selected>' in text and '<option value="12-14" selected>' in text
    assert 'href="/ballerup/tilbud?who=child&amp;age=12-14"' in text


async def test_every_link_on_the_lists_leads_to_a_page(client):
    seen: set[str] = set()
    for start in ("/tilbud", "/rodovre/tilbud", "/ballerup/tilbud"):
        for link in Links(await page(client, start)).found:
            if link.startswith("/") and link not in seen:
                seen.add(link)
                async with client.get(link) as answer:
                    assert answer.status == 200, link
    assert len(seen) > 80


async def test_a_door_has_its_own_address_contact_file_and_trace_of_nothing(client):
    text = await page(client, "/tilbud/livslinien")
    assert "9–5 næste morgen" in text and 'href="tel:70201201"' in text and "/tilbud/livslinien</a>" in text
    async with client.get("/tilbud/livslinien.vcf") as answer:
        assert answer.headers["content-type"].startswith("text/vcard") and "TEL;TYPE=VOICE:70201201" in await answer.text()
    async with client.get("/tilbud/livslinien") as answer:
        assert "set-cookie" not in answer.headers and answer.headers["referrer-policy"] == "no-referrer"


async def test_a_door_of_a_municipality_is_found_from_the_national_address(client):
    text = await page(client, "/tilbud/local-concern", 404)
    assert 'href="/rodovre/tilbud/local-concern"' in text and 'href="/ballerup/tilbud/local-concern"' in text


# hazard: H3
async def test_unsure_numbers_are_on_no_page(client, server):
    hidden = ["25 25 04 00", "35 55 55 57", "35 55 65 65", "Tårnvej", "Linde Allé", "70 10 18 18"]
    for m in ("rodovre", "ballerup"):
        for key in [one.key for one in entries(server.catalogue, m, server.conversations.clock())]:
            text = await page(client, f"/{m}/tilbud/{key}")
            assert not [number for number in hidden if number in text.partition("Kilde:")[0]], key


async def test_an_expired_door_keeps_its_page_without_a_way_in(client, clock):
    clock.now = datetime(2027, 9, 1, 12, tzinfo=UTC)
    text = await page(client, "/rodovre/tilbud/psykiatrifonden")
    assert "har vi ikke fået bekræftet" in text and "39 25 25 25" not in text and "39252525" not in text


async def test_the_same_choice_is_open_data(client):
    async with client.get("/rodovre/tilbud.json?who=child&age=15-17") as answer:
        assert answer.headers["access-control-allow-origin"] == "*"
        body = await answer.json()
    doors = {door["id"]: door for door in body["doors"]}
    assert body["municipality"] == "Rødovre" and doors["headspace-family"]["page"].endswith("/rodovre/tilbud/headspace-family")
    text = await page(client, "/rodovre/tilbud?who=child&age=15-17")
    assert set(re.findall(r'<li id="([\w-]+)"', text)) == {*doors, *(f"deltag-{offer['id']}" for offer in body["offers"])}


async def test_what_is_in_the_address_or_the_content_is_never_markup(client, server):
    nasty = '"><script>alert(1)</script>'
    for address in (f"/rodovre/tilbud?who={nasty}", f"/rodovre/tilbud/{nasty.replace('/', '')}", f"/{nasty.replace('/', '')}/tilbud"):
        async with client.get(address) as answer:
            assert "<script>alert" not in await answer.text()
    home = server.catalogue.municipality("rodovre")
    bad = {one.id: replace(one, name=nasty, for_whom=nasty, what_happens=nasty) for one in home.doors.values()}
    offers = {one.id: replace(one, name=nasty, text=nasty, flagged=nasty) for one in home.offers.values()}
    catalogue = replace(server.catalogue, municipalities={"rodovre": replace(home, doors=bad, offers=offers)})
    pages = OverviewPages(catalogue, "http://here", False, server.conversations.clock)
    for entry in entries(catalogue, "rodovre", server.conversations.clock()):
        made = pages.render("one.html", "rodovre", entry=entry, **pages._details("rodovre", entry)).body.decode()
        assert "<script>alert" not in made and "&lt;script&gt;" in made


async def test_only_plain_pages_in_production_are_for_search_engines(server):
    for findable, query, said in ((True, "", "all"), (True, "who=self", "noindex"), (False, "", "noindex")):
        pages = OverviewPages(server.catalogue, "http://here", findable, server.conversations.clock)
        answer = empty()
        await pages._guard(SimpleNamespace(query_string=query), answer)
        assert answer.headers["x-robots-tag"] == said and "default-src 'none'" in answer.headers["content-security-policy"]
