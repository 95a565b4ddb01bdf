"""Finds the live incidents of other topics that tell of the same posts, and notes it on both timelines."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from sqlmodel import col

from bot.incidents.links import BEFORE_IT_OPENED, linked, same_happening
from bot.records import Incident, Status
from bot.store.incidents import decisions
from bot.store.rows import chunks
from bot.store.schema.incident_tables import IncidentRow
from bot.store.schema.tables import PostRow, ReadingRow

LOOKED_AT = 500
"""So many posts of an incident, the latest, are compared."""

LIVE = (Status.OPEN.value, Status.ACKNOWLEDGED.value)


def link(session: Session, incident: Incident, now: datetime) -> tuple[int, ...]:
    """Note which live incidents of other topics tell of the same happening as *incident*; their ids.

    Only rows are added to theirs: two topics that find each other at the same moment do not wait for each other.
    """
    mine = _texts(session, incident)
    found = []
    for row in _others(session, incident, mine):
        other = decisions.record_of(row)
        if same_happening(mine, _texts(session, other)):
            found.append(other.id)
            for one, its in ((incident, other), (other, incident)):
                decision = linked(one, its, now=now)
                decisions.write_acts(session, one.id, decision.acts)
                decisions.write_alerts(session, one.id, decision.alerts)
    return tuple(found)


def _texts(session: Session, incident: Incident) -> set[int]:
    """The posts of the incident's stories, a copy as what it is a copy of."""
    if not incident.stories:
        return set()
    query = (
        select(func.coalesce(col(PostRow.copy_of), col(PostRow.id)))
        .join(ReadingRow, col(ReadingRow.post_id) == col(PostRow.id))
        .where(col(ReadingRow.topic_id) == incident.topic_id, col(ReadingRow.story).in_(incident.stories))
        .where(col(ReadingRow.published) >= incident.opened_at - BEFORE_IT_OPENED)
        .order_by(col(ReadingRow.published).desc())
        .limit(LOOKED_AT)
    )
    return set(session.scalars(query))


def _others(session: Session, incident: Incident, texts: Collection[int]) -> list[IncidentRow]:
    """The live incidents of the other topics that any of these *texts* was read for."""
    topics: set[int] = set()
    for part in chunks(sorted(texts)):
        query = select(col(ReadingRow.topic_id)).where(col(ReadingRow.post_id).in_(part)).distinct()
        topics |= set(session.scalars(query))
    topics.discard(incident.topic_id)
    if not topics:
        return []
    theirs = col(IncidentRow.topic_id).in_(topics), col(IncidentRow.status).in_(LIVE)
    return list(session.scalars(select(IncidentRow).where(*theirs).order_by(col(IncidentRow.id))))
