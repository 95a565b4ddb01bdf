"""The audit trail of what belongs to no incident: topics that people added, and whom Tocsin turned away."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlmodel import col

from bot.records import AuditEntry
from bot.store.database import Database
from bot.store.schema.columns import storable
from bot.store.schema.incident_tables import AuditRow


class Audit:
    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, entry: AuditEntry) -> bool:
        """Keep *entry*; False if one with its key is there already."""
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
        """What was done and refused since *moment*, in order."""
        query = select(AuditRow).where(col(AuditRow.at) >= moment).order_by(col(AuditRow.at), col(AuditRow.id))
        with self._database.read() as session:
            return [
                AuditEntry(
                    at=row.at,
                    by=row.by,
                    deed=row.deed,
                    about=row.about,
                    outcome=row.outcome,
                    origin=row.origin,
                    key=row.key or "",
                )
                for row in session.scalars(query)
            ]
