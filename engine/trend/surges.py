"""Surges: the last window against what is usual and against the highest of earlier days.

A surge is judged against the last seven days twice: against what is *usual* (the median, in robust standard
deviations; plain three sigma rings all day on counts that come in bursts), and against the *highest* that the
same hour of an earlier day has reached. Only what is far above both is new.

Source: Iglewicz and Hoaglin, How to Detect and Handle Outliers, 1993, for the median and the MAD.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np

from engine.trend.series import (
    BASELINE_DAYS,
    COVERAGE_DAYS,
    DAY,
    FEWEST,
    Detector,
    Strength,
    deviation,
    window_sums,
)

if TYPE_CHECKING:
    from engine.trend.series import Series

FORGOTTEN = 3.0
"""An earlier day's peak counts at most this many times the usual, so that an old crisis hides no new one."""

BUSY = 10.0
"""Posts that make a day one of traffic: a multiple of what is usual needs such days."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Window:
    """A length of time to sum over, and how many deviations above *usual* and *highest* are a surge.

    The shorter the window, the more often chance gets a look at it (672 quarters of an hour in a week, but 7
    days), and the burstier its counts: so short windows ask for more.
    """

    name: str
    length: timedelta
    usual: float
    highest: float


WINDOWS = (
    Window(name="15min", length=timedelta(minutes=15), usual=12, highest=6),
    Window(name="1h", length=timedelta(hours=1), usual=10, highest=5),
    Window(name="6h", length=timedelta(hours=6), usual=6, highest=3),
    Window(name="24h", length=timedelta(hours=24), usual=4, highest=3),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Surge:
    """How far the last window stands out. *strength* 1 is what the window asks for; 0 is nothing unusual.

    *value*, *usual*, *highest* are counts in one window, *before* is the count in all *days* of baseline, *busy* the
    number of those days that brought BUSY posts or more.
    """

    window: Window
    value: float
    usual: float
    highest: float
    strength: float
    before: float
    days: float
    busy: int = 0


def surge(live: Series, counts: Series, window: Window, *, step: timedelta, covered: int) -> Surge | None:
    """Judge the last *window* of *live* against the *counts* before it; None without a baseline.

    Both series have one value for each *step* and end with the present one; the last *covered* steps were
    watched. They may be longer than the baseline: eight days are looked at.
    """
    day, width = DAY // step, window.length // step
    covered = min(covered, len(counts), (BASELINE_DAYS + 1) * day)
    if covered < COVERAGE_DAYS * day or width < 1:
        return None
    value = float(live[-width:].sum())
    counts = counts[-covered:]
    before = float(counts[:-width].sum())
    days = (covered - width) / day
    busy = busy_days(counts[:-width], day)
    quiet = Surge(window=window, value=value, usual=0.0, highest=0.0, strength=0.0, before=before, days=days, busy=busy)
    if value < 2 * FEWEST:
        return quiet
    sums = window_sums(counts, width)
    at_this_hour, peaks = _this_hour(sums, width, day=day, step=step)
    if value <= _remembered(peaks, at_this_hour):
        return quiet  # the common case, and the cheap one
    usual, spread = _usual(sums, at_this_hour, day=day, width=width, step=step)
    highest = _remembered(peaks, usual)
    above_usual = (value - usual) / max(spread, deviation(usual))
    above_highest = (value - highest) / deviation(highest)
    strength = max(min(above_usual / window.usual, above_highest / window.highest), 0.0)
    return replace(quiet, usual=usual, highest=highest, strength=strength)


def busy_days(before: Series, day: int) -> int:
    """How many of the whole days that end with *before* brought BUSY posts or more."""
    whole = len(before) // day
    return int((before[len(before) - whole * day :].reshape(whole, day).sum(axis=1) >= BUSY).sum()) if whole else 0


def _remembered(peaks: Series, usual: float) -> float:
    """The highest of earlier days' peaks, none of them counted as more than three times the usual."""
    return min(float(peaks.max()), FORGOTTEN * max(usual, 1.0))


def _this_hour(sums: Series, width: int, *, day: int, step: timedelta) -> tuple[float, Series]:
    """What a window brings at this hour of the day (the median of earlier days), and each day's peak near it."""
    hour = _same_hour(sums, day=day, step=step)
    full = max((len(sums) - 1 - width * 3 // 4) // day, 1)  # earlier days whose window was watched, nearly all
    return float(np.median(hour[:full].mean(axis=1))), hour.max(axis=1)


def _usual(sums: Series, at_this_hour: float, *, day: int, width: int, step: timedelta) -> tuple[float, float]:
    """What a window usually holds, and the robust deviation of one day's windows from the next's."""
    gap, stride = max(width, timedelta(hours=1) // step), max(width // 12, 1)
    stable = sums[width - 1 : len(sums) - gap]  # the first windows are not full
    usual = max(at_this_hour, float(np.median(stable[::stride])) if len(stable) else 0.0)
    if width >= day or len(stable) <= day:
        return usual, 0.0
    change = (stable[day:] - stable[:-day])[::stride]
    return usual, 1.4826 * float(np.median(np.abs(change))) / 2**0.5


def _same_hour(sums: Series, *, day: int, step: timedelta) -> Series:
    """The sums that ended at this hour of each earlier day, give or take half an hour, shape (days, near).

    The latest day comes first. A window that began before the watch did is kept: it can only undercount.
    """
    near, last = timedelta(minutes=30) // step, len(sums) - 1
    ends = np.arange(last - day, -1, -day)[:BASELINE_DAYS]
    return np.asarray(sums[(ends[:, None] + np.arange(-near, near + 1)).clip(0, last)])


class SurgeDetector(Detector):
    """A robust z with seasonal confirmation: far above what is usual, and above the same hour of earlier days.

    An hour that is busy every day is no surge.

    >>> from datetime import UTC, datetime, timedelta
    >>> hour, start = timedelta(hours=1), datetime(2026, 3, 1, tzinfo=UTC)
    >>> detector = SurgeDetector(WINDOWS[1], hour)
    >>> counts = [*([20] * 23 + [200]) * 5, *[20] * 8, 400]
    >>> alarms = [detector.update(start + n * hour, count) for n, count in enumerate(counts)]
    >>> [(n, alarm.value, alarm.baseline) for n, alarm in enumerate(alarms) if alarm]
    [(128, 400.0, 20.0)]
    """

    def __init__(self, window: Window, step: timedelta) -> None:
        super().__init__(f"surge_{window.name}", step)
        self.window = window

    def _judge(self, seen: Series) -> Strength | None:
        found = surge(seen, seen, self.window, step=self.step, covered=len(seen))
        if found is None:
            return None
        return Strength(value=found.value, baseline=found.usual, strength=found.strength)


class RobustZ(Detector):
    """The last window in robust standard deviations above the median, with a square-root floor.

    The first half of ``SurgeDetector``: it rings for an hour that is busy every day.

    >>> from datetime import UTC, datetime, timedelta
    >>> hour, start = timedelta(hours=1), datetime(2026, 3, 1, tzinfo=UTC)
    >>> detector = RobustZ(WINDOWS[1], hour)
    >>> counts = ([20] * 23 + [400]) * 5
    >>> alarms = [detector.update(start + n * hour, count) for n, count in enumerate(counts)]
    >>> [(n, alarm.value, alarm.baseline) for n, alarm in enumerate(alarms) if alarm]
    [(71, 400.0, 20.0), (95, 400.0, 20.0), (119, 400.0, 20.0)]
    """

    def __init__(self, window: Window, step: timedelta) -> None:
        super().__init__(f"robust_z_{window.name}", step)
        self.window = window

    def _judge(self, seen: Series) -> Strength | None:
        known = _known(seen, self.window, self.step)
        if known is None:
            return None
        value, sums, day, width = known
        usual, spread = _usual(sums, 0.0, day=day, width=width, step=self.step)
        above = (value - usual) / max(spread, deviation(usual))
        return Strength(value=value, baseline=usual, strength=max(above / self.window.usual, 0.0))


class SeasonalPeak(Detector):
    """The last window above the highest that the same hour of an earlier day has reached.

    The second half of ``SurgeDetector``: it rings for a quiet hour that is a little less quiet.

    >>> from datetime import UTC, datetime, timedelta
    >>> hour, start = timedelta(hours=1), datetime(2026, 3, 1, tzinfo=UTC)
    >>> detector = SeasonalPeak(WINDOWS[1], hour)
    >>> counts = ([2] * 12 + [100] * 12) * 5 + [2, 2, 30]
    >>> alarms = [detector.update(start + n * hour, count) for n, count in enumerate(counts)]
    >>> [(n, alarm.value, alarm.baseline) for n, alarm in enumerate(alarms) if alarm]
    [(122, 30.0, 2.0)]
    """

    def __init__(self, window: Window, step: timedelta) -> None:
        super().__init__(f"seasonal_{window.name}", step)
        self.window = window

    def _judge(self, seen: Series) -> Strength | None:
        known = _known(seen, self.window, self.step)
        if known is None:
            return None
        value, sums, day, width = known
        at_this_hour, peaks = _this_hour(sums, width, day=day, step=self.step)
        highest = _remembered(peaks, at_this_hour)
        above = (value - highest) / deviation(highest)
        return Strength(value=value, baseline=highest, strength=max(above / self.window.highest, 0.0))


def _known(seen: Series, window: Window, step: timedelta) -> tuple[float, Series, int, int] | None:
    """The last window's count, the sums of all windows of eight days, the steps of a day and of the window."""
    day, width = DAY // step, window.length // step
    seen = seen[-(BASELINE_DAYS + 1) * day :]
    if len(seen) < COVERAGE_DAYS * day or width < 1:
        return None
    return float(seen[-width:].sum()), window_sums(seen, width), day, width
