"""A host's browser without a browser: cookies, the page's token, JSON posts and the socket."""

import re

import aiohttp

PASSWORD = "demo-vaert-1"


class ConsoleClient:
    def __init__(self, url: str) -> None:
        self.url = url
        self.http = aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))
        self.csrf = ""

    async def __aenter__(self) -> "ConsoleClient":
        return self

    async def __aexit__(self, *_exc) -> None:
        await self.http.close()

    async def sign_in(self, username: str, password: str = PASSWORD) -> "ConsoleClient":
        async with self.http.post(f"{self.url}/console/login", data={"username": username, "password": password}) as answer:
            text = await answer.text()
        found = re.search(r'name="csrf" (?:content|value)="([^"]+)"', text)
        self.csrf = found.group(1) if found else ""
        return self

    async def get(self, path: str, **options) -> tuple[int, str]:
        async with self.http.get(f"{self.url}/console{path}", **options) as answer:
            return answer.status, await answer.text()

    async def post(self, path: str, body: dict | None = None, csrf: str | None = None, **headers: str) -> tuple[int, dict]:
        sent = {"x-csrf": self.csrf if csrf is None else csrf} | headers
        async with self.http.post(f"{self.url}/console{path}", json=body or {}, headers=sent, allow_redirects=False) as answer:
            return answer.status, (await answer.json() if "json" in answer.content_type else {})

    async def form(self, path: str, **fields: str) -> tuple[int, str]:
        async with self.http.post(f"{self.url}/console{path}", data=fields, allow_redirects=False) as answer:
            return answer.status, answer.headers.get("location", "") or await answer.text()
