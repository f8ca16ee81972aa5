"""Alembic's way in. One process runs it before the others start."""

import asyncio

from alembic import context
from sqlalchemy.ext.asyncio import create_async_engine

from backend.storage.tables import metadata

config = context.config


def _migrate(connection) -> None:
    context.configure(connection=connection, target_metadata=metadata, render_as_batch=True, compare_type=True)
    with context.begin_transaction():
        context.run_migrations()


async def _online() -> None:
    engine = create_async_engine(config.get_main_option("sqlalchemy.url"))
    async with engine.begin() as connection:
        await connection.run_sync(_migrate)
    await engine.dispose()


asyncio.run(_online())
