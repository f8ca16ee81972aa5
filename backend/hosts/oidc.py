"""Signing in with the municipality's own login: OpenID Connect, authorization code with PKCE. Off unless a provider is set.

The provider says who somebody is; whether they are a host is said by our own list, which only coordinators and administrators fill.
"""

import asyncio
import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

import aiohttp
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicNumbers
from cryptography.hazmat.primitives.hashes import SHA256

from backend.errors import NotSignedIn, Unavailable

WITHIN = timedelta(minutes=10)
SKEW = timedelta(seconds=60)
MOST_UNDERWAY = 1000
SECONDS = aiohttp.ClientTimeout(total=8)


class LoginRefused(NotSignedIn):
    code, message = "login_refused", "Det lykkedes ikke at logge ind med det login. Prøv igen, eller spørg din koordinator."


@dataclass(frozen=True)
class Provider:
    """`claim` is what our username is called in the provider's ID token."""

    issuer: str
    client_id: str
    client_secret: str
    redirect_uri: str
    claim: str = "preferred_username"


@dataclass(frozen=True)
class Underway:
    """A login that has been sent to the provider and is not back yet."""

    nonce: str
    verifier: str
    until: datetime


@dataclass(frozen=True)
class Person:
    """Who the provider says has come. `second_factor`: it vouches for more than a password."""

    username: str
    second_factor: bool


class Oidc:
    def __init__(self, provider: Provider, clock: Callable[[], datetime]) -> None:
        self.provider, self.clock = provider, clock
        self._underway: dict[str, Underway] = {}
        self._endpoints: dict | None = None
        self._keys: dict[str, RSAPublicNumbers] = {}

    async def begin(self) -> tuple[str, str]:
        """→ (the provider's address to go to, the state that the same browser must bring back). Raises Unavailable."""
        endpoints, now = await self._discovered(), self.clock()
        self._underway = {state: one for state, one in self._underway.items() if one.until > now}
        if len(self._underway) >= MOST_UNDERWAY:
            raise Unavailable()
        state, one = secrets.token_urlsafe(32), Underway(secrets.token_urlsafe(32), secrets.token_urlsafe(48), now + WITHIN)
        self._underway[state] = one
        asked = {
            "response_type": "code", "scope": "openid profile", "client_id": self.provider.client_id, "redirect_uri": self.provider.redirect_uri,
            "state": state, "nonce": one.nonce, "code_challenge": _b64(hashlib.sha256(one.verifier.encode()).digest()), "code_challenge_method": "S256",
        }  # fmt: skip
        return f"{endpoints['authorization_endpoint']}?{urlencode(asked)}", state

    async def finish(self, state: str, brought: str, code: str) -> Person:
        """Raises LoginRefused for a state that is not this browser's, used or too old, and for any token that does not hold."""
        one = self._underway.pop(state, None)
        if one is None or not code or one.until <= self.clock() or not hmac.compare_digest(state.encode(), brought.encode()):
            raise LoginRefused()
        claims = await self._verified(await self._exchanged(code, one.verifier), one.nonce)
        username = claims.get(self.provider.claim)
        if not isinstance(username, str) or not username:
            raise LoginRefused()
        amr = claims.get("amr")
        return Person(username.strip().lower(), isinstance(amr, list) and "mfa" in amr)

    async def _exchanged(self, code: str, verifier: str) -> str:
        form = {
            "grant_type": "authorization_code", "code": code, "redirect_uri": self.provider.redirect_uri, "client_id": self.provider.client_id,
            "client_secret": self.provider.client_secret, "code_verifier": verifier,
        }  # fmt: skip
        answer = await self._fetched("post", (await self._discovered())["token_endpoint"], data=form)
        if not isinstance(answer.get("id_token"), str):
            raise LoginRefused()
        return answer["id_token"]

    async def _verified(self, token: str, nonce: str) -> dict:
        """The claims of an ID token signed with RS256 by the provider, for us, now, and for this very login."""
        try:
            head, body, signature = token.split(".")
            header, claims = json.loads(_unb64(head)), json.loads(_unb64(body))
            key = await self._key(str(header["kid"]), header["alg"])
            key.public_key().verify(_unb64(signature), f"{head}.{body}".encode(), PKCS1v15(), SHA256())
            self._require(claims, nonce)
        except (ValueError, KeyError, TypeError, InvalidSignature, AttributeError, RecursionError) as error:
            raise LoginRefused() from error
        return claims

    def _require(self, claims: dict, nonce: str) -> None:
        now, audience = self.clock().timestamp(), claims["aud"]
        ours = audience == self.provider.client_id or (
            isinstance(audience, list) and self.provider.client_id in audience and (len(audience) == 1 or claims.get("azp") == self.provider.client_id)
        )
        fresh = claims["exp"] > now - SKEW.total_seconds() and claims["iat"] < now + SKEW.total_seconds()
        if not (ours and fresh and claims["iss"] == self.provider.issuer and hmac.compare_digest(str(claims["nonce"]), nonce)):
            raise ValueError("claims")

    async def _key(self, kid: str, algorithm: str) -> RSAPublicNumbers:
        if algorithm != "RS256":  # «none» and keys used as passwords end here
            raise ValueError("algorithm")
        if kid not in self._keys:
            found = await self._fetched("get", (await self._discovered())["jwks_uri"])
            self._keys = {one["kid"]: RSAPublicNumbers(_number(one["e"]), _number(one["n"])) for one in found["keys"] if one.get("kty") == "RSA"}
        return self._keys[kid]

    async def _discovered(self) -> dict:
        if self._endpoints is None:
            found = await self._fetched("get", f"{self.provider.issuer}/.well-known/openid-configuration")
            if found.get("issuer") != self.provider.issuer:
                raise Unavailable()
            self._endpoints = found
        return self._endpoints

    async def _fetched(self, method: str, url: str, **body) -> dict:
        try:
            async with aiohttp.ClientSession(timeout=SECONDS) as http, http.request(method, url, allow_redirects=False, **body) as answer:
                if 400 <= answer.status < 500:
                    raise LoginRefused()
                found = await answer.json()
        except (aiohttp.ClientError, asyncio.TimeoutError, ValueError) as error:
            raise Unavailable() from error
        if answer.status != 200 or not isinstance(found, dict):
            raise Unavailable()
        return found


def _b64(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _number(text: str) -> int:
    return int.from_bytes(_unb64(text), "big")
