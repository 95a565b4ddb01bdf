"""Invented brands in which nothing happens, each of another kind: what a bell that knows none of them may ring for.

Each has its own size, step, rhythm of day and week, burstiness (a negative binomial whose rate is drawn anew every
hour and every day), posts that set off others (a branching process, some with heavy-tailed offspring), a trend or a
shift of level, habits of one hour a week, and holes in which nobody counted. Everything follows from the seed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]

START = datetime(2026, 1, 5, tzinfo=UTC)  # a Monday
MINUTES_A_DAY, MINUTES_A_WEEK = 1440, 7 * 1440
STEPS = (5, 15, 60)
"""Minutes from one count to the next."""

FEWEST_A_DAY, MOST_A_DAY = 8.0, 8000.0
GENERATIONS = 60


@dataclass(frozen=True, kw_only=True, eq=False)
class StrangeBrand:
    """Counts every *step* minutes from START, shape (n,); NaN where nobody counted."""

    seed: int
    step: int
    counts: Numbers

    @property
    def days(self) -> float:
        return len(self.counts) * self.step / MINUTES_A_DAY

    @property
    def points(self) -> list[tuple[datetime, float]]:
        """The counts as a file would hold them: a hole has no lines."""
        step = timedelta(minutes=self.step)
        return [(START + n * step, value) for n, value in enumerate(self.counts.tolist()) if not math.isnan(value)]


def invent(seed: int, *, days: int = 60) -> StrangeBrand:
    """The brand of *seed*."""
    rng = np.random.default_rng([seed, 17])
    step = int(rng.choice(STEPS))
    minutes = days * MINUTES_A_DAY
    per_day = float(np.exp(rng.uniform(np.log(FEWEST_A_DAY), np.log(MOST_A_DAY))))
    rate = per_day / MINUTES_A_DAY * _rhythm(rng, minutes) * _trend(rng, minutes) * _ragged(rng, days)
    children = float(rng.choice((0.0, 0.3, 0.6, 0.8)))  # how many further posts one sets off
    at = _with_echoes(rng, _moments(rng, (1 - children) * rate), children, minutes)
    counts = np.bincount((at // step).astype(np.int64), minlength=minutes // step).astype(np.float64)
    return StrangeBrand(seed=seed, step=step, counts=_with_holes(rng, counts[: minutes // step], step))


def _rhythm(rng: np.random.Generator, minutes: int) -> Numbers:
    """How busy each minute is, about 1 on average: day and night, the weekend, and perhaps an hour of each week."""
    at = np.arange(minutes)
    phase, depth = rng.uniform(0, 1), rng.uniform(0.0, 0.95)
    wave = np.sin(2 * np.pi * (at / MINUTES_A_DAY - phase))
    office = rng.random() < 0.3
    day = np.where(wave > 0, 1.0, 1 - depth) if office else 1 + depth * wave
    weekend = at // MINUTES_A_DAY % 7 >= 5
    busy = day / day.mean() * np.where(weekend, rng.choice((0.1, 0.4, 0.8, 1.0, 1.3)), 1.0)
    if rng.random() < 0.25:
        hour = rng.integers(0, 7 * 24) * 60
        busy = busy * np.where((at % MINUTES_A_WEEK >= hour) & (at % MINUTES_A_WEEK < hour + 120), rng.uniform(3, 8), 1)
    return np.asarray(busy)


def _trend(rng: np.random.Generator, minutes: int) -> Numbers:
    """None, up or down by as much as half to double, or a shift of level at some time."""
    at = np.arange(minutes) / minutes
    kind, size = rng.integers(3), rng.uniform(-0.7, 0.7)
    if kind == 0:
        return np.ones(minutes)
    return np.exp(size * (at if kind == 1 else (at > rng.uniform(0.2, 0.8))))


def _ragged(rng: np.random.Generator, days: int) -> Numbers:
    """What the rate is multiplied by, drawn anew every hour and every day: mean 1."""
    size, spread = float(np.exp(rng.uniform(np.log(1.5), np.log(50)))), rng.uniform(0.02, 0.35)
    hourly = np.repeat(rng.gamma(size, 1 / size, days * 24), 60)
    daily = np.repeat(rng.lognormal(-(spread**2) / 2, spread, days), MINUTES_A_DAY)
    return np.asarray(hourly * daily)


def _moments(rng: np.random.Generator, rate: Numbers) -> Numbers:
    counts = rng.poisson(rate)
    return np.asarray(np.repeat(np.arange(len(rate)), counts) + rng.random(int(counts.sum())))


def _with_echoes(rng: np.random.Generator, at: Numbers, children: float, minutes: int) -> Numbers:
    """*at* and all that these posts set off: each *children* posts on average, after some minutes to hours.

    Hawkes and Oakes (1974), A cluster process representation of a self-exciting process.
    """
    lag = float(np.exp(rng.uniform(np.log(5), np.log(180))))
    heavy = rng.random() < 0.5  # few posts set off many
    found, parents = [at], at
    for _ in range(GENERATIONS if children else 0):
        spark = children * (rng.pareto(1.8, len(parents)) * 0.8 if heavy else np.ones(len(parents)))
        born = np.repeat(parents, rng.poisson(np.minimum(spark, 200.0)))
        parents = born + rng.exponential(lag, len(born))
        parents = parents[parents < minutes]
        found.append(parents)
        if not len(parents):
            break
    return np.concatenate(found)


def _with_holes(rng: np.random.Generator, counts: Numbers, step: int) -> Numbers:
    counts = counts.copy()
    for _ in range(int(rng.choice((0, 0, 1, 2, 4)))):
        length = float(np.exp(rng.uniform(np.log(60), np.log(2 * MINUTES_A_DAY))))
        begin = int(rng.integers(len(counts)))
        counts[begin : begin + max(int(length // step), 1)] = np.nan
    return counts
