"""What a host's address may and may not make us fetch."""

import ipaddress

import pytest
from aiohttp import web

from backend.appointments.external import LARGEST
from backend.appointments.outside import AddressRefused, CalendarFetcher, CalendarNotFetched, is_public

INSIDE = (
    "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1", "255.255.255.255",
    "::1", "::", "fe80::1", "fc00::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "2001:db8::1",
)  # fmt: skip


@pytest.mark.parametrize("address", INSIDE)
def test_inside(address):
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946", "64:ff9b::5db8:d822"])
def test_outside(address):
    assert is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", [
    "http://example.org/a.ics", "ftp://example.org/a", "file:///etc/passwd", "javascript:alert(1)", "https://", "", "example.org/a.ics",
    "https://user:word@example.org/a.ics", "https://example.org/" + "a" * 1000, "https://[::1", "gopher://example.org",
])  # fmt: skip
def test_addresses_that_are_none(address):
    with pytest.raises(AddressRefused):
        CalendarFetcher(plain_http=False).checked(address)


def test_webcal_is_https():
    assert CalendarFetcher(plain_http=False).checked(" webcal://example.org/a.ics") == "https://example.org/a.ics"


@pytest.fixture
async def site():
    """A server on this very machine → (its address, the paths that were asked for)."""
    asked = []

    async def answer(request):
        asked.append(request.path)
        if request.path == "/large":
            return web.Response(body=b"x" * (LARGEST + 1))
        if request.path == "/round":
            raise web.HTTPFound("/round")
        if request.path == "/once":
            raise web.HTTPFound("/a.ics")
        if request.path == "/to-file":
            raise web.HTTPFound("file:///etc/passwd")
        return web.Response(text="BEGIN:VCALENDAR\nEND:VCALENDAR", status=200 if request.path == "/a.ics" else 500)

    app = web.Application()
    app.router.add_get("/{path:.*}", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    listening = web.TCPSite(runner, "127.0.0.1", 0)
    await listening.start()
    yield f"http://127.0.0.1:{listening._server.sockets[0].getsockname()[1]}", asked
    await runner.cleanup()


async def test_fetching(site):
    url, asked = site
    fetcher = CalendarFetcher(plain_http=True, may_reach=lambda _: True)
    assert (await fetcher.fetch(f"{url}/a.ics")).startswith("BEGIN:VCALENDAR")
    assert (await fetcher.fetch(f"{url}/once")).startswith("BEGIN:VCALENDAR")
    for path in ("large", "round", "to-file", "broken"):
        with pytest.raises(CalendarNotFetched):
            await fetcher.fetch(f"{url}/{path}")
    assert asked.count("/round") == 4


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "127.1", "2130706433", "0"])
async def test_our_own_machine_is_never_asked_by_whatever_name(site, name):
    url, asked = site
    with pytest.raises(CalendarNotFetched):
        await CalendarFetcher(plain_http=True).fetch(f"http://{name}:{url.rsplit(':', 1)[1]}/a.ics")
    assert asked == []
