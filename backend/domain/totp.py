"""One-time codes from an authenticator app: RFC 6238 with SHA-1, six digits, thirty seconds. Pure."""

import base64
import hashlib
import hmac
from urllib.parse import quote

STEP_SECONDS = 30
DIGITS = 6


def code_at(secret: bytes, step: int) -> str:
    """The code of one time step (RFC 4226 §5.3)."""
    digest = hmac.new(secret, step.to_bytes(8, "big"), hashlib.sha1).digest()
    offset = digest[-1] & 15
    number = int.from_bytes(digest[offset : offset + 4], "big") & 0x7FFFFFFF
    return str(number % 10**DIGITS).zfill(DIGITS)


def matching_step(secret: bytes, code: str, seconds: float, used: int | None) -> int | None:
    """The step the code belongs to (this one, the one before or after), or None. A step at or before `used` is spent."""
    now = int(seconds // STEP_SECONDS)
    written = "".join(code.split())
    for step in (now, now - 1, now + 1):
        if (used is None or step > used) and hmac.compare_digest(code_at(secret, step).encode(), written.encode()):
            return step
    return None


def spelled(secret: bytes) -> str:
    """The secret as a person types it: base32 in groups of four."""
    text = base64.b32encode(secret).decode()
    return " ".join(text[i : i + 4] for i in range(0, len(text), 4))


def address(secret: bytes, issuer: str, name: str) -> str:
    """→ `otpauth://…`, which a phone opens in its authenticator app."""
    key = base64.b32encode(secret).decode().rstrip("=")
    return f"otpauth://totp/{quote(issuer)}:{quote(name)}?secret={key}&issuer={quote(issuer)}"
