"""What all detectors share: a series that grows at its end, an alarm, and one bell an event.

A detector sees times and counts, never posts. It remembers a bounded number of steps, looks at nothing but
what it was given, and says at most one alarm from the moment that something begins until it is over.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np

from engine.errors import EngineError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Series = NDArray[np.float64]

DAY = timedelta(days=1)
BASELINE_DAYS = 7
COVERAGE_DAYS = 3
"""Fewer days of watching than this are no baseline."""

DISPERSION = 0.1
"""The deviation of counts that grows with them: one day differs from the next by a tenth without a cause."""

FEWEST = 3.0
"""The expectation is never taken to be smaller: a handful of posts where none are usual is an anecdote."""

OVER = 0.5
"""What rings is over when it has fallen below this part of what makes it ring."""


class SeriesError(EngineError):
    """A series of counts in which no detector can find its way."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Alarm:
    """A detector's word that the series changed at *at*: its *value* where *baseline* was usual."""

    at: datetime
    signal: str
    value: float
    baseline: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Strength:
    """What a detector sees at the end of a series. *strength* 1 is what it asks for; 0 is nothing unusual."""

    value: float
    baseline: float
    strength: float


def deviation(expected: float) -> float:
    """The standard deviation of a bursty count: Poisson, with a part that grows in proportion."""
    expected = max(expected, FEWEST)
    return float(np.sqrt(expected + (DISPERSION * expected) ** 2))


def robust_deviation(values: Series) -> float:
    """The standard deviation of *values*, had they no outliers: 1.4826 times the median absolute deviation."""
    return 1.4826 * float(np.median(np.abs(values - np.median(values)))) if len(values) else 0.0


def window_sums(counts: Series, width: int) -> Series:
    """The sum of the *width* steps that end with each step; the first windows are not full."""
    total = np.cumsum(counts)
    total[width:] -= total[:-width].copy()
    return total


def checked(value: float) -> float:
    """*value*, if it can be a count. Raises SeriesError."""
    if not (math.isfinite(value) and value >= 0):
        raise SeriesError("series.count", value=value)
    return float(value)


class Memory:
    """The last values of a series, at least *steps* of them and at most twice as many."""

    def __init__(self, steps: int) -> None:
        self._values: Series = np.zeros(2 * max(steps, 1))
        self._end = 0

    def append(self, value: float, zeros: int = 0) -> None:
        """Add *zeros* steps in which nothing was counted, and then *value*."""
        half = len(self._values) // 2
        zeros = min(zeros, half - 1)
        if self._end + zeros + 1 > len(self._values):
            self._values[:half] = self._values[self._end - half : self._end].copy()
            self._values[half:] = 0
            self._end = half
        self._end += zeros
        self._values[self._end] = value
        self._end += 1

    def seen(self) -> Series:
        """What is remembered, the newest value last."""
        return self._values[: self._end]


class Detector(ABC):
    """What looks at a series one step at a time. *signal* names its alarms; *step* is the length of a step.

    *seen* is what it saw last and *strength* how strongly: 1 is what it asks for, and below OVER nothing is *ringing*.
    """

    memory = (BASELINE_DAYS + 1) * DAY
    event = "surge"
    """Detectors of one kind of event may tell of the same one: whoever runs several rings for it once."""

    def __init__(self, signal: str, step: timedelta) -> None:
        self.signal, self.step = signal, step
        self.seen: Strength | None = None
        self.strength, self.ringing = 0.0, False
        self._memory = Memory(self.memory // step)
        self._last: datetime | None = None

    def update(self, at: datetime, value: float) -> Alarm | None:
        """Take the count of the step that ends the series so far; say whether it is an alarm.

        Steps that are missing before it count as zero. Raises SeriesError if time runs backwards, or if
        *value* is negative or no number; what was taken before is left as it was.
        """
        value = checked(value)
        self._memory.append(value, self._missing(at))
        return self._ring(at, self._judge(self._memory.seen()))

    def _missing(self, at: datetime) -> int:
        """How many steps lie between the last one and *at*."""
        last, self._last = self._last, at
        if last is None:
            return 0
        if at < last:
            self._last = last
            raise SeriesError("series.order")
        return max(round((at - last) / self.step) - 1, 0)

    def _ring(self, at: datetime, found: Strength | None) -> Alarm | None:
        self.seen, self.strength = found, found.strength if found else 0.0
        if self.strength < OVER:
            self.ringing = False
        elif found and self.strength >= 1 and not self.ringing:
            self.ringing = True
            return Alarm(at=at, signal=self.signal, value=found.value, baseline=found.baseline)
        return None

    @abstractmethod
    def _judge(self, seen: Series) -> Strength | None:
        """What the end of *seen* is; None without a baseline."""
