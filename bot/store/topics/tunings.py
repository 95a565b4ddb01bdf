"""How easily each topic rings: what was learned last."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlmodel import col

from bot.infra.clock import SKEW
from bot.records import Basis, TuningRecord
from bot.store.database import Database
from bot.store.schema.tables import TopicRow, TuningRow
from engine.tuning.tuning import Tuning

A_DAY = timedelta(days=1) + SKEW
"""No lesson is dated so long after a night began unless the clock ran ahead."""


class Tunings:
    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, topic_id: int) -> TuningRecord | None:
        """What was learned last for a topic; None if nothing ever was."""
        with self._database.read() as session:
            row = session.get(TuningRow, topic_id)
            return record_of(row) if row else None

    def all(self) -> list[TuningRecord]:
        with self._database.read() as session:
            return [record_of(row) for row in session.scalars(select(TuningRow).order_by(col(TuningRow.topic_id)))]

    def keep(self, record: TuningRecord) -> None:
        """Put *record* in the place of what was learned before, unless that is newer (and no clock ran ahead)."""
        with self._database.write() as session:
            row = session.get(TuningRow, record.topic_id)
            if row is None or not timedelta() < row.learned_at - record.learned_at <= A_DAY:
                session.merge(_row(record))

    def due(self, before: datetime) -> list[int]:
        """The watched topics that have learned nothing since *before*, the longest first.

        A lesson more than a day after it was dated by a clock that ran ahead, and is learned again.
        """
        at = col(TuningRow.learned_at)
        query = (
            select(col(TopicRow.id))
            .outerjoin(TuningRow, col(TuningRow.topic_id) == col(TopicRow.id))
            .where(col(TopicRow.paused).is_(False), col(TopicRow.gone).is_(False))
            .where(or_(at.is_(None), at < before, at > before + A_DAY))
            .order_by(col(TuningRow.learned_at).is_not(None), col(TuningRow.learned_at), col(TopicRow.id))
        )
        with self._database.read() as session:
            return list(session.scalars(query))


def record_of(row: TuningRow) -> TuningRecord:
    return TuningRecord(
        topic_id=row.topic_id,
        tuning=Tuning(strictness=row.strictness, trust=row.trust, tallies=row.tallies),
        learned_at=row.learned_at,
        days=row.days,
        bells=row.bells,
        basis=Basis(row.basis),
    )


def _row(record: TuningRecord) -> TuningRow:
    tuning = record.tuning
    return TuningRow(
        topic_id=record.topic_id,
        strictness=tuning.strictness,
        trust=dict(tuning.trust),
        tallies=dict(tuning.tallies),
        learned_at=record.learned_at,
        days=record.days,
        bells=record.bells,
        basis=record.basis.value,
    )
