"""The command line. Every command imports what it needs when it runs: ``tocsin --help`` answers at once."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from bot.errors import TocsinError
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

SettingsFile = Annotated[Path, typer.Option("--settings", "-s", envvar="TOCSIN_SETTINGS", help="The settings file.")]
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
    from bot.logs import configure

    configure("warning")
    run_demo(speed=speed, port=port, seconds=seconds)


@app.command()
def run(
    settings: SettingsFile = DEFAULT_SETTINGS,
    only: Annotated[str, typer.Option(help="Roles of this process, with commas: poll,work,slack.")] = "",
) -> None:
    """Run the service: all roles, or some of them."""
    from bot.service import serve

    serve(settings, only)


@app.command()
def init(path: Annotated[Path, typer.Argument(help="Where to write.")] = DEFAULT_SETTINGS) -> None:
    """Write a commented settings file to begin with."""
    from bot.settings import example

    if path.exists():
        raise TocsinError(f"{path} exists already; nothing was written.")
    path.write_text(example(), encoding="utf-8")
    typer.echo(f"Wrote {path}. Next: edit it, then `tocsin check`.")


@app.command()
def check(settings: SettingsFile = DEFAULT_SETTINGS) -> None:
    """Check settings, database, Redis, Slack, model and every source; exit 1 and a sentence for each fault."""
    from bot.check import report

    raise typer.Exit(report(settings))


@app.command()
def sources(settings: SettingsFile = DEFAULT_SETTINGS, as_json: AsJson = False) -> None:
    """Show the health of every source, and the posts that were set aside."""
    from bot.service import show_sources

    show_sources(settings, as_json=as_json)


@app.command()
def replay(
    posts: Annotated[Path, typer.Argument(help="Posts in time order (JSONL).")],
    topic: Annotated[str, typer.Option(help="The topic's name.")],
    query: Annotated[str, typer.Option(help="The topic's query.")],
    alias: Annotated[list[str] | None, typer.Option(help="A name the organisation goes by; may be repeated.")] = None,
    since: Annotated[str, typer.Option(help="Say nothing about what happened before (RFC 3339).")] = "",
    until: Annotated[str, typer.Option(help="Stop here (RFC 3339).")] = "",
    as_json: AsJson = False,
) -> None:
    """Run stored posts through the production path on a virtual clock: what would have rung, when, and why."""
    from bot.replay import run as run_replay

    run_replay(posts, topic=topic, query=query, aliases=tuple(alias or ()), since=since, until=until, as_json=as_json)


@app.command()
def detect(counts: Annotated[Path, typer.Argument(help="CSV: timestamp,value.")], as_json: AsJson = False) -> None:
    """Run the trend detectors alone on a series of counts."""
    from bot.detect import run as run_detect

    raise typer.Exit(run_detect(counts, as_json))


@app.command()
def read(
    target: Annotated[str, typer.Option(help="Whom the sentiment is toward; aliases with commas.")] = "",
    model: Annotated[str, typer.Option(help="A folder or a name of the hub.", envvar="TOCSIN_MODEL")] = "",
    as_json: AsJson = False,
) -> None:
    """Read posts (or bare lines) from standard input; write readings to standard output."""
    from bot.reading import run as run_read

    run_read(sys.stdin, sys.stdout, target=target, model=model, as_json=as_json)


@app.command()
def evaluate(
    task: Annotated[str, typer.Argument(help="sentiment, target, ner, risk or cluster")],
    file: Annotated[Path, typer.Argument(help="A labelled JSONL file.")],
    model: Annotated[str, typer.Option(help="A folder or a name of the hub.", envvar="TOCSIN_MODEL")] = "",
    as_json: AsJson = False,
) -> None:
    """Measure the current model on a labelled file."""
    from bot.reading import evaluate as run_evaluate

    run_evaluate(task, file, model=model, as_json=as_json)


@app.command()
def train(
    data: Annotated[Path, typer.Option(help="Folder of labelled files (sentiment_*, target_*, ner_*, risk_* …).")],
    base: Annotated[
        str, typer.Option("--from", help="The encoder to cut: a name of the hub or a folder.")
    ] = "intfloat/multilingual-e5-small",
    out: Annotated[Path, typer.Option(help="Where the model goes; a run that was killed goes on from there.")] = Path(
        "tocsin-model"
    ),
    steps: Annotated[int, typer.Option(help="Training steps; 0 = the recipe's.")] = 0,
) -> None:
    """Train a model from an encoder and labelled files, the way the default one was made."""
    from bot.reading import train as run_train

    run_train(data, base=base, out=out, steps=steps)


@import_app.command("posts")
def import_posts(
    file: Annotated[Path, typer.Argument(help="Posts (JSONL).")],
    source: Annotated[str, typer.Option(help="The source that they belong to.")],
    settings: SettingsFile = DEFAULT_SETTINGS,
) -> None:
    """Store history under a source: it fills baselines and rings nothing."""
    from bot.service import import_history

    import_history(settings, file, source)


@import_app.command("opml")
def import_opml(
    file: Annotated[Path, typer.Argument(help="An OPML file.")],
    settings: Annotated[Path | None, typer.Option("--settings", "-s", help="Add the feeds to this file.")] = None,
) -> None:
    """Turn a list of feeds into sources: print them, or add them to the settings file."""
    from bot.importing import import_opml as read_opml

    typer.echo(read_opml(file, settings))


def main() -> None:
    """The console script. An expected fault is one plain sentence and exit status 1."""
    from bot.logs import configure

    configure()
    try:
        app()
    except (TocsinError, EngineError) as error:
        typer.echo(f"tocsin: {error}", err=True)
        sys.exit(1)
