"""Hosts, their sessions and their shifts."""

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    ForeignKey,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from backend.storage.base import Instant, metadata

hosts = Table(
    "hosts",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("username", String(80), nullable=False, unique=True),
    Column("password_hash", String(200), nullable=False),
    Column("alias", String(40), nullable=False),
    Column("role", String(20), nullable=False),
    Column("municipality", String(40), nullable=False),
    Column("peer", Boolean, nullable=False),
    Column("demo", Boolean, nullable=False),
    Column("available", Boolean, nullable=False),
    Column("present_until", Instant),
    Column("disabled_at", Instant),
    Column("channels", String(80), nullable=False, server_default="municipality"),
    Column("active_at", Instant),
    Column("resting_until", Instant),
    Column("totp_sealed", LargeBinary),
    Column("totp_step", Integer),
)

host_sessions = Table(
    "host_sessions",
    metadata,
    Column("token_hash", LargeBinary(32), primary_key=True),
    Column("host_id", ForeignKey("hosts.id"), nullable=False),
    Column("csrf", String(43), nullable=False),
    Column("opened_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("stage", String(8), nullable=False, server_default="open"),
)

shifts = Table(
    "shifts",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("host_id", ForeignKey("hosts.id"), nullable=False),
    Column("rule", Text, nullable=False),
    Column("first_on", Date, nullable=False),
    Column("starts", String(5), nullable=False),
    Column("ends", String(5), nullable=False),
    Column("forms", String(80), nullable=False),
    Column("place", String(80), nullable=False),
    Column("slot_minutes", Integer, nullable=False),
    Column("buffer_minutes", Integer, nullable=False),
)

shift_exceptions = Table(
    "shift_exceptions",
    metadata,
    Column("shift_id", ForeignKey("shifts.id"), nullable=False),
    Column("except_on", Date, nullable=False),
    UniqueConstraint("shift_id", "except_on", name="uq_shift_exceptions_day"),
)
