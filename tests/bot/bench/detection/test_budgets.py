"""Invented brands in which nothing happens, and whether a budget is kept on them."""

from __future__ import annotations

import json

import numpy as np
import pytest

from bot.bench.detection import budgets
from bot.bench.detection.strange_brands import STEPS, invent


@pytest.mark.parametrize("seed", range(5))
def test_a_brand_follows_from_its_seed(seed: int) -> None:
    brand, again = invent(seed, days=9), invent(seed, days=9)
    assert np.array_equal(brand.counts, again.counts, equal_nan=True)
    assert brand.days == 9
    assert brand.step in STEPS
    assert brand.points == again.points


def test_brands_are_unlike_each_other() -> None:
    brands = [invent(seed, days=14) for seed in range(40)]
    sizes = [float(np.nansum(brand.counts)) / brand.days for brand in brands]
    assert max(sizes) > 50 * min(sizes)
    assert {brand.step for brand in brands} == set(STEPS)
    holes = [bool(np.isnan(brand.counts).any()) for brand in brands]
    assert 5 < sum(holes) < 35
    spread = [np.nanvar(brand.counts) / np.nanmean(brand.counts) for brand in brands]
    assert min(spread) < 2 < 10 < max(spread)


def test_a_hole_has_no_lines() -> None:
    brand = next(brand for brand in map(invent, range(20)) if np.isnan(brand.counts).any())
    assert len(brand.points) == int((~np.isnan(brand.counts)).sum()) < len(brand.counts)


@pytest.mark.parametrize(("mean", "limits"), [(3.0, (0, 7)), (6.0, (2, 11)), (12.0, (6, 19)), (30.0, (20, 41))])
def test_the_interval_of_a_budget_is_that_of_chance(mean: float, limits: tuple[int, int]) -> None:
    assert budgets.interval(mean) == limits


def test_budgets_are_kept_on_brands_that_nobody_has_seen() -> None:
    rows = budgets.measure(range(20_000, 20_006), days=40)
    assert [row.budget for row in rows] == list(budgets.BUDGETS)
    assert [row.above for row in rows] == [0] * len(rows)
    assert all(row.within == row.brands for row in rows[1:])


def test_the_bench_prints_a_line_for_each_budget(capsys: pytest.CaptureFixture[str]) -> None:
    budgets.run(1, days=8, as_json=True)
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [row["budget"] for row in found] == list(budgets.BUDGETS)
    assert set(found[0]) == {"budget", "brands", "within", "above", "mean", "most"}
