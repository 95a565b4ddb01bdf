"""How a decision becomes rows: the incident, its timeline, the messages owed; and back into records."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session
from sqlmodel import col

from bot.errors import StoreError
from bot.incidents.closing import MOST
from bot.records import TOCSIN, Act, ActKind, Alert, AlertKind, Decision, Incident, Status
from bot.store.schema.columns import storable
from bot.store.schema.incident_tables import ActRow, AlertRow, IncidentRow
from engine.post import Level

FIELDS = (
    "topic_id", "topic", "channel", "speak", "score", "headline", "stories", "reasons", "notes", "evidence",
    "policy", "opened_at", "assessed_at", "calm_since", "owner", "acknowledged_at", "acknowledged_by",
    "snoozed_until", "closed_at", "closed_by", "step", "rounds", "reminded_at", "last_act_at",
    "next_action_at", "told_at", "paged_at", "facts", "untold", "tell_at", "facts_told_at", "set_by", "set_until",
    "reopened_at", "warned_at", "split", "merged_into", "held", "counted_from",
)  # fmt: skip
"""What an incident and its row call by the same name and hold in the same way."""


def record_of(row: IncidentRow) -> Incident:
    return Incident(
        id=row.id,
        version=row.version,
        status=Status(row.status),
        level=Level(row.level),
        peak=Level(row.peak),
        told=_level(row.told),
        set_level=_level(row.set_level),
        **{name: getattr(row, name) for name in FIELDS},
    )


def _level(stored: int | None) -> Level | None:
    return None if stored is None else Level(stored)


def act_of(row: ActRow) -> Act:
    return Act(kind=ActKind(row.kind), at=row.at, by=row.by, detail=row.detail, key=row.key or "")


def alert_of(row: AlertRow) -> Alert:
    return Alert(
        id=row.id,
        incident_id=row.incident_id,
        key=row.key,
        kind=AlertKind(row.kind),
        target=row.target,
        level=Level(row.level),
        at=row.at,
        payload=row.payload,
        attempts=row.attempts,
        route=row.route,
        failures=row.failures,
        failing_since=row.failing_since,
        resorted=row.resorted,
    )


def write(session: Session, current: IncidentRow | None, decision: Decision) -> Incident | None:
    """Write *decision* over *current*, the row that the caller has locked; the incident as it is stored.

    An act or alert whose key its incident has already is not written again. If all of a person's acts are
    there already, the decision was recorded before, and nothing is written.
    """
    if decision.incident is None and not (decision.acts or decision.alerts):
        return None
    if decision.incident is not None and decision.incident.id == 0:
        values = _values(decision.incident)
        row = IncidentRow(version=1, slot=_free_slot(session, decision.incident.topic_id), **values)
    else:
        row = _checked(current, decision.incident)
        if _recorded(session, row.id, decision.acts):
            return record_of(row)
        if decision.incident is not None:
            if Status(row.status).closed and not decision.incident.status.closed:
                row.slot = _free_slot(session, row.topic_id)
            _change(row, decision.incident)
    session.add(row)
    session.flush()
    write_acts(session, row.id, decision.acts)
    write_alerts(session, row.id, decision.alerts)
    return record_of(row)


def _free_slot(session: Session, topic_id: int) -> int:
    """The lowest place for one more live incident of a topic. Raises StoreError if there is none."""
    live = col(IncidentRow.status).in_([Status.OPEN.value, Status.ACKNOWLEDGED.value])
    taken = set(session.scalars(select(col(IncidentRow.slot)).where(col(IncidentRow.topic_id) == topic_id, live)))
    free = [slot for slot in range(MOST) if slot not in taken]
    if not free:
        raise StoreError("database.all_slots_taken", n=MOST)
    return free[0]


def _checked(current: IncidentRow | None, incident: Incident | None) -> IncidentRow:
    """*current*, if the decision is about it."""
    if current is None or (incident is not None and incident.id != current.id):
        raise StoreError("database.foreign_decision")
    return current


def _values(incident: Incident) -> dict[str, Any]:
    return {name: getattr(incident, name) for name in FIELDS} | {
        "status": incident.status.value,
        "level": incident.level.value,
        "peak": incident.peak.value,
        "told": incident.told and incident.told.value,
        "set_level": incident.set_level and incident.set_level.value,
    }


def _change(row: IncidentRow, incident: Incident) -> None:
    for name, value in _values(incident).items():
        setattr(row, name, value)
    row.version += 1


def _recorded(session: Session, incident_id: int, acts: Iterable[Act]) -> bool:
    keys = {storable(act.key) for act in acts if act.key and act.by != TOCSIN}
    return bool(keys) and keys <= _act_keys(session, incident_id, keys)


def _act_keys(session: Session, incident_id: int, keys: Iterable[str]) -> set[str]:
    query = select(col(ActRow.key)).where(col(ActRow.incident_id) == incident_id, col(ActRow.key).in_(list(keys)))
    return {key for key in session.scalars(query) if key}


def write_acts(session: Session, incident_id: int, acts: Iterable[Act]) -> None:
    there = _act_keys(session, incident_id, {storable(act.key) for act in acts if act.key})
    for act in acts:
        key = storable(act.key)
        if key and key in there:
            continue
        there.add(key)
        session.add(
            ActRow(
                incident_id=incident_id,
                kind=act.kind.value,
                at=act.at,
                by=act.by,
                detail=act.detail,
                key=key or None,
            )
        )
    session.flush()


def write_alerts(session: Session, incident_id: int, alerts: Iterable[Alert]) -> None:
    owed = {storable(alert.key): alert for alert in reversed(list(alerts))}
    query = select(col(AlertRow.key)).where(col(AlertRow.incident_id) == incident_id, col(AlertRow.key).in_(list(owed)))
    there = set(session.scalars(query)) if owed else set()
    rows = [
        {
            "incident_id": incident_id,
            "key": key,
            "kind": alert.kind.value,
            "target": alert.target,
            "level": alert.level.value,
            "at": alert.at,
            "due_at": alert.at,
            "payload": alert.payload,
            "state": "owed",
            "attempts": 0,
            "error": "",
            "failures": 0,
            "route": 0,
            "resorted": False,
        }
        for key, alert in reversed(owed.items())
        if key not in there
    ]
    if rows:
        session.execute(insert(AlertRow), rows)
