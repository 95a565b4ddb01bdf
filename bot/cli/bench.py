"""Commands that measure speed, detection and the rules of incidents on this machine."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from bot.cli.options import AsJson, ModelName

bench_app = typer.Typer(help="Measure speed and detection on this machine.", no_args_is_help=True)


@bench_app.command("engine")
def bench_engine(
    texts: Annotated[int, typer.Option(help="How many texts.", min=8)] = 200,
    file: Annotated[Path | None, typer.Option(help="Take the texts of these posts (JSONL) instead.")] = None,
    model: ModelName = "",
    readers: Annotated[
        int | None, typer.Option(help="Processes that share the device; on a GPU one a core by default.", min=0)
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Measure the engine on this machine against the three pipelines that one would use instead of it."""
    from bot.bench.speed.speed import run as run_bench

    run_bench(texts, file=file, model=model, readers=readers, as_json=as_json)


@bench_app.command("detection")
def bench_detection(
    streams: Annotated[Path | None, typer.Option(help="Real streams too: a folder with streams/, data/nab/.")] = None,
    quick: Annotated[bool, typer.Option("--quick", help="A few small brands: only to try it out.")] = False,
    reader: Annotated[bool, typer.Option(help="Read the real posts with the model; without it, counts alone.")] = True,
    chart: Annotated[Path | None, typer.Option(help="Draw a chart into this file (png, svg).")] = None,
    as_json: AsJson = False,
) -> None:
    """Measure how soon crises are found and at how many false alarms, against four simple rules and chance."""
    from bot.bench.detection.detection import run as run_bench

    run_bench(streams, quick=quick, reader=reader, as_json=as_json, chart=chart)


@bench_app.command("budget")
def bench_budget(
    brands: Annotated[int, typer.Option(help="How many invented brands.", min=1)] = 200,
    days: Annotated[int, typer.Option(help="How long each of them is.", min=7)] = 60,
    as_json: AsJson = False,
) -> None:
    """Measure whether `tocsin detect --budget` keeps its budget on brands in which nothing happens."""
    from bot.bench.detection.budgets import run as run_bench

    run_bench(brands, days=days, as_json=as_json)


@bench_app.command("stories")
def bench_stories(
    most: Annotated[int, typer.Option(help="Posts in the window at the end.", min=100)] = 1_000_000,
    as_json: AsJson = False,
) -> None:
    """Measure what a post costs the watch as the window grows, without the encoder."""
    from bot.bench.stories import run as run_bench

    run_bench(most, as_json=as_json)


@bench_app.command("attention")
def bench_attention(
    settings: Annotated[
        Path | None, typer.Option("--settings", "-s", help="The settings whose policies are taken, not usual ones.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Measure how much one incident says in a day, and when it falls silent, under the rules of your policies."""
    from bot.bench.attention import run as run_bench
    from bot.config.settings import load

    run_bench(load(settings) if settings else None, as_json=as_json)


@bench_app.command("queries")
def bench_queries(
    most: Annotated[int, typer.Option(help="Topics at the end.", min=2)] = 5_000,
    as_json: AsJson = False,
) -> None:
    """Measure what a post costs the matching of queries as the topics become many."""
    from bot.bench.matching import run as run_bench

    run_bench(most, as_json=as_json)
