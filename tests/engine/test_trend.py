"""Detectors of change: what they ring for, and what they let pass."""

from __future__ import annotations

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
    binomial_z,
    detect,
    doubling_hours,
    surge,
)
from engine.windows import BUCKET

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
class TestEveryDetector:
    """The conformance suite: every detector of ``tocsin detect`` holds to it."""

    def run(self, window, counts: np.ndarray) -> list[int]:
        detector = SurgeDetector(window, BUCKET)
        return [n for n, value in enumerate(counts) if detector.update(BEGIN + n * BUCKET, float(value))]

    def test_is_silent_on_a_constant(self, window) -> None:
        assert self.run(window, np.full(9 * PER_DAY, 7.0)) == []

    def test_is_silent_on_nothing(self, window) -> None:
        assert self.run(window, np.zeros(9 * PER_DAY)) == []

    def test_is_silent_on_an_ordinary_week(self, window) -> None:
        assert self.run(window, rhythm(10)) == []

    def test_rings_once_soon_after_a_step_up(self, window) -> None:
        counts, onset = rhythm(9), 8 * PER_DAY + 100
        counts[onset:] += 160
        found = self.run(window, counts)
        assert found[0] - onset <= window.length // BUCKET
        assert onset <= found[0]
        assert len(found) == 1

    def test_gives_the_same_answer_twice_and_leaves_the_series_alone(self, window) -> None:
        counts = rhythm(9)
        counts[-50:] += 200
        before = counts.copy()
        assert self.run(window, counts) == self.run(window, counts)
        np.testing.assert_array_equal(counts, before)

    def test_needs_three_days(self, window) -> None:
        counts = rhythm(3)
        counts[-50:] += 500
        assert self.run(window, counts[: 3 * PER_DAY - 1]) == []

    def test_forgets_nothing_when_the_series_is_long(self, window) -> None:
        counts, onset = rhythm(40, mean=5), 39 * PER_DAY
        counts[onset:] += 100
        found = self.run(window, counts)
        assert onset <= found[-1] <= onset + window.length // BUCKET


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


@settings(max_examples=40, deadline=None)
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


def test_gaps_in_a_series_are_zeros() -> None:
    counts = np.zeros(8 * PER_DAY)
    points = [(BEGIN + n * BUCKET, 5.0) for n in range(len(counts)) if n < 100 or n > len(counts) - 100]
    assert {alarm.signal for alarm in detect(points)} == {"surge_1h", "surge_6h"}


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
    assert first.signal in ("surge_1h", "surge_6h")
    assert first.value > 2 * first.baseline
