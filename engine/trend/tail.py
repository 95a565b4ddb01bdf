"""Small counts: how improbable the last minutes are, where a handful of posts an hour is all there ever is.

Where few are usual, a deviation tells little, and waits for too many. The tail of the negative binomial does
better: counts of posts come in bursts, and how bursty they are is taken from the days before. Without bursts it
is Poisson's.

Source: Greenwood and Yule, An Inquiry into the Nature of Frequency Distributions, 1920.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from engine.trend.series import BASELINE_DAYS, COVERAGE_DAYS, DAY, Detector, Strength
from engine.trend.surges import FORGOTTEN, Surge, Window, busy_days

if TYPE_CHECKING:
    from engine.trend.series import Series

TAIL_MINUTES = (5, 10, 15, 30, 60)
HOUR = timedelta(hours=1)

SMALL = 10.0
"""Where a window usually holds more, the robust deviation is the better judge."""

UNCONFIRMED = 3.0
"""Counts alone, of which nobody knows what they say, are asked for so many times that exponent."""

FEW = 4.0
"""Fewer posts than this are an anecdote, however improbable."""

LEAST_USUAL = 0.3
"""The expectation is never taken to be smaller: what was never seen is not impossible."""

IMPROBABLE = 6.0
"""Chance may bring such a window once in ten to this power: a day has hundreds, and people move in herds."""

EVENEST, BURSTIEST = 4.0, 0.25
"""Between these lies the size of the negative binomial: a habit is never perfectly even, nor without any bounds."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Minutes:
    """The last *length* of a series: its *value*, and what it holds as a rule."""

    length: timedelta
    value: float
    usual: float

    @property
    def mean(self) -> float:
        """What is expected, never less than LEAST_USUAL."""
        return max(self.usual, LEAST_USUAL)

    @property
    def stands_out(self) -> bool:
        """True if it may be improbable: that saves the look at how bursty the habit is."""
        return self.value >= FEW and self.usual <= SMALL and self.value > 2 * self.mean

    def strength(self, size: float) -> float:
        """1 where it is as improbable as is asked for, in a habit of this *size*."""
        return -log_tail(self.value, self.mean, self.mean + self.mean**2 / size) / IMPROBABLE


def log_tail(value: float, mean: float, variance: float) -> float:
    """The base-10 logarithm of the chance that a count is *value* or more: negative binomial, or Poisson's.

    Poisson's where *variance* is not above *mean* (> 0). 0 (certain) for what is not above the mean.

    >>> round(log_tail(12, 2, 2), 2), round(log_tail(12, 2, 4), 2)  # the burstier the habit, the likelier
    (-5.86, -2.77)
    """
    count = math.ceil(value)
    if count <= mean:
        return 0.0
    variance = max(variance, mean * (1 + 1e-6))  # in the limit, Poisson's
    size, share = mean * mean / (variance - mean), mean / variance
    first = math.lgamma(count + size) - math.lgamma(size) - math.lgamma(count + 1)
    first += size * math.log(share) + count * math.log1p(-share)
    total, term, k = 1.0, 1.0, count
    while term > 1e-12 * total:
        term *= (k + size) / (k + 1) * (1 - share)
        total, k = total + term, k + 1
    return min((first + math.log(total)) / math.log(10), 0.0)


def tail(live: Series, counts: Series, *, step: timedelta, covered: int) -> Surge | None:
    """Judge the last minutes of *live* by the *counts* before; the least probable of the windows up to an hour.

    The series are those of ``surge``. None without a baseline, or where nothing is improbable.
    """
    day, hour = DAY // step, HOUR // step
    covered = min(covered, len(counts), (BASELINE_DAYS + 1) * day)
    if covered < COVERAGE_DAYS * day or hour < 1 or live[-hour:].sum() < FEW:
        return None
    rate = usual_rate(counts[-covered:], day, hour)
    full = [each for each in _last(live, rate, step) if each.stands_out]
    if not full:
        return None
    before = counts[len(counts) - covered : -hour]
    size = evenness(before, day, hour)
    strength, best = max(((each.strength(size), each) for each in full), key=lambda pair: pair[0])
    return Surge(
        window=Window(name="tail", length=best.length, usual=IMPROBABLE, highest=0.0),
        value=best.value,
        usual=best.usual,
        highest=best.usual,
        strength=strength,
        before=float(before.sum()),
        days=len(before) / day,
        busy=busy_days(before, day),
    )


def _last(live: Series, rate: float, step: timedelta) -> Iterator[Minutes]:
    for minutes in TAIL_MINUTES:
        length = timedelta(minutes=minutes)
        if length >= step:
            width = length // step
            yield Minutes(length=length, value=float(live[-width:].sum()), usual=rate * width)


def usual_rate(counts: Series, day: int, hour: int) -> float:
    """What a step usually brings: the mean of this hour and the next of earlier days, or half that of all hours."""
    last = len(counts) - 1
    ends = range(last - day, hour - 1, -day)
    near = np.array([counts[end - hour : end + hour + 1].sum() for end in ends])
    here = float(calmed(near).mean()) / (2 * hour + 1) if len(near) else 0.0
    return max(here, 0.5 * float(counts[:-hour].mean()))


def calmed(days: Series) -> Series:
    """Sums of the same time of several days, shape (days, …), none of them more than three times the usual one, so that
    an old crisis hides no new one."""
    return np.minimum(days, FORGOTTEN * np.maximum(np.median(days, axis=0), 1.0))


def evenness(before: Series, day: int, hour: int) -> float:
    """How even the habit is, by moments of the same hour of different days.

    The loudest day, which may have been a crisis, is left out.
    """
    days = len(before) // day
    hours = before[len(before) - days * day :].reshape(days, day)[:, : day // hour * hour].reshape(days, -1, hour)
    sums = calmed(hours.sum(axis=2))
    calm = sums[sums.sum(axis=1).argsort()[: max(days - 1, 2)]]
    mean, excess = calm.mean(axis=0), float((calm.var(axis=0, ddof=1) - calm.mean(axis=0)).mean())
    if excess <= 0:
        return EVENEST
    return min(max(float((mean**2).mean()) / excess, BURSTIEST), EVENEST)


class TailDetector(Detector):
    """``tail`` along a series of counts alone: many posts in an hour where two are usual.

    >>> from datetime import UTC, datetime, timedelta
    >>> hour, start = timedelta(hours=1), datetime(2026, 3, 1, tzinfo=UTC)
    >>> detector = TailDetector(hour)
    >>> counts = [2] * 5 * 24 + [60]
    >>> alarms = [detector.update(start + n * hour, count) for n, count in enumerate(counts)]
    >>> [(n, alarm.value, alarm.baseline) for n, alarm in enumerate(alarms) if alarm]
    [(120, 60.0, 2.0)]
    """

    def __init__(self, step: timedelta) -> None:
        super().__init__("tail", step)

    def _judge(self, seen: Series) -> Strength | None:
        found = tail(seen, seen, step=self.step, covered=len(seen))
        if found is None:
            return None
        return Strength(value=found.value, baseline=found.usual, strength=found.strength / UNCONFIRMED)
