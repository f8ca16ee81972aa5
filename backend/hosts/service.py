"""Hosts: signing in with a second factor, being present, locking, signing out. And who is on which team."""

import asyncio
import secrets
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from limits import parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from backend.domain.totp import address, matching_step, spelled
from backend.errors import BadInput, Busy, Conflict, IndgangError, NotAllowed, NotFound, NotSignedIn
from backend.hosts.roles import ADMINISTRATOR, may_appoint
from backend.hosts.tables import host_sessions, hosts
from backend.storage.engine import Storage
from backend.storage.keys import KeyRing

PRESENT_FOR = timedelta(seconds=45)
LOCK_AFTER = timedelta(minutes=15)
IDLE_LIMIT = timedelta(minutes=60)
LONGEST = timedelta(hours=9)
ENROL_WITHIN = timedelta(minutes=10)
ATTEMPTS = parse("10/5minutes")
SHORTEST_PASSWORD = 12
ISSUER = "Indgang"
OPEN, CODE, ENROL = "open", "code", "enrol"


class WrongLogin(NotSignedIn):
    code, message = (
        "wrong_login",
        "Brugernavn eller adgangskode passer ikke. Prøv igen, eller spørg din koordinator.",
    )


class NoHost(NotSignedIn):
    code, message = "no_host", "Du er logget ind, men har ikke adgang til konsollen. Spørg din koordinator."


class WrongCode(NotSignedIn):
    code, message = (
        "wrong_code",
        "Koden passer ikke, eller den er brugt. Vent på den næste i appen, og prøv igen.",
    )


class Locked(IndgangError):
    code, status, message = "locked", 423, "Siden er låst. Skriv din adgangskode for at fortsætte."


class NameTaken(Conflict):
    code, message = "name_taken", "Det brugernavn findes allerede. Vælg et andet."


@dataclass(frozen=True)
class SignedIn:
    """A host with an open session. `csrf` must come back with every change made in the console.

    `stage` is `open`; `code` while the one-time code is missing; `enrol` while the authenticator app is not set up.
    """

    id: str
    username: str
    alias: str
    role: str
    municipality: str
    available: bool
    csrf: str
    channels: tuple[str, ...] = ()
    stage: str = OPEN
    resting_until: datetime | None = None


@dataclass(frozen=True)
class NewHost:
    username: str
    password: str
    alias: str
    municipality: str
    role: str
    channels: tuple[str, ...]
    peer: bool = False


class HostService:
    def __init__(self, storage: Storage, keys: KeyRing, clock: Callable[[], datetime]) -> None:
        self.storage, self.keys, self.clock = storage, keys, clock
        self._hasher = PasswordHasher()
        self._one_at_a_time = asyncio.Semaphore(2)  # a hash costs memory on purpose
        self._attempts = MovingWindowRateLimiter(MemoryStorage())

    async def add(
        self,
        username: str,
        password: str,
        alias: str,
        municipality: str,
        role: str = "host",
        peer: bool = False,
        demo: bool = False,
        channels: tuple[str, ...] = ("municipality",),
    ) -> str:
        """→ the host's id. Raises NameTaken."""
        return await self.add_hashed(
            username, await self.hashed(password), alias, municipality, role, peer, demo, channels
        )

    async def add_hashed(
        self,
        username: str,
        password_hash: str,
        alias: str,
        municipality: str,
        role: str,
        peer: bool,
        demo: bool,
        channels: tuple[str, ...],
    ) -> str:
        host_id = uuid.uuid4().hex
        row = {
            "id": host_id,
            "username": username.strip().lower(),
            "password_hash": password_hash,
            "alias": alias,
            "role": role,
            "municipality": municipality,
            "peer": peer,
            "demo": demo,
            "available": True,
            "channels": " ".join(channels),
        }
        try:
            async with self.storage.write() as tx:
                await tx.execute(insert(hosts).values(row))
        except IntegrityError as error:
            raise NameTaken() from error
        return host_id

    # Signing in

    async def sign_in(self, username: str, password: str) -> tuple[str, SignedIn]:
        """→ (session token, host). The same answer and the same time for an unknown name and a wrong password."""
        username = username.strip().lower()
        self._count_attempt(username)
        async with self.storage.read() as tx:
            wanted = select(hosts).where(hosts.c.username == username, hosts.c.disabled_at.is_(None))
            row = (await tx.execute(wanted)).mappings().first()
        if not await self._matches(row["password_hash"] if row else _hash_of_nobody(), password) or row is None:
            raise WrongLogin()
        return await self._open_session(row)

    async def sign_in_as(self, username: str, second_factor: bool) -> tuple[str, SignedIn]:
        """For somebody a trusted provider has named. Our own one-time code is asked for unless it vouches for a second factor. Raises NoHost."""
        async with self.storage.read() as tx:
            wanted = select(hosts).where(hosts.c.username == username, hosts.c.disabled_at.is_(None))
            row = (await tx.execute(wanted)).mappings().first()
        if row is None:
            raise NoHost()
        return await self._open_session(row, second_factor)

    async def _open_session(self, row, second_factor: bool = False) -> tuple[str, SignedIn]:
        token, csrf, now = secrets.token_urlsafe(32), secrets.token_urlsafe(32), self.clock()
        stage = OPEN if row["demo"] or second_factor else CODE if row["totp_step"] is not None else ENROL
        session = {
            "token_hash": self.keys.fingerprint(token), "host_id": row["id"], "csrf": csrf, "opened_at": now, "seen_at": now, "stage": stage,
        }  # fmt: skip
        async with self.storage.write() as tx:
            await tx.execute(insert(host_sessions).values(session))
            if stage == OPEN:
                await self._arrive(tx, row["id"])
        return token, _signed_in(row, csrf, stage)

    async def _arrive(self, tx, host_id: str) -> None:
        now = self.clock()
        await tx.execute(
            update(hosts).where(hosts.c.id == host_id).values(present_until=now + PRESENT_FOR, active_at=now)
        )

    async def enrolment(self, token: str) -> tuple[str, str]:
        """→ (the secret as typed by hand, its `otpauth:` address) for a host who is setting up the app. Made once, kept until confirmed."""
        host = await self.who(token, ENROL)
        async with self.storage.write() as tx:
            row = (
                (await tx.execute(select(hosts).where(hosts.c.id == host.id).with_for_update()))
                .mappings()
                .one()
            )
            wrapped = row["totp_sealed"]
            if wrapped is None:
                _, wrapped = self.keys.new(_totp_place(host.id))
                await tx.execute(update(hosts).where(hosts.c.id == host.id).values(totp_sealed=wrapped))
        secret = self._secret(wrapped, host.id)
        return spelled(secret), address(secret, ISSUER, host.username)

    async def confirm_code(self, token: str, code: str) -> SignedIn:
        """Finish signing in, or finish setting up the app, with a code that has not been used. Raises WrongCode."""
        host = await self.who(token, CODE, ENROL)
        self._count_attempt(host.username)
        async with self.storage.write() as tx:
            row = (
                (await tx.execute(select(hosts).where(hosts.c.id == host.id).with_for_update()))
                .mappings()
                .one()
            )
            step = None
            if row["totp_sealed"] is not None:
                step = matching_step(
                    self._secret(row["totp_sealed"], host.id),
                    code,
                    self.clock().timestamp(),
                    row["totp_step"],
                )
            if step is None:
                raise WrongCode()
            await tx.execute(update(hosts).where(hosts.c.id == host.id).values(totp_step=step))
            await tx.execute(
                update(host_sessions).where(self._session(token)).values(stage=OPEN, seen_at=self.clock())
            )
            await self._arrive(tx, host.id)
        return await self.who(token)

    def _secret(self, wrapped: bytes, host_id: str) -> bytes:
        return self.keys.unwrap(wrapped, _totp_place(host_id)).raw[:20]

    def _count_attempt(self, username: str) -> None:
        if not self._attempts.hit(ATTEMPTS, username):
            raise Busy("Der er prøvet for mange gange. Vent fem minutter.")

    async def hashed(self, password: str) -> str:
        async with self._one_at_a_time:
            return await asyncio.to_thread(self._hasher.hash, password)

    async def _matches(self, password_hash: str, password: str) -> bool:
        async with self._one_at_a_time:
            try:
                return await asyncio.to_thread(self._hasher.verify, password_hash, password)
            except VerifyMismatchError:
                return False

    # Being signed in

    async def who(self, token: str, *stages: str) -> SignedIn:
        """The host behind a session in one of `stages` (default: open).

        Raises NotSignedIn when it is unknown, idle too long, too old or the host is disabled, and Locked when nobody has
        touched the page for a while.
        """
        stages, now = stages or (OPEN,), self.clock()
        row = await self._session_row(token, now)
        too_slow = row is not None and row["stage"] != OPEN and row["opened_at"] < now - ENROL_WITHIN
        if row is None or too_slow or row["stage"] not in stages:
            raise NotSignedIn()
        if row["seen_at"] < now - LOCK_AFTER:
            raise Locked()
        return _signed_in(row, row["csrf"], row["stage"])

    async def _session_row(self, token: str, now: datetime):
        async with self.storage.read() as tx:
            wanted = (
                select(
                    hosts,
                    host_sessions.c.csrf,
                    host_sessions.c.stage,
                    host_sessions.c.seen_at,
                    host_sessions.c.opened_at,
                )
                .join(host_sessions, host_sessions.c.host_id == hosts.c.id)
                .where(
                    self._session(token),
                    host_sessions.c.seen_at > now - IDLE_LIMIT,
                    host_sessions.c.opened_at > now - LONGEST,
                    hosts.c.disabled_at.is_(None),
                )
            )
            return (await tx.execute(wanted)).mappings().first()

    def _session(self, token: str):
        return host_sessions.c.token_hash == self.keys.fingerprint(token)

    async def unlock(self, token: str, password: str) -> None:
        """Raises WrongLogin; NotSignedIn when there is nothing left to unlock."""
        row = await self._session_row(token, self.clock())
        if row is None or row["stage"] != OPEN:
            raise NotSignedIn()
        self._count_attempt(row["username"])
        if not await self._matches(row["password_hash"], password):
            raise WrongLogin("Adgangskoden passer ikke. Prøv igen.")
        async with self.storage.write() as tx:
            await tx.execute(update(host_sessions).where(self._session(token)).values(seen_at=self.clock()))
            await self._arrive(tx, row["id"])

    async def lock(self, token: str) -> None:
        """As if nobody had touched the page for a while: for a host who leaves the desk."""
        async with self.storage.write() as tx:
            long_ago = self.clock() - LOCK_AFTER - timedelta(seconds=1)
            await tx.execute(update(host_sessions).where(self._session(token)).values(seen_at=long_ago))

    async def heartbeat(self, token: str, host_id: str, active: bool) -> None:
        """The console is open; `active` tells that somebody has touched it lately."""
        now = self.clock()
        values = {"present_until": now + PRESENT_FOR} | ({"active_at": now} if active else {})
        async with self.storage.write() as tx:
            await tx.execute(update(hosts).where(hosts.c.id == host_id).values(**values))
            if active:
                await tx.execute(update(host_sessions).where(self._session(token)).values(seen_at=now))

    async def set_available(self, host_id: str, available: bool) -> None:
        async with self.storage.write() as tx:
            await tx.execute(update(hosts).where(hosts.c.id == host_id).values(available=available))

    async def sign_out(self, token: str, host_id: str) -> None:
        async with self.storage.write() as tx:
            await tx.execute(delete(host_sessions).where(self._session(token)))
            left = select(host_sessions.c.host_id).where(host_sessions.c.host_id == host_id)
            if (await tx.execute(left)).first() is None:
                await tx.execute(update(hosts).where(hosts.c.id == host_id).values(present_until=None))

    # Running the team

    async def team(self, boss: SignedIn) -> list[dict]:
        """The hosts this coordinator or administrator looks after. Never a password, never a secret."""
        shown = [
            hosts.c[name]
            for name in (
                "id",
                "username",
                "alias",
                "role",
                "municipality",
                "channels",
                "peer",
                "demo",
                "disabled_at",
                "present_until",
                "totp_step",
            )
        ]
        wanted = select(*shown).order_by(hosts.c.municipality, hosts.c.alias)
        async with self.storage.read() as tx:
            rows = [dict(row) for row in (await tx.execute(wanted)).mappings()]
        return [
            row | {"channels": tuple(row["channels"].split()), "has_code": row.pop("totp_step") is not None}
            for row in rows
            if _runs(boss, row)
        ]

    async def appoint(self, boss: SignedIn, new: NewHost) -> str:
        """Add a host to the boss's own team. Raises NotAllowed beyond it, BadInput for a short password, NameTaken."""
        if len(new.password) < SHORTEST_PASSWORD:
            raise BadInput(
                f"Adgangskoden skal være på mindst {SHORTEST_PASSWORD} tegn.",
                fields=[{"field": "password", "problem": "short"}],
            )
        if not may_appoint(boss.role, new.role) or not _reaches(boss, new.municipality, new.channels):
            raise NotAllowed()
        return await self.add(
            new.username, new.password, new.alias, new.municipality, new.role, new.peer, False, new.channels
        )

    async def dismiss(self, boss: SignedIn, host_id: str) -> None:
        """Close a host's access at once: sessions gone, chats back to the queue. Raises NotFound for hosts of others."""
        async with self.storage.write() as tx:
            await self._of_boss(tx, boss, host_id)
            if host_id == boss.id:
                raise NotAllowed("Du kan ikke lukke din egen adgang.")
            await tx.execute(
                update(hosts)
                .where(hosts.c.id == host_id)
                .values(disabled_at=self.clock(), present_until=None)
            )
            await tx.execute(delete(host_sessions).where(host_sessions.c.host_id == host_id))

    async def reinstate(self, boss: SignedIn, host_id: str) -> None:
        """Open it again, with the authenticator app to be set up anew."""
        async with self.storage.write() as tx:
            await self._of_boss(tx, boss, host_id)
            await tx.execute(
                update(hosts)
                .where(hosts.c.id == host_id)
                .values(disabled_at=None, totp_sealed=None, totp_step=None)
            )

    async def _of_boss(self, tx, boss: SignedIn, host_id: str) -> None:
        row = (await tx.execute(select(hosts).where(hosts.c.id == host_id))).mappings().first()
        if row is None or not _runs(boss, row) or not may_appoint(boss.role, row["role"]):
            raise NotFound()


def _totp_place(host_id: str) -> str:
    return f"totp:{host_id}"


def _reaches(boss: SignedIn, municipality: str, channels: tuple[str, ...]) -> bool:
    return boss.role == ADMINISTRATOR or (
        boss.municipality == municipality and set(channels) <= set(boss.channels)
    )


def _runs(boss: SignedIn, row) -> bool:
    """Whether the host belongs to the boss's team. A host on one more channel than the boss is somebody else's too."""
    channels = row["channels"].split() if isinstance(row["channels"], str) else row["channels"]
    return _reaches(boss, row["municipality"], tuple(channels))


def _signed_in(row, csrf: str, stage: str) -> SignedIn:
    return SignedIn(
        row["id"], row["username"], row["alias"], row["role"], row["municipality"], row["available"], csrf,
        tuple(row["channels"].split()), stage, row["resting_until"],
    )  # fmt: skip


@cache
def _hash_of_nobody() -> str:
    """Verified against when the name is unknown, so that the answer takes as long as for a known one."""
    return PasswordHasher().hash(secrets.token_urlsafe())
