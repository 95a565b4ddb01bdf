"""The rules of thumb say what their names say."""

from __future__ import annotations

import numpy as np
import pytest

from bot.bench.detection import baselines
from bot.bench.detection.synthetic import PER_DAY, SyntheticBrand, generate


def step(days: int, *, usual: float, last_hour: float) -> np.ndarray:
    counts = np.full(days * PER_DAY, usual)
    counts[-60:] = last_hour
    return counts


def test_rolling_sums_are_sums_of_the_last_values() -> None:
    counts = np.arange(6.0)
    assert baselines.rolling(counts, 3).tolist() == [0, 1, 3, 6, 9, 12]
    assert baselines.before(counts, 2).tolist() == [0, 0, 0, 1, 2, 3]
    assert baselines.before(counts, 9).tolist() == [0] * 6


def test_an_hour_ten_times_as_loud_as_the_twelve_before_scores_about_ten() -> None:
    assert baselines.hour_against_twelve(step(2, usual=1, last_hour=10))[-1] == pytest.approx(601 / 61)


def test_an_hour_is_held_against_the_week_in_deviations() -> None:
    """Constant counts: the deviation is Poisson's, the square root of sixty."""
    score = baselines.against_week(step(9, usual=1, last_hour=2), 60)[-1]
    assert score == pytest.approx(60 / 60**0.5)


def test_a_step_of_five_minutes_gives_what_single_minutes_give() -> None:
    counts = np.random.default_rng(1).poisson(1.0, 9 * PER_DAY).astype(float)
    coarse = counts.reshape(-1, 5).sum(axis=1)
    assert baselines.hour_against_twelve(coarse, step=5)[-1] == pytest.approx(baselines.hour_against_twelve(counts)[-1])
    assert baselines.against_week(coarse, 60, step=5)[-1] == pytest.approx(
        baselines.against_week(counts, 60)[-1], rel=0.05
    )


def test_no_rule_looks_ahead() -> None:
    """What is cut off at the end changes nothing before it."""
    counts = np.random.default_rng(2).poisson(0.5, 9 * PER_DAY).astype(float)
    for rule in (baselines.hour_against_twelve, lambda each: baselines.against_week(each, 60)):
        assert np.allclose(rule(counts)[:-500], rule(counts[:-500]))


@pytest.mark.parametrize("name", sorted(baselines.RIVALS))
def test_every_rival_scores_every_minute_after_the_history(name: str) -> None:
    stream = generate(SyntheticBrand(name="Saltfern", seed=5, per_day=200), (20.0,), days=6, warm=4)
    found = baselines.series(name, stream)
    assert len(found.times) == len(found.scores) == stream.minutes - stream.warm
    assert np.isfinite(found.scores).all()
    if name != "chance":
        crisis = stream.crises[0]
        during = (found.times > crisis.onset) & (found.times < crisis.end)
        assert found.scores[during].max() > np.quantile(found.scores[~during], 0.9)
