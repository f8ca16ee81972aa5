"""The first login of a new installation: `python -m backend.hosts.first_administrator USERNAME MUNICIPALITY`. Asks for the password."""

import asyncio
import getpass
import sys
from datetime import UTC, datetime

from backend.errors import IndgangError
from backend.hosts.roles import ADMINISTRATOR
from backend.hosts.service import SHORTEST_PASSWORD, HostService
from backend.settings import load_settings
from backend.storage.engine import Storage
from backend.storage.keys import KeyRing


async def appoint(username: str, municipality: str, password: str) -> None:
    """Raises NameTaken. The authenticator app is set up at the first sign-in."""
    settings = load_settings()
    storage = Storage(settings.database_url)
    try:
        service = HostService(storage, KeyRing(settings.master_key), lambda: datetime.now(UTC))
        await service.add(username, password, username.capitalize(), municipality, ADMINISTRATOR)
    finally:
        await storage.close()


def main(arguments: list[str]) -> None:
    if len(arguments) != 2:
        sys.exit(__doc__)
    password = getpass.getpass()
    if len(password) < SHORTEST_PASSWORD:
        sys.exit(f"At least {SHORTEST_PASSWORD} characters.")
    try:
        asyncio.run(appoint(*arguments, password))
    except IndgangError as error:
        sys.exit(error.message)


if __name__ == "__main__":
    main(sys.argv[1:])
