"""The audit trail: what people did and were refused, on incidents (where it is on their timelines) and besides them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlmodel import col

from bot.records import DONE, TOCSIN, UNCHECKED, ActKind, AuditEntry
from bot.store.database import Database
from bot.store.schema.columns import storable
from bot.store.schema.incident_tables import ActRow, AuditRow, IncidentRow


class Audit:
    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, entry: AuditEntry) -> bool:
        """Keep *entry*, which is about no incident; False if one with its key is there already."""
        key = storable(entry.key) or None
        with self._database.write(alone="audit") as session:
            if key and session.scalar(select(col(AuditRow.id)).where(col(AuditRow.key) == key)) is not None:
                return False
            session.add(
                AuditRow(
                    at=entry.at,
                    by=entry.by,
                    deed=entry.deed,
                    about=entry.about,
                    outcome=entry.outcome,
                    origin=dict(entry.origin),
                    key=key,
                )
            )
            return True

    def since(self, moment: datetime) -> list[AuditEntry]:
        """All that people did and were refused since *moment*, on incidents too, in order."""
        query = select(AuditRow).where(col(AuditRow.at) >= moment).order_by(col(AuditRow.at), col(AuditRow.id))
        acts = (
            select(ActRow, col(IncidentRow.topic))
            .join(IncidentRow, col(IncidentRow.id) == col(ActRow.incident_id))
            .where(col(ActRow.at) >= moment, col(ActRow.by) != TOCSIN)
            .order_by(col(ActRow.at), col(ActRow.id))
        )
        with self._database.read() as session:
            kept = [_entry(row) for row in session.scalars(query)]
            kept += [_entry_of_act(row, topic) for row, topic in session.execute(acts)]
        return sorted(kept, key=lambda entry: entry.at)


def _entry(row: AuditRow) -> AuditEntry:
    return AuditEntry(
        at=row.at,
        by=row.by,
        deed=row.deed,
        about=row.about,
        outcome=row.outcome,
        origin=row.origin,
        key=row.key or "",
    )


def _entry_of_act(row: ActRow, topic: str) -> AuditEntry:
    refused = row.kind == ActKind.REFUSED.value
    return AuditEntry(
        at=row.at,
        by=row.by,
        deed=str(row.detail.get("deed", row.kind)) if refused else row.kind,
        about=topic,
        incident=row.incident_id,
        outcome=str(row.detail.get("why", "")) if refused else UNCHECKED if row.detail.get("unchecked") else DONE,
        origin=row.detail.get("origin", {}),
        key=row.key or "",
    )
