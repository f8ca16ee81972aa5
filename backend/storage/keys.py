"""Keys of conversations. Destroying a wrapped key makes everything written under it unreadable for good."""

import hashlib
import hmac
import json
import os
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE = 12


class Unreadable(Exception):
    """The key is gone or the ciphertext does not belong to this place."""


@dataclass(frozen=True)
class ConversationKey:
    """AES-256-GCM; `place` is `table:row:column` and binds a ciphertext to where it stands."""

    raw: bytes

    def seal(self, value: object, place: str) -> bytes:
        nonce = os.urandom(NONCE)
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        return nonce + AESGCM(self.raw).encrypt(nonce, text.encode(), place.encode())

    def open(self, sealed: bytes, place: str) -> object:
        try:
            return json.loads(AESGCM(self.raw).decrypt(sealed[:NONCE], sealed[NONCE:], place.encode()))
        except InvalidTag as error:
            raise Unreadable(place) from error


class KeyRing:
    """Wraps conversation keys under the master key, which is never in the database."""

    def __init__(self, master: bytes) -> None:
        self._master = AESGCM(master)
        self._lookup = hashlib.sha256(b"indgang lookup" + master).digest()

    def new(self, conversation_id: str) -> tuple[ConversationKey, bytes]:
        raw, nonce = os.urandom(32), os.urandom(NONCE)
        return ConversationKey(raw), nonce + self._master.encrypt(nonce, raw, conversation_id.encode())

    def unwrap(self, wrapped: bytes | None, conversation_id: str) -> ConversationKey:
        if wrapped is None:
            raise Unreadable(conversation_id)
        try:
            return ConversationKey(self._master.decrypt(wrapped[:NONCE], wrapped[NONCE:], conversation_id.encode()))
        except InvalidTag as error:
            raise Unreadable(conversation_id) from error

    def fingerprint(self, secret: str) -> bytes:
        """Keyed hash (32 bytes) for looking up tokens and reference codes without storing them."""
        return hmac.new(self._lookup, secret.encode(), hashlib.sha256).digest()
