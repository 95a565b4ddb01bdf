"""All detectors over one series of counts: what ``tocsin detect`` runs, one bell an event."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime, timedelta
from functools import partial
from itertools import pairwise

from engine.trend.cusum import Cusum
from engine.trend.drops import DropDetector
from engine.trend.growth import DoublingTime
from engine.trend.series import OVER, Alarm, Detector, SeriesError
from engine.trend.shares import ShareChange
from engine.trend.surges import RobustZ, SeasonalPeak, SurgeDetector, Window
from engine.trend.tail import TailDetector

DETECT_WINDOWS = (
    Window(name="15min", length=timedelta(minutes=15), usual=30, highest=15),
    Window(name="1h", length=timedelta(hours=1), usual=18, highest=9),
    Window(name="6h", length=timedelta(hours=6), usual=9, highest=4.5),
    Window(name="24h", length=timedelta(hours=24), usual=8, highest=4),
)
"""For counts alone, with nothing else to confirm them: half as much again as what the watch asks for, and more."""

Make = Callable[[timedelta], Detector]


def _each(kind: Callable[[Window, timedelta], Detector], prefix: str) -> dict[str, Make]:
    return {f"{prefix}_{window.name}": partial(kind, window) for window in DETECT_WINDOWS}


RINGING: dict[str, Make] = {
    **_each(SurgeDetector, "surge"),
    "tail": TailDetector,
    "growth": DoublingTime,
    "slow_burn": Cusum,
    "drop": DropDetector,
}
"""What rings if nobody chooses, by the name of its signal."""

DETECTORS: dict[str, Make] = {**RINGING, **_each(RobustZ, "robust_z"), **_each(SeasonalPeak, "seasonal")}
"""All that can be chosen by name. The last ones are the halves of a surge: by themselves they ring for rhythms."""

SHARE = "share"
"""Runs too where the series says of how many posts its values are part."""

FIRST_STEPS = 48
"""The first distances tell the step: what comes later in a file changes no alarm before it."""

Point = tuple[datetime, float]


def detect(
    series: Iterable[Point], *, signals: Collection[str] = (), totals: Sequence[float] | None = None
) -> list[Alarm]:
    """Run the detectors over *series* (time, count) and return the alarms in time order.

    *signals* names those to run, all of RINGING if it is empty. *totals* says of how many posts each value is a
    part, for the change of a share. Times must rise; the step is the median of the first distances, at most an
    hour; gaps count as zero. Raises SeriesError.

    >>> from datetime import UTC
    >>> start, hour = datetime(2026, 3, 1, tzinfo=UTC), timedelta(hours=1)
    >>> counts = [*[20] * 120, 400]
    >>> [(alarm.signal, alarm.value) for alarm in detect([(start + n * hour, c) for n, c in enumerate(counts)])]
    [('surge_1h', 400.0)]
    """
    points = list(series)
    if len(points) < 2:
        return []
    step = _step(points)
    detectors = _chosen(step, signals, shares=totals is not None)
    alarms: list[Alarm] = []
    told: set[str] = set()  # the events that were rung for and are not over
    for n, (at, value) in enumerate(points):
        for detector in detectors:
            alarm = _asked(detector, at, value, totals[n] if totals else None)
            if alarm is not None and detector.event not in told:
                told.add(detector.event)
                alarms.append(alarm)
        told &= {detector.event for detector in detectors if detector.strength >= OVER}
    return alarms


def _asked(detector: Detector, at: datetime, value: float, total: float | None) -> Alarm | None:
    if isinstance(detector, ShareChange) and total is not None:
        return detector.update(at, value, total)
    return detector.update(at, value)


def _step(points: Sequence[Point]) -> timedelta:
    gaps = [later[0] - earlier[0] for earlier, later in pairwise(points)]
    if min(gaps) < timedelta(0):
        raise SeriesError("series.order")
    first = sorted(gaps[:FIRST_STEPS])
    step = first[len(first) // 2]
    if not timedelta(seconds=1) <= step <= timedelta(hours=1):
        raise SeriesError("series.step")
    return step


def _chosen(step: timedelta, signals: Collection[str], *, shares: bool) -> list[Detector]:
    """The detectors of *signals*, or those that ring by default; windows shorter than a step are left out."""
    known = {**DETECTORS, SHARE: ShareChange} if shares else DETECTORS
    unknown = sorted(set(signals) - set(known))
    if unknown:
        raise SeriesError("series.signal", signal=unknown[0], known=", ".join(sorted(known)))
    names = signals or ({*RINGING, SHARE} if shares else RINGING)
    short = {f"_{window.name}" for window in DETECT_WINDOWS if window.length < step}
    return [known[name](step) for name in known if name in names and not name.endswith(tuple(short))]
