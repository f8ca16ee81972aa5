"""How the desks are doing right now, for operators' Prometheus. Numbers for each team; nothing about any one guest."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import case, func, select

from backend.conversations.tables import conversations
from backend.handoffs.repository import HandoffRepository, Team
from backend.handoffs.tables import alarms, handoffs
from backend.storage.engine import Storage

LOOK_BACK = timedelta(hours=24)
HELP = {
    "indgang_conversations": "Conversations that are not closed, by who is talking",
    "indgang_queue_waiting": "Guests waiting for a host",
    "indgang_queue_longest_wait_seconds": "How long the guest who has waited longest has waited",
    "indgang_hosts_present": "Hosts who are there, active and take guests",
    "indgang_chats_with_host": "Guests talking with a host",
    "indgang_alarms_unanswered": "Alarms about a guest in danger that no host has answered",
    "indgang_handoffs_last_day": "Requests for a human in the last 24 hours, by how they ended",
}


@dataclass(frozen=True)
class Sample:
    name: str
    labels: dict[str, str]
    value: float


async def samples(storage: Storage, repository: HandoffRepository, teams: Iterable[Team], now: datetime) -> list[Sample]:
    """Every team is there also when its numbers are nought, so that a missing line means a missing desk."""
    found = []
    async with storage.read() as tx:
        talking = await _talking(tx)
        queue = await _queue(tx)
        ended = await _ended(tx, now - LOOK_BACK)
        unanswered = await _unanswered(tx)
        for team in teams:
            where, key = {"municipality": team.municipality, "channel": team.channel}, (team.municipality, team.channel)
            waiting, since, claimed = queue.get(key, (0, None, 0))
            longest = (now - since).total_seconds() if since else 0
            found += [
                Sample("indgang_queue_waiting", where, waiting),
                Sample("indgang_queue_longest_wait_seconds", where, round(longest)),
                Sample("indgang_chats_with_host", where, claimed),
                Sample("indgang_hosts_present", where, len(await repository.hosts_present(tx, team, now))),
                Sample("indgang_alarms_unanswered", where, unanswered.get(key, 0)),
            ]
            found += [Sample("indgang_conversations", where | {"state": state}, talking.get((*key, state), 0)) for state in ("with_bot", "waiting", "with_host")]
            found += [Sample("indgang_handoffs_last_day", where | {"outcome": outcome}, count) for (*whose, outcome), count in ended.items() if tuple(whose) == key]
    return found


def exposition(found: Sequence[Sample]) -> str:
    """The text format that Prometheus reads."""
    lines = []
    for name, text in HELP.items():
        lines += [f"# HELP {name} {text}.", f"# TYPE {name} gauge"]
        lines += [f"{name}{{{_labels(one.labels)}}} {one.value:g}" for one in found if one.name == name]
    return "\n".join(lines) + "\n"


def _labels(labels: dict[str, str]) -> str:
    escaped = {key: value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") for key, value in labels.items()}
    return ",".join(f'{key}="{value}"' for key, value in escaped.items())


async def _talking(tx) -> dict:
    columns = (conversations.c.municipality, conversations.c.channel, conversations.c.state)
    wanted = select(*columns, func.count()).where(conversations.c.erased_at.is_(None), conversations.c.state != "closed").group_by(*columns)
    return {tuple(row[:3]): row[3] for row in await tx.execute(wanted)}


async def _queue(tx) -> dict:
    """Team → (waiting, since when the first of them, claimed)."""
    team = (conversations.c.municipality, conversations.c.channel)
    waiting = handoffs.c.status == "waiting"
    wanted = (
        select(*team, func.sum(case((waiting, 1), else_=0)), func.min(case((waiting, handoffs.c.requested_at))), func.sum(case((waiting, 0), else_=1)))
        .join(conversations, conversations.c.id == handoffs.c.conversation_id)
        .where(handoffs.c.status.in_(("waiting", "claimed")))
        .group_by(*team)
    )
    return {tuple(row[:2]): tuple(row[2:]) for row in await tx.execute(wanted)}


async def _ended(tx, since: datetime) -> dict:
    columns = (conversations.c.municipality, conversations.c.channel, func.coalesce(handoffs.c.outcome, "open"))
    wanted = (
        select(*columns, func.count())
        .join(conversations, conversations.c.id == handoffs.c.conversation_id)
        .where(handoffs.c.requested_at > since)
        .group_by(*columns)
    )
    return {tuple(row[:3]): row[3] for row in await tx.execute(wanted)}


async def _unanswered(tx) -> dict:
    team = (conversations.c.municipality, conversations.c.channel)
    wanted = select(*team, func.count()).join(alarms, alarms.c.conversation_id == conversations.c.id).where(
        alarms.c.closed_at.is_(None), alarms.c.acknowledged_by.is_(None)
    )
    return {tuple(row[:2]): row[2] for row in await tx.execute(wanted.group_by(*team))}
