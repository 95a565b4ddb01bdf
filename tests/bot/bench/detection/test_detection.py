"""``tocsin bench detection`` as a person runs it, on its smallest extent."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner

from bot.bench.detection import detection
from bot.bench.detection.baselines import RIVALS
from bot.bench.detection.chart import draw
from bot.bench.detection.detection import show, synthetic
from bot.bench.detection.figures import BUDGETS, DATA, Row, bars
from bot.bench.detection.synthetic_runs import FULL, QUICK, WATCH, calibration, judged
from bot.cli import app
from bot.errors import TocsinError


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    return synthetic(QUICK)


def test_every_contender_is_judged_at_every_budget(rows: list[Row]) -> None:
    assert {(row.detector, row.budget) for row in rows} == {
        (f"{WATCH}, as shipped", None),
        *((name, budget) for name in (WATCH, *RIVALS) for budget in BUDGETS),
    }
    assert {row.data for row in rows} == {DATA[0]}


def test_figures_lie_within_their_intervals(rows: list[Row]) -> None:
    for row in rows:
        assert 0 <= row.false.low <= row.false.value <= row.false.high
        assert 0 <= row.recall.low <= row.recall.value <= row.recall.high <= 1
        assert len(row.cases) == QUICK.judged * QUICK.crises


def test_a_smaller_budget_finds_no_more(rows: list[Row]) -> None:
    for name in (WATCH, *RIVALS):
        found = [
            row.recall.value
            for budget in sorted(BUDGETS)
            for row in rows
            if (row.detector, row.budget) == (name, budget)
        ]
        assert found == sorted(found)


def test_brands_that_are_judged_were_never_learned_from() -> None:
    for extent in (FULL, QUICK):
        small = extent.__class__(
            sizes=(30,), calibration=extent.calibration, judged=extent.judged,
            days=extent.days, warm=extent.warm, crises=extent.crises,
        )  # fmt: skip
        learned, tried = calibration(small), judged(small)
        assert not {each.brand.seed for each in learned} & {each.brand.seed for each in tried}
        assert not any(each.crises for each in learned)
        assert all(len(each.crises) == extent.crises for each in tried)


def test_the_tables_and_the_chart_say_what_was_measured(rows: list[Row], tmp_path: Path) -> None:
    console = Console(width=detection.WIDTH, record=True, file=io.StringIO())
    show(console, rows, bars(rows))
    said = console.export_text()
    for name in RIVALS:
        assert name in said
    assert "recall of 5× and more" in said
    assert "…" not in said  # nothing is cut off
    chart = tmp_path / "chart.svg"
    draw(rows, chart)
    assert chart.read_text(encoding="utf-8").count("<path") > 50  # curves and letters


def test_a_chart_that_cannot_be_written_is_a_sentence(rows: list[Row], tmp_path: Path) -> None:
    with pytest.raises(TocsinError, match="The chart cannot be written"):
        draw(rows, tmp_path / "chart.nonsense")


def test_the_command_prints_json_lines() -> None:
    done = CliRunner().invoke(app, ["bench", "detection", "--quick", "--json"])
    assert done.exit_code == 0, done.output
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    figures = [line for line in lines if "detector" in line]
    assert {"data", "detector", "budget", "thresholds", "false", "recall", "median", "alerts"} <= set(figures[0])
    assert all(isinstance(line["met"], bool) for line in lines if "asked" in line)


def test_a_folder_that_is_none_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(TocsinError, match="There is no folder"):
        detection.run(tmp_path / "nowhere", quick=True, reader=False, as_json=True, chart=None)
