"""The benchmark's chart: how many crises are found, and how soon, at one budget for all."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bot.bench.detection.figures import GRAVE, Row
from bot.bench.detection.synthetic_runs import WATCH
from bot.errors import LocalisedError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BUDGET = 0.1
LONGEST = 600
COLOURS = {WATCH: "#c2410c"}
OTHERS = ("#64748b", "#0f766e", "#1d4ed8", "#7c3aed", "#a16207")


def draw(rows: Sequence[Row], path: Path) -> None:
    """Write the chart of *rows* to *path*, whose ending names the format (png, svg …); raises TocsinError."""
    from matplotlib.figure import Figure

    own = [row for row in rows if row.data == "synthetic" and row.budget == BUDGET]
    figure = Figure(figsize=(9, 3.6), layout="constrained")
    left, right = figure.subplots(1, 2)
    for place, row in enumerate(own):
        style = {"color": COLOURS.get(row.detector) or OTHERS[(place - 1) % len(OTHERS)]}
        style["linewidth"] = "2.4" if row.detector == WATCH else "1.2"
        _by_growth(left, row, style)
        _by_time(right, row, style)
    _label(left, "crisis, times the usual traffic", "share found")
    _label(right, "minutes from the first post to the alert", f"share of {GRAVE:g}× and more found")
    left.set_xscale("log")
    left.set_xticks(sorted({case.event.growth for row in own for case in row.cases}))
    left.xaxis.set_major_formatter(lambda value, _: f"{value:g}×")
    left.xaxis.set_minor_formatter(lambda value, _: "")
    right.set_xscale("symlog", linthresh=10)
    right.set_xticks([0, 5, 10, 30, 60, 180, LONGEST], ["0", "5", "10", "30", "60", "180", ""])
    right.set_xlim(0, LONGEST)
    figure.suptitle(f"Invented crises, {BUDGET:g} false alarms a stream-day for everyone", fontsize=10)
    figure.legend(*left.get_legend_handles_labels(), loc="outside lower center", ncols=3, fontsize=8, frameon=False)
    try:
        figure.savefig(path, dpi=110)
    except (OSError, ValueError) as error:
        raise LocalisedError("history.unwritable_chart", path=path, why=error) from error


def _by_growth(axes: Axes, row: Row, style: dict[str, str]) -> None:
    growths = sorted({case.event.growth for case in row.cases})
    shares = [np.mean([case.found for case in row.cases if case.event.growth == growth]) for growth in growths]
    axes.plot(growths, shares, label=row.detector, marker="o", markersize=3, **style)  # type: ignore[arg-type]


def _by_time(axes: Axes, row: Row, style: dict[str, str]) -> None:
    grave = [case.minutes for case in row.cases if case.event.growth >= GRAVE]
    times = sorted(minutes for minutes in grave if minutes < LONGEST)
    shares = np.arange(1, len(times) + 1) / max(len(grave), 1)
    axes.step([0, *times, LONGEST], [0, *shares, *(shares[-1:] if times else [0])], where="post", **style)  # type: ignore[arg-type]


def _label(axes: Axes, across: str, up: str) -> None:
    axes.set_xlabel(across, fontsize=9)
    axes.set_ylabel(up, fontsize=9)
    axes.set_ylim(0, 1.03)
    axes.tick_params(labelsize=8)
    axes.grid(alpha=0.25)
    axes.spines[["top", "right"]].set_visible(False)
