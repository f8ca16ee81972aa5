"""Two answers after a chat, with the day and the channel and nothing that leads back to the guest."""

from sqlalchemy import Column, Date, Integer, String, Table

from backend.storage.base import metadata

feedback = Table(
    "feedback",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("given_on", Date, nullable=False),
    Column("municipality", String(40), nullable=False),
    Column("channel", String(20), nullable=False),
    Column("felt", Integer),
    Column("next_step", Integer),
)
