"""One truth about whether a human can be reached: for widget, bot and console, and again at the click."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from babel.dates import format_date
from sqlalchemy.ext.asyncio import AsyncConnection

from backend.domain.appointments import COPENHAGEN
from backend.domain.queue import Desk, expected_wait, minutes_to_tell, refusal
from backend.handoffs.repository import HandoffRepository, Team

DAY = "EEEE 'den' d. MMMM"


@dataclass(frozen=True)
class Availability:
    """`reason` is None when a guest may be admitted; else closed, nobody_there, closing or queue_full. `opens` as in `Open`."""

    reason: str | None
    opens: dict
    desk: Desk

    @property
    def open(self) -> bool:
        return self.reason is None

    @property
    def closes_at(self) -> datetime | None:
        return self.desk.closes_at

    def minutes_for(self, place: int | None) -> int | None:
        """What a guest at `place` may be told; None when it is not known."""
        return minutes_to_tell(expected_wait(place, self.desk)) if place else None


class Reception:
    def __init__(self, repository: HandoffRepository, opening: Callable[[str, str, datetime], dict]) -> None:
        """`opening(municipality, channel, now)` → the `Open` of the hosts' chat in that channel."""
        self.repository, self.opening = repository, opening

    async def availability(
        self, tx: AsyncConnection, team: Team, now: datetime, serious: bool = False
    ) -> Availability:
        opens = self.opening(team.municipality, team.channel, now)
        present = await self.repository.hosts_present(tx, team, now)
        waiting = await self.repository.waiting(tx, team)
        pickups = await self.repository.pickups(tx, team, now)
        desk = Desk(now, opens.get("now"), _moment(opens.get("until")), len(present), len(waiting), pickups)
        return Availability(refusal(desk, serious), opens, desk)

    def answered_on(self, team: Team, now: datetime) -> str:
        """The day by which a host has read what is written now: the next opening after today's closing, in Danish."""
        opens = self.opening(team.municipality, team.channel, now)
        if opens.get("until"):
            after_closing = datetime.fromisoformat(opens["until"]) + timedelta(minutes=1)
            opens = self.opening(team.municipality, team.channel, after_closing)
        following = _moment(opens.get("next")) or now + timedelta(days=1)
        return format_date(following.astimezone(COPENHAGEN).date(), DAY, locale="da")


def clock_time(moment: datetime) -> str:
    """→ «16.30» in Copenhagen."""
    return moment.astimezone(COPENHAGEN).strftime("%H.%M")


def _moment(value: str | datetime | None) -> datetime | None:
    return datetime.fromisoformat(value) if isinstance(value, str) else value
