"""The queue: one row per request for a human. It outlives every host's session and every restart."""

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
    text,
)

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
    Column("wish", LargeBinary),
    Column("closing_told_at", Instant),
    Column("answer_by", Instant),
    Column("first_answer_at", Instant),
    Column("guest_seen_at", Instant),
    Column("guest_seen_n", Integer),
    Column("outcome", String(16)),
    Column("colour", Integer),
)

Index(
    "uq_handoffs_one_open",
    handoffs.c.conversation_id,
    unique=True,
    sqlite_where=text("status IN ('waiting', 'claimed')"),
    postgresql_where=text("status IN ('waiting', 'claimed')"),
)
Index("ix_handoffs_status", handoffs.c.status)
Index("ix_handoffs_claimed_by", handoffs.c.claimed_by, handoffs.c.claimed_at)

companions = Table(
    "companions",
    metadata,
    Column("handoff_id", ForeignKey("handoffs.id"), nullable=False),
    Column("host_id", ForeignKey("hosts.id"), nullable=False),
    Column("writes", Boolean, nullable=False),
    Column("invited_at", Instant, nullable=False),
    Column("joined_at", Instant),
    UniqueConstraint("handoff_id", "host_id", name="uq_companions_host"),
)

transfers = Table(
    "transfers",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("handoff_id", ForeignKey("handoffs.id"), nullable=False, index=True),
    Column("from_host", ForeignKey("hosts.id"), nullable=False),
    Column("to_host", ForeignKey("hosts.id")),
    Column("status", String(12), nullable=False),
    Column("offered_at", Instant, nullable=False),
    Column("answered_at", Instant),
)

notes = Table(
    "notes",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("conversation_id", ForeignKey("conversations.id"), nullable=False, index=True),
    Column("author_id", ForeignKey("hosts.id"), nullable=False),
    Column("at", Instant, nullable=False),
    Column("body", LargeBinary, nullable=False),
)

alarms = Table(
    "alarms",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("conversation_id", ForeignKey("conversations.id"), nullable=False, index=True),
    Column("level", String(8), nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("rang_at", Instant, nullable=False),
    Column("acknowledged_by", ForeignKey("hosts.id")),
    Column("acknowledged_at", Instant),
    Column("closed_at", Instant),
)

Index(
    "uq_alarms_one_open",
    alarms.c.conversation_id,
    unique=True,
    sqlite_where=text("closed_at IS NULL"),
    postgresql_where=text("closed_at IS NULL"),
)

# Who was rung, who answered, what was done and by whom. Never a word of what a guest wrote.
alarm_steps = Table(
    "alarm_steps",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("alarm_id", ForeignKey("alarms.id"), nullable=False, index=True),
    Column("at", Instant, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("rung", Integer),
    Column("host_id", ForeignKey("hosts.id")),
    Column("act", String(24)),
    Column("with_host", ForeignKey("hosts.id")),
)
