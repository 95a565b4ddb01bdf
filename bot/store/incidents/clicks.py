"""Clicks that were taken: written before Slack is answered, done soon after, by another process if this one dies."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlmodel import col

from bot.infra.clock import come
from bot.records import TakenClick
from bot.store.database import Database
from bot.store.deduplication import first
from bot.store.schema.incident_tables import ClickRow

LEASE = timedelta(seconds=30)
"""Whoever took a click has so long to do it; then anybody may."""


class Clicks:
    def __init__(self, database: Database) -> None:
        self._database = database

    def take(self, click: TakenClick, event: str, wanted: Callable[[], bool] = lambda: True) -> TakenClick | None:
        """Keep *click*, claimed by the caller; None if Slack sent its *event* before.

        None too if nobody *wanted* it any more by the time that it could be written: then it is not kept.
        """
        with self._database.write(alone="seen") as session:
            if not first(session, event, click.at):
                return None
            row = ClickRow(
                work=click.work,
                asked=dict(click.asked),
                details=dict(click.details),
                at=click.at,
                claimed_until=click.at + LEASE,
                attempts=1,
            )
            session.add(row)
            session.flush()
            if wanted():
                return _click(row, 0)
            session.rollback()
            return None

    def claim(self, now: datetime, limit: int = 4) -> list[TakenClick]:
        """What was taken and nobody is doing, the oldest first."""
        query = select(ClickRow).order_by(col(ClickRow.id)).with_for_update(skip_locked=True)
        with self._database.write() as session:
            free = [row for row in session.scalars(query) if _free(row, now)][:limit]
            for row in free:
                row.claimed_until, row.attempts = now + LEASE, row.attempts + 1
            return [_click(row, row.attempts - 1) for row in free]

    def done(self, click_id: int) -> None:
        with self._database.write() as session:
            session.execute(delete(ClickRow).where(col(ClickRow.id) == click_id))


def _free(row: ClickRow, now: datetime) -> bool:
    return row.claimed_until is None or come(row.claimed_until, now, LEASE)


def _click(row: ClickRow, attempts: int) -> TakenClick:
    return TakenClick(
        id=row.id, work=row.work, asked=row.asked, details=row.details, at=row.at, attempts=attempts
    )  # fmt: skip
