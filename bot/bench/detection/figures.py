"""The figures of the benchmark: rows of a table, each a detector at a budget, with intervals; and the bars."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from bot.bench.detection.counts import OURS, RINGS
from bot.bench.detection.real_streams import StreamCheck
from bot.bench.detection.score import (
    BUDGETS,
    Event,
    Interval,
    ScoredStream,
    bells,
    bells_an_event,
    bootstrap,
    delays,
    false_bells,
    poisson_interval,
    quiet_days,
    threshold_for,
)
from bot.bench.detection.synthetic_runs import SHIPPED, WATCH, JudgedStream

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]

DATA = ("synthetic", "counts")
GRAVE = 5.0
"""Crises of so many times the usual traffic are those that nobody may miss."""


@dataclass(frozen=True, kw_only=True)
class EventOutcome:
    """One event under one detector: the minutes to its first bell (infinite: never) and how many bells it had."""

    event: Event
    per_day: float
    minutes: float
    bells: int

    @property
    def found(self) -> bool:
        return math.isfinite(self.minutes)


@dataclass(frozen=True, kw_only=True)
class Row:
    """A detector at a *budget* (None: as shipped) on *data*. *thresholds* were chosen elsewhere; *false* is a rate a
    quiet day, *grave* the recall of crises of GRAVE times and more, *median* and *p90* the minutes to the first bell of
    those of them that were found, *alerts* the bells in each event."""

    data: str
    detector: str
    budget: float | None
    thresholds: tuple[float, ...]
    days: float
    false: Interval
    recall: Interval
    grave: Interval
    median: Interval
    p90: Interval
    alerts: float
    cases: tuple[EventOutcome, ...] = field(repr=False)

    def as_dict(self) -> dict[str, Any]:
        plain: dict[str, Any] = {"data": self.data, "detector": self.detector, "budget": self.budget}
        plain |= {"thresholds": [_finite(each) for each in self.thresholds], "quiet_days": round(self.days, 2)}
        for name in ("false", "recall", "grave", "median", "p90"):
            interval: Interval = getattr(self, name)
            plain[name] = [_finite(each) for each in (interval.value, interval.low, interval.high)]
        return plain | {"alerts": _finite(self.alerts), "events": len(self.cases)}


def _finite(value: float) -> float | None:
    return round(value, 4) if math.isfinite(value) else None


def row(
    data: str,
    detector: str,
    budget: float | None,
    rung: Sequence[tuple[ScoredStream, Numbers, float]],
    thresholds: Sequence[float],
) -> Row:
    """The figures of *rung*: for each trial its bells and the stream's posts a day."""
    days = sum(quiet_days(trial) for trial, _, _ in rung)
    cases = [case for trial, times, per_day in rung for case in _cases(trial, times, per_day)]
    grave = [case for case in cases if not case.event.growth < GRAVE]  # counts have no growth: all of them
    minutes = [case.minutes for case in grave if case.found]
    return Row(
        data=data,
        detector=detector,
        budget=budget,
        thresholds=tuple(thresholds),
        days=days,
        false=poisson_interval(sum(false_bells(trial, times) for trial, times, _ in rung), days),
        recall=_share(cases),
        grave=_share(grave),
        median=bootstrap(minutes, lambda drawn: np.asarray(np.median(drawn, axis=-1))),
        p90=bootstrap(minutes, lambda drawn: np.asarray(np.quantile(drawn, 0.9, axis=-1))),
        alerts=float(np.mean([case.bells for case in cases])) if cases else math.nan,
        cases=tuple(cases),
    )


def _cases(trial: ScoredStream, times: Numbers, per_day: float) -> list[EventOutcome]:
    found = zip(trial.events, delays(trial, times), bells_an_event(trial, times), strict=True)
    return [EventOutcome(event=event, per_day=per_day, minutes=minutes, bells=count) for event, minutes, count in found]


def _share(cases: Sequence[EventOutcome]) -> Interval:
    return bootstrap([float(case.found) for case in cases], lambda drawn: np.asarray(np.mean(drawn, axis=-1)))


def synthetic_rows(calibration: Sequence[JudgedStream], judged: Sequence[JudgedStream]) -> list[Row]:
    """Every contender at every budget, and the watch as it is shipped."""
    found = [_shipped(judged)]
    for budget in BUDGETS:
        for name in judged[0].trials:
            threshold = threshold_for(budget, [each.trials[name] for each in calibration])
            rung = [_rung(each, name, threshold) for each in judged]
            found.append(row("synthetic", name, budget, rung, [threshold]))
    return found


def _rung(judged: JudgedStream, name: str, threshold: float) -> tuple[ScoredStream, Numbers, float]:
    trial = judged.trials[name]
    return trial, bells(trial.series, threshold), judged.stream.brand.per_day


def _shipped(judged: Sequence[JudgedStream]) -> Row:
    """The watch at the strictness that it begins with; its bells are those of the incident rules."""
    rung = [(each.trials[WATCH], each.bells.times, each.stream.brand.per_day) for each in judged]
    return row("synthetic", f"{WATCH}, as shipped", None, rung, [SHIPPED])


def count_rows(rules: dict[str, list[ScoredStream]], own: dict[float, list[ScoredStream]]) -> list[Row]:
    """``tocsin detect`` on real counts at every budget, and every rule; a rule's threshold for a brand is chosen on all
    the others."""
    found = []
    for budget in BUDGETS:
        found.append(_count_row(OURS, budget, own[budget], [RINGS] * len(own[budget])))
        for name, trials in rules.items():
            thresholds = [threshold_for(budget, trials[:n] + trials[n + 1 :]) for n in range(len(trials))]
            found.append(_count_row(name, budget, trials, thresholds))
    return found


def _count_row(name: str, budget: float, trials: Sequence[ScoredStream], thresholds: Sequence[float]) -> Row:
    rung = [(each, bells(each.series, least), math.nan) for each, least in zip(trials, thresholds, strict=True)]
    return row("counts", name, budget, rung, thresholds)


def bars(rows: Sequence[Row]) -> list[StreamCheck]:
    """What was to be reached, and whether it was."""
    found = []
    for budget in BUDGETS:
        invented, counted = ([each for each in rows if (each.data, each.budget) == (data, budget)] for data in DATA)
        found += [verdict for each in invented if each.detector == WATCH for verdict in _synthetic_bars(each)]
        found += _count_bars(counted[0], counted[1:]) if counted else []
    return found


def _synthetic_bars(own: Row) -> list[StreamCheck]:
    at = f"at {own.budget:g} a day"
    least = {0.1: 0.9, 0.02: 0.7}.get(own.budget or 0)
    if least is None:
        return []
    found = [
        _bar("synthetic", f"recall of {GRAVE:g}× and more ≥ {least:g} {at}", own.grave.value, lambda it: it >= least)
    ]
    if own.budget == 0.1:
        found.append(_bar("synthetic", f"median ≤ 10 min {at}", own.median.value, lambda it: it <= 10))
        found.append(_bar("synthetic", f"p90 ≤ 30 min {at}", own.p90.value, lambda it: it <= 30))
    return found


def _count_bars(own: Row, others: Sequence[Row]) -> list[StreamCheck]:
    at = f"at {own.budget:g} a day"
    best = max(others, key=lambda each: each.recall.value)
    beaten = own.recall.value > best.recall.value
    said = f"{own.recall.value:.2f} against {best.recall.value:.2f} ({best.detector})"
    found = [StreamCheck(stream="counts", asked=f"every rule beaten {at}", found=said, met=beaten)]
    if own.budget == 0.1:
        found.append(_bar("counts", f"windows found ≥ 0.85 {at}", own.recall.value, lambda it: it >= 0.85))
    return found


def _bar(stream: str, asked: str, value: float, met: Callable[[float], bool]) -> StreamCheck:
    return StreamCheck(stream=stream, asked=asked, found=f"{value:.3g}", met=met(value))
