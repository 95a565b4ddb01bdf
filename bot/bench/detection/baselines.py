"""What one would ring by instead of the watch: four rules of thumb over the same posts, and chance.

Each gives a score for every minute; what score rings is chosen for the same budget of false alarms as the watch's.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

import numpy as np

from bot.bench.detection.score import Series
from bot.bench.detection.synthetic import PER_DAY, SyntheticStream

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]

HOUR = 60


def rolling(counts: Numbers, width: int) -> Numbers:
    """The sum of the *width* values that end with each, shape as *counts*; the first are not full."""
    total = np.cumsum(counts)
    return np.asarray(total - np.concatenate([np.zeros(min(width, len(total))), total[:-width]])[: len(total)])


def before(sums: Numbers, distance: int) -> Numbers:
    """*sums* as they were *distance* steps earlier, zero where there was nothing."""
    return np.concatenate([np.zeros(min(distance, len(sums))), sums[:-distance]])[: len(sums)]


def hour_against_twelve(counts: Numbers, *, step: int = 1) -> Numbers:
    """The last hour as a multiple of the mean of the twelve hours before; one post is added to both.

    *counts* has one value for each *step* minutes.
    """
    hour = HOUR // step
    usual = before(rolling(counts, 12 * hour), hour) / 12
    return np.asarray((rolling(counts, hour) + 1) / (usual + 1))


def against_week(counts: Numbers, width: int, *, step: int = 1) -> Numbers:
    """The last *width* minutes in standard deviations above the mean of the windows of the seven days before.

    The deviation is that of the windows, and at least that of a Poisson count.
    """
    near, span = max(width // step, 1), 7 * PER_DAY // step
    sums = rolling(counts, near)
    known = np.minimum(np.arange(len(counts)) + 1, span)
    mean = before(rolling(sums, span), near) / known
    square = before(rolling(sums**2, span), near) / known
    deviation = np.sqrt(np.maximum(square - mean**2, np.maximum(mean, 1.0)))
    return np.asarray((sums - mean) / deviation)


def chance(length: int, seed: int) -> Numbers:
    """A number out of a hat for every minute: rings at random, at whatever rate the budget allows."""
    return np.random.default_rng(seed).random(length)


def _chance(stream: SyntheticStream) -> Numbers:
    return chance(stream.minutes, zlib.crc32(stream.brand.name.encode()))


RIVALS: dict[str, Callable[[SyntheticStream], Numbers]] = {
    "chance": _chance,
    "hour against 12 hours": lambda stream: hour_against_twelve(stream.counts()),
    "hour against 7 days": lambda stream: against_week(stream.counts(), HOUR),
    "hour against 7 days, negative": lambda stream: against_week(stream.counts(stream.negative), HOUR),
    "crisis words in an hour": lambda stream: rolling(stream.counts(stream.worded), HOUR),
}


def series(name: str, stream: SyntheticStream) -> Series:
    """The score of the rule *name* at the end of every minute after the history."""
    scores = RIVALS[name](stream)
    times = np.arange(stream.minutes, dtype=np.float64) + 1
    return Series(times=times[stream.warm :], scores=scores[stream.warm :])
