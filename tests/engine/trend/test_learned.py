"""What rings within a budget is learned from the series' own past; holes, weeks and later lines do not disturb it."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from engine.trend import Alarm, SeriesError, detect
from engine.trend.budget import BudgetBar
from engine.trend.grid import Point, lay

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(days=7)
FIVE = timedelta(minutes=5)


def rhythmic(weeks: int, *, seed: int = 0, weekend: float = 0.3, night: float = 0.3, a_day: float = 500) -> np.ndarray:
    """Posts by the hour, busy on working days from eight to eight."""
    rng = np.random.default_rng(seed)
    times = [MONDAY + n * HOUR for n in range(weeks * 7 * 24)]
    rates = [(1 if 8 <= at.hour < 20 else night) * (weekend if at.weekday() >= 5 else 1) for at in times]
    return rng.poisson(np.array(rates) * a_day / (12 + 12 * night)).astype(float)


def lines(counts: np.ndarray, step: timedelta = HOUR) -> list[Point]:
    return [(MONDAY + n * step, value) for n, value in enumerate(counts.tolist())]


def said(alarms: list[Alarm]) -> list[str]:
    return [f"{alarm.at:%d %a %H} {alarm.signal}" for alarm in alarms]


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(("weekend", "night", "a_day"), [(0.0, 0.05, 300), (0.3, 0.3, 500), (0.05, 2.0, 800)])
def test_mondays_and_quiet_weekends_ring_nothing_once_one_was_seen(
    seed: int, weekend: float, night: float, a_day: float
) -> None:
    counts = rhythmic(4, seed=seed, weekend=weekend, night=night, a_day=a_day)
    assert said([alarm for alarm in detect(lines(counts)) if alarm.at >= MONDAY + 8 * DAY]) == []


def test_a_weekly_burst_is_learned_after_two_weeks() -> None:
    counts = rhythmic(6)
    thursdays = [MONDAY + 3 * DAY + 10 * HOUR + n * WEEK for n in range(6)]
    for at in thursdays:
        counts[(at - MONDAY) // HOUR : (at - MONDAY) // HOUR + 2] *= 8
    rung = {alarm.at.date() for alarm in detect(lines(counts))}
    assert [at.date() in rung for at in thursdays] == [True, True, False, False, False, False]


def test_a_burst_on_another_day_than_its_own_is_a_surge() -> None:
    counts = rhythmic(6)
    for week in range(5):
        counts[(week * 7 + 3) * 24 + 10] *= 8
    counts[(5 * 7 + 2) * 24 + 10] *= 8
    assert said([alarm for alarm in detect(lines(counts)) if alarm.at >= MONDAY + 5 * WEEK]) == ["08 Wed 10 surge_1h"]


@pytest.mark.parametrize("hours", [2, 9, 30, 100])
def test_a_hole_is_neither_a_silence_nor_a_surge_at_its_end(hours: int) -> None:
    counts = lines(rhythmic(4))
    begin = (2 * 7 + 1) * 24 + 9
    assert detect(counts[:begin] + counts[begin + hours :]) == []


def test_a_hole_in_a_series_of_five_minutes_is_unknown() -> None:
    counts = lines(np.random.default_rng(1).poisson(6.0, 14 * 288).astype(float), FIVE)
    assert detect(counts[: 8 * 288] + counts[8 * 288 + 150 :]) == []


def test_zeros_that_are_written_down_are_a_silence() -> None:
    counts = rhythmic(4, weekend=1.0)
    counts[16 * 24 + 9 : 16 * 24 + 20] = 0
    assert [alarm.signal for alarm in detect(lines(counts))] == ["drop"]


def test_a_series_that_leaves_its_zeros_out_has_no_holes() -> None:
    sparse = [point for point in lines(np.random.default_rng(2).poisson(0.9, 30 * 24).astype(float)) if point[1]]
    assert not np.isnan(lay(sparse).cells).any()
    assert detect(sparse) == []


def test_years_of_nothing_in_between_cost_no_memory() -> None:
    week = lines(rhythmic(2))
    later = [(at + timedelta(days=365 * 900), value) for at, value in week]
    assert len(lay(week + later).cells) < 100 * 24
    assert detect(week + later) == []


def test_lines_of_one_second_are_counted_in_buckets_of_five_minutes() -> None:
    grid = lay([(MONDAY + n * timedelta(seconds=1), 1.0) for n in range(3600)])
    assert grid.cell == FIVE
    assert grid.cells[1:-1].tolist() == [300.0] * (len(grid.cells) - 2)


@pytest.mark.parametrize("budget", [None, 0.1, 0.5])
def test_what_comes_later_changes_no_alarm_before_it(budget: float | None) -> None:
    rng = np.random.default_rng(5)
    counts = lines(rng.negative_binomial(2, 0.05, 40 * 24).astype(float))
    whole = detect(counts, budget=budget)
    assert len(whole) > 1
    for end in (9 * 24, 20 * 24 + 5, 33 * 24 + 11):
        assert detect(counts[:end], budget=budget) == [alarm for alarm in whole if alarm.at <= counts[end - 1][0]]


@pytest.mark.parametrize("budget", [0.05, 0.2, 1.0])
def test_the_bar_keeps_its_budget_whatever_comes(budget: float) -> None:
    """Heights that double in scale half-way, so that nothing learned before holds."""
    heights = np.random.default_rng(0).gumbel(0, 2, 4000)
    heights[2000:] *= 2
    bar, rung = BudgetBar(budget=budget), 0
    for height in heights:
        bar.waited(0.25)
        if height >= bar.height:
            bar.rang()
            rung += 1
    assert rung <= budget * 1000 + (max(heights) + 5) / 0.6
    assert rung >= budget * 1000 / 2


def test_a_cautious_bar_never_sinks_below_where_it_began() -> None:
    bar = BudgetBar(budget=0.1, cautious=True)
    before = bar.height
    bar.waited(400)
    assert bar.height == before


@pytest.mark.parametrize("budget", [0.0, -1.0, 0.001, 24.0, float("nan")])
def test_a_budget_that_cannot_be_kept_is_refused(budget: float) -> None:
    with pytest.raises(SeriesError, match=r"false alarms a day from 0\.01 to 1"):
        detect(lines(rhythmic(1)), budget=budget)


def test_a_named_signal_has_a_bar_of_its_own_and_no_budget() -> None:
    with pytest.raises(SeriesError, match="name no signal"):
        detect(lines(rhythmic(1)), budget=0.1, signals=["drop"])


def test_a_larger_budget_rings_more() -> None:
    counts = lines(np.random.default_rng(7).negative_binomial(2, 0.05, 50 * 24).astype(float))
    rung = [len(detect(counts, budget=budget)) for budget in (0.05, 0.2, 0.8)]
    assert all(fewer < more for fewer, more in itertools.pairwise(rung))


def test_a_crisis_rings_in_its_first_hour_on_a_series_of_any_size() -> None:
    for a_day in (60, 600, 6000):
        counts = rhythmic(3, a_day=a_day)
        onset = (2 * 7 + 2) * 24 + 10
        counts[onset : onset + 6] = 10 * counts[onset : onset + 6] + 5
        assert [alarm.at for alarm in detect(lines(counts)) if alarm.at >= MONDAY + 15 * DAY] == [MONDAY + onset * HOUR]
