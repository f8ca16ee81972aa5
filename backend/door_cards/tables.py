"""Cards that are waiting to be opened. Nothing in a row leads to a conversation, a giver or a moment:

no ids, no time of day, and no row number either, which would tell the order the cards were made in.
"""

from sqlalchemy import Column, Date, LargeBinary, String, Table

from backend.storage.base import metadata

door_cards = Table(
    "door_cards",
    metadata,
    Column("code_hash", LargeBinary(32), primary_key=True),
    Column("municipality", String(40), nullable=False),
    Column("door", String(60), nullable=False),
    Column("expires_on", Date, nullable=False),
    sqlite_with_rowid=False,
)
