"""Shares: a larger part of the posts is negative than before, whether or not there are more of them.

Source: the two-proportion z test with a pooled share (Fleiss, Statistical Methods for Rates and Proportions).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np

from engine.trend.series import (
    BASELINE_DAYS,
    COVERAGE_DAYS,
    DAY,
    Alarm,
    Detector,
    Memory,
    SeriesError,
    Strength,
    checked,
)

if TYPE_CHECKING:
    from engine.trend.series import Series

LENGTH = timedelta(hours=6)
TRIALS = 20.0
"""Fewer posts than this have no share worth a word."""

TURNED = 6.0
"""Deviations that ring, and below that the part of the posts (0-1) by which the share must have grown."""

EXCESS = 0.15


def binomial_z(hits: float, trials: float, share: float) -> float:
    """How many standard deviations *hits* of *trials* lie above what a *share* (0-1) would give.

    >>> round(binomial_z(30, 100, 0.1), 2)
    6.67
    """
    if trials <= 0:
        return 0.0
    share = min(max(share, 0.01), 0.99)
    return float((hits - trials * share) / np.sqrt(trials * share * (1 - share)))


def two_proportion_z(hits: float, trials: float, before: float, trials_before: float) -> float:
    """How many standard deviations the share *hits* / *trials* lies above *before* / *trials_before*.

    What the earlier share itself owes to chance is allowed for. 0 where either has no trials.

    >>> round(two_proportion_z(30, 100, 100, 1000), 2)
    5.91
    """
    if min(trials, trials_before) <= 0:
        return 0.0
    pooled = min(max((hits + before) / (trials + trials_before), 0.01), 0.99)
    error = np.sqrt(pooled * (1 - pooled) * (1 / trials + 1 / trials_before))
    return float((hits / trials - before / trials_before) / error)


class ShareChange(Detector):
    """The share of the last six hours against that of the week before: there need not be more posts.

    >>> from datetime import UTC, datetime, timedelta
    >>> hour, start = timedelta(hours=1), datetime(2026, 3, 1, tzinfo=UTC)
    >>> detector = ShareChange(hour)
    >>> negative = [10] * 5 * 24 + [60] * 6
    >>> alarms = [detector.update(start + n * hour, count, of=100) for n, count in enumerate(negative)]
    >>> [(n, round(alarm.value, 2), round(alarm.baseline, 2)) for n, alarm in enumerate(alarms) if alarm]
    [(121, 0.27, 0.1)]
    """

    event = "share"

    def __init__(self, step: timedelta) -> None:
        super().__init__("share", step)
        self._trials = Memory(self.memory // step)

    def update(self, at: datetime, value: float, of: float = 0.0) -> Alarm | None:
        """Take *value* of the *of* posts of the step; as ``Detector.update``. No step holds more than all."""
        if checked(value) > checked(of):
            raise SeriesError("series.share", value=f"{value:g}", of=f"{of:g}")
        missing = self._missing(at)
        self._memory.append(value, missing)
        self._trials.append(of, missing)
        return self._ring(at, self._judge(self._memory.seen()))

    def _judge(self, seen: Series) -> Strength | None:
        day, width = DAY // self.step, LENGTH // self.step
        hits, trials = (series[-(BASELINE_DAYS + 1) * day :] for series in (seen, self._trials.seen()))
        if len(hits) < COVERAGE_DAYS * day or width < 1:
            return None
        now, posts = float(hits[-width:].sum()), float(trials[-width:].sum())
        before, posts_before = float(hits[:-width].sum()), float(trials[:-width].sum())
        if min(posts, posts_before) < TRIALS:
            return Strength(value=now / max(posts, 1.0), baseline=before / max(posts_before, 1.0), strength=0.0)
        share, usual = now / posts, before / posts_before
        strength = two_proportion_z(now, posts, before, posts_before) / TURNED if share - usual >= EXCESS else 0.0
        return Strength(value=share, baseline=usual, strength=max(strength, 0.0))
