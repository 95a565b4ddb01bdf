"""The engine's speed as a table for people, or as one JSON object."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import typer
from rich.console import Console
from rich.table import Table

if TYPE_CHECKING:
    from bot.bench.speed.speed import SpeedReport, Throughput


def show(report: SpeedReport, *, as_json: bool) -> None:
    """Print *report* on standard output."""
    if as_json:
        typer.echo(json.dumps(report.as_json(), ensure_ascii=False))
        return
    console = Console()
    console.print(_table(report))
    for line in _sentences(report):
        console.print(line, highlight=False)


def _table(report: SpeedReport) -> Table:
    table = Table(title=f"{report.texts} texts of {report.tokens:.0f} tokens on average, {report.device}")
    table.add_column("what reads")
    for head in ("posts a core-second", "posts a second", "against the three"):
        table.add_column(head, justify="right")
    for task, pace in report.pipelines.items():
        table.add_row(f"transformers pipeline: {task}", *_figures(pace, None))
    table.add_row("the three together", *_figures(report.together, 1.0), end_section=True)
    by_loop = report.times_pipelines / report.times_naive
    table.add_row("our network, one text at a time", *_figures(report.naive, by_loop))
    table.add_row(
        f"Tocsin ({report.layers} layers, {report.precision})", *_figures(report.ours, report.times_pipelines)
    )
    return table


def _figures(pace: Throughput, times: float | None) -> tuple[str, str, str]:
    return f"{pace.core:,.1f}", f"{pace.wall:,.1f}", f"{times:.1f} ×" if times else ""


def _sentences(report: SpeedReport) -> list[str]:
    told = [f"Threads: {report.threads}. Tokenisation takes {report.tokenisation:.1%} of our time."]
    if report.agreement is not None:
        told.append(f"{report.precision} and fp32 agree on the sentiment of {report.agreement:.1%} of the texts.")
    if report.shared is not None:
        told.append(
            f"{report.shared.readers} readers that share the device read {report.shared.wall:,.1f} posts a second."
        )
    if report.of_floor is not None:
        told.append(f"That is {report.of_floor:.1%} of the arithmetic that this GPU could do.")
    if report.worker is not None:
        told.append(
            f"A fresh worker reads its first post after {report.worker.first_reading:.1f} s "
            f"({report.worker.first_core:.1f} s of processor time) and takes {report.worker.memory:,.0f} MB of memory "
            "at most."
        )
    return told
