"""Detectors of change in counts. They see numbers and times, never posts, and know nothing of levels.

A surge is judged against the last seven days twice: against what is *usual* (the median, in robust standard
deviations; plain three sigma rings all day on counts that come in bursts), and against the *highest* that the
same hour of an earlier day has reached. Only what is far above both is new.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Protocol

import numpy as np

from engine.errors import EngineError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Series = NDArray[np.float64]

BASELINE_DAYS = 7
COVERAGE_DAYS = 3
"""Fewer days of watching than this are no baseline."""

DISPERSION = 0.1
"""The deviation of counts that grows with them: one day differs from the next by a tenth without a cause."""

FEWEST = 3.0
"""The expectation is never taken to be smaller: a handful of posts where none are usual is an anecdote."""

FORGOTTEN = 3.0
"""An earlier day's peak counts at most this many times the usual, so that an old crisis hides no new one."""


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
DETECT_WINDOWS = (
    Window(name="1h", length=timedelta(hours=1), usual=10, highest=5),
    Window(name="6h", length=timedelta(hours=6), usual=8, highest=4),
)
"""For counts alone, with nothing else to confirm them: on real brand mentions one false alarm in ten days."""


BUSY = 10.0
"""Posts that make a day one of traffic: a multiple of what is usual needs such days."""


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


def deviation(expected: float) -> float:
    """The standard deviation of a bursty count: Poisson, with a part that grows in proportion."""
    expected = max(expected, FEWEST)
    return float(np.sqrt(expected + (DISPERSION * expected) ** 2))


def surge(live: Series, counts: Series, window: Window, *, step: timedelta, covered: int) -> Surge | None:
    """Judge the last *window* of *live* against the *counts* before it; None without a baseline.

    Both series have one value for each *step* and end with the present one; the last *covered* steps were
    watched. They may be longer than the baseline: eight days are looked at.
    """
    day, width = timedelta(days=1) // step, window.length // step
    covered = min(covered, len(counts), (BASELINE_DAYS + 1) * day)
    if covered < COVERAGE_DAYS * day or width < 1:
        return None
    value = float(live[-width:].sum())
    counts = counts[-covered:]
    before = float(counts[:-width].sum())
    days = (covered - width) / day
    busy = _busy_days(counts[:-width], day)
    quiet = Surge(window=window, value=value, usual=0.0, highest=0.0, strength=0.0, before=before, days=days, busy=busy)
    if value < 2 * FEWEST:
        return quiet
    sums = _window_sums(counts, width)
    hour = _same_hour(sums, day=day, step=step)
    full = max((len(counts) - 1 - width * 3 // 4) // day, 1)  # earlier days whose window was watched, nearly all
    at_this_hour, peaks = float(np.median(hour[:full].mean(axis=1))), hour.max(axis=1)
    if value <= _remembered(peaks, at_this_hour):
        return quiet  # the common case, and the cheap one
    usual, spread = _usual(sums, at_this_hour, day=day, width=width, step=step)
    highest = _remembered(peaks, usual)
    above_usual = (value - usual) / max(spread, deviation(usual))
    above_highest = (value - highest) / deviation(highest)
    strength = max(min(above_usual / window.usual, above_highest / window.highest), 0.0)
    return replace(quiet, usual=usual, highest=highest, strength=strength)


def _busy_days(before: Series, day: int) -> int:
    """How many of the whole days that end with *before* brought BUSY posts or more."""
    whole = len(before) // day
    return int((before[len(before) - whole * day :].reshape(whole, day).sum(axis=1) >= BUSY).sum()) if whole else 0


def _window_sums(counts: Series, width: int) -> Series:
    """The sum of the window that ends with each step; the first windows are not full."""
    total = np.cumsum(counts)
    total[width:] -= total[:-width].copy()
    return total


def _remembered(peaks: Series, usual: float) -> float:
    """The highest of earlier days' peaks, none of them counted as more than three times the usual."""
    return min(float(peaks.max()), FORGOTTEN * max(usual, 1.0))


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


def binomial_z(hits: float, trials: float, share: float) -> float:
    """How many standard deviations *hits* of *trials* lie above what a *share* (0-1) would give."""
    if trials <= 0:
        return 0.0
    share = min(max(share, 0.01), 0.99)
    return float((hits - trials * share) / np.sqrt(trials * share * (1 - share)))


def doubling_hours(sizes: Sequence[float]) -> float | None:
    """The shortest time in hours in which a story doubled, from its posts of each hour, the newest last.

    None if it is not growing: fewer than 8 posts, or no look-back of 1, 3 or 6 hours in which it doubled.
    """
    total = float(sum(sizes))
    if total < 8:
        return None
    found = []
    for hours in (1, 3, 6):
        earlier = max(total - float(sum(sizes[-hours:])), 1.0)
        if total >= 2 * earlier:
            found.append(hours / float(np.log2(total / earlier)))
    return min(found, default=None)


@dataclass(frozen=True, kw_only=True, slots=True)
class Alarm:
    """A detector's word that the series changed at *at*: its *value* where *baseline* was usual."""

    at: datetime
    signal: str
    value: float
    baseline: float


class Detector(Protocol):
    """What looks at a series one bucket at a time."""

    def update(self, at: datetime, value: float) -> Alarm | None:
        """Take the count of the bucket that ends the series so far; say whether it is an alarm."""


class SurgeDetector:
    """``surge`` along a series: one alarm when a surge begins, and no other until it is over."""

    def __init__(self, window: Window, step: timedelta) -> None:
        self.window, self.step = window, step
        self._day = timedelta(days=1) // step
        self._values: Series = np.zeros(2 * (BASELINE_DAYS + 1) * self._day)
        self._end = 0
        self._ringing = False

    def update(self, at: datetime, value: float) -> Alarm | None:
        self._append(value)
        seen = self._values[: self._end]
        found = surge(seen, seen, self.window, step=self.step, covered=self._end)
        if found is None or found.strength < 0.5:
            self._ringing = False
        elif found.strength >= 1 and not self._ringing:
            self._ringing = True
            signal = f"surge_{self.window.name}"
            return Alarm(at=at, signal=signal, value=found.value, baseline=found.usual)
        return None

    def _append(self, value: float) -> None:
        if self._end == len(self._values):
            kept = len(self._values) // 2
            self._values[:kept] = self._values[kept:]
            self._end = kept
        self._values[self._end] = value
        self._end += 1


class SeriesError(EngineError):
    """A series of counts in which no detector can find its way."""


def detect(series: Iterable[tuple[datetime, float]]) -> list[Alarm]:
    """Run the detectors over *series* (time, count) and return the alarms in time order.

    Times must rise; the step is the median distance, at most an hour; gaps count as zero.
    """
    points = list(series)
    if len(points) < 2:
        return []
    gaps = [later[0] - earlier[0] for earlier, later in pairwise(points)]
    if min(gaps) < timedelta(0):
        raise SeriesError("The times must rise from line to line.")
    step = sorted(gaps)[len(gaps) // 2]
    if not timedelta(seconds=1) <= step <= timedelta(hours=1):
        raise SeriesError("The counts must be at least one second and at most one hour apart.")
    detectors = [SurgeDetector(window, step) for window in DETECT_WINDOWS if window.length >= step]
    return [
        alarm
        for at, value in _without_gaps(points, step)
        for alarm in (detector.update(at, value) for detector in detectors)
        if alarm is not None
    ]


def _without_gaps(points: Sequence[tuple[datetime, float]], step: timedelta) -> Iterable[tuple[datetime, float]]:
    """The points, with a zero for every step that is missing, up to the eight days that are remembered."""
    yield points[0]
    for (earlier, _), (at, value) in pairwise(points):
        missing = min(round((at - earlier) / step) - 1, (BASELINE_DAYS + 1) * (timedelta(days=1) // step))
        for n in range(missing, 0, -1):
            yield at - n * step, 0.0
        yield at, value
