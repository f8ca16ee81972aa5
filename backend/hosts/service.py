"""Hosts: signing in, being present, signing out."""

import asyncio
import secrets
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from limits import parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from sqlalchemy import delete, insert, select, update

from backend.errors import Busy, NotSignedIn
from backend.hosts.tables import host_sessions, hosts
from backend.storage.engine import Storage
from backend.storage.keys import KeyRing

PRESENT_FOR = timedelta(seconds=45)
IDLE_LIMIT = timedelta(minutes=60)
LONGEST = timedelta(hours=9)
ATTEMPTS = parse("10/5minutes")


class WrongLogin(NotSignedIn):
    code, message = "wrong_login", "Brugernavn eller adgangskode passer ikke. Prøv igen, eller spørg din koordinator."


@dataclass(frozen=True)
class SignedIn:
    """A host with an open session. `csrf` must come back with every change made in the console."""

    id: str
    username: str
    alias: str
    role: str
    municipality: str
    available: bool
    csrf: str


class HostService:
    def __init__(self, storage: Storage, keys: KeyRing, clock: Callable[[], datetime]) -> None:
        self.storage, self.keys, self.clock = storage, keys, clock
        self._hasher = PasswordHasher()
        self._never = self._hasher.hash(secrets.token_urlsafe())
        self._one_at_a_time = asyncio.Semaphore(2)  # a hash costs memory on purpose
        self._attempts = MovingWindowRateLimiter(MemoryStorage())

    async def add(self, username: str, password: str, alias: str, municipality: str, role: str = "host", peer: bool = False, demo: bool = False) -> str:
        host_id, password_hash = uuid.uuid4().hex, await asyncio.to_thread(self._hasher.hash, password)
        row = {
            "id": host_id,
            "username": username.lower(),
            "password_hash": password_hash,
            "alias": alias,
            "role": role,
            "municipality": municipality,
            "peer": peer,
            "demo": demo,
            "available": True,
        }
        async with self.storage.write() as tx:
            await tx.execute(insert(hosts).values(row))
        return host_id

    async def sign_in(self, username: str, password: str) -> tuple[str, SignedIn]:
        """→ (session token, host). The same answer and the same time for an unknown name and a wrong password."""
        username = username.strip().lower()
        if not self._attempts.hit(ATTEMPTS, username):
            raise Busy("Der er prøvet for mange gange. Vent fem minutter.")
        async with self.storage.read() as tx:
            wanted = select(hosts).where(hosts.c.username == username, hosts.c.disabled_at.is_(None))
            row = (await tx.execute(wanted)).mappings().first()
        if not await self._matches(row["password_hash"] if row else self._never, password) or row is None:
            raise WrongLogin()
        token, csrf, now = secrets.token_urlsafe(32), secrets.token_urlsafe(32), self.clock()
        session = {"token_hash": self.keys.fingerprint(token), "host_id": row["id"], "csrf": csrf, "opened_at": now, "seen_at": now}
        async with self.storage.write() as tx:
            await tx.execute(insert(host_sessions).values(session))
            await tx.execute(update(hosts).where(hosts.c.id == row["id"]).values(present_until=now + PRESENT_FOR))
        return token, _signed_in(row, csrf)

    async def _matches(self, password_hash: str, password: str) -> bool:
        async with self._one_at_a_time:
            try:
                return await asyncio.to_thread(self._hasher.verify, password_hash, password)
            except VerifyMismatchError:
                return False

    async def who(self, token: str) -> SignedIn:
        """The host behind a session. Raises NotSignedIn when it is unknown, idle too long, too old or the host is disabled."""
        now = self.clock()
        async with self.storage.read() as tx:
            wanted = (
                select(hosts, host_sessions.c.csrf)
                .join(host_sessions, host_sessions.c.host_id == hosts.c.id)
                .where(
                    host_sessions.c.token_hash == self.keys.fingerprint(token),
                    host_sessions.c.seen_at > now - IDLE_LIMIT,
                    host_sessions.c.opened_at > now - LONGEST,
                    hosts.c.disabled_at.is_(None),
                )
            )
            row = (await tx.execute(wanted)).mappings().first()
        if row is None:
            raise NotSignedIn()
        return _signed_in(row, row["csrf"])

    async def heartbeat(self, token: str, host_id: str, active: bool) -> None:
        """The console is open; `active` tells that somebody has touched it lately."""
        now = self.clock()
        async with self.storage.write() as tx:
            await tx.execute(update(hosts).where(hosts.c.id == host_id).values(present_until=now + PRESENT_FOR))
            if active:
                await tx.execute(
                    update(host_sessions).where(host_sessions.c.token_hash == self.keys.fingerprint(token)).values(seen_at=now)
                )

    async def set_available(self, host_id: str, available: bool) -> None:
        async with self.storage.write() as tx:
            await tx.execute(update(hosts).where(hosts.c.id == host_id).values(available=available))

    async def sign_out(self, token: str, host_id: str) -> None:
        async with self.storage.write() as tx:
            await tx.execute(delete(host_sessions).where(host_sessions.c.token_hash == self.keys.fingerprint(token)))
            left = select(host_sessions.c.host_id).where(host_sessions.c.host_id == host_id)
            if (await tx.execute(left)).first() is None:
                await tx.execute(update(hosts).where(hosts.c.id == host_id).values(present_until=None))


def _signed_in(row, csrf: str) -> SignedIn:
    return SignedIn(row["id"], row["username"], row["alias"], row["role"], row["municipality"], row["available"], csrf)
