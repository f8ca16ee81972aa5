"""Speed limits, in memory only. They come after the safety screen and never block the crisis card."""

import hashlib
import os

from limits import parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from backend.errors import Busy

OPENINGS = parse("300/5minutes")  # a school class behind one address must get through


class Limits:
    def __init__(self, questions_per_minute: int = 40) -> None:
        self._questions = parse(f"{questions_per_minute}/minute")
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._salt = os.urandom(16)  # new at every start: an address can't be found again later

    def may_open(self, address: str) -> None:
        """Raises Busy when one address opens very many conversations."""
        if not self._limiter.hit(OPENINGS, hashlib.blake2b(address.encode(), key=self._salt).hexdigest()):
            raise Busy("Der er åbnet mange samtaler herfra på kort tid. Vent fem minutter. Er det akut, så ring 112.")

    def may_ask(self, conversation_id: str) -> bool:
        return self._limiter.hit(self._questions, conversation_id)
