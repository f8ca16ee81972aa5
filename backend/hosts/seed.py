"""Demo hosts and their shifts, so that booking and handoff work from the first minute. Never in production."""

import asyncio
import uuid
from datetime import UTC, date, datetime

from sqlalchemy import insert, select

from backend.hosts.service import HostService
from backend.hosts.tables import hosts, shifts
from backend.settings import load_settings
from backend.storage.engine import Storage
from backend.storage.keys import KeyRing

PASSWORD = "demo-vaert-1"
WEEKDAYS, ALL_DAYS = "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR,SA,SU"
FIRST_ON = date(2026, 1, 5)

MUNICIPALITY, HEADSPACE = ("municipality",), ("headspace",)
NO_SHIFTS: tuple = ()

# username, alias, municipality, channels, role, peer, shifts
DEMO_HOSTS = (
    (
        "maja", "Maja", "rodovre", MUNICIPALITY, "host", False,
        ((WEEKDAYS, "10:00", "17:00", "in_person phone video chat"), (ALL_DAYS, "17:00", "20:00", "phone chat")),
    ),
    ("amir", "Amir", "rodovre", MUNICIPALITY, "host", True, (("FREQ=WEEKLY;BYDAY=TU,TH", "14:00", "19:00", "in_person video chat"),)),
    ("jonas", "Jonas", "ballerup", MUNICIPALITY, "host", False, ((WEEKDAYS, "09:00", "16:00", "in_person phone video chat"),)),
    ("sara", "Sara", "ballerup", MUNICIPALITY, "host", True, (("FREQ=WEEKLY;BYDAY=MO,WE", "12:00", "18:00", "in_person chat"),)),
    ("nora", "Nora", "rodovre", HEADSPACE, "host", False, ((WEEKDAYS, "12:00", "18:00", "in_person video chat"),)),
    ("emil", "Emil", "ballerup", HEADSPACE, "host", False, ((WEEKDAYS, "12:00", "18:00", "in_person video chat"),)),
    ("karen", "Karen", "rodovre", MUNICIPALITY, "coordinator", False, NO_SHIFTS),
    ("kirsten", "Kirsten", "ballerup", MUNICIPALITY, "coordinator", False, NO_SHIFTS),
    ("tove", "Tove", "rodovre", MUNICIPALITY, "trainer", False, NO_SHIFTS),
    ("admin", "Admin", "rodovre", MUNICIPALITY, "administrator", False, NO_SHIFTS),
)  # fmt: skip


async def seed(storage: Storage, service: HostService, place_of) -> int:
    """Add the demo hosts that are not there yet. → how many. `place_of(municipality, channel)` → the id of the place they meet guests."""
    async with storage.read() as tx:
        known = set((await tx.execute(select(hosts.c.username))).scalars())
    new = [one for one in DEMO_HOSTS if one[0] not in known]
    password_hash = await service.hashed(PASSWORD) if new else ""
    for username, alias, municipality, channels, role, peer, their_shifts in new:
        host_id = await service.add_hashed(
            username, password_hash, alias, municipality, role, peer, True, channels
        )
        rows = [_shift(host_id, *shift, place_of(municipality, channels[0])) for shift in their_shifts]
        if rows:
            async with storage.write() as tx:
                await tx.execute(insert(shifts), rows)
    return len(new)


def _shift(host_id: str, rule: str, starts: str, ends: str, forms: str, place: str) -> dict:
    return {
        "id": uuid.uuid4().hex,
        "host_id": host_id,
        "rule": rule,
        "first_on": FIRST_ON,
        "starts": starts,
        "ends": ends,
        "forms": forms,
        "place": place,
        "slot_minutes": 45,
        "buffer_minutes": 15,
    }


async def main() -> None:
    settings = load_settings()
    if settings.production:
        return
    from backend.catalogue import load_catalogue

    catalogue = load_catalogue(settings.content_dir, datetime.now(UTC).date())
    storage = Storage(settings.database_url)
    service = HostService(storage, KeyRing(settings.master_key), lambda: datetime.now(UTC))
    await seed(storage, service, lambda m, channel: catalogue.channel(m, channel).appointment_places[0])
    await storage.close()


if __name__ == "__main__":
    asyncio.run(main())
