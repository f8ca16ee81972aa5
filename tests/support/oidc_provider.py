"""A small OpenID Connect provider for the tests: it can be honest, and it can lie in every way a token can."""

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Callable
from contextlib import asynccontextmanager
from datetime import datetime
from urllib.parse import parse_qs, urlsplit

from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256

from tests.support.stack import free_port

KEY, OTHER = generate_private_key(65537, 2048), generate_private_key(65537, 2048)


def b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def number(value: int) -> str:
    return b64(value.to_bytes((value.bit_length() + 7) // 8, "big"))


class FakeProvider:
    """`lie` changes (header, claims) before signing; `signed_by` forges the signature; `exchanged` counts used codes."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self.clock, self.port = clock, free_port()
        self.issuer = f"http://127.0.0.1:{self.port}"
        self.codes: dict[str, dict] = {}
        self.who: dict = {"preferred_username": "maja"}
        self.lie: Callable[[dict, dict], None] = lambda header, claims: None
        self.sign: Callable[[bytes], bytes] = lambda data: KEY.sign(data, PKCS1v15(), SHA256())

    @asynccontextmanager
    async def running(self):
        app = web.Application()
        app.add_routes(
            [web.get("/.well-known/openid-configuration", self._discovery), web.get("/keys", self._keys), web.post("/token", self._token)]
        )
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", self.port).start()
        yield self
        await runner.cleanup()

    def approve(self, address: str) -> dict[str, str]:
        """As when the host says yes at the provider. → what the browser brings back."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert asked["code_challenge_method"] == "S256" and asked["response_type"] == "code" and "openid" in asked["scope"]
        code = secrets.token_urlsafe(16)
        self.codes[code] = asked
        return {"state": asked["state"], "code": code}

    async def _discovery(self, _request: web.Request) -> web.Response:
        ends = {"authorization_endpoint": "/authorize", "token_endpoint": "/token", "jwks_uri": "/keys"}
        return web.json_response({"issuer": self.issuer} | {name: self.issuer + path for name, path in ends.items()})

    async def _keys(self, _request: web.Request) -> web.Response:
        public = KEY.public_key().public_numbers()
        return web.json_response({"keys": [{"kty": "RSA", "kid": "k1", "alg": "RS256", "use": "sig", "e": number(public.e), "n": number(public.n)}]})

    async def _token(self, request: web.Request) -> web.Response:
        form = await request.post()
        asked = self.codes.pop(str(form.get("code")), None)
        right = asked and form["client_secret"] == "a-secret" and form["redirect_uri"] == asked["redirect_uri"]
        if not right or b64(hashlib.sha256(str(form["code_verifier"]).encode()).digest()) != asked["code_challenge"]:
            return web.json_response({"error": "invalid_grant"}, status=400)
        now = int(self.clock().timestamp())
        header = {"alg": "RS256", "kid": "k1", "typ": "JWT"}
        claims = {"iss": self.issuer, "aud": "indgang", "sub": "123", "iat": now, "exp": now + 300, "nonce": asked["nonce"]} | self.who
        self.lie(header, claims)
        data = f"{b64(json.dumps(header).encode())}.{b64(json.dumps(claims).encode())}"
        return web.json_response({"id_token": f"{data}.{b64(self.sign(data.encode()))}", "access_token": "x", "token_type": "Bearer"})


def signed_by_another(data: bytes) -> bytes:
    return OTHER.sign(data, PKCS1v15(), SHA256())


def signed_with_the_public_key(data: bytes) -> bytes:
    """The old trick: HS256 with the provider's public key as the password."""
    return hmac.new(number(KEY.public_key().public_numbers().n).encode(), data, hashlib.sha256).digest()
