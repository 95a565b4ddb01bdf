"""Slack delivers an event again when it is not sure; the second time must do nothing."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session
from sqlmodel import col

from bot.store.database import Database
from bot.store.schema.columns import storable
from bot.store.schema.incident_tables import SeenRow

KEPT = timedelta(days=1)
"""Slack gives up after an hour; a day is safe."""


class Deduplication:
    def __init__(self, database: Database) -> None:
        self._database = database

    def first(self, event_id: str, now: datetime) -> bool:
        """True for exactly one caller of each *event_id*, whatever thread or process it is in."""
        with self._database.write(alone="seen", durable=False) as session:
            return first(session, event_id, now)


def first(session: Session, event_id: str, now: datetime) -> bool:
    """The same inside a transaction that has the events for itself."""
    session.execute(delete(SeenRow).where(col(SeenRow.at) < now - KEPT))
    if session.get(SeenRow, storable(event_id)) is not None:
        return False
    session.add(SeenRow(event_id=storable(event_id), at=now))
    return True
