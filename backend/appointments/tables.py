"""Appointments. The unique index is what decides who gets a slot."""

from sqlalchemy import Column, ForeignKey, Index, LargeBinary, String, Table, text

from backend.storage.base import Instant, metadata

appointments = Table(
    "appointments",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("conversation_id", ForeignKey("conversations.id"), nullable=False),
    Column("host_id", ForeignKey("hosts.id"), nullable=False),
    Column("starts_at", Instant, nullable=False),
    Column("ends_at", Instant, nullable=False),
    Column("status", String(12), nullable=False),
    Column("form", String(12), nullable=False),
    Column("place", String(80), nullable=False),
    Column("idempotency_key", String(120), nullable=False, unique=True),
    Column("reference_hash", LargeBinary(32), nullable=False, index=True),
    Column("content", LargeBinary),
    Column("booked_at", Instant, nullable=False),
    Column("changed_at", Instant, nullable=False),
)

Index(
    "uq_appointments_host_slot",
    appointments.c.host_id,
    appointments.c.starts_at,
    unique=True,
    sqlite_where=text("status IN ('held', 'booked')"),
    postgresql_where=text("status IN ('held', 'booked')"),
)
