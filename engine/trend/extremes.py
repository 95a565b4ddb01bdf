"""How rare the height of a window is in the series' own past: its loudest moments of earlier days say it.

Each window is held against what it usually brings (by day, and by week once an hour was loud in two weeks), on a
scale on which chance is equally large everywhere. The highest of each day has a Gumbel distribution, fitted by two
quantiles, so that a crisis among the days moves it little. A *height* is the logarithm of how many days pass, as a
rule, until the window is as high: 0 on most days, 2.3 once in ten days, whatever the brand.

Sources: Anscombe, The Transformation of Poisson, Binomial and Negative-Binomial Data, 1948; Gumbel, Statistics of
Extremes, 1958.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from engine.trend.grid import HOUR, Grid, covered, known_sums
from engine.trend.series import BASELINE_DAYS, COVERAGE_DAYS, DAY

if TYPE_CHECKING:
    from engine.trend.series import Series

LENGTHS = {
    "15min": timedelta(minutes=15),
    "1h": timedelta(hours=1),
    "6h": timedelta(hours=6),
    "24h": timedelta(hours=24),
}
PAST_DAYS, WEEKS = 28, 4
LEARNED = 2
"""Weeks in which an hour must have been loud to be a habit of the week."""

ANEW = timedelta(hours=6)
"""How often the days are looked at anew."""

UPPER = 0.85
APART = 1.45
"""How far a Gumbel distribution of scale 1 has this quantile above its median."""

LEAST, SCALE, PRIOR_DAYS = 1.0, 0.7, 3
"""Deviations of chance alone: a day's highest is never taken to be below the first, and before anything is known it
spreads by the second, as if so many days had said so."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Heights:
    """For each cell the *height* of the last *window*, its *value* and what is *usual*, and how many deviations of
    chance alone it is *above* that; NaN where nothing is known."""

    window: str
    height: Series
    above: Series
    value: Series
    usual: Series


def heights(grid: Grid) -> list[Heights]:
    """Those of all windows that hold a whole cell."""
    return [_heights(grid, name) for name, length in LENGTHS.items() if length >= grid.cell]


def _heights(grid: Grid, name: str) -> Heights:
    width = grid.per(LENGTHS[name])
    value = known_sums(grid.cells, width)
    usual = _usual(grid, value, width)
    above = _even(value) - _even(usual)
    day, anew = grid.per(DAY), grid.per(ANEW)
    above[:day] = np.nan
    above[~covered(grid)] = np.nan
    height = np.full(len(above), np.nan)
    for at in range(COVERAGE_DAYS * day, len(above), anew):
        middle, scale = _fitted(_daily_highest(above[:at], day))
        height[at : at + anew] = (above[at : at + anew] - middle) / scale
    return Heights(window=name, height=height, above=above, value=value, usual=usual)


def _even(counts: Series) -> Series:
    """Counts on the scale on which a Poisson count deviates by 1 wherever it lies."""
    return np.asarray(2 * np.sqrt(counts + 0.375))


def _usual(grid: Grid, sums: Series, width: int) -> Series:
    """The highest of three habits: of this hour of the day, of the last week at any hour, of this hour of a week."""
    day, hour = grid.per(DAY), grid.per(HOUR)
    by_day = _middle(np.stack([_earlier(sums, n * day) for n in range(1, BASELINE_DAYS + 1)]))
    at_all = np.full(len(sums), np.nan)
    for at in range(day, len(sums), hour):
        week = sums[max(at - BASELINE_DAYS * day, 0) : max(at - width, 0) + 1 : max(width // 4, 1)]
        at_all[at : at + hour] = np.median(known) if len(known := week[~np.isnan(week)]) else np.nan
    near = np.fmax.reduce([_earlier(sums, n) for n in range(-hour, hour + 1)])
    weeks = np.stack([_earlier(near, 7 * day * n) for n in range(1, WEEKS + 1)])
    by_week = np.sort(np.nan_to_num(weeks, nan=-1.0), axis=0)[-LEARNED]
    return np.asarray(np.fmax(np.fmax(by_day, at_all), np.where(by_week >= 0, by_week, np.nan)))


def _earlier(values: Series, cells: int) -> Series:
    """*values* as they were so many *cells* earlier (below zero: later)."""
    found = np.full(len(values), np.nan)
    if abs(cells) < len(values):
        found[max(cells, 0) : len(values) + min(cells, 0)] = values[max(-cells, 0) : len(values) - max(cells, 0)]
    return found


def _middle(rows: Series) -> Series:
    """The median of each column without what is unknown, NaN where all is."""
    rows = np.sort(rows, axis=0)  # NaN goes last
    known = (~np.isnan(rows)).sum(axis=0)
    low, high = np.maximum(known - 1, 0) // 2, np.minimum(known // 2, len(rows) - 1)
    across = np.arange(rows.shape[1])
    return np.asarray((rows[low, across] + rows[high, across]) / 2)


def _daily_highest(above: Series, day: int) -> Series:
    """The highest of each of the last days, without days of which nothing is known."""
    days = min(len(above) // day, PAST_DAYS)
    highest = np.fmax.reduce(above[len(above) - days * day :].reshape(days, day), axis=1)
    return np.asarray(highest[~np.isnan(highest)])


def _fitted(highest: Series) -> tuple[float, float]:
    """The median and the scale of the Gumbel distribution of *highest*."""
    if not len(highest):
        return LEAST, SCALE
    middle = float(np.median(highest))
    scale = (float(np.quantile(highest, UPPER)) - middle) / APART
    days = len(highest)
    return max(middle, LEAST), (days * scale + PRIOR_DAYS * SCALE) / (days + PRIOR_DAYS)
