"""``tocsin bench detection``: how soon crises are found, and at what price in false alarms. One command, fixed seeds.

Thresholds are chosen first, for a budget of false alarms on other brands; then everything is judged at them. No clock
is asked and nothing is tuned on what is judged.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from statistics import median
from typing import TypeVar

import typer
from rich import box
from rich.console import Console
from rich.progress import track
from rich.table import Table

from bot.bench.detection import counts, real_streams
from bot.bench.detection.figures import GRAVE, EventOutcome, Row, bars, count_rows, synthetic_rows
from bot.bench.detection.real_streams import StreamCheck
from bot.bench.detection.score import Interval
from bot.bench.detection.synthetic_runs import FULL, QUICK, WATCH, BenchSize, JudgedStream, calibration, judge, judged
from bot.errors import LocalisedError

T = TypeVar("T")
WIDTH = 120  # narrower tables break their figures


def run(folder: Path | None, *, quick: bool, reader: bool, as_json: bool, chart: Path | None) -> None:
    """Measure, then print tables or JSON, and draw *chart*. Raises LocalisedError if *folder* is none."""
    if folder is not None and not folder.is_dir():
        raise LocalisedError("bench.no_folder", folder=folder)
    rows = synthetic(QUICK if quick else FULL, quiet=as_json)
    verdicts: list[StreamCheck] = []
    if folder is not None:
        brands = counts.load(folder / "data" / "nab")
        rows += count_rows(counts.trials(brands), counts.own_trials(brands))
        verdicts = real(folder / "streams") if reader else []
    verdicts = [*bars(rows), *verdicts]
    if as_json:
        for plain in (*(each.as_dict() for each in rows), *(asdict(verdict) for verdict in verdicts)):
            typer.echo(json.dumps(plain, ensure_ascii=False))
    else:
        console = Console()
        show(console if console.width >= WIDTH else Console(width=WIDTH), rows, verdicts)
    if chart is not None:
        from bot.bench.detection.chart import draw

        draw(rows, chart)


def synthetic(extent: BenchSize, *, quiet: bool = True) -> list[Row]:
    """The rows of the invented brands."""
    learned = [judge(stream) for stream in _shown(calibration(extent), "brands to learn on", quiet)]
    tried: list[JudgedStream] = [judge(stream) for stream in _shown(judged(extent), "brands to judge", quiet)]
    return synthetic_rows(learned, tried)


def real(folder: Path) -> list[StreamCheck]:
    """What was asked of the real streams that are in *folder*."""
    found = real_streams.hot_search(folder) if (folder / f"{real_streams.CRISES[0].file}.jsonl").is_file() else []
    storm = folder / "airline.jsonl"
    return [*found, *(real_streams.airlines(storm) if storm.is_file() else [])]


def _shown(items: Sequence[T], what: str, quiet: bool) -> Iterable[T]:
    return track(items, what, console=Console(stderr=True), transient=True, disable=quiet)


def show(console: Console, rows: Sequence[Row], verdicts: Sequence[StreamCheck]) -> None:
    """The tables, for a terminal."""
    for data in dict.fromkeys(each.data for each in rows):
        console.print(_table(data, [each for each in rows if each.data == data]))
    own = next((each for each in rows if each.detector == WATCH and each.budget == 0.1), None)
    if own is not None:
        console.print(_breakdown(own))
    table = Table("stream", "asked", "found", "", title="What was to be reached")
    for verdict in verdicts:
        table.add_row(verdict.stream, verdict.asked, verdict.found, "met" if verdict.met else "[red]missed[/red]")
    console.print(table)


def _table(data: str, rows: Sequence[Row]) -> Table:
    first = rows[0]
    title = f"{data}: {len(first.cases)} events, {first.days:.0f} quiet days; times in minutes; 95 % intervals"
    table = Table(title=title, box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0))
    table.add_column("budget", no_wrap=True)
    table.add_column("detector", no_wrap=True)
    for name in ("false a day", "recall", f"recall ≥ {GRAVE:g}×", "median", "p90", "bells"):
        table.add_column(name, justify="right", no_wrap=True)
    for place, row in enumerate(rows):
        budget = "shipped" if row.budget is None else f"{row.budget:g}"
        found = [f"{row.recall.value:.2f}", _said(row.grave, 2), _said(row.median, 0), _said(row.p90, 0)]
        if data == "counts":  # their windows have no size, and begin long before what they are about
            found = [_said(row.recall, 2), "–", "–", "–"]
        last = place + 1 < len(rows) and rows[place + 1].budget != row.budget
        table.add_row(budget, row.detector, _said(row.false, 3), *found, f"{row.alerts:.1f}", end_section=last)
    return table


def _said(interval: Interval, digits: int) -> str:
    if interval.value != interval.value:  # NaN: there was nothing to measure
        return "–"
    return f"{interval.value:.{digits}f} [dim]{interval.low:.{digits}f}–{interval.high:.{digits}f}[/dim]"


def _breakdown(own: Row) -> Table:
    table = Table("crises", "found", "median min", title=f"{own.detector} at {own.budget:g} a day")
    for growth in sorted({case.event.growth for case in own.cases}):
        table.add_row(f"{growth:g}×", *_found([case for case in own.cases if case.event.growth == growth]))
    table.add_section()
    for size in sorted({case.per_day for case in own.cases}):
        grave = [case for case in own.cases if case.per_day == size and case.event.growth >= GRAVE]
        table.add_row(f"{GRAVE:g}× and more, {size:g} posts a day", *_found(grave))
    return table


def _found(cases: Sequence[EventOutcome]) -> tuple[str, str]:
    times = [case.minutes for case in cases if case.found]
    return f"{len(times)} of {len(cases)}", f"{median(times):.0f}" if times else "–"
