"""How fast Slack was called lately, for all processes together, and which kinds of calls it wants to rest."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlmodel import col

from bot.infra.clock import SKEW, come
from bot.store.database import Database
from bot.store.schema.incident_tables import PaceRow

LONGEST_HOLD = timedelta(minutes=15)
"""Slack is asked again after so long, whatever it said."""


class Pace:
    def __init__(self, database: Database) -> None:
        self._database = database

    def take(self, kind: str, now: datetime, *, most: int, window: float) -> float:
        """0 if a call of *kind* may be made now, which is then counted; else the seconds to wait.

        At most *most* in any *window* seconds; 0 is any number, unless Slack wants the kind to rest.
        """
        with self._database.write(alone=f"pace {kind}", durable=False) as session:
            row = session.get(PaceRow, kind)
            if row is not None and row.held_until is not None and not come(row.held_until, now, LONGEST_HOLD):
                return (row.held_until - now).total_seconds()
            if not most:
                return 0.0
            at = now.timestamp()
            lately = [call for call in (row.calls if row else ()) if at - window < call <= at + SKEW.total_seconds()]
            if len(lately) >= most:
                return max(0.001, lately[-most] + window - at)
            session.merge(PaceRow(kind=kind, calls=tuple(sorted((*lately, at))), held_until=None))
            return 0.0

    def hold(self, kind: str, until: datetime) -> None:
        """Slack wants no call of *kind* before *until*."""
        with self._database.write(alone=f"pace {kind}", durable=False) as session:
            row = session.get(PaceRow, kind) or PaceRow(kind=kind, calls=())
            row.held_until = until
            session.add(row)

    def held(self, prefix: str, now: datetime) -> int:
        """How many kinds that begin with *prefix* rest now."""
        query = select(func.count()).where(
            col(PaceRow.kind).startswith(prefix, autoescape=True),
            col(PaceRow.held_until) > now,
            col(PaceRow.held_until) <= now + LONGEST_HOLD + SKEW,
        )
        with self._database.read() as session:
            return session.scalar(query) or 0
