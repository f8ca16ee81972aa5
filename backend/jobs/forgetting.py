"""Forgetting a conversation: everything the guest wrote becomes unreadable in one transaction."""

from collections.abc import Callable
from datetime import datetime, timedelta

from backend.appointments.service import AppointmentService
from backend.conversations.service import ConversationService
from backend.enquiries.service import EnquiryService
from backend.errors import NotFound
from backend.handoffs.service import HandoffService


class Forgetting:
    def __init__(
        self,
        conversations: ConversationService,
        appointments: AppointmentService,
        enquiries: EnquiryService,
        handoffs: HandoffService,
        clock: Callable[[], datetime],
        keep_hours: int,
        keep_enquiry_days: int,
    ) -> None:
        self.conversations, self.appointments, self.enquiries, self.handoffs = conversations, appointments, enquiries, handoffs
        self.clock, self.keep = clock, timedelta(hours=keep_hours)
        self.keep_enquiry = timedelta(days=keep_enquiry_days)

    async def forget(self, conversation_id: str) -> dict:
        """→ receipt {at, appointments_cancelled}. Raises NotFound when there is nothing (left) to forget."""
        if not conversation_id:
            raise NotFound()
        async with self.conversations.change(conversation_id) as change:
            cancelled = await self.appointments.release(change)
            await self.enquiries.withdraw(change.tx, conversation_id)
            await self.handoffs.end_for(change)
            if not await self.conversations.repository.erase(change.tx, conversation_id, change.now):
                raise NotFound()
            change.queue_moved = True
        return {"at": change.now.isoformat(), "appointments_cancelled": cancelled}

    async def forget_idle(self) -> int:
        """Erase conversations nobody has touched for as long as was promised. → how many.

        A conversation with an enquiry or an appointment is kept until those are old too, since they share its key.
        """
        now = self.clock()
        async with self.conversations.storage.read() as tx:
            idle = await self.conversations.repository.idle(tx, now - self.keep)
            kept = await self.conversations.repository.with_promises(tx, now - self.keep_enquiry)
        doomed = [conversation_id for conversation_id in idle if conversation_id not in kept]
        for conversation_id in doomed:
            await self.forget(conversation_id)
        return len(doomed)
