"""Growth: how long it takes until there is twice as much."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from engine.trend.series import COVERAGE_DAYS, DAY, Detector, Strength

if TYPE_CHECKING:
    from engine.trend.series import Series

QUICK = 1.0
"""A stream that doubles its day in so many hours rings."""

MANY = 40.0
"""Fewer posts in a day double by chance."""

RHYTHM = 2.0
"""An hour with no more than so many times what this hour brought a week ago, or one beside it, is the week's rhythm."""


def doubling_hours(sizes: Sequence[float]) -> float | None:
    """The shortest time in hours in which a story doubled, from its posts of each hour, the newest last.

    None if it is not growing: fewer than 8 posts, or no look-back of 1, 3 or 6 hours in which it doubled.

    >>> doubling_hours([40] * 7 + [280])
    1.0
    """
    total = float(sum(sizes))
    if total < 8:
        return None
    found = []
    for hours in (1, 3, 6):
        earlier = max(total - float(sum(sizes[-hours:])), 1.0)
        if total >= 2 * earlier:
            found.append(hours / float(np.log2(total / earlier)))
    return min(found, default=None)


class DoublingTime(Detector):
    """The shortest time in which the last day's posts doubled: within the hour, it rings.

    *value* is the last day's posts, *baseline* those of them that are older than an hour.

    >>> from datetime import UTC, datetime, timedelta
    >>> hour, start = timedelta(hours=1), datetime(2026, 3, 1, tzinfo=UTC)
    >>> detector = DoublingTime(hour)
    >>> counts = [5] * 5 * 24 + [10, 400]
    >>> alarms = [detector.update(start + n * hour, count) for n, count in enumerate(counts)]
    >>> [(n, alarm.value, alarm.baseline) for n, alarm in enumerate(alarms) if alarm]
    [(121, 520.0, 120.0)]
    """

    def __init__(self, step: timedelta) -> None:
        super().__init__("growth", step)

    def _judge(self, seen: Series) -> Strength | None:
        day, hour = DAY // self.step, timedelta(hours=1) // self.step
        if len(seen) < COVERAGE_DAYS * day:
            return None
        hours = seen[-24 * hour :].reshape(24, hour).sum(axis=1)
        total, doubling = float(hours.sum()), doubling_hours(hours.tolist())
        strength = QUICK / doubling if doubling is not None and total >= MANY else 0.0
        if float(hours[-1]) <= RHYTHM * self._a_week_ago(seen, hour):
            strength = 0.0
        return Strength(value=total, baseline=total - float(hours[-1]), strength=strength)

    def _a_week_ago(self, seen: Series, hour: int) -> float:
        """What this hour brought a week ago, or one beside it if that was more; 0 if nobody watched then."""
        end = len(seen) - 7 * DAY // self.step + hour
        return float(seen[end - 3 * hour : end].reshape(3, hour).sum(axis=1).max()) if end >= 3 * hour else 0.0
