"""The queue: one row per request for a human. It outlives every host's session and every restart."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, String, Table, text

from backend.storage.base import Instant, metadata

handoffs = Table(
    "handoffs",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("conversation_id", ForeignKey("conversations.id"), nullable=False),
    Column("status", String(12), nullable=False),
    Column("requested_at", Instant, nullable=False),
    Column("lost_host", Boolean, nullable=False),
    Column("told_place", Integer),
    Column("alternatives_at", Instant),
    Column("claimed_by", ForeignKey("hosts.id")),
    Column("claimed_at", Instant),
    Column("ended_at", Instant),
)

Index(
    "uq_handoffs_one_open",
    handoffs.c.conversation_id,
    unique=True,
    sqlite_where=text("status IN ('waiting', 'claimed')"),
    postgresql_where=text("status IN ('waiting', 'claimed')"),
)
