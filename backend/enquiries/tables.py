"""Enquiries. What was said is sealed under the conversation's key; only what a queue needs is readable."""

from sqlalchemy import Column, ForeignKey, Index, LargeBinary, String, Table

from backend.storage.base import Instant, metadata

enquiries = Table(
    "enquiries",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("conversation_id", ForeignKey("conversations.id"), nullable=False),
    Column("idempotency_key", String(120), nullable=False, unique=True),
    Column("reference_hash", LargeBinary(32), nullable=False, unique=True),
    Column("status", String(12), nullable=False),
    Column("municipality", String(40), nullable=False),
    Column("channel", String(20), nullable=False),
    Column("consent_version", String(20), nullable=False),
    Column("content", LargeBinary),
    Column("received_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("changed_by", String(32)),
    Index("ix_enquiries_municipality_status", "municipality", "status"),
)
