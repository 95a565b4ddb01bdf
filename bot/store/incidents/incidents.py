"""Incidents, and the one way to change them: load under a lock, decide, write."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session
from sqlmodel import col

from bot.errors import Missing
from bot.incidents.escalation import come_due
from bot.incidents.facts import LONGEST_UNTOLD
from bot.infra.clock import AHEAD, come
from bot.records import Act, Decision, Incident, Status
from bot.store.database import Database
from bot.store.incidents.decisions import act_of, record_of, write
from bot.store.schema.incident_tables import ActRow, IncidentRow
from bot.store.schema.tables import TopicRow, TopicStateRow

LIVE = (Status.OPEN.value, Status.ACKNOWLEDGED.value)


class Incidents:
    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, incident_id: int) -> Incident | None:
        with self._database.read() as session:
            row = session.get(IncidentRow, incident_id)
            return record_of(row) if row else None

    def find(self, number: int) -> Incident | None:
        """The incident that people call by *number*: its id."""
        return self.get(number) if 0 < number < 2**63 else None

    def open(self) -> list[Incident]:
        """What is not closed, the gravest first."""
        with self._database.read() as session:
            rows = session.scalars(
                select(IncidentRow)
                .where(col(IncidentRow.status).in_(LIVE))
                .order_by(col(IncidentRow.level), col(IncidentRow.score).desc(), col(IncidentRow.opened_at))
            )
            return [record_of(row) for row in rows]

    def recent(self, limit: int = 20) -> list[Incident]:
        """The incidents that were opened last, the newest first."""
        with self._database.read() as session:
            query = select(IncidentRow).order_by(col(IncidentRow.opened_at).desc(), col(IncidentRow.id).desc())
            return [record_of(row) for row in session.scalars(query.limit(limit))]

    def last_closed(self, topic_id: int) -> Incident | None:
        """The incident of a topic that was closed last; None if none ever was."""
        mine = col(IncidentRow.topic_id) == topic_id, col(IncidentRow.closed_at).is_not(None)
        ended = col(IncidentRow.status).not_in(LIVE)
        query = select(IncidentRow).where(*mine, ended).order_by(col(IncidentRow.closed_at).desc()).limit(1)
        with self._database.read() as session:
            row = session.scalar(query)
            return None if row is None else record_of(row)

    def timeline(self, incident_id: int) -> list[Act]:
        """What happened to an incident, in order."""
        query = select(ActRow).where(col(ActRow.incident_id) == incident_id)
        with self._database.read() as session:
            return [act_of(row) for row in session.scalars(query.order_by(col(ActRow.at), col(ActRow.id)))]

    def due(self, now: datetime, limit: int = 100) -> list[int]:
        """The ids of live incidents that must do or tell something, the longest overdue first.

        Last come those whose moment lies further ahead than anybody can have meant: a clock was ahead.
        """
        due = (col(IncidentRow.next_action_at) <= now) | (col(IncidentRow.tell_at) <= now)
        query = (
            select(col(IncidentRow.id))
            .where(due, col(IncidentRow.status).in_(LIVE))
            .order_by(func.coalesce(col(IncidentRow.next_action_at), now), col(IncidentRow.id))
            .limit(limit)
        )
        later = (col(IncidentRow.next_action_at) > now) | (col(IncidentRow.tell_at) > now + LONGEST_UNTOLD)
        ahead = select(IncidentRow).where(later, col(IncidentRow.status).in_(LIVE))
        with self._database.read() as session:
            found = list(session.scalars(query))
            late = [row.id for row in session.scalars(ahead) if _ahead(record_of(row), now)]
            return found + [number for number in late if number not in found]

    def ids_to_assess(self, before: datetime) -> list[int]:
        """The ids of the *topics* with a live incident or a level, which must fall without posts too, and with no turn
        after *before*. A turn far after it was written by a clock that ran ahead, and is none."""
        at = col(TopicStateRow.updated_at)
        late = select(col(TopicStateRow.topic_id)).where(at > before, at <= before + AHEAD)
        live = select(col(IncidentRow.topic_id)).where(col(IncidentRow.status).in_(LIVE))
        levelled = select(col(TopicStateRow.topic_id)).where(col(TopicStateRow.level).is_not(None))
        watched = col(TopicRow.paused).is_(False) & col(TopicRow.gone).is_(False)
        query = select(col(TopicRow.id)).where(
            col(TopicRow.id).not_in(late), col(TopicRow.id).in_(live) | (col(TopicRow.id).in_(levelled) & watched)
        )
        with self._database.read() as session:
            return list(session.scalars(query.order_by(col(TopicRow.id))))

    def change(self, incident_id: int, decide: Callable[[Incident], Decision]) -> Incident:
        """Change an incident as *decide* says of it, alone.

        Of two who try at once, the second decides over what the first wrote. *decide* may raise: then nothing
        is written. Returns the incident as it is stored now. Raises Missing.
        """
        with self._database.write() as session:
            row = _locked(session, incident_id)
            current = record_of(row)
            return write(session, row, decide(current)) or current

    def change_several(
        self, ids: Sequence[int], decide: Callable[[Sequence[Incident]], Sequence[Decision]]
    ) -> list[Incident]:
        """Change several incidents together, or none of them; *decide* gets them in the order of *ids*.

        A decision about an incident without a number opens it. Returns what was written. Raises Missing, StoreError.
        """
        with self._database.write() as session:
            # Always in the same order: two who change the same ones must not wait for each other.
            rows = {key: _locked(session, key) for key in sorted(set(ids))}
            made = decide([record_of(rows[key]) for key in ids])
            current = [rows.get(each.incident.id if each.incident else 0) for each in made]
            written = [write(session, row, each) for row, each in zip(current, made, strict=True)]
            return [each for each in written if each is not None]


def _ahead(incident: Incident, now: datetime) -> bool:
    """True if a moment of *incident* lies further ahead than it can have been set."""
    return come_due(incident, now) or (incident.tell_at is not None and come(incident.tell_at, now, LONGEST_UNTOLD))


def _locked(session: Session, incident_id: int) -> IncidentRow:
    row = session.get(IncidentRow, incident_id, with_for_update={"key_share": True})
    if row is None:
        raise Missing("incident", incident_id)
    return row
