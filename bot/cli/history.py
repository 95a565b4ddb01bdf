"""Commands about the past: bring it in, play it again, and say what would have rung."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from bot.cli.options import DEFAULT_SETTINGS, AsJson, KeptReadings, SettingsFile
from bot.cli.speaking import speaking
from bot.i18n.catalogue import DEFAULT
from bot.i18n.speech import Speech

import_app = typer.Typer(help="Bring in history (posts) or a list of feeds (OPML).", no_args_is_help=True)


def replay(
    posts: Annotated[Path, typer.Argument(help="Posts in time order (JSONL).")],
    topic: Annotated[str, typer.Option(help="The topic's name.")],
    query: Annotated[str, typer.Option(help="The topic's query.")],
    alias: Annotated[list[str] | None, typer.Option(help="A name the organisation goes by; may be repeated.")] = None,
    since: Annotated[str, typer.Option(help="Say nothing about what happened before (RFC 3339).")] = "",
    until: Annotated[str, typer.Option(help="Stop here (RFC 3339).")] = "",
    expect: Annotated[list[str] | None, typer.Option(help='Expected days, in UTC: "2026-12-12 sale".')] = None,
    readings: KeptReadings = None,
    as_json: AsJson = False,
) -> None:
    """Run stored posts through the production path on a virtual clock: what would have rung, when, and why."""
    from bot.backtest.replay import run as run_replay

    run_replay(
        posts,
        topic=topic,
        query=query,
        aliases=tuple(alias or ()),
        since=since,
        until=until,
        as_json=as_json,
        readings=readings,
        expect=tuple(expect or ()),
    )


def backtest(
    topic: Annotated[str, typer.Option(help="The topic's name.")],
    settings: SettingsFile = DEFAULT_SETTINGS,
    posts: Annotated[Path | None, typer.Option(help="Test this file (JSONL), not the stored history.")] = None,
    query: Annotated[str, typer.Option(help="With --posts: which of them belong to the topic.")] = "",
    alias: Annotated[list[str] | None, typer.Option(help="With --posts: a name of it; may be repeated.")] = None,
    days: Annotated[float, typer.Option(help="So many days back; 0 = 28, or the whole file.")] = 0.0,
    strictness: Annotated[float | None, typer.Option(help="2 = rings half as easily; without it, as now.")] = None,
    versus: Annotated[float | None, typer.Option(help="A second strictness, side by side.")] = None,
    readings: KeptReadings = None,
    chart: Annotated[Path | None, typer.Option(help="Draw volume, negative volume and bells (PNG).")] = None,
    lang: Annotated[str, typer.Option(help="Language of text and chart.", envvar="TOCSIN_LANG")] = DEFAULT,
    as_json: AsJson = False,
) -> None:
    """Say what would have rung, when and why, and what it would have cost in alerts a week."""
    from bot.backtest.command import BacktestOptions
    from bot.backtest.command import run as run_backtest

    with speaking(lang):
        run_backtest(
            BacktestOptions(
                topic=topic,
                settings=settings,
                posts=posts,
                query=query,
                aliases=tuple(alias or ()),
                days=days,
                readings=readings,
                strictness=strictness,
                versus=versus,
                chart=chart,
                language=lang,
                as_json=as_json,
            )
        )


def copies(as_json: AsJson = False) -> None:
    """Say of posts on stdin, in time order (JSONL), which repeat an earlier one and which bring one up to date."""
    from bot.backtest.copies_command import run as run_copies

    run_copies(sys.stdin, as_json)


def detect(
    counts: Annotated[Path, typer.Argument(help="CSV: timestamp,value (and total, for the change of a share).")],
    budget: Annotated[
        float | None, typer.Option(help="At most so many false alarms a day, as a rule; without it, few.")
    ] = None,
    signal: Annotated[
        list[str] | None,
        typer.Option(help="By its own fixed bar: surge_1h, tail, growth, slow_burn, drop …; may be repeated."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Say what stands out in a series of counts, learned from the series' own past, within a budget of alarms."""
    from bot.backtest.detect import run as run_detect

    run_detect(counts, as_json, budget=budget, signals=tuple(signal or ()))


@import_app.command("posts")
def import_posts(
    file: Annotated[Path, typer.Argument(help="Posts (JSONL).")],
    source: Annotated[str, typer.Option(help="The source that they belong to.")],
    settings: SettingsFile = DEFAULT_SETTINGS,
) -> None:
    """Store history under a source: it fills baselines and rings nothing."""
    from bot.app import running
    from bot.config.environment import Environment
    from bot.config.settings import load
    from bot.ingest.history_import import import_posts as take_in

    read = load(settings)
    with speaking(read.language), running(read, Environment(), roles=()) as application:
        parts = application.parts
        done = take_in(file, store=parts.store, ingest=parts.ingest, clock=parts.clock, source=source)
    typer.echo(f"{done.taken.new} new posts, {done.taken.known} known, {done.taken.matched} caught by a topic.")
    for reason in done.left_out:
        typer.echo(f"left out: {Speech(DEFAULT).text(reason)}")
    if done.faulty > len(done.left_out):
        typer.echo(f"… and {done.faulty - len(done.left_out)} more lines.")


@import_app.command("opml")
def import_opml(
    file: Annotated[Path, typer.Argument(help="An OPML file.")],
    settings: Annotated[Path | None, typer.Option("--settings", "-s", help="Add the feeds to this file.")] = None,
) -> None:
    """Turn a list of feeds into sources: print them, or add them to the settings file."""
    from bot.ingest.history_import import import_opml as read_opml

    typer.echo(read_opml(file, settings))
