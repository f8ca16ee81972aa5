"""Conversations and their numbered events. Bodies are sealed under the conversation's key."""

from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, String, Table, UniqueConstraint

from backend.storage.base import Instant, metadata

conversations = Table(
    "conversations",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("token_hash", LargeBinary(32), nullable=False),
    Column("municipality", String(40), nullable=False),
    Column("channel", String(20), nullable=False),
    Column("state", String(12), nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("last_n", Integer, nullable=False),
    Column("answered_n", Integer, nullable=False),
    Column("risk", String(8), nullable=False),
    Column("phase", String(14), nullable=False, server_default="ordinary"),
    Column("owner_id", String(32)),
    Column("fence", Integer, nullable=False),
    Column("key_wrapped", LargeBinary),
    Column("situation", LargeBinary),
    Column("opened_at", Instant, nullable=False),
    Column("active_at", Instant, nullable=False),
    Column("closed_at", Instant),
    Column("erased_at", Instant),
    Index("ix_conversations_state_active_at", "state", "active_at"),
)

events = Table(
    "events",
    metadata,
    Column("conversation_id", ForeignKey("conversations.id"), primary_key=True),
    Column("n", Integer, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("type", String(12), nullable=False),
    Column("author", String(8), nullable=False),
    Column("client_id", String(64)),
    Column("body", LargeBinary),
    UniqueConstraint("conversation_id", "client_id", name="uq_events_client_id"),
)
