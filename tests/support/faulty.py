"""The action server or the backend with one fault in the moment of booking: `python -m tests.support.faulty WHAT`.

slow, raising: the action that books; before, after: the backend dies just before or just after the booking is committed.
A file named by INDGANG_FAULT_DONE lets the fault happen once.
"""

import asyncio
import os
import sys
from pathlib import Path


def only_once() -> bool:
    done = Path(os.environ["INDGANG_FAULT_DONE"])
    if done.exists():
        return False
    done.touch()
    return True


def break_action(how: str) -> None:
    from bot.actions.booking.submit import SubmitBookingAction

    works = SubmitBookingAction.act

    async def act(self, turn, say, domain):
        if only_once():
            if how == "raising":
                raise ValueError("broken on purpose")
            await asyncio.sleep(60)
        return await works(self, turn, say, domain)

    SubmitBookingAction.act = act


def break_backend(when: str) -> None:
    from backend.appointments.service import AppointmentService

    tells, books = AppointmentService._tell, AppointmentService.book

    async def tell(self, *arguments):
        if only_once():
            os._exit(9)  # inside the transaction
        return await tells(self, *arguments)

    async def book(self, *arguments):
        card = await books(self, *arguments)
        if only_once():
            os._exit(9)  # committed, and nobody has been told
        return card

    setattr(AppointmentService, *(("_tell", tell) if when == "before" else ("book", book)))


def main(what: str) -> None:
    if what in ("slow", "raising"):
        break_action(what)
        from bot.actions.server import main as serve
    else:
        break_backend(what)
        from backend.__main__ import main as serve
    serve()


if __name__ == "__main__":
    main(sys.argv[1])
