"""Bring the database to the newest form. Run once before the processes start: `python -m backend.storage.migrate`."""

import sys
from pathlib import Path

from alembic import command
from alembic.config import Config

from backend.settings import load_settings

HERE = Path(__file__).parent


def upgrade(database_url: str) -> None:
    if database_url.startswith("sqlite"):
        Path(database_url.partition(":///")[2]).parent.mkdir(parents=True, exist_ok=True)
    config = Config()
    config.set_main_option("script_location", str(HERE / "migrations"))
    config.set_main_option("sqlalchemy.url", database_url.replace("%", "%%"))
    command.upgrade(config, "head")


if __name__ == "__main__":
    upgrade(load_settings().database_url)
    sys.exit(0)


