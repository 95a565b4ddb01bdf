"""The invented part of the benchmark: brands to choose thresholds on, other brands to be judged on, all contenders.

Only sizes and languages are alike in the two: no seed, no crisis and no theme of the judged brands is ever seen before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from bot.bench.detection import baselines, watch_runs
from bot.bench.detection.score import Event, ScoredStream, Series
from bot.bench.detection.synthetic import GROWTHS, SyntheticBrand, SyntheticStream, generate

WATCH = "Tocsin's watch"
SHIPPED = 1.0
"""The strictness that a topic begins with."""


@dataclass(frozen=True, kw_only=True)
class BenchSize:
    """How much is measured: *sizes* in posts a day, taken in turn; *days* in all, the first *warm* of them history;
    *crises* in each judged stream."""

    sizes: tuple[float, ...]
    calibration: int
    judged: int
    days: int
    warm: int
    crises: int


FULL = BenchSize(sizes=(150, 300, 800), calibration=6, judged=9, days=15, warm=5, crises=3)
QUICK = BenchSize(sizes=(80,), calibration=2, judged=2, days=6, warm=4, crises=1)


@dataclass(frozen=True, kw_only=True, eq=False)
class JudgedStream:
    """One stream with every contender's trial, and the *bells* that the incident rules rang as shipped."""

    stream: SyntheticStream
    trials: dict[str, ScoredStream]
    bells: Series


def calibration(extent: BenchSize) -> list[SyntheticStream]:
    """Brands without a crisis, for choosing thresholds."""
    return [generate(brand, days=extent.days, warm=extent.warm) for brand in _brands(extent, extent.calibration, 100)]


def judged(extent: BenchSize) -> list[SyntheticStream]:
    """Other brands, each with crises; every growth comes up equally often."""
    found = []
    for n, brand in enumerate(_brands(extent, extent.judged, 500)):
        growths = [GROWTHS[(3 + n * extent.crises + k) % len(GROWTHS)] for k in range(extent.crises)]
        found.append(generate(brand, growths, days=extent.days, warm=extent.warm))
    return found


def _brands(extent: BenchSize, count: int, seed: int) -> Iterable[SyntheticBrand]:
    for n in range(count):
        yield SyntheticBrand(
            name=f"Brand{seed + n}",
            seed=seed + n,
            per_day=extent.sizes[n % len(extent.sizes)],
            negative=(0.15, 0.25)[n // 2 % 2],
            lang=("en", "zh")[(n + n // len(extent.sizes)) % 2],
        )


def judge(
    stream: SyntheticStream, watch: Callable[[SyntheticStream], watch_runs.WatchRun] = watch_runs.run
) -> JudgedStream:
    """Every contender over *stream*."""
    watched = watch(stream)
    series = {WATCH: watched.series, **{name: baselines.series(name, stream) for name in baselines.RIVALS}}
    events = tuple(Event(onset=each.onset, end=each.end, growth=each.growth) for each in stream.crises)
    return JudgedStream(
        stream=stream,
        trials={
            name: ScoredStream(series=each, events=events, begin=float(stream.warm), end=float(stream.minutes))
            for name, each in series.items()
        },
        bells=watched.shipped,
    )
