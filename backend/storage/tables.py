"""Every room's tables in one metadata, for migrations and tests. Nothing else imports this."""

import backend.appointments.tables
import backend.conversations.tables
import backend.door_cards.tables
import backend.enquiries.tables
import backend.feedback.tables
import backend.handoffs.tables
import backend.hosts.tables  # noqa: F401
from backend.storage.base import metadata

__all__ = ["metadata"]
