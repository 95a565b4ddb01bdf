"""Detectors of change: what they ring for, and what they let pass."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.trend import (
    DETECT_WINDOWS,
    WINDOWS,
    Alarm,
    SeriesError,
    SurgeDetector,
    Window,
    binomial_z,
    burst,
    detect,
    doubling_hours,
    drop,
    log_tail,
    slow_burn,
    surge,
    tail,
    two_proportion_z,
)
from engine.watch.windows import BUCKET

BEGIN = datetime(2026, 2, 1, tzinfo=UTC)
PER_DAY = timedelta(days=1) // BUCKET
HOUR, QUARTER_DAY, DAY = WINDOWS[1], WINDOWS[2], WINDOWS[3]


def rhythm(days: int, *, mean: float = 20.0, seed: int = 1) -> np.ndarray:
    """Counts every five minutes with a daily rhythm and chance."""
    hours = np.arange(days * PER_DAY) * 24 / PER_DAY
    return np.random.default_rng(seed).poisson(mean * (1 + 0.7 * np.sin(2 * np.pi * hours / 24))).astype(float)


def alarms(counts: np.ndarray) -> list[Alarm]:
    return detect((BEGIN + n * BUCKET, float(value)) for n, value in enumerate(counts))


@pytest.mark.parametrize("window", DETECT_WINDOWS, ids=lambda window: window.name)
def test_a_step_up_rings_once_and_within_the_window(window: Window) -> None:
    counts, onset = rhythm(9), 8 * PER_DAY + 100
    counts[onset:] += 300
    detector = SurgeDetector(window, BUCKET)
    found = [n for n, value in enumerate(counts) if detector.update(BEGIN + n * BUCKET, float(value))]
    assert len(found) == 1
    assert onset <= found[0] <= onset + window.length // BUCKET


def test_a_busy_hour_is_no_surge_if_every_day_has_it() -> None:
    counts = np.full(9 * PER_DAY, 2.0)
    for day in range(9):
        counts[day * PER_DAY + 200 : day * PER_DAY + 212] = 60
    up_to = counts[: 8 * PER_DAY + 212]
    found = surge(up_to, up_to, HOUR, step=BUCKET, covered=len(up_to))
    assert found is not None
    assert found.value == 720
    assert found.strength == 0


def test_only_what_is_live_can_ring_but_all_of_it_is_the_baseline() -> None:
    counts = rhythm(8)
    counts[-12:] += 300
    found = surge(np.zeros_like(counts), counts, HOUR, step=BUCKET, covered=len(counts))
    assert found is not None
    assert found.strength == 0
    live = surge(counts, counts, HOUR, step=BUCKET, covered=len(counts))
    assert live is not None
    assert live.strength > 1


def test_an_old_crisis_does_not_hide_a_new_one() -> None:
    counts = np.full(8 * PER_DAY, 5.0)
    counts[4 * PER_DAY :][: PER_DAY // 2] = 500
    counts[-60:] = 100
    found = surge(counts, counts, QUARTER_DAY, step=BUCKET, covered=len(counts))
    assert found is not None
    assert found.strength > 1


def test_weeks_of_silence_are_a_baseline_of_zero() -> None:
    counts = np.zeros(8 * PER_DAY)
    counts[-20:] = 1
    found = surge(counts, counts, DAY, step=BUCKET, covered=len(counts))
    assert found is not None
    assert (found.usual, found.before) == (0, 0)
    assert found.strength > 1


def test_a_handful_of_posts_is_an_anecdote() -> None:
    counts = np.zeros(8 * PER_DAY)
    counts[-3:] = 2
    for window in WINDOWS:
        found = surge(counts, counts, window, step=BUCKET, covered=len(counts))
        assert found is not None
        assert found.strength < 1


def test_there_is_no_baseline_before_the_third_day() -> None:
    counts = rhythm(8)
    assert surge(counts, counts, HOUR, step=BUCKET, covered=3 * PER_DAY - 1) is None
    assert surge(counts, counts, HOUR, step=BUCKET, covered=3 * PER_DAY) is not None


@settings(max_examples=40)
@given(extra=st.integers(0, 400), more=st.integers(0, 400), seed=st.integers(0, 5))
def test_more_posts_are_never_less_of_a_surge(extra: int, more: int, seed: int) -> None:
    counts = rhythm(8, mean=3, seed=seed)
    less, greater = counts.copy(), counts.copy()
    less[-1] += extra
    greater[-1] += extra + more
    for window in WINDOWS:
        low = surge(less, less, window, step=BUCKET, covered=len(less))
        high = surge(greater, greater, window, step=BUCKET, covered=len(greater))
        assert low is not None
        assert high is not None
        assert high.strength >= low.strength


def test_a_story_that_doubles_says_how_fast() -> None:
    assert doubling_hours([8, 0, 0, 0, 0, 0, 8]) == pytest.approx(1.0)
    assert doubling_hours([1] * 20) is None
    assert doubling_hours([0, 0, 7]) is None
    assert doubling_hours([64]) == pytest.approx(1 / 6)


def test_a_share_is_judged_by_the_number_of_posts() -> None:
    assert binomial_z(6, 10, 0.4) < 2 < 5 < binomial_z(120, 200, 0.4)
    assert binomial_z(0, 0, 0.4) == 0


def test_gaps_in_a_series_are_zeros_for_a_detector_that_is_named() -> None:
    counts = np.zeros(8 * PER_DAY)
    points = [(BEGIN + n * BUCKET, 5.0) for n in range(len(counts)) if n < 100 or n > len(counts) - 100]
    assert {alarm.signal for alarm in detect(points, signals=["surge_24h"])} == {"surge_24h"}
    assert detect(points) == []


def test_a_series_that_runs_backwards_is_refused() -> None:
    with pytest.raises(SeriesError, match="rise"):
        detect([(BEGIN, 1.0), (BEGIN - BUCKET, 1.0)])


def test_a_series_by_the_day_is_too_coarse() -> None:
    with pytest.raises(SeriesError, match="one hour"):
        detect([(BEGIN + n * timedelta(days=1), 1.0) for n in range(9)])


def test_a_series_of_one_point_rings_nothing() -> None:
    assert detect([(BEGIN, 1.0)]) == []


def test_alarms_name_the_window_and_what_was_usual() -> None:
    counts = rhythm(9)
    counts[-60:] += 200
    first = alarms(counts)[0]
    assert first.signal.startswith("surge_")
    assert first.value > 2 * first.baseline


@pytest.mark.parametrize(("value", "mean"), [(12, 3.0), (40, 9.5), (7, 0.3)])
def test_the_tail_without_bursts_is_that_of_poisson(value: int, mean: float) -> None:
    below = sum(math.exp(n * math.log(mean) - mean - math.lgamma(n + 1)) for n in range(value))
    exact = math.log10(max(1 - below, 1e-300)) if 1 - below > 1e-12 else None
    found = log_tail(value, mean, mean)
    assert found < 0
    if exact is not None:
        assert found == pytest.approx(exact, rel=1e-3)


def test_the_tail_of_a_bursty_habit_is_heavier() -> None:
    draws = np.random.default_rng(5).negative_binomial(2, 2 / (2 + 3.0), 400_000)
    exact = math.log10(float((draws >= 15).mean()))
    assert log_tail(15, 3.0, 3.0 + 3.0**2 / 2) == pytest.approx(exact, abs=0.1)
    assert log_tail(15, 3.0, 3.0) < log_tail(15, 3.0, 7.5) < log_tail(15, 3.0, 20.0) < 0


def test_what_is_not_above_the_mean_is_certain() -> None:
    assert log_tail(3, 3.0, 5.0) == 0
    assert log_tail(0, 3.0, 3.0) == 0


def test_a_handful_within_minutes_is_seen_long_before_the_hour_is_full() -> None:
    counts = np.random.default_rng(2).poisson(0.05, 8 * PER_DAY).astype(float)
    counts[-2:] = 6
    found = tail(counts, counts, step=BUCKET, covered=len(counts))
    assert found is not None
    assert found.strength > 1
    assert found.value == 12
    assert found.window.length == timedelta(minutes=10)
    by_hour = surge(counts, counts, HOUR, step=BUCKET, covered=len(counts))
    assert by_hour is not None
    assert by_hour.strength < 1


def test_the_more_bursts_were_usual_the_more_it_takes() -> None:
    even = np.full(8 * PER_DAY, 0.2)
    bursty = np.zeros(8 * PER_DAY)
    bursty[:: PER_DAY // 4] = 0.2 * PER_DAY / 4
    bursty[10 :: 3 * PER_DAY] = 40
    strengths = []
    for counts in (even, bursty):
        counts[-3:] = 4
        found = tail(counts, counts, step=BUCKET, covered=len(counts))
        strengths.append(found.strength if found else 0.0)
    assert strengths[1] < strengths[0]


MINUTES = timedelta(minutes=1)


def test_a_few_on_one_matter_are_improbable_before_the_total_is() -> None:
    """Five within half an hour, where one and a half an hour are usual on everything together."""
    counts = np.random.default_rng(3).poisson(1.5 / 12, 8 * PER_DAY).astype(float)
    counts[-6:] = [1, 1, 1, 1, 1, 0]
    ages = [4 * MINUTES, 9 * MINUTES, 14 * MINUTES, 20 * MINUTES, 26 * MINUTES]
    found = burst(ages, counts, own=0.0, step=BUCKET, covered=len(counts))
    assert found is not None
    assert found.value == 5
    assert found.length == 26 * MINUTES
    assert found.strength > 0.7
    total = tail(counts, counts, step=BUCKET, covered=len(counts))
    assert total is None or total.strength < 0.6 * found.strength


def test_a_matter_that_is_always_spoken_of_bursts_less() -> None:
    counts, ages = np.full(8 * PER_DAY, 0.1), [n * MINUTES for n in range(1, 9)]
    new, old = (burst(ages, counts, own=own, step=BUCKET, covered=len(counts)) for own in (0.0, 6.0))
    assert new is not None
    assert old is not None
    assert old.usual > new.usual
    assert old.strength < new.strength


@pytest.mark.parametrize(
    ("ages", "rate", "days"),
    [(3, 0.1, 8), (8, 5.0, 8), (8, 0.1, 2)],
    ids=["an anecdote", "a busy topic", "no baseline"],
)
def test_what_is_no_burst(ages: int, rate: float, days: int) -> None:
    counts = np.full(days * PER_DAY, rate)
    assert burst([n * MINUTES for n in range(ages)], counts, own=0.0, step=BUCKET, covered=len(counts)) is None


def test_a_slow_burn_needs_many_days_not_one_loud_one() -> None:
    before = [20.0] * 14
    loud = np.array([*before, 20, 20, 20, 20, 20, 20, 900])
    burn = np.array([*before, 20, 40, 38, 45, 41, 39, 44])
    seen, lit = slow_burn(loud, loud), slow_burn(burn, burn)
    assert seen is not None
    assert lit is not None
    assert seen.strength < 0.5
    assert lit.strength > 1
    assert (lit.days, lit.usual) == (6, 20)
    assert lit.value == pytest.approx(41, abs=1)
    assert slow_burn(burn[-9:], burn[-9:]) is None


def test_a_drop_is_below_every_earlier_day() -> None:
    counts = np.full(8 * PER_DAY, 2.0)
    counts[-PER_DAY // 4 :] = 0
    found = drop(counts, step=BUCKET, covered=len(counts))
    assert found is not None
    assert (found.value, found.usual) == (0, 144)
    assert found.strength > 1
    counts[-3 * PER_DAY - PER_DAY // 4 :][: PER_DAY // 4] = 0
    used_to_it = drop(counts, step=BUCKET, covered=len(counts))
    assert used_to_it is not None
    assert used_to_it.strength == 0


def test_a_share_before_that_rests_on_few_posts_proves_less() -> None:
    assert two_proportion_z(30, 50, 3, 10) < two_proportion_z(30, 50, 300, 1000)
    assert two_proportion_z(1, 0, 1, 5) == 0
