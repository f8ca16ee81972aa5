"""Appointments and what lies around them. The database decides who gets a slot: unique index, and the guards in migration 0003."""

from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, String, Table, UniqueConstraint, text

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
    Column("expires_at", Instant),
    Column("last_key", String(64)),
    Column("remind_at", Instant, index=True),
    Column("follow_up_at", Instant, index=True),
    Index("ix_appointments_conversation_id", "conversation_id"),
    Index("ix_appointments_starts_at", "starts_at"),
)

Index(
    "uq_appointments_host_slot",
    appointments.c.host_id,
    appointments.c.starts_at,
    unique=True,
    sqlite_where=text("status IN ('held', 'booked')"),
    postgresql_where=text("status IN ('held', 'booked')"),
)

sendings = Table(
    "sendings",
    metadata,
    Column("kind", String(10), primary_key=True),
    Column("about", String(32), primary_key=True),
    Column("at", Instant, primary_key=True),
    Column("status", String(8), nullable=False),
    Column("tries", Integer, nullable=False),
    Column("changed_at", Instant, nullable=False),
)

waits = Table(
    "waits",
    metadata,
    Column("conversation_id", ForeignKey("conversations.id"), primary_key=True),
    Column("appointment_id", ForeignKey("appointments.id"), unique=True),
    Column("reference_hash", LargeBinary(32), index=True),
    Column("form", String(12)),
    Column("until", Instant, nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("content", LargeBinary, nullable=False),
)

wait_offers = Table(
    "wait_offers",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("conversation_id", ForeignKey("waits.conversation_id"), nullable=False),
    Column("host_id", ForeignKey("hosts.id"), nullable=False),
    Column("starts_at", Instant, nullable=False),
    Column("answer_by", Instant, nullable=False),
    Column("status", String(8), nullable=False),
    UniqueConstraint("conversation_id", "starts_at"),
)

for name, columns in (("uq_wait_offers_open", ("conversation_id",)), ("uq_wait_offers_open_slot", ("host_id", "starts_at"))):
    is_open = text("status = 'open'")
    Index(name, *(wait_offers.c[column] for column in columns), unique=True, sqlite_where=is_open, postgresql_where=is_open)

booking_rules = Table(
    "booking_rules",
    metadata,
    Column("host_id", ForeignKey("hosts.id"), primary_key=True),
    Column("notice_minutes", Integer, nullable=False),
    Column("most_a_day", Integer),
    Column("languages", String(80), nullable=False),
)

calendar_feeds = Table(
    "calendar_feeds",
    metadata,
    Column("host_id", ForeignKey("hosts.id"), primary_key=True),
    Column("secret_hash", LargeBinary(32), nullable=False, unique=True),
    Column("made_at", Instant, nullable=False),
)

calendar_sources = Table(
    "calendar_sources",
    metadata,
    Column("host_id", ForeignKey("hosts.id"), primary_key=True),
    Column("wrapped", LargeBinary, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("read_at", Instant),
    Column("next_at", Instant, nullable=False),
    Column("problem", String(40)),
)

external_busy = Table(
    "external_busy",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("host_id", ForeignKey("hosts.id"), nullable=False),
    Column("starts_at", Instant, nullable=False),
    Column("ends_at", Instant, nullable=False),
    Index("ix_external_busy_host_id", "host_id", "ends_at"),
)
