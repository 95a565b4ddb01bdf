"""Sources and their health. The settings file says which there are; the poller records how they fare."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlmodel import col

from bot.errors import Missing
from bot.infra.clock import SKEW
from bot.records import SourceRecord
from bot.store.database import Database
from bot.store.schema.tables import SourceRow
from bot.store.topics.topics import name_key
from engine.post import SourceHealth, Standing

PUSHED = "webhook"
"""The kind that is not polled."""

FAILURES = 3
"""So many failures in a row make a source silent."""

MISSED_POLLS = 3
PATIENCE = timedelta(minutes=15)
"""A source that nobody reached for MISSED_POLLS intervals, and at least PATIENCE, is silent."""

STALE = timedelta(days=7)
"""A source that answers, but brings nothing new for so long, is silent."""


def silent(source: SourceRecord, now: datetime) -> bool:
    """True if *source* cannot be trusted to tell us. One that was never tried yet is given the benefit."""
    if source.failures >= FAILURES:
        return True
    if source.kind != PUSHED and source.last_poll_at is not None:
        patience = max(PATIENCE, timedelta(seconds=MISSED_POLLS * source.every))
        if now - (source.last_ok_at or source.last_poll_at) > patience:
            return True
    return source.last_item_at is not None and now - source.last_item_at > STALE


def health(sources: Iterable[SourceRecord], now: datetime) -> SourceHealth:
    enabled = [source for source in sources if source.enabled]
    return SourceHealth(total=len(enabled), silent=tuple(s.name for s in enabled if silent(s, now)))


class Sources:
    def __init__(self, database: Database) -> None:
        self._database = database

    def sync(self, records: Sequence[SourceRecord]) -> list[SourceRecord]:
        """Bring the sources to what *records* say; those not named are switched off, their posts stay.

        A source whose address changed starts anew: its first poll is quiet again. Returns all that are on.
        """
        with self._database.write(alone="sources") as session:
            rows = {row.name_key: row for row in session.scalars(select(SourceRow))}
            named = {name_key(record.name): record for record in records}
            for key, row in rows.items():
                row.enabled = row.enabled and key in named
            for key, record in named.items():
                if key in rows:
                    _fill(rows[key], record)
                else:
                    session.add(SourceRow(name_key=key, **_settings(record)))
            session.flush()
            enabled = select(SourceRow).where(col(SourceRow.enabled)).order_by(col(SourceRow.name_key))
            return [record_of(row) for row in session.scalars(enabled)]

    def all(self) -> list[SourceRecord]:
        """Every source, by name, those that are switched off too."""
        with self._database.read() as session:
            rows = session.scalars(select(SourceRow).order_by(col(SourceRow.name_key)))
            return [record_of(row) for row in rows]

    def get(self, source_id: int) -> SourceRecord | None:
        with self._database.read() as session:
            row = session.get(SourceRow, source_id)
            return record_of(row) if row else None

    def find(self, name: str) -> SourceRecord | None:
        with self._database.read() as session:
            row = session.scalar(select(SourceRow).where(col(SourceRow.name_key) == name_key(name)))
            return record_of(row) if row else None

    def due(self, now: datetime, limit: int) -> list[SourceRecord]:
        """Sources that should be polled by now, those that wait longest first.

        A source that was polled in the future was polled by a clock that ran ahead: its next poll is due too.
        """
        due = col(SourceRow.next_poll_at).is_(None) | (col(SourceRow.next_poll_at) <= now)
        due |= col(SourceRow.last_poll_at) > now + SKEW
        with self._database.read() as session:
            rows = session.scalars(
                select(SourceRow)
                .where(col(SourceRow.enabled), col(SourceRow.kind) != PUSHED, due)
                .order_by(col(SourceRow.next_poll_at).asc().nulls_first(), col(SourceRow.id))
                .limit(limit)
            )
            return [record_of(row) for row in rows]

    def record(self, source: SourceRecord) -> None:
        """Keep what the last poll left: its time, its validators, its fault. Raises Missing."""
        with self._database.write(durable=False) as session:
            row = session.get(SourceRow, source.id, with_for_update={"key_share": True})
            if row is None:
                raise Missing("source", source.id)
            row.etag, row.last_modified = source.etag, source.last_modified
            row.next_poll_at, row.last_poll_at = source.next_poll_at, source.last_poll_at
            row.last_ok_at, row.failures, row.error = source.last_ok_at, source.failures, source.error
            row.baselined, row.options = source.baselined, source.options
            times = [at for at in (row.last_item_at, source.last_item_at) if at]
            row.last_item_at = max(times, default=None)  # posts.add may have written a later one

    def health(self, now: datetime) -> SourceHealth:
        """How many of the sources that are on can be trusted to tell us."""
        return health(self.all(), now)


def record_of(row: SourceRow) -> SourceRecord:
    return SourceRecord(
        id=row.id,
        name=row.name,
        kind=row.kind,
        url=row.url,
        every=row.every,
        standing=Standing(row.standing),
        lang=row.lang,
        allow_private=row.allow_private,
        enabled=row.enabled,
        options=row.options,
        etag=row.etag,
        last_modified=row.last_modified,
        next_poll_at=row.next_poll_at,
        last_poll_at=row.last_poll_at,
        last_ok_at=row.last_ok_at,
        last_item_at=row.last_item_at,
        failures=row.failures,
        error=row.error,
        baselined=row.baselined,
    )


def _fill(row: SourceRow, record: SourceRecord) -> None:
    if (row.kind, row.url) != (record.kind, record.url):
        row.etag = row.last_modified = ""
        row.error = None
        row.next_poll_at = None
        row.failures, row.baselined = 0, False
    for name, value in _settings(record).items():
        setattr(row, name, value)


def _settings(record: SourceRecord) -> dict[str, Any]:
    """What the settings file says of a source, as its columns are called."""
    return {
        "name": record.name,
        "kind": record.kind,
        "url": record.url,
        "every": record.every,
        "standing": record.standing.value,
        "lang": record.lang,
        "allow_private": record.allow_private,
        "enabled": record.enabled,
        "options": record.options,
    }
