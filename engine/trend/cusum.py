"""The slow burn: day after day a little more than usual, never enough in one day to ring.

Days are summed back from now, so that no rhythm of the day disturbs them. Those of the last week are held
against the days before them; what each brings above the usual adds up, and what it brings below takes off.
No day adds more than two deviations: a single loud day is a surge, and rings as one.

Source: Page, Continuous Inspection Schemes, 1954 (CUSUM).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from engine.trend.series import COVERAGE_DAYS, DAY, FEWEST, Detector, Strength, deviation, robust_deviation

if TYPE_CHECKING:
    from engine.trend.series import Series

BURN_DAYS = 7
MEMORY_DAYS = 28
ALLOWED = 0.5
"""Deviations above the usual that a day may bring without adding anything."""

LOUDEST = 2.0
"""Deviations above the usual that a day can bring at most."""

DECISION = 7.0
"""The sum that rings: five days in a row at two deviations, or seven at one and a half."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Burn:
    """A slow burn over the last *days*: *value* posts a day on their average where *usual* are usual."""

    value: float
    usual: float
    days: int
    strength: float


def daily(counts: Series, step: timedelta, days: int) -> Series:
    """The sums of the last *days* days of *counts*, each ending a day before the next one; the newest last.

    >>> daily(np.ones(96), timedelta(hours=1), 2).tolist()
    [24.0, 24.0]
    """
    day = DAY // step
    days = min(days, len(counts) // day)
    return np.asarray(counts[len(counts) - days * day :].reshape(days, day).sum(axis=1))


def slow_burn(live: Series, counts: Series) -> Burn | None:
    """Judge the last week of *live* daily counts by the earlier days of *counts*; None without three of those.

    Both series have one value a day, the newest last, and end with the same day.
    """
    before, week = counts[:-BURN_DAYS], live[-BURN_DAYS:]
    if len(before) < COVERAGE_DAYS:
        return None
    usual = float(np.median(before))
    spread = max(deviation(usual), robust_deviation(before))
    total, began = 0.0, 0
    for n, value in enumerate(week):
        total = max(total + min((value - usual) / spread, LOUDEST) - ALLOWED, 0.0)
        began = began if total else n + 1
    lit = week[began:]
    if not len(lit) or week[-1] < 2 * FEWEST:
        return Burn(value=float(week[-1]), usual=usual, days=0, strength=0.0)
    return Burn(value=float(lit.mean()), usual=usual, days=len(lit), strength=total / DECISION)


class Cusum(Detector):
    """``slow_burn`` along a series: half as much again for days, never enough in one day to ring.

    >>> from datetime import UTC, datetime, timedelta
    >>> hour, start = timedelta(hours=1), datetime(2026, 3, 1, tzinfo=UTC)
    >>> detector = Cusum(hour)
    >>> counts = [20] * 10 * 24 + [30] * 7 * 24
    >>> alarms = [detector.update(start + n * hour, count) for n, count in enumerate(counts)]
    >>> [(n, alarm.value, alarm.baseline) for n, alarm in enumerate(alarms) if alarm]
    [(343, 688.0, 480.0)]
    """

    memory = MEMORY_DAYS * DAY
    event = "burn"

    def __init__(self, step: timedelta) -> None:
        super().__init__("slow_burn", step)

    def _judge(self, seen: Series) -> Strength | None:
        days = daily(seen, self.step, MEMORY_DAYS)
        found = slow_burn(days, days)
        if found is None:
            return None
        return Strength(value=found.value, baseline=found.usual, strength=found.strength)
