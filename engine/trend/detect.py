"""One series of counts: what rings in it within a budget, or by detectors that are named. One bell an event."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime, timedelta
from functools import partial

from engine.trend.cusum import Cusum
from engine.trend.drops import DropDetector
from engine.trend.grid import Point, step_of
from engine.trend.growth import DoublingTime
from engine.trend.learned import Learned
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


DETECTORS: dict[str, Make] = {
    **_each(SurgeDetector, "surge"),
    "tail": TailDetector,
    "growth": DoublingTime,
    "slow_burn": Cusum,
    "drop": DropDetector,
    **_each(RobustZ, "robust_z"),
    **_each(SeasonalPeak, "seasonal"),
}
"""All that can be chosen by name. The last ones are the halves of a surge: by themselves they ring for rhythms."""

SHARE = "share"
"""Can be chosen too where the series says of how many posts its values are part."""


def detect(
    series: Iterable[Point],
    *,
    budget: float | None = None,
    signals: Collection[str] = (),
    totals: Sequence[float] | None = None,
) -> list[Alarm]:
    """The alarms of *series* (time, count) in time order.

    What rings is learned from the series' own past, so that there are about *budget* alarms a day at most; without one
    it is cautious. *signals* names detectors that ring by bars of their own instead, which know no budget. *totals*
    says of how many posts each value is a part, for the change of a share. Times must rise; the step is the median of
    the first distances, at most an hour; what nobody counted is unknown. Raises SeriesError.

    >>> from datetime import UTC
    >>> start, hour = datetime(2026, 3, 1, tzinfo=UTC), timedelta(hours=1)
    >>> counts = [*[20] * 120, 400]
    >>> [(alarm.signal, alarm.value) for alarm in detect([(start + n * hour, c) for n, c in enumerate(counts)])]
    [('surge_1h', 400.0)]
    """
    points = list(series)
    if budget is not None and signals:
        raise SeriesError("series.budget_or_signal")
    if len(points) < 2:
        return []
    if not signals:
        return Learned(points, totals).within(budget)
    return _by_own_bars(points, _chosen(step_of(points), signals, shares=totals is not None), totals)


def _by_own_bars(points: Sequence[Point], detectors: Sequence[Detector], totals: Sequence[float] | None) -> list[Alarm]:
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


def _chosen(step: timedelta, signals: Collection[str], *, shares: bool) -> list[Detector]:
    """The detectors of *signals*; windows shorter than a step are left out."""
    known = {**DETECTORS, SHARE: ShareChange} if shares else DETECTORS
    unknown = sorted(set(signals) - set(known))
    if unknown:
        raise SeriesError("series.signal", signal=unknown[0], known=", ".join(sorted(known)))
    short = {f"_{window.name}" for window in DETECT_WINDOWS if window.length < step}
    return [known[name](step) for name in known if name in signals and not name.endswith(tuple(short))]
