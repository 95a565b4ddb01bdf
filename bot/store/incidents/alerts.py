"""The messages owed to Slack: an outbox from which several notifiers may take, each message by one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Select, select, update
from sqlalchemy.orm import Session
from sqlmodel import col

from bot.errors import Missing
from bot.records import Alert, Card
from bot.store.database import Database
from bot.store.incidents.decisions import alert_of
from bot.store.schema.incident_tables import OUTSTANDING, AlertRow, CardRow

OWED, CLAIMED, SENT, FAILED, FOLDED = "owed", "claimed", "sent", "failed", "folded"


class Alerts:
    def __init__(self, database: Database) -> None:
        self._database = database

    def claim(self, now: datetime, limit: int = 10, lease_s: float = 60) -> list[Alert]:
        """Take alerts to deliver, for *lease_s* seconds, after which they may be claimed by another.

        The gravest first, at most one a target at a time, and those of one incident to one target in the
        order in which they came: a reply must not overtake its card. ``attempts`` of what is returned says
        how often it was claimed before: more than 0 means that the message may be in Slack already.
        """
        with self._database.write(alone="alerts") as session:
            self._free_expired(session, now)
            rows = choose(session.scalars(_outstanding()).all(), now)[:limit]
            claimed = [alert_of(row) for row in rows]
            for row in rows:
                row.state, row.attempts = CLAIMED, row.attempts + 1
                row.claimed_until = now + timedelta(seconds=lease_s)
            return claimed

    def sent(self, alert_id: int, now: datetime, card: Card | None = None) -> None:
        """The message is in Slack; *card* if it is one that will be drawn again."""
        with self._database.write() as session:
            _settle(session, alert_id, SENT).sent_at = now
            if card is not None:
                session.merge(
                    CardRow(
                        incident_id=card.incident_id,
                        channel=card.channel,
                        ts=card.ts,
                        thread_ts=card.thread_ts,
                    )
                )

    def retry(self, alert_id: int, due_at: datetime, error: str) -> None:
        """It did not work; try again at *due_at*."""
        with self._database.write() as session:
            row = _settle(session, alert_id, OWED)
            row.due_at, row.error = due_at, error

    def failed(self, alert_id: int, error: str) -> None:
        """It will never work this way."""
        with self._database.write() as session:
            _settle(session, alert_id, FAILED).error = error

    def fold(self, ids: Iterable[int], into: int) -> None:
        """Those of *ids* that are still owed are said by the alert *into*, and need no message themselves."""
        with self._database.write() as session:
            session.execute(
                update(AlertRow)
                .where(col(AlertRow.id).in_(list(ids)), col(AlertRow.id) != into)
                .where(col(AlertRow.state).in_([OWED, CLAIMED]))
                .values(state=FOLDED, folded_into=into, claimed_until=None)
            )

    def owed(self, incident_id: int | None = None) -> list[Alert]:
        """What is not delivered yet, claimed or not, in the order in which it came."""
        query = _outstanding()
        if incident_id is not None:
            query = query.where(col(AlertRow.incident_id) == incident_id)
        with self._database.read() as session:
            return [alert_of(row) for row in session.scalars(query)]

    def cards(self, incident_id: int) -> list[Card]:
        """The messages of an incident that are drawn again when it changes, the oldest first."""
        query = select(CardRow).where(col(CardRow.incident_id) == incident_id).order_by(col(CardRow.ts))
        with self._database.read() as session:
            return [
                Card(incident_id=row.incident_id, channel=row.channel, ts=row.ts, thread_ts=row.thread_ts)
                for row in session.scalars(query)
            ]

    def _free_expired(self, session: Session, now: datetime) -> None:
        session.execute(
            update(AlertRow)
            .where(col(AlertRow.state) == CLAIMED, col(AlertRow.claimed_until) <= now)
            .values(state=OWED, claimed_until=None)
        )


def choose(outstanding: Sequence[AlertRow], now: datetime) -> list[AlertRow]:
    """The alerts that may be sent now, the gravest first. Pure; *outstanding* are all, as they came.

    Each incident queues at each target: only the head of a queue may go, as grave as the gravest behind it.
    """
    heads: dict[tuple[str, int], AlertRow] = {}
    weight: dict[tuple[str, int], int] = {}
    for row in outstanding:
        queue = (row.target, row.incident_id)
        heads.setdefault(queue, row)
        weight[queue] = min(weight.get(queue, row.level), row.level)
    busy = {row.target for row in outstanding if row.state == CLAIMED}
    chosen: list[AlertRow] = []
    for queue in sorted(heads, key=lambda queue: (weight[queue], heads[queue].id)):
        row = heads[queue]
        if row.target not in busy and row.due_at <= now:
            busy.add(row.target)
            chosen.append(row)
    return chosen


def _outstanding() -> Select[AlertRow]:
    return select(AlertRow).where(OUTSTANDING).order_by(col(AlertRow.id))


def _settle(session: Session, alert_id: int, state: str) -> AlertRow:
    row = session.get(AlertRow, alert_id, with_for_update=True)
    if row is None:
        raise Missing("alert", alert_id)
    row.state, row.claimed_until = state, None
    return row
