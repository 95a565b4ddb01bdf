"""Messages that tell of many incidents at once: which there are, and who is in them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlmodel import col

from bot.records import AlertKind, Bundle
from bot.store.database import Database
from bot.store.schema.incident_tables import AlertRow, BundleRow

LATEST = 20
"""An incident is looked for in so many bundles, the last ones."""


class Bundles:
    def __init__(self, database: Database) -> None:
        self._database = database

    def opened(self, target: str, since: datetime) -> list[int]:
        """The incidents whose cards were owed to *target* since a moment, the oldest first."""
        mine = col(AlertRow.target) == target, col(AlertRow.kind) == AlertKind.CARD.value, col(AlertRow.at) >= since
        query = select(col(AlertRow.incident_id)).where(*mine).order_by(col(AlertRow.at), col(AlertRow.id))
        with self._database.read() as session:
            return list(dict.fromkeys(session.scalars(query)))

    def last(self, target: str, since: datetime) -> Bundle | None:
        """The bundle that something joined since a moment, if there is one."""
        query = select(BundleRow).where(col(BundleRow.target) == target, col(BundleRow.last_at) >= since)
        with self._database.read() as session:
            row = session.scalar(query.order_by(col(BundleRow.last_at).desc()).limit(1))
            return None if row is None else _record(row)

    def keep(self, bundle: Bundle) -> None:
        """Keep a new bundle, or what has become of one."""
        values = {name: getattr(bundle, name) for name in ("target", "channel", "ts", "last_at", "incidents")}
        with self._database.write() as session:
            session.merge(BundleRow(id=bundle.id, **values) if bundle.id else BundleRow(**values))

    def beside(self, incident_id: int) -> tuple[int, ...]:
        """The other incidents of the bundles that an incident is in."""
        query = select(BundleRow).order_by(col(BundleRow.last_at).desc()).limit(LATEST)
        with self._database.read() as session:
            rows = [row for row in session.scalars(query) if incident_id in row.incidents]
            found = dict.fromkeys(number for row in rows for number in row.incidents)
        return tuple(number for number in found if number != incident_id)


def _record(row: BundleRow) -> Bundle:
    return Bundle(
        id=row.id,
        target=row.target,
        channel=row.channel,
        ts=row.ts,
        last_at=row.last_at,
        incidents=row.incidents,
    )
