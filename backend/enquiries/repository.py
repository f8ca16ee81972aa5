"""All SQL about enquiries."""

from collections.abc import Sequence

from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from backend.enquiries.tables import enquiries


class EnquiryRepository:
    async def add(self, tx: AsyncConnection, **row) -> None:
        await tx.execute(insert(enquiries).values(row))

    async def by_key(self, tx: AsyncConnection, idempotency_key: str):
        return await self._one(tx, enquiries.c.idempotency_key == idempotency_key)

    async def by_reference(self, tx: AsyncConnection, reference_hash: bytes):
        return await self._one(tx, enquiries.c.reference_hash == reference_hash)

    async def by_id(self, tx: AsyncConnection, enquiry_id: str):
        return await self._one(tx, enquiries.c.id == enquiry_id)

    async def _one(self, tx: AsyncConnection, condition):
        return (await tx.execute(select(enquiries).where(condition))).mappings().first()

    async def change(self, tx: AsyncConnection, enquiry_id: str, only_if: Sequence = (), **values) -> bool:
        changed = update(enquiries).where(enquiries.c.id == enquiry_id, *only_if).values(**values)
        return (await tx.execute(changed)).rowcount == 1

    async def of_municipality(self, tx: AsyncConnection, municipality: str, limit: int = 200) -> list:
        """Newest last change first; erased ones have no content left and are left out."""
        wanted = (
            select(enquiries)
            .where(enquiries.c.municipality == municipality, enquiries.c.content.is_not(None))
            .order_by(enquiries.c.received_at.desc())
            .limit(limit)
        )
        return list((await tx.execute(wanted)).mappings())

    async def forget(self, tx: AsyncConnection, conversation_id: str) -> None:
        await tx.execute(update(enquiries).where(enquiries.c.conversation_id == conversation_id).values(content=None))
