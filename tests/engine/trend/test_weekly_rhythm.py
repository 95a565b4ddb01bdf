"""What comes back every week is no event: Monday mornings and quiet Saturdays, on synthetic brands of unlike size."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from engine.trend.drops import DropDetector
from engine.trend.growth import DoublingTime
from engine.trend.series import Detector

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
HOUR, WEEK = timedelta(hours=1), timedelta(days=7)
Counts = list[float]


def brand(seed: int, *, a_day: float, weekend: float, night: float, weeks: int = 5) -> Counts:
    """Posts by the hour: *a_day* of them on a working day, and so much less at the *weekend* and by *night*."""
    rng = np.random.default_rng(seed)
    hours = [MONDAY + n * HOUR for n in range(weeks * 7 * 24)]
    busy = a_day / (12 + 12 * night)
    rates = [busy * (1 if 8 <= at.hour < 20 else night) * (weekend if at.weekday() >= 5 else 1) for at in hours]
    return [float(count) for count in rng.poisson(rates)]


def rung(detector: Detector, counts: Counts, *, since: timedelta = timedelta()) -> list[str]:
    """When it rang from *since* on: the day of the week and the hour."""
    times = [(MONDAY + n * HOUR, count) for n, count in enumerate(counts)]
    found = [at for at, count in times if detector.update(at, count)]
    return [f"{at:%a %H}" for at in found if at >= MONDAY + since]


BRANDS = [(seed, a_day, weekend, night) for seed in range(4) for a_day in (100, 500, 3000)
          for weekend, night in ((0.5, 0.3), (0.25, 0.3), (0.1, 0.3), (0.05, 0.05), (0.0, 0.05))]  # fmt: skip


@pytest.mark.parametrize(("seed", "a_day", "weekend", "night"), BRANDS)
def test_no_monday_morning_after_a_silent_weekend_is_growth(
    seed: int, a_day: float, weekend: float, night: float
) -> None:
    """From the second Monday on: on the first, nobody knows the weekend yet."""
    counts = brand(seed, a_day=a_day, weekend=weekend, night=night)
    assert rung(DoublingTime(HOUR), counts, since=WEEK) == []


@pytest.mark.parametrize(("seed", "a_day", "weekend", "night"), BRANDS)
def test_no_quiet_weekend_is_a_drop_once_one_was_seen(seed: int, a_day: float, weekend: float, night: float) -> None:
    """The second, the third and every other Saturday; only the first one is news."""
    counts = brand(seed, a_day=a_day, weekend=weekend, night=night)
    assert rung(DropDetector(HOUR), counts, since=WEEK) == []


@pytest.mark.parametrize("a_day", [300, 3000])
def test_a_monday_that_is_far_louder_than_mondays_are_is_growth(a_day: float) -> None:
    counts = brand(1, a_day=a_day, weekend=0.0, night=0.05)
    nine = 4 * 7 * 24 + 9
    counts[nine] *= 8
    assert rung(DoublingTime(HOUR), counts, since=WEEK) == ["Mon 09"]


@pytest.mark.parametrize("a_day", [300, 3000])
def test_a_silence_on_a_working_day_is_a_drop(a_day: float) -> None:
    counts = brand(1, a_day=a_day, weekend=0.1, night=0.3)
    wednesday = (3 * 7 + 2) * 24
    counts[wednesday + 9 : wednesday + 20] = [0.0] * 11
    (when,) = rung(DropDetector(HOUR), counts, since=WEEK)
    assert when[:3] == "Wed"


def test_a_saturday_that_is_silent_where_saturdays_are_not_is_a_drop() -> None:
    counts = brand(1, a_day=3000, weekend=0.25, night=0.3)
    saturday = (3 * 7 + 5) * 24
    counts[saturday + 8 : saturday + 20] = [0.0] * 12
    (when,) = rung(DropDetector(HOUR), counts, since=WEEK)
    assert when[:3] == "Sat"
