"""A burst: many speak against a topic on one matter within minutes.

The tail of small counts, put to one story instead of to everything: of what is always said against a topic every matter
has a share, so on a new matter a few posts close together are improbable long before the topic's total is. The window
is as long as the latest *k* posts took, for every *k*.

Source: Naus, The Distribution of the Size of the Maximum Cluster of Points on a Line, 1965 (the scan statistic).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from engine.trend.series import BASELINE_DAYS, COVERAGE_DAYS, DAY
from engine.trend.tail import FEW, HOUR, IMPROBABLE, SMALL, evenness, log_tail, usual_rate

if TYPE_CHECKING:
    from engine.trend.series import Series

LONGEST = timedelta(hours=2)
SHARE = 0.3
"""Of what is said against a topic, no one matter has more as a rule."""

LEAST_USUAL = 0.1
"""Posts on one matter in a window: the expectation is never taken to be smaller."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Burst:
    """*value* posts within *length*, where *usual* are usual for one matter. *strength* 1 rings."""

    value: float
    length: timedelta
    usual: float
    strength: float


def burst(ages: Sequence[timedelta], counts: Series, *, own: float, step: timedelta, covered: int) -> Burst | None:
    """The least probable window among the latest posts on one matter, which are *ages* old, the youngest first.

    *counts* are those of the topic as in ``tail``, *own* the posts an hour that this matter had before. None without a
    baseline, where too few spoke, or where so many are usual that the other detectors see more.

    >>> import numpy as np
    >>> counts, five = np.full(5 * 24 * 12, 0.1), timedelta(minutes=5)
    >>> ages = [timedelta(minutes=minutes) for minutes in (1, 3, 4, 7, 9, 12, 15, 17)]
    >>> found = burst(ages, counts, own=0.0, step=five, covered=len(counts))
    >>> found.value, found.length, round(found.usual, 2), round(found.strength, 2)
    (8, datetime.timedelta(seconds=1020), 0.1, 1.77)
    """
    day, hour = DAY // step, HOUR // step
    covered = min(covered, len(counts), (BASELINE_DAYS + 1) * day)
    recent = [age for age in ages if age <= LONGEST]
    if covered < COVERAGE_DAYS * day or hour < 1 or len(recent) < FEW:
        return None
    hourly = usual_rate(counts[-covered:], day, hour) * hour
    if hourly > SMALL:
        return None
    size = evenness(counts[len(counts) - covered : -hour], day, hour)
    found = []
    for value, age in enumerate(recent, start=1):
        length = max(age, timedelta(minutes=1))
        usual = max(max(SHARE * hourly, own) * (length / HOUR), LEAST_USUAL)
        if value >= FEW:
            strength = -log_tail(value, usual, usual + usual**2 / size) / IMPROBABLE
            found.append(Burst(value=value, length=length, usual=usual, strength=strength))
    return max(found, key=lambda each: each.strength)
