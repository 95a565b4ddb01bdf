"""A series of counts as cells of equal length, with what nobody counted left unknown.

A hole is not a silence: a step without a line is unknown where the series writes its zeros down, and zero where it
leaves them out. Nothing that comes later changes how an earlier cell is read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from engine.trend.series import BASELINE_DAYS, COVERAGE_DAYS, DAY, SeriesError, checked

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from engine.trend.series import Series

HOUR = timedelta(hours=1)
FINEST = timedelta(minutes=5)
"""Steps that are shorter are counted together: the service counts in such buckets too."""

FIRST_STEPS = 48
"""The first distances tell the step: what comes later in a file changes no alarm before it."""

LEFT_OUT = 3
"""So many gaps in the first days, and not one zero: the series leaves its zeros out."""

LONGEST_HOLE = timedelta(days=35)
"""A longer hole counts as one of this length, give or take a week: by then all is forgotten."""

WEEK = timedelta(days=7)
HALF = 0.5
"""A window of which less was counted says nothing."""

Point = tuple[datetime, float]


@dataclass(frozen=True, kw_only=True, eq=False)
class Grid:
    """*cells* of *cell* length, NaN where unknown, and the time of the last line of each (None without one)."""

    cell: timedelta
    cells: Series
    times: tuple[datetime | None, ...]

    def per(self, length: timedelta) -> int:
        """How many cells are nearest to *length*, at least one."""
        return max(round(length / self.cell), 1)


def step_of(points: Sequence[Point]) -> timedelta:
    """The median of the first distances. Raises SeriesError where times fall, or lie too near or too far apart."""
    gaps = [later[0] - earlier[0] for earlier, later in pairwise(points)]
    if min(gaps) < timedelta(0):
        raise SeriesError("series.order")
    first = sorted(gaps[:FIRST_STEPS])
    step = first[len(first) // 2]
    if not timedelta(seconds=1) <= step <= HOUR:
        raise SeriesError("series.step")
    return step


def lay(points: Sequence[Point]) -> Grid:
    """*points* (two or more) as cells. Raises SeriesError."""
    step = step_of(points)
    cell = step * max(-(-FINEST // step), 1)
    places = _places(points, step, cell)
    known = np.bincount(places)
    values = np.array([checked(value) for _, value in points])
    cells = np.where(known > 0, np.bincount(places, weights=values), np.nan)
    if _leaves_zeros_out(cells[: COVERAGE_DAYS * DAY // cell]):
        cells = np.nan_to_num(cells)
    times: list[datetime | None] = [None] * len(cells)
    for place, (at, _) in zip(places, points, strict=True):
        times[place] = at
    return Grid(cell=cell, cells=cells, times=tuple(times))


def _places(points: Sequence[Point], step: timedelta, cell: timedelta) -> list[int]:
    """The cell of each point, where the longest holes are cut down by whole weeks."""
    found, begin, cut, last = [], points[0][0] - step / 2, timedelta(0), points[0][0]
    for at, _ in points:
        if at - last > LONGEST_HOLE:
            cut += (at - last - LONGEST_HOLE) // WEEK * WEEK
        found.append((at - begin - cut) // cell)
        last = at
    return found


def _leaves_zeros_out(first: Series) -> bool:
    unknown = np.isnan(first)
    gaps = int((np.diff(unknown.astype(int)) == 1).sum())
    return gaps >= LEFT_OUT and not bool((first == 0).any())


def known_sums(cells: Series, width: int) -> Series:
    """The sum of the *width* cells that end with each; what is unknown in it counts like the rest of it. NaN where
    most is unknown, and for the first windows, which are not full.

    >>> known_sums(np.array([1.0, 2.0, np.nan, np.nan, 4.0]), 2).tolist()
    [nan, 3.0, 4.0, nan, 8.0]
    """
    known = _rolled(~np.isnan(cells), width)
    sums = np.where(known >= HALF * width, _rolled(np.nan_to_num(cells), width) * width / np.maximum(known, 1), np.nan)
    sums[: width - 1] = np.nan
    return sums


def covered(grid: Grid) -> NDArray[np.bool_]:
    """Where enough of the week before was counted to tell what is usual."""
    day = grid.per(DAY)
    return np.asarray(_rolled(~np.isnan(grid.cells), (BASELINE_DAYS + 1) * day) >= COVERAGE_DAYS * day)


def _rolled(values: Series, width: int) -> Series:
    total = np.cumsum(values, dtype=np.float64)
    total[width:] -= total[:-width].copy()
    return total


def hourly(grid: Grid) -> Series:
    """The counts of whole hours from the first cell on; what nobody counted is what that hour usually brings."""
    per = grid.per(HOUR)
    hours = known_sums(grid.cells, per)[per - 1 :: per]
    for place in np.flatnonzero(np.isnan(hours)).tolist():
        before = hours[max(place - 7 * 24, 0) : place][::-1][23::24]
        hours[place] = float(np.median(before)) if len(before) else 0.0
    return hours
