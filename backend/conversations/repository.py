"""All SQL about conversations and events. Every method works inside the caller's transaction."""

import hmac
import itertools
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, delete, func, insert, or_, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from backend.conversations.events import Draft, Event
from backend.conversations.tables import conversations, events
from backend.domain.conversation import Conversation
from backend.errors import NotFound
from backend.storage.base import Instant
from backend.storage.keys import ConversationKey, KeyRing

SET_ASIDE_WITHIN = 8
EXPLAINED_BY = ("!safety_no", "!took_back")
COLUMNS = [column for column in conversations.c if column.name != "token_hash"]


class ConversationRepository:
    def __init__(self, keys: KeyRing) -> None:
        self.keys = keys

    async def add(self, tx: AsyncConnection, conversation: Conversation, token: str) -> None:
        row = conversation.__dict__ | {"token_hash": self.keys.fingerprint(token)}
        await tx.execute(insert(conversations).values(row))

    async def get(self, tx: AsyncConnection, conversation_id: str, lock: bool = False) -> Conversation:
        """Raises NotFound for an unknown or erased conversation. `lock` makes other writers wait their turn."""
        wanted = select(*COLUMNS).where(conversations.c.id == conversation_id)
        found = (await tx.execute(wanted.with_for_update() if lock else wanted)).mappings().first()
        if found is None or found["erased_at"] is not None:
            raise NotFound()
        return Conversation(**found)

    async def many(self, tx: AsyncConnection, conversation_ids: Sequence[str]) -> list[Conversation]:
        """Those of the conversations that are there, in no order."""
        wanted = select(*COLUMNS).where(conversations.c.id.in_(conversation_ids), conversations.c.erased_at.is_(None))
        return [Conversation(**row) for row in (await tx.execute(wanted)).mappings()]

    async def with_token(self, tx: AsyncConnection, conversation_id: str, token: str) -> Conversation | None:
        """The conversation if the token is its own and it is not erased."""
        wanted = select(conversations).where(conversations.c.id == conversation_id, conversations.c.erased_at.is_(None))
        row = (await tx.execute(wanted)).mappings().first()
        if row is None or not hmac.compare_digest(row["token_hash"], self.keys.fingerprint(token)):
            return None
        return Conversation(**{name: value for name, value in row.items() if name != "token_hash"})

    async def append(self, tx: AsyncConnection, conversation: Conversation, drafts: Sequence[Draft], now: datetime) -> list[Event]:
        """Give the drafts the next numbers and store them. The counter is taken inside this transaction."""
        if not drafts:
            return []
        taken = (
            update(conversations)
            .where(conversations.c.id == conversation.id)
            .values(last_n=conversations.c.last_n + len(drafts), active_at=now)
            .returning(conversations.c.last_n)
        )
        last = (await tx.execute(taken)).scalar_one()
        first = last - len(drafts) + 1
        stored = [Event(first + i, now, d.type, d.author, d.body, d.client_id) for i, d in enumerate(drafts)]
        key = self.key_of(conversation)
        await tx.execute(insert(events), [_row(conversation.id, event, key) for event in stored])
        return stored

    async def events_after(self, tx: AsyncConnection, conversation: Conversation, after: int = 0, limit: int = 500) -> list[Event]:
        wanted = (
            select(events)
            .where(events.c.conversation_id == conversation.id, events.c.n > after)
            .order_by(events.c.n)
            .limit(limit)
        )
        key = self.key_of(conversation)
        return [_event(row, key) for row in (await tx.execute(wanted)).mappings()]

    async def event(self, tx: AsyncConnection, conversation: Conversation, n: int) -> Event | None:
        row = (await tx.execute(_one(conversation.id, events.c.n == n))).mappings().first()
        return _event(row, self.key_of(conversation)) if row else None

    async def by_client_id(self, tx: AsyncConnection, conversation: Conversation, client_id: str) -> Event | None:
        row = (await tx.execute(_one(conversation.id, events.c.client_id == client_id))).mappings().first()
        return _event(row, self.key_of(conversation)) if row else None

    async def unanswered(self, tx: AsyncConnection, conversation: Conversation) -> list[Event]:
        """The visitor's messages that the bot has not dealt with yet, oldest first."""
        newer = await self.events_after(tx, conversation, conversation.answered_n)
        return [event for event in newer if event.author == "visitor" and not _is_command(event)]

    async def spoken_before(self, tx: AsyncConnection, conversation: Conversation, n: int) -> Event | None:
        """The visitor's latest message before `n` that was meant for the bot."""
        earlier = [e for e in await self.events_after(tx, conversation) if e.n < n and e.author == "visitor" and not _is_command(e)]
        return earlier[-1] if earlier else None

    async def set_aside(self, tx: AsyncConnection, conversation: Conversation, n: int) -> list[str]:
        """What the guest wrote in own words just before `n` without the bot hearing it, oldest first: a question came between."""
        latest = await self.events_after(tx, conversation, max(n - SET_ASIDE_WITHIN, 0))
        words: list[str] = []
        for event in reversed([event for event in latest if event.n < n]):
            if event.author in ("bot", "host"):
                break
            if event.author == "visitor" and "payload" not in event.body:
                words.insert(0, event.body["text"])
        return words

    async def relation_in_danger(self, tx: AsyncConnection, conversation: Conversation) -> str | None:
        """`relative` when the last crisis card was the one for somebody who is afraid for another; words of danger do not reach the bot."""
        if conversation.phase == "ordinary":
            return None
        cards = (event.body.get("card", {}) for event in await self.events_after(tx, conversation, 0))
        levels = [card["level"] for card in cards if card.get("kind") == "crisis"]
        return "relative" if levels and levels[-1] == "relative" else None

    async def offered_last(self, tx: AsyncConnection, conversation: Conversation) -> list[dict]:
        """The choices under the last thing the guest was shown, with their payloads; none once the guest has written since."""
        latest = await self.events_after(tx, conversation, conversation.last_n - 6)
        said = next((event for event in reversed(latest) if event.type in ("message", "notice")), None)
        return said.body.get("choices", []) if said and said.author != "visitor" else []

    async def last_words(self, tx: AsyncConnection, conversation: Conversation, count: int) -> list[str]:
        """The guest's latest lines, oldest first; none from before a no to the direct question, which has explained them."""
        wanted = (
            select(events)
            .where(events.c.conversation_id == conversation.id, events.c.author == "visitor", events.c.type == "message")
            .order_by(events.c.n.desc())
            .limit(count)
        )
        key = self.key_of(conversation)
        newest_first = [_event(row, key) for row in (await tx.execute(wanted)).mappings()]
        unexplained = itertools.takewhile(lambda event: event.body.get("payload") not in EXPLAINED_BY, newest_first)
        return [event.body["text"] for event in unexplained][::-1]

    async def change(self, tx: AsyncConnection, conversation_id: str, *, only_if: Sequence = (), **values) -> bool:
        """One conditional UPDATE; False when the row no longer fulfilled the conditions."""
        changed = update(conversations).where(conversations.c.id == conversation_id, *only_if).values(**values)
        return (await tx.execute(changed)).rowcount == 1

    async def with_open_turn(self, tx: AsyncConnection, since: datetime) -> list[str]:
        """Conversations whose bot turn a crash may have cut short."""
        newest = select(func.max(events.c.n)).where(
            events.c.conversation_id == conversations.c.id, events.c.author == "visitor", events.c.type == "message"
        ).scalar_subquery()
        wanted = select(conversations.c.id).where(
            conversations.c.state == "with_bot", conversations.c.active_at > since, newest > conversations.c.answered_n
        )
        return list((await tx.execute(wanted)).scalars())

    async def idle(self, tx: AsyncConnection, before: datetime) -> list[str]:
        wanted = select(conversations.c.id).where(
            conversations.c.erased_at.is_(None), conversations.c.state.in_(("with_bot", "closed")), conversations.c.active_at < before
        )
        return list((await tx.execute(wanted)).scalars())

    async def with_promises(self, tx: AsyncConnection, since: datetime) -> set[str]:
        """Conversations whose key an enquiry, an appointment or the waiting list still needs."""
        enquiry = text("SELECT conversation_id FROM enquiries WHERE content IS NOT NULL AND changed_at > :since")
        appointment = text("SELECT conversation_id FROM appointments WHERE content IS NOT NULL AND ends_at > :since")
        bound = [one.bindparams(bindparam("since", since, Instant)) for one in (enquiry, appointment)]
        return {row[0] for one in (*bound, text("SELECT conversation_id FROM waits")) for row in await tx.execute(one)}

    async def erase(self, tx: AsyncConnection, conversation_id: str, now: datetime) -> bool:
        """Destroy the key, the token, the events and the situation; keep an empty row so the id is never reused."""
        done = await self.change(
            tx,
            conversation_id,
            only_if=[conversations.c.erased_at.is_(None)],
            key_wrapped=None,
            token_hash=b"",
            situation=None,
            state="closed",
            owner_id=None,
            erased_at=now,
            closed_at=func.coalesce(conversations.c.closed_at, now),
        )
        await tx.execute(delete(events).where(events.c.conversation_id == conversation_id))
        return done

    async def waiting(self, tx: AsyncConnection, municipality: str | None = None) -> list[Conversation]:
        wanted = select(*COLUMNS).where(or_(conversations.c.state == "waiting", conversations.c.state == "with_host"))
        if municipality:
            wanted = wanted.where(conversations.c.municipality == municipality)
        return [Conversation(**row) for row in (await tx.execute(wanted)).mappings()]

    def key_of(self, conversation: Conversation) -> ConversationKey:
        return self.keys.unwrap(conversation.key_wrapped, conversation.id)

    def seal_situation(self, conversation: Conversation, situation: dict) -> bytes:
        return self.key_of(conversation).seal(situation, f"conversations:{conversation.id}:situation")

    def situation_of(self, conversation: Conversation) -> dict:
        if conversation.situation is None:
            return {}
        return self.key_of(conversation).open(conversation.situation, f"conversations:{conversation.id}:situation")


def _is_command(event: Event) -> bool:
    return str(event.body.get("payload", "")).startswith("!")


def _one(conversation_id: str, condition):
    return select(events).where(events.c.conversation_id == conversation_id, condition)


def _row(conversation_id: str, event: Event, key: ConversationKey) -> dict:
    return {
        "conversation_id": conversation_id,
        "n": event.n,
        "at": event.at,
        "type": event.type,
        "author": event.author,
        "client_id": event.client_id,
        "body": key.seal(event.body, f"events:{conversation_id}:{event.n}"),
    }


def _event(row, key: ConversationKey) -> Event:
    body = key.open(row["body"], f"events:{row['conversation_id']}:{row['n']}")
    return Event(row["n"], row["at"], row["type"], row["author"], body, row["client_id"])
