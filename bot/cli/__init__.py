"""The command line. Every command imports what it needs when it runs: ``tocsin --help`` answers at once."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from bot.errors import LocalisedError, TocsinError
from bot.i18n.catalogue import DEFAULT
from bot.i18n.speech import Speech
from engine.errors import EngineError

app = typer.Typer(
    name="tocsin",
    help="The alarm bell of crisis-PR teams: from signal to owner to stand-down. 舆情监测与危机预警。",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
import_app = typer.Typer(help="Bring in history (posts) or a list of feeds (OPML).", no_args_is_help=True)
app.add_typer(import_app, name="import")
bench_app = typer.Typer(help="Measure speed and detection on this machine.", no_args_is_help=True)
app.add_typer(bench_app, name="bench")

model_app = typer.Typer(help="The models that were trained here: list them, switch, go back.", no_args_is_help=True)
app.add_typer(model_app, name="model")

SettingsFile = Annotated[Path, typer.Option("--settings", "-s", envvar="TOCSIN_SETTINGS", help="The settings file.")]
KeptReadings = Annotated[
    Path | None, typer.Option("--readings", help="Keep readings in this file, and use those that are there.")
]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]
DEFAULT_SETTINGS = Path("tocsin.yaml")


@app.command()
def demo(
    speed: Annotated[float, typer.Option(help="Story minutes a real minute.", min=1, max=600)] = 60.0,
    port: Annotated[int, typer.Option(help="Port of the workspace's page.")] = 8765,
    seconds: Annotated[float, typer.Option(help="Stop by itself after so many seconds; 0 = never.")] = 0.0,
) -> None:
    """Run the whole thing on embedded defaults, with a Slack workspace in the browser and a crisis to watch."""
    from bot.demo.run import run as run_demo
    from bot.infra.logs import configure

    configure("warning")
    run_demo(speed=speed, port=port, seconds=seconds)


@app.command()
def run(
    settings: SettingsFile = DEFAULT_SETTINGS,
    only: Annotated[str, typer.Option(help="Roles of this process, with commas: poll,work,slack.")] = "",
) -> None:
    """Run the service: all roles, or some of them."""
    from bot.cli.service import serve

    serve(settings, only)


@app.command()
def init(path: Annotated[Path, typer.Argument(help="Where to write.")] = DEFAULT_SETTINGS) -> None:
    """Write a commented settings file to begin with."""
    from bot.config.settings import example

    if path.exists():
        raise LocalisedError("settings.exists", path=path)
    path.write_text(example(), encoding="utf-8")
    typer.echo(f"Wrote {path}. Next: edit it, then `tocsin check`.")


@app.command()
def check(settings: SettingsFile = DEFAULT_SETTINGS) -> None:
    """Check settings, database, Redis, Slack, model and every source; exit 1 and a sentence for each fault."""
    from bot.check.check import report

    raise typer.Exit(report(settings))


@app.command()
def sources(settings: SettingsFile = DEFAULT_SETTINGS, as_json: AsJson = False) -> None:
    """Show the health of every source, and the posts that were set aside."""
    from bot.cli.service import show_sources

    show_sources(settings, as_json=as_json)


@app.command()
def replay(
    posts: Annotated[Path, typer.Argument(help="Posts in time order (JSONL).")],
    topic: Annotated[str, typer.Option(help="The topic's name.")],
    query: Annotated[str, typer.Option(help="The topic's query.")],
    alias: Annotated[list[str] | None, typer.Option(help="A name the organisation goes by; may be repeated.")] = None,
    since: Annotated[str, typer.Option(help="Say nothing about what happened before (RFC 3339).")] = "",
    until: Annotated[str, typer.Option(help="Stop here (RFC 3339).")] = "",
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
    )


@app.command()
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
    from bot.cli.backtest import BacktestOptions
    from bot.cli.backtest import run as run_backtest

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


@app.command()
def detect(
    counts: Annotated[Path, typer.Argument(help="CSV: timestamp,value (and total, for the change of a share).")],
    signal: Annotated[
        list[str] | None, typer.Option(help="Only this one: surge_1h, tail, slow_burn, drop …; may be repeated.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Run the trend detectors alone on a series of counts."""
    from bot.backtest.detect import run as run_detect

    raise typer.Exit(run_detect(counts, as_json, signals=tuple(signal or ())))


@app.command()
def read(
    target: Annotated[str, typer.Option(help="Whom the sentiment is toward; aliases with commas.")] = "",
    model: Annotated[str, typer.Option(help="A folder or a name of the hub.", envvar="TOCSIN_MODEL")] = "",
    why: Annotated[bool, typer.Option("--why", help="Mark the words that carried sentiment and risks.")] = False,
    as_json: AsJson = False,
) -> None:
    """Read posts (or bare lines) from standard input; write readings to standard output."""
    from bot.cli.read import run as run_read

    run_read(sys.stdin, sys.stdout, target=target, model=model, as_json=as_json, why=why)


@app.command()
def evaluate(
    task: Annotated[str, typer.Argument(help="sentiment, target, ner, risk or cluster")],
    file: Annotated[Path, typer.Argument(help="A labelled JSONL file.")],
    model: Annotated[str, typer.Option(help="A folder or a name of the hub.", envvar="TOCSIN_MODEL")] = "",
    as_json: AsJson = False,
) -> None:
    """Measure the current model on a labelled file."""
    from bot.cli.read import evaluate as run_evaluate

    run_evaluate(task, file, model=model, as_json=as_json)


@app.command()
def train(
    data: Annotated[
        Path | None,
        typer.Option(help="A folder of labelled files (sentiment_*, target_*, ner_*, risk_* …), or your own file."),
    ] = None,
    from_feedback: Annotated[
        bool, typer.Option("--from-feedback", help="Learn from what the team's buttons said instead.")
    ] = False,
    base: Annotated[
        str, typer.Option("--from", help="Folder: the encoder to cut, a name of the hub or a folder.")
    ] = "intfloat/multilingual-e5-small",
    out: Annotated[
        Path, typer.Option(help="Folder: where the model goes; a run that was killed goes on from there.")
    ] = Path("tocsin-model"),
    steps: Annotated[int, typer.Option(help="Folder: training steps; 0 = the recipe's.", min=0)] = 0,
    patience: Annotated[
        int, typer.Option(help="Folder: looks at held-out rows without a better one that end it; 0 = never.", min=0)
    ] = 6,
    task: Annotated[
        str, typer.Option(help="File: sentiment, target, risk or ner; told from the first row's keys if left out.")
    ] = "",
    heads_only: Annotated[
        bool, typer.Option("--heads-only", help="File, feedback: teach the task's head alone. Faster, and learns less.")
    ] = False,
    seed: Annotated[int, typer.Option(help="Where chance begins; 0 = the recipe's.", min=0)] = 0,
    settings: SettingsFile = DEFAULT_SETTINGS,
) -> None:
    """Train a model from an encoder and a folder of labelled files, as the default one was made; or teach the model in
    use your own labels (a file) or your team's feedback, and switch to it only if it is not worse."""
    from bot.models.training import Request
    from bot.models.training import train as run_train

    run_train(
        Request(
            data=data,
            from_feedback=from_feedback,
            base=base,
            out=out,
            steps=steps,
            seed=seed,
            patience=patience,
            task=task,
            heads_only=heads_only,
            settings=settings,
        )
    )


@model_app.command("list")
def model_list(as_json: AsJson = False) -> None:
    """Show the models there are, and which one is read with."""
    from bot.models.training import list_models

    list_models(as_json=as_json)


@model_app.command("use")
def model_use(name: Annotated[str, typer.Argument(help="One of the list.")]) -> None:
    """Read with another model from the next start on."""
    from bot.models.training import use_model

    use_model(name)


@model_app.command("back")
def model_back() -> None:
    """Go back to the model that was read with before."""
    from bot.models.training import use_model_before

    use_model_before()


@bench_app.command("engine")
def bench_engine(
    texts: Annotated[int, typer.Option(help="How many texts.", min=8)] = 200,
    file: Annotated[Path | None, typer.Option(help="Take the texts of these posts (JSONL) instead.")] = None,
    model: Annotated[str, typer.Option(help="A folder or a name of the hub.", envvar="TOCSIN_MODEL")] = "",
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


@bench_app.command("stories")
def bench_stories(
    most: Annotated[int, typer.Option(help="Posts in the window at the end.", min=100)] = 1_000_000,
    as_json: AsJson = False,
) -> None:
    """Measure what a post costs the watch as the window grows, without the encoder."""
    from bot.bench.stories import run as run_bench

    run_bench(most, as_json=as_json)


@import_app.command("posts")
def import_posts(
    file: Annotated[Path, typer.Argument(help="Posts (JSONL).")],
    source: Annotated[str, typer.Option(help="The source that they belong to.")],
    settings: SettingsFile = DEFAULT_SETTINGS,
) -> None:
    """Store history under a source: it fills baselines and rings nothing."""
    from bot.cli.service import import_history

    import_history(settings, file, source)


@import_app.command("opml")
def import_opml(
    file: Annotated[Path, typer.Argument(help="An OPML file.")],
    settings: Annotated[Path | None, typer.Option("--settings", "-s", help="Add the feeds to this file.")] = None,
) -> None:
    """Turn a list of feeds into sources: print them, or add them to the settings file."""
    from bot.ingest.history_import import import_opml as read_opml

    typer.echo(read_opml(file, settings))


def _said(error: TocsinError | EngineError) -> str:
    """*error* in the language that TOCSIN_LANG asks for; without it in English, or in that of the settings."""
    language = os.environ.get("TOCSIN_LANG", "")
    return error.said(Speech(language)) if language and isinstance(error, TocsinError) else str(error)


def main() -> None:
    """The console script. A fault is one plain sentence and exit status 1; the log holds the trail of an unexpected
    one, and TOCSIN_LOG_LEVEL=debug shows its traceback."""
    from bot.infra.logs import configure

    configure()
    try:
        app()
    except (TocsinError, EngineError) as error:
        typer.echo(f"tocsin: {_said(error)}", err=True)
        sys.exit(1)
    except Exception as error:
        _unexpected(error)
        sys.exit(1)


def _unexpected(error: Exception) -> None:
    import logging
    import traceback

    import structlog

    from bot.infra.error_trail import log_unexpected
    from bot.infra.logs import level

    reference = log_unexpected(structlog.get_logger("tocsin.cli").error, "command_broke", error)
    if level() <= logging.DEBUG:
        traceback.print_exception(error)
    typer.echo(f"tocsin: Something went wrong that nobody foresaw; look for {reference} in the log.", err=True)
