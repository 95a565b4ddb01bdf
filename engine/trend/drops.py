"""Silence: far fewer posts than every earlier day brought at this hour. It is no calm: somebody may be deaf.

The mirror of a surge: below what is usual in deviations, and below the least of the same hours.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from engine.trend.series import BASELINE_DAYS, COVERAGE_DAYS, DAY, Detector, Strength, deviation

if TYPE_CHECKING:
    from engine.trend.series import Series

LENGTH = timedelta(hours=6)
BELOW = 4.0
"""Deviations below the usual that ring."""

LEFT = 0.25
"""A drop leaves less than this part of the least that an earlier day brought at this hour: weekends halve it."""

SURELY = 3.0
"""Deviations below that least: where a quiet Saturday brings a dozen, the next one may bring three by chance."""

LEAST = 20.0
"""Where fewer are usual in the window, a silence of hours is nothing new."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Drop:
    """The posts of the last six hours, what is usual at this hour, and how far below it they are."""

    value: float
    usual: float
    strength: float


def drop(counts: Series, *, step: timedelta, covered: int) -> Drop | None:
    """Judge the last six hours of *counts* against those of the days before; None without a baseline."""
    day, width = DAY // step, LENGTH // step
    days = min(covered // day - 1, BASELINE_DAYS)
    if days < COVERAGE_DAYS or len(counts) < days * day + width:
        return None
    value = float(counts[-width:].sum())
    earlier = [float(counts[len(counts) - n * day - width : len(counts) - n * day].sum()) for n in range(1, days + 1)]
    usual, least = float(np.median(earlier)), min(earlier)
    if usual < LEAST or value >= LEFT * least or least - value < SURELY * deviation(least):
        return Drop(value=value, usual=usual, strength=0.0)
    below = (usual - value) / deviation(usual)
    return Drop(value=value, usual=usual, strength=below / BELOW)


class DropDetector(Detector):
    """``drop`` along a series: six hours, of which the last five are silent.

    >>> from datetime import UTC, datetime, timedelta
    >>> hour, start = timedelta(hours=1), datetime(2026, 3, 1, tzinfo=UTC)
    >>> detector = DropDetector(hour)
    >>> counts = [50] * 5 * 24 + [0] * 6
    >>> alarms = [detector.update(start + n * hour, count) for n, count in enumerate(counts)]
    >>> [(n, alarm.value, alarm.baseline) for n, alarm in enumerate(alarms) if alarm]
    [(124, 50.0, 300.0)]
    """

    event = "drop"

    def __init__(self, step: timedelta) -> None:
        super().__init__("drop", step)

    def _judge(self, seen: Series) -> Strength | None:
        found = drop(seen, step=self.step, covered=len(seen))
        if found is None:
            return None
        return Strength(value=found.value, baseline=found.usual, strength=found.strength)
