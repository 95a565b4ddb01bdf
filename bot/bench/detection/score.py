"""From scores along time to bells, and from bells to figures with their intervals. Pure; knows no detector."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]

BUDGETS = (0.5, 0.1, 0.02)
"""False alarms a stream-day."""
REARMED = 180.0
"""Minutes below the threshold after which an alarm is over and the next one is another bell."""
DRAWS = 2000
NEVER = math.inf


@dataclass(frozen=True, kw_only=True, eq=False)
class Series:
    """A detector's *scores* at *times* (minutes, rising), shape (n,) each: the higher, the more alarming."""

    times: Numbers
    scores: Numbers


@dataclass(frozen=True, kw_only=True)
class Event:
    """A crisis between *onset* and *end*, in minutes, that brought *growth* times the usual."""

    onset: float
    end: float
    growth: float


@dataclass(frozen=True, kw_only=True, eq=False)
class ScoredStream:
    """One stream under one detector: its series between *begin* and *end* (minutes), the *events* in it, and for how
    many minutes after an event a bell is neither right nor wrong (*aftermath*)."""

    series: Series
    events: tuple[Event, ...]
    begin: float
    end: float
    aftermath: float = 1440.0


@dataclass(frozen=True, kw_only=True)
class Interval:
    """A figure and the 95 % interval around it."""

    value: float
    low: float
    high: float


def bells(series: Series, threshold: float) -> Numbers:
    """The times at which an alarm begins: at or above *threshold*, and not so for REARMED minutes before."""
    above = series.times[series.scores >= threshold]
    return above[np.diff(above, prepend=-NEVER) > REARMED] if len(above) else above


def false_bells(trial: ScoredStream, rung: Numbers) -> int:
    """How many of *rung* belong to no event."""
    within = (rung >= trial.begin) & (rung <= trial.end)
    for event in trial.events:
        within &= (rung < event.onset) | (rung > event.end + trial.aftermath)
    return int(within.sum())


def quiet_days(trial: ScoredStream) -> float:
    """The days of *trial* that belong to no event."""
    minutes, reached = 0.0, trial.begin
    for event in sorted(trial.events, key=lambda each: each.onset):
        minutes += max(min(event.onset, trial.end) - reached, 0.0)
        reached = max(reached, event.end + trial.aftermath)
    return (minutes + max(trial.end - reached, 0.0)) / 1440


def delays(trial: ScoredStream, rung: Numbers) -> list[float]:
    """For each event the minutes from its onset to its first bell, NEVER if there is none."""
    found = []
    for event in trial.events:
        inside = rung[(rung >= event.onset) & (rung <= event.end)]
        found.append(float(inside[0] - event.onset) if len(inside) else NEVER)
    return found


def bells_an_event(trial: ScoredStream, rung: Numbers) -> list[int]:
    """For each event how many bells rang in it."""
    return [int(((rung >= event.onset) & (rung <= event.end)).sum()) for event in trial.events]


def threshold_for(budget: float, trials: Sequence[ScoredStream]) -> float:
    """The lowest threshold from which upwards *trials* ring at most *budget* false bells a day.

    Where the budget allows not one bell in so many days, it lies just above the highest score of them.
    """
    scores = np.concatenate([trial.series.scores for trial in trials])
    top = scores[scores > 0]
    best = float(np.nextafter(scores.max(initial=0.0), NEVER))
    if not len(top):
        return best
    days = sum(quiet_days(trial) for trial in trials)
    for threshold in np.unique(np.quantile(top, 1 - np.geomspace(0.5 / len(top), 1, 400)))[::-1].tolist():
        if sum(false_bells(trial, bells(trial.series, threshold)) for trial in trials) > budget * days:
            break
        best = threshold
    return best


def poisson_interval(count: int, days: float) -> Interval:
    """*count* events in *days* as a rate a day with its exact interval.

    Garwood (1936), Fiducial limits for the Poisson distribution; the limits are found by bisection.
    """
    high = _solve(lambda mean: _at_most(count, mean), 0.025, upper=count + 10 * math.sqrt(count + 1) + 10)
    low = 0.0 if count == 0 else _solve(lambda mean: _at_most(count - 1, mean), 0.975, upper=float(count))
    return Interval(value=count / days, low=low / days, high=high / days)


def _at_most(count: int, mean: float) -> float:
    """The probability of *count* events or fewer where *mean* are expected."""
    if mean == 0:
        return 1.0
    return math.fsum(math.exp(n * math.log(mean) - mean - math.lgamma(n + 1)) for n in range(count + 1))


def _solve(falling: Callable[[float], float], wanted: float, *, upper: float) -> float:
    low, high = 0.0, upper
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (middle, high) if falling(middle) > wanted else (low, middle)
    return high


def bootstrap(values: Sequence[float], figure: Callable[[Numbers], Numbers], *, seed: int = 7) -> Interval:
    """*figure* of *values* with its percentile interval over DRAWS resamples; all NaN where there are none.

    *figure* reduces the last axis. Efron (1979), Bootstrap methods: another look at the jackknife.
    """
    if not len(values):
        return Interval(value=math.nan, low=math.nan, high=math.nan)
    data = np.asarray(values, np.float64)
    drawn = data[np.random.default_rng(seed).integers(0, len(data), (DRAWS, len(data)))]
    spread = figure(drawn)
    low, high = (float(each) for each in np.quantile(spread[np.isfinite(spread)], [0.025, 0.975]))
    return Interval(value=float(figure(data)), low=low, high=high)
