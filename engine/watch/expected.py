"""Days on which a team expects that more is said than usual, or less: a campaign, a launch, a holiday.

On such a day the number of posts, their growth and a silence ring nothing by themselves: they are explained. What is
negative or grave weighs as on any day. Afterwards the day counts as an ordinary one, so that neither its noise rings on
the morning after, nor what follows looks like a silence beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.watch.snapshot import Measured, Snapshot

DAY = timedelta(days=1)
EXPLAINED = ("volume", "drop")
"""Signals that an expected day explains, whatever else is said."""

GROWTH = "growth"
"""What it explains only alone: beside something against the topic, growth tells how fast that spreads."""

AGAINST = ("negative_volume", "negative_share", "slow_burn", "gravity", "board")


@dataclass(frozen=True, kw_only=True)
class ExpectedDays:
    """Whole days from *first* to *last*, on which *what* is expected; entered *by* a person, or by the settings."""

    first: date
    last: date
    what: str
    by: str = ""


@dataclass(frozen=True, kw_only=True)
class Calendar:
    """The days that a team expects for a topic, which begin and end at midnight in its *zone*."""

    days: tuple[ExpectedDays, ...] = ()
    zone: tzinfo = UTC

    def on(self, now: datetime) -> ExpectedDays | None:
        """What is expected for the day of *now*; of several, what was entered first."""
        today = now.astimezone(self.zone).date()
        return next((each for each in self.days if each.first <= today <= each.last), None)

    @property
    def spans(self) -> tuple[tuple[float, float], ...]:
        """The moments at which each of the days begins and ends, in seconds."""
        return tuple((self._midnight(each.first), self._midnight(each.last + DAY)) for each in self.days)

    def _midnight(self, day: date) -> float:
        return datetime.combine(day, time(), self.zone).timestamp()


NOTHING_EXPECTED = Calendar()


def unexplained(found: Sequence[Measured], snapshot: Snapshot) -> list[Measured]:
    """Those of *found* that an expected day does not explain; all of them on any other day."""
    if snapshot.calendar.on(snapshot.now) is None:
        return list(found)
    against = any(each.name in AGAINST for each in found)
    return [each for each in found if each.name not in EXPLAINED and (against or each.name != GROWTH)]
