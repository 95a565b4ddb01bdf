"""Bells, thresholds and intervals: small series whose answer can be seen with the naked eye."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.bench.detection.score import (
    Event,
    ScoredStream,
    Series,
    bells,
    bells_an_event,
    bootstrap,
    delays,
    false_bells,
    poisson_interval,
    quiet_days,
    threshold_for,
)

DAY = 1440.0


def series(*points: tuple[float, float]) -> Series:
    return Series(times=np.array([at for at, _ in points]), scores=np.array([score for _, score in points]))


def trial(found: Series, *events: Event, days: float = 10.0) -> ScoredStream:
    return ScoredStream(series=found, events=events, begin=0.0, end=days * DAY)


def test_an_alarm_rings_once_until_it_has_been_over_for_three_hours() -> None:
    """What flickers around the threshold is one bell; what comes back a day later is another."""
    flicker = series((0, 0), (10, 5), (20, 1), (30, 6), (150, 5), (400, 1), (1600, 7))
    assert bells(flicker, 5).tolist() == [10, 1600]
    assert bells(flicker, 8).tolist() == []


def test_a_bell_is_false_unless_it_belongs_to_an_event_or_to_what_follows_it() -> None:
    event = Event(onset=1000, end=1500, growth=5)
    tried = trial(series((0, 0)), event)
    rung = np.array([500.0, 1100.0, 1400.0, 1600.0, 1500 + DAY + 1])
    assert false_bells(tried, rung) == 2  # the first and the last
    assert delays(tried, rung) == [100.0]
    assert bells_an_event(tried, rung) == [2]
    assert quiet_days(tried) == pytest.approx((10 * DAY - 500 - DAY) / DAY)


def test_an_alarm_that_rang_before_the_event_does_not_find_it() -> None:
    tried = trial(series((0, 0)), Event(onset=1000, end=1500, growth=5))
    assert delays(tried, np.array([990.0])) == [math.inf]


def test_overlapping_aftermaths_are_counted_once() -> None:
    events = (Event(onset=1000, end=1100, growth=5), Event(onset=1200, end=1300, growth=5))
    tried = trial(series((0, 0)), *events)
    assert quiet_days(tried) == pytest.approx((10 * DAY - (1300 + DAY - 1000)) / DAY)


def test_the_threshold_is_the_lowest_that_keeps_the_budget() -> None:
    """Ten days with three peaks: at 0.1 a day one may ring, at 0.3 all, at 0.01 none."""
    quiet = trial(series((100, 3), (3000, 9), (6000, 5)))
    assert len(bells(quiet.series, threshold_for(0.1, [quiet]))) == 1
    assert len(bells(quiet.series, threshold_for(0.3, [quiet]))) == 3
    assert 9 < threshold_for(0.01, [quiet]) < 9.001


def test_what_was_silent_while_learning_rings_at_its_first_word() -> None:
    threshold = threshold_for(0.5, [trial(series((100, 0), (3000, 0)))])
    assert bells(series((0, 0), (10, 0.1)), threshold).tolist() == [10]


@given(
    scores=st.lists(st.floats(0, 100), min_size=1, max_size=60),
    budget=st.sampled_from([0.02, 0.1, 0.5]),
)
def test_the_budget_is_kept_on_what_the_threshold_was_chosen_on(scores: list[float], budget: float) -> None:
    quiet = trial(series(*((200.0 * n, score) for n, score in enumerate(scores))))
    rung = bells(quiet.series, threshold_for(budget, [quiet]))
    assert false_bells(quiet, rung) <= budget * quiet_days(quiet)


@pytest.mark.parametrize(
    ("count", "low", "high"),
    [(0, 0.0, 3.689), (1, 0.0253, 5.572), (5, 1.6235, 11.668), (20, 12.217, 30.888)],
)
def test_the_poisson_interval_is_that_of_the_tables(count: int, low: float, high: float) -> None:
    """Pearson and Hartley, Biometrika Tables for Statisticians, table 40."""
    found = poisson_interval(count, 1.0)
    assert (found.low, found.high) == (pytest.approx(low, abs=2e-3), pytest.approx(high, abs=2e-3))
    assert poisson_interval(count, 4.0).high == pytest.approx(high / 4, abs=1e-3)


def test_the_bootstrap_holds_the_figure_and_nothing_when_there_is_nothing() -> None:
    def mean(drawn: np.ndarray) -> np.ndarray:
        return np.asarray(drawn.mean(axis=-1))

    found = bootstrap([0.0, 1.0] * 50, mean)
    assert found.value == 0.5
    assert 0.38 < found.low < 0.45 < 0.55 < found.high < 0.62
    assert found == bootstrap([0.0, 1.0] * 50, mean)  # fixed seed
    assert math.isnan(bootstrap([], mean).value)
