"""What rings within a budget, learned from the series' own past: surges of any length, slow burns, silences, shares."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np

from engine.trend.budget import CAUTIOUS, LOOKS, LOWEST, BudgetBar
from engine.trend.cusum import MEMORY_DAYS, daily, slow_burn
from engine.trend.drops import LENGTH, drop
from engine.trend.extremes import Heights, heights
from engine.trend.grid import HOUR, Grid, hourly, lay, step_of
from engine.trend.series import BASELINE_DAYS, COVERAGE_DAYS, DAY, FEWEST, OVER, Alarm
from engine.trend.shares import ShareChange

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from engine.trend.grid import Point
    from engine.trend.series import Strength

CALM = timedelta(hours=3)
"""What rings is over when it has been lower than it must be for so long."""

MARGIN = 0.5
"""How much lower, as a logarithm of rates."""

SURE, MORE = 6.0, 1.5
"""A cautious look asks for so many deviations of chance alone, and for so many times the usual."""

MOSTLY = 0.75
"""The part of a window that must have been counted before it can be called silent."""

WORTH = float(np.log(1 / CAUTIOUS)) + LOOKS
"""The height of a strength of 1: what the other detectors ask for comes once in ten days of chance."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Seen:
    """What is seen at a moment: a *signal* of a *height*, its *value* and what is usual."""

    signal: str
    height: float
    value: float
    baseline: float


@dataclass(kw_only=True)
class LoudSpell:
    """Something of one kind that may ring: once, until it was calm.

    It never rings below *least*; *margin* is how far below the bar it is calm.
    """

    least: float
    margin: float
    ringing: bool = False
    calm: timedelta = field(default_factory=timedelta)

    def rings(self, height: float, bar: float, waited: timedelta) -> bool:
        bar = max(bar, self.least)
        if not self.ringing:
            self.ringing, self.calm = height >= bar, timedelta()
            return self.ringing
        self.calm = self.calm + waited if height < bar - self.margin else timedelta()
        self.ringing = self.calm < CALM
        return False


Look = Callable[[int], Seen | None]


class Learned:
    """What *points* say of their own past, once, for any budget. Raises SeriesError."""

    def __init__(self, points: Sequence[Point], totals: Sequence[float] | None = None) -> None:
        self._grid = lay(points)
        self._heights = heights(self._grid)
        self._looks = _by_the_hour(self._grid)
        if totals:
            self._looks["share"] = _shares(points, totals, self._grid)

    def within(self, budget: float | None) -> list[Alarm]:
        """The alarms within *budget* a day; None is the cautious default. Raises SeriesError."""
        bar = BudgetBar(budget=CAUTIOUS if budget is None else budget, cautious=budget is None)
        return list(_rung(self._grid, {"surge": _surges(self._heights, cautious=bar.cautious), **self._looks}, bar))


def _rung(grid: Grid, looks: dict[str, Look], bar: BudgetBar) -> Iterator[Alarm]:
    events = {kind: LoudSpell(least=WORTH, margin=(1 - OVER) * WORTH) for kind in looks}
    events["surge"] = LoudSpell(least=LOWEST, margin=MARGIN)
    first = COVERAGE_DAYS * grid.per(DAY)
    for place, at in enumerate(grid.times):
        if at is None or place < first:
            continue
        bar.waited(grid.cell / DAY)
        for kind, look in looks.items():
            seen = look(place)
            if events[kind].rings(seen.height if seen else -np.inf, bar.height, grid.cell) and seen:
                bar.rang()
                yield Alarm(at=at, signal=seen.signal, value=seen.value, baseline=seen.baseline)


def _surges(found: Sequence[Heights], *, cautious: bool) -> Look:
    """The window that stands out most. A cautious look takes no handful, and no chance wobble, for a surge."""
    rows = np.nan_to_num(np.stack([each.height for each in found]), nan=-np.inf)
    if cautious:
        rows = np.where(np.stack([_plain(each) for each in found]), rows, -np.inf)
    best = rows.argmax(axis=0)

    def look(place: int) -> Seen:
        each = found[best[place]]
        return Seen(
            signal=f"surge_{each.window}",
            height=float(rows[best[place], place]),
            value=round(float(each.value[place]), 6),
            baseline=float(each.usual[place]),
        )

    return look


def _plain(seen: Heights) -> NDArray[np.bool_]:
    """Where a window is a surge for anybody, however calm the series is otherwise."""
    return np.asarray((seen.value >= 2 * FEWEST) & (seen.value >= MORE * seen.usual) & (seen.above >= SURE))


def _by_the_hour(grid: Grid) -> dict[str, Look]:
    """Silences and slow burns, looked at when an hour is over."""
    hours, per = hourly(grid), grid.per(HOUR)
    width = LENGTH // HOUR * per
    known = np.cumsum(~np.isnan(grid.cells))

    def silence(hour: int) -> Seen | None:
        last = (hour + 1) * per - 1
        counted = known[last] - (known[last - width] if last >= width else 0)
        if counted < MOSTLY * width:
            return None  # a hole is no silence
        past = hours[max(hour + 1 - (BASELINE_DAYS + 1) * 24, 0) : hour + 1]
        found = drop(past, step=HOUR, covered=len(past))
        return None if found is None else _seen("drop", found.value, found.usual, found.strength)

    def burn(hour: int) -> Seen | None:
        days = daily(hours[: hour + 1], HOUR, MEMORY_DAYS)
        found = slow_burn(days, days)
        return None if found is None else _seen("slow_burn", found.value, found.usual, found.strength)

    return {"drop": _each_hour(silence, per), "burn": _each_hour(burn, per)}


def _each_hour(look: Look, per: int) -> Look:
    looked: dict[int, Seen | None] = {}

    def at(place: int) -> Seen | None:
        hour = (place + 1) // per - 1
        if hour not in looked:
            looked[hour] = look(hour)
        return looked[hour]

    return at


def _shares(points: Sequence[Point], totals: Sequence[float], grid: Grid) -> Look:
    detector = ShareChange(step_of(points))
    found: dict[datetime, Strength | None] = {}
    for (at, value), total in zip(points, totals, strict=True):
        detector.update(at, value, total)
        found[at] = detector.seen
    times = grid.times

    def look(place: int) -> Seen | None:
        at = times[place]
        seen = found.get(at) if at else None
        return None if seen is None else _seen("share", seen.value, seen.baseline, seen.strength)

    return look


def _seen(signal: str, value: float, baseline: float, strength: float) -> Seen | None:
    return Seen(signal=signal, height=WORTH * strength, value=value, baseline=baseline) if strength > 0 else None
