"""Guessing codes costs time. In memory only; a new start forgets it."""

from limits import parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from backend.errors import Busy

WRONG_CODES = parse("10/5minutes")


class TooManyCodes(Busy):
    code, message = "too_many_codes", "Der er prøvet for mange koder. Vent fem minutter, eller spørg en vært."


class Attempts:
    """Counts wrong codes per conversation or address."""

    def __init__(self) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    def may_try(self, who: str) -> None:
        """Raises TooManyCodes."""
        if not self._limiter.test(WRONG_CODES, who):
            raise TooManyCodes()

    def was_wrong(self, who: str) -> None:
        self._limiter.hit(WRONG_CODES, who)
