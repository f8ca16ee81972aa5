"""The clockwork: lost hosts, long waits, times held too long and what is due to be forgotten. Owns no rules."""

import asyncio
import logging
from collections.abc import Callable, Sequence

from backend.appointments.service import AppointmentService
from backend.errors import IndgangError
from backend.handoffs.clockwork import Clockwork
from backend.jobs.forgetting import Forgetting

log = logging.getLogger(__name__)
QUEUE_SECONDS, HOLD_SECONDS, CALENDAR_SECONDS, FORGET_SECONDS = 5, 30, 60, 600


class Sweeper:
    """`also_forget` are further jobs of the forgetting round."""

    def __init__(
        self, clockwork: Clockwork, forgetting: Forgetting, appointments: AppointmentService, also_forget: Sequence[Callable] = ()
    ) -> None:
        self.clockwork, self.forgetting, self.appointments = clockwork, forgetting, appointments
        self._asides: dict[str, asyncio.Task] = {}
        self.also_forget = tuple(also_forget)

    async def run(self) -> None:
        """Until cancelled, and then the jobs beside it too. A failing round is logged by name and tried again next time."""
        rounds = 0
        try:
            while True:
                await self._round(rounds)
                rounds += 1
                await asyncio.sleep(QUEUE_SECONDS)
        finally:
            for beside in self._asides.values():
                beside.cancel()
            await asyncio.gather(*self._asides.values(), return_exceptions=True)

    async def _round(self, number: int) -> None:
        await self._try(self.clockwork.run_once)
        if number % (HOLD_SECONDS // QUEUE_SECONDS) == 0:
            await self._try(self.appointments.release_expired)
            await self._try(self.appointments.waiting.offer)
            self._aside(self.appointments.waiting.send_offers)
        if number % (CALENDAR_SECONDS // QUEUE_SECONDS) == 0:
            self._aside(self.appointments.sources.refresh)
            self._aside(self.appointments.reminders.send_due)
            self._aside(self.appointments.reminders.send_follow_ups)
        if number % (FORGET_SECONDS // QUEUE_SECONDS) == 0:
            for job in (self.forgetting.forget_idle, *self.also_forget):
                await self._try(job)

    def _aside(self, job) -> None:
        """Beside the others, since it waits for machines elsewhere; never twice at the same time."""
        running = self._asides.get(job.__name__)
        if running is None or running.done():
            self._asides[job.__name__] = asyncio.create_task(self._try(job))

    async def _try(self, job) -> None:
        try:
            await job()
        except IndgangError as error:
            log.warning("job %s failed: %s", job.__name__, error.code)
        except Exception as error:  # the clockwork must not stop; the type says enough, the text may hold words
            log.error("job %s failed: %s", job.__name__, type(error).__name__)
