"""The trend detectors alone, on counts of real brands with labelled windows (the Numenta Anomaly Benchmark).

Lavin and Ahmad (2015), Evaluating Real-time Anomaly Detection Algorithms. A rule's threshold for one brand is chosen on
all the others; ``tocsin detect`` learns from the brand's own past and sees no other. The windows lie around their
anomaly, so that what counts is whether one was found, not how soon.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bot.backtest.detect import read_counts
from bot.backtest.post_file import moment
from bot.bench.detection import baselines
from bot.bench.detection.score import BUDGETS, Event, ScoredStream, Series
from bot.bench.detection.synthetic import PER_DAY
from bot.errors import LocalisedError
from engine.trend import COVERAGE_DAYS
from engine.trend.learned import Learned

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Numbers = NDArray[np.float64]

STEP = 5
OURS = "tocsin detect"
RINGS = 1.0


@dataclass(frozen=True, kw_only=True, eq=False)
class NabBrand:
    """Counts every STEP minutes from *start*, shape (n,), and the labelled windows."""

    name: str
    start: datetime
    counts: Numbers
    events: tuple[Event, ...]


def load(folder: Path) -> list[NabBrand]:
    """The brands of *folder*: NAME.csv (``timestamp,value``) beside NAME.windows.json (pairs of times)."""
    return [_brand(path) for path in sorted(folder.glob("*.csv"))]


def _brand(path: Path) -> NabBrand:
    labels = path.with_suffix(".windows.json")
    try:
        with path.open(encoding="utf-8", newline="") as file:
            points = list(read_counts(file))
        windows = [(moment(begin), moment(end)) for begin, end in json.loads(labels.read_text(encoding="utf-8"))]
    except (OSError, ValueError) as error:
        raise LocalisedError("bench.no_counts", path=path, labels=labels.name, why=error) from error
    start = points[0].at
    counts = np.zeros(int(_minutes(points[-1].at - start)) // STEP + 1)
    for point in points:
        counts[int(_minutes(point.at - start) + STEP / 2) // STEP] += point.value
    events = tuple(
        Event(onset=_minutes(begin - start), end=_minutes(end - start), growth=np.nan) for begin, end in windows
    )
    return NabBrand(name=path.stem, start=start, counts=counts, events=events)


def _minutes(span: timedelta) -> float:
    return span / timedelta(minutes=1)


def learned(brand: NabBrand) -> dict[float, Numbers]:
    """For each budget 1 at each count that rings and 0 elsewhere."""
    step = timedelta(minutes=STEP)
    known = Learned([(brand.start + place * step, value) for place, value in enumerate(brand.counts.tolist())])
    found = {}
    for budget in BUDGETS:
        found[budget] = np.zeros(len(brand.counts))
        found[budget][[(alarm.at - brand.start) // step for alarm in known.within(budget)]] = RINGS
    return found


def scores(brand: NabBrand, seed: int) -> dict[str, Numbers]:
    """The score of every rule at each count."""
    return {
        "15 min against 7 days": baselines.against_week(brand.counts, 15, step=STEP),
        "hour against 7 days": baselines.against_week(brand.counts, baselines.HOUR, step=STEP),
        "hour against 12 hours": baselines.hour_against_twelve(brand.counts, step=STEP),
        "chance": baselines.chance(len(brand.counts), seed),
    }


def trials(brands: Sequence[NabBrand]) -> dict[str, list[ScoredStream]]:
    """For each rule one trial a brand, in the order of *brands*; the first days are history."""
    found: dict[str, list[ScoredStream]] = {}
    for seed, brand in enumerate(brands):
        for name, scored in scores(brand, seed).items():
            found.setdefault(name, []).append(_trial(brand, scored))
    return found


def own_trials(brands: Sequence[NabBrand]) -> dict[float, list[ScoredStream]]:
    """For each budget one trial of ``tocsin detect`` a brand, whose score is RINGS where it rings."""
    found: dict[float, list[ScoredStream]] = {budget: [] for budget in BUDGETS}
    for brand in brands:
        for budget, scored in learned(brand).items():
            found[budget].append(_trial(brand, scored))
    return found


def _trial(brand: NabBrand, scored: Numbers) -> ScoredStream:
    begin, times = float(COVERAGE_DAYS * PER_DAY), STEP * np.arange(len(brand.counts), dtype=np.float64)
    series = Series(times=times[times >= begin], scores=scored[times >= begin])
    return ScoredStream(series=series, events=brand.events, begin=begin, end=float(times[-1]), aftermath=0.0)
