"""``tocsin bench budget``: does ``tocsin detect --budget`` keep its budget on brands that it has never seen?

Each invented brand is another kind of calm, so every alarm is a false one. Those of a brand should be as many as chance
makes of the budget: within the central 95 % interval of a Poisson count of *budget* times its days. Nothing of
``tocsin detect`` was chosen on these seeds.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

import typer
from rich.console import Console
from rich.progress import track
from rich.table import Table

from bot.bench.detection.strange_brands import invent
from engine.trend.budget import CAUTIOUS
from engine.trend.learned import Learned

BUDGETS: tuple[float | None, ...] = (None, 0.05, 0.1, 0.2, 0.5)
"""False alarms a day; None is what rings without a budget."""

FIRST_SEED = 0
OUTSIDE = 0.025


@dataclass(frozen=True, kw_only=True)
class BudgetRow:
    """A budget (None: without one) on so many *brands*: on how many the alarms lie *within* the interval of the budget,
    on how many *above* it, and how many alarms a day there are on all of them, and on the loudest."""

    budget: float | None
    brands: int
    within: int
    above: int
    mean: float
    most: float


def run(brands: int, *, days: int, as_json: bool) -> None:
    """Measure and print."""
    shown = track(range(FIRST_SEED, FIRST_SEED + brands), "brands", console=Console(stderr=True), transient=True,
                  disable=as_json)  # fmt: skip
    rows = measure(shown, days=days)
    if as_json:
        for row in rows:
            typer.echo(json.dumps(asdict(row)))
        return
    table = Table("budget", "within its interval", "above it", "a day", "at most", title=f"{brands} calm brands")
    for row in rows:
        name = f"none ({CAUTIOUS:g})" if row.budget is None else f"{row.budget:g}"
        table.add_row(name, f"{row.within}", f"{row.above}", f"{row.mean:.3f}", f"{row.most:.3f}")
    Console().print(table)


def measure(seeds: Iterable[int], *, days: int) -> list[BudgetRow]:
    """A row for each of BUDGETS over the brands of *seeds*."""
    counts: dict[float | None, list[int]] = {budget: [] for budget in BUDGETS}
    for seed in seeds:
        known = Learned(invent(seed, days=days).points)
        for budget, found in counts.items():
            found.append(len(known.within(budget)))
    return [_row(budget, found, days) for budget, found in counts.items()]


def _row(budget: float | None, alarms: Sequence[int], days: int) -> BudgetRow:
    low, high = interval((budget or CAUTIOUS) * days)
    return BudgetRow(
        budget=budget,
        brands=len(alarms),
        within=sum(low <= each <= high for each in alarms),
        above=sum(each > high for each in alarms),
        mean=round(sum(alarms) / len(alarms) / days, 4),
        most=round(max(alarms) / days, 4),
    )


def interval(mean: float) -> tuple[int, int]:
    """The central 95 % of a Poisson count of *mean*: what chance leaves outside on either side is at most a fortieth.

    >>> interval(6.0)
    (2, 11)
    """
    low, below, n = 0, 0.0, 0
    while True:
        below += math.exp(n * math.log(mean) - mean - math.lgamma(n + 1))
        if below <= OUTSIDE:
            low = n + 1
        if below >= 1 - OUTSIDE:
            return low, n
        n += 1
