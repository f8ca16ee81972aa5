"""The files a browser gets: launcher, chat in the iframe, demo pages, API description. And the headers that guard them."""

from dataclasses import dataclass
from pathlib import Path

from sanic import Blueprint, Request
from sanic.response import HTTPResponse, file, json, redirect

from backend.catalogue import Catalogue
from backend.errors import NotFound
from backend.openapi import describe
from backend.settings import ROOT, Settings

WIDGET = ROOT / "web_widget"
TYPES = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".html": "text/html; charset=utf-8", ".svg": "image/svg+xml"}
STRICT = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self' {socket}; base-uri 'none'; form-action 'self'"
ALWAYS = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "permissions-policy": "camera=(), microphone=(), geolocation=(), interest-cohort=()",
    "x-robots-tag": "noindex",
}


@dataclass(frozen=True)
class Pages:
    catalogue: Catalogue
    settings: Settings

    def blueprint(self) -> Blueprint:
        bp = Blueprint("pages")
        bp.add_route(self.front, "/", name="front")
        bp.add_route(self.launcher, "/embed.js", name="launcher")
        bp.add_route(self.chat, "/chat", name="chat")
        bp.add_route(self.widget_file, "/widget/<name:str>", name="widget_file")
        bp.add_route(self.demo, "/demo/<name:str>", name="demo")
        bp.add_route(self.openapi, "/openapi.json", name="openapi")
        bp.on_response(guard)
        return bp

    async def front(self, request: Request) -> HTTPResponse:
        return redirect("/demo/rodovre") if not self.settings.production else redirect("/chat")

    async def launcher(self, request: Request) -> HTTPResponse:
        return await _send(WIDGET / "dist" / "embed.js", {"cache-control": "public, max-age=300", "cross-origin-resource-policy": "cross-origin"})

    async def chat(self, request: Request) -> HTTPResponse:
        ancestors = " ".join(["'self'", *self.settings.embed_origins])
        policy = f"{self._policy()}; frame-ancestors {ancestors}"
        return await _send(WIDGET / "dist" / "chat.html", {"content-security-policy": policy, "cache-control": "no-store"})

    async def widget_file(self, request: Request, name: str) -> HTTPResponse:
        return await _send(_inside(WIDGET / "dist", name), {"cache-control": "no-cache"})

    async def demo(self, request: Request, name: str) -> HTTPResponse:
        """Pretend pages for trying it out; not there in production."""
        if self.settings.production:
            raise NotFound()
        path = _inside(WIDGET / "demo", name if "." in name else f"{name}.html")
        return await _send(path, {"content-security-policy": f"{self._policy()}; frame-src 'self'", "cache-control": "no-cache"})

    async def openapi(self, request: Request) -> HTTPResponse:
        return json(describe(self.settings.public_url))

    def _policy(self) -> str:
        return STRICT.format(socket=self.settings.public_url.replace("http", "ws", 1))


def _inside(folder: Path, name: str) -> Path:
    """A file right in `folder`; anything that would lead elsewhere does not exist."""
    path = folder / Path(name).name
    if not path.is_file():
        raise NotFound()
    return path


async def _send(path: Path, headers: dict[str, str]) -> HTTPResponse:
    if not path.is_file():
        raise NotFound()
    return await file(path, mime_type=TYPES.get(path.suffix, "application/octet-stream"), headers=headers)


async def guard(request: Request, response: HTTPResponse) -> None:
    for name, value in ALWAYS.items():
        response.headers.setdefault(name, value)


