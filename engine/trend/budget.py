"""The bar that keeps a budget of alarms: it rises with every alarm and sinks while none comes.

Over any time T the number of alarms is the budget's, but for how far the bar has moved, whatever the series does: so
the budget holds by construction on a series that nobody has seen. All alarms count, also right ones: nobody says here
which of them were.

Source: Gibbs and Candès, Adaptive Conformal Inference Under Distribution Shift, 2021.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from engine.trend.series import SeriesError

LEAST_BUDGET, MOST_BUDGET = 0.01, 1.0
CAUTIOUS = 0.1
"""Alarms a day if nobody says how many, and then the bar never sinks below what it began with."""

LOOKS = 0.6
"""The logarithm of how many windows look at a day, as far as they see different things."""

RISE = 0.6
"""How far an alarm moves the bar, as a logarithm of rates: it halves them, nearly."""

LOWEST = -0.5
"""The bar does not sink into what every day brings."""


@dataclass(kw_only=True)
class BudgetBar:
    """The least height that rings, for *budget* alarms a day; *cautious*: never less than at the beginning."""

    budget: float
    cautious: bool = False
    moved: float = 0.0

    def __post_init__(self) -> None:
        if not LEAST_BUDGET <= self.budget <= MOST_BUDGET:
            raise SeriesError("series.budget", budget=f"{self.budget:g}", least=LEAST_BUDGET, most=f"{MOST_BUDGET:g}")

    @property
    def height(self) -> float:
        return self._first + self.moved

    @property
    def _first(self) -> float:
        return math.log(1 / self.budget) + LOOKS

    def rang(self) -> None:
        self.moved += RISE

    def waited(self, days: float) -> None:
        """Sink by as much as the budget allows alarms in *days*."""
        least = 0.0 if self.cautious else LOWEST - self._first
        self.moved = max(self.moved - RISE * self.budget * days, least)
