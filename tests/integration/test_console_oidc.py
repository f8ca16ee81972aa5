"""Signing in with the municipality's own login: the way through, and every token that must not get anybody in."""

from dataclasses import replace

import aiohttp
import pytest

from tests.support.oidc_provider import FakeProvider, signed_by_another, signed_with_the_public_key


@pytest.fixture
async def provider(clock):
    async with FakeProvider(clock).running() as running:
        yield running


@pytest.fixture
def settings(settings, provider):
    return replace(settings, oidc_issuer=provider.issuer, oidc_client_id="indgang", oidc_client_secret="a-secret")


@pytest.fixture
async def browser(server):
    async with aiohttp.ClientSession(f"{server.settings.public_url}", cookie_jar=aiohttp.CookieJar(unsafe=True)) as http:
        yield http


async def begun(browser) -> str:
    async with browser.get("/console/oidc", allow_redirects=False) as answer:
        assert answer.status == 303
        return answer.headers["location"]


async def back(browser, brought: dict) -> tuple[int, str]:
    async with browser.get("/console/oidc/callback", params=brought, allow_redirects=False) as answer:
        return answer.status, await answer.text()


async def inside(browser) -> bool:
    async with browser.get("/console", allow_redirects=False) as answer:
        return answer.status == 200


async def test_through_the_provider_to_the_desk(provider, browser):
    async with browser.get("/console/login") as answer:
        assert "Log ind med kommunens login" in await answer.text()
    status, page = await back(browser, provider.approve(await begun(browser)))
    assert status == 200 and 'content="0;url=/console"' in page
    cookies = {cookie.key: cookie for cookie in browser.cookie_jar}
    assert cookies["indgang_host"]["samesite"] == "Strict" and cookies["indgang_host"]["httponly"]
    assert await inside(browser)


async def test_only_hosts_on_our_own_list_get_in(provider, browser):
    provider.who = {"preferred_username": "somebody.else"}
    status, page = await back(browser, provider.approve(await begun(browser)))
    assert status == 401 and "har ikke adgang" in page and not await inside(browser)


async def test_our_own_code_is_asked_for_unless_the_provider_vouches_for_a_second_factor(provider, browser, server):
    await server.hosts.add("ny.vaert", "en-lang-adgangskode", "Ny", "rodovre")
    provider.who = {"preferred_username": "Ny.Vaert", "amr": ["pwd"]}
    _, page = await back(browser, provider.approve(await begun(browser)))
    assert "0;url=/console/code" in page and not await inside(browser)
    provider.who["amr"] = ["pwd", "mfa"]
    await back(browser, provider.approve(await begun(browser)))
    assert await inside(browser)


def _expired(header, claims):
    claims["exp"] = claims["iat"] - 120


LIES = {
    "expired": _expired,
    "from the future": lambda header, claims: claims.update(iat=claims["iat"] + 600),
    "another issuer": lambda header, claims: claims.update(iss="https://evil.example"),
    "for another": lambda header, claims: claims.update(aud="another"),
    "for several, not made for us": lambda header, claims: claims.update(aud=["indgang", "another"]),
    "another login's nonce": lambda header, claims: claims.update(nonce="stolen"),
    "no nonce": lambda header, claims: claims.pop("nonce"),
    "unsigned": lambda header, claims: header.update(alg="none"),
    "a key nobody knows": lambda header, claims: header.update(kid="k2"),
    "no name": lambda header, claims: claims.pop("preferred_username"),
    "a name that is a list": lambda header, claims: claims.update(preferred_username=["maja"]),
    "times that are words": lambda header, claims: claims.update(exp="later"),
}


@pytest.mark.parametrize("lie", LIES)
async def test_a_token_that_does_not_hold_gets_nobody_in(provider, browser, lie):
    provider.lie = LIES[lie]
    status, page = await back(browser, provider.approve(await begun(browser)))
    assert status == 401 and "Log ind" in page and not await inside(browser)


@pytest.mark.parametrize("sign", [signed_by_another, signed_with_the_public_key, lambda data: b""], ids=["another key", "public key as password", "empty"])
async def test_a_forged_signature_gets_nobody_in(provider, browser, sign):
    provider.sign = sign
    if sign is signed_with_the_public_key:
        provider.lie = lambda header, claims: header.update(alg="HS256")
    assert (await back(browser, provider.approve(await begun(browser))))[0] == 401 and not await inside(browser)


async def test_a_login_is_for_the_browser_that_began_it_once_and_for_ten_minutes(provider, browser, server, clock):
    brought = provider.approve(await begun(browser))
    async with aiohttp.ClientSession(server.settings.public_url, cookie_jar=aiohttp.CookieJar(unsafe=True)) as other:
        assert (await back(other, brought))[0] == 401 and not await inside(other)  # somebody else's link does not sign me in
    assert (await back(browser, brought))[0] == 401  # and it is used up
    brought = provider.approve(await begun(browser))
    assert (await back(browser, brought))[0] == 200 and (await back(browser, brought))[0] == 401
    late = provider.approve(await begun(browser))
    clock.pass_by(minutes=11)
    assert (await back(browser, late))[0] == 401
    for made_up in ({}, {"state": "x", "code": "y"}, {"error": "access_denied", "state": "x"}):
        assert (await back(browser, made_up))[0] == 401


async def test_a_provider_that_is_down_says_so_and_the_ordinary_way_still_works(provider, browser):
    provider.issuer = "http://127.0.0.1:1"  # what it says of itself no longer fits
    async with browser.get("/console/oidc", allow_redirects=False) as answer:
        assert answer.status == 503 and "Adgangskode" in await answer.text()


async def test_without_a_provider_there_is_no_such_door(house):
    from backend.console.routes import ConsoleRoutes

    routes = ConsoleRoutes(house.hosts, house.handoffs, house.company, *[None] * 4, replace(house.settings, oidc_issuer=""))
    assert routes.oidc is None
