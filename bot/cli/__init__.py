"""The command line: which commands there are. Each imports what it needs when it runs, so that ``tocsin --help``
answers at once; what it does stands in the room that it is about."""

from __future__ import annotations

import sys
from importlib import metadata
from typing import Annotated

import typer

from bot.cli import bench, history, models, queries, service
from bot.cli.speaking import asked_speech, speaking

app = typer.Typer(
    name="tocsin",
    help="The alarm bell of crisis-PR teams: from signal to owner to stand-down. 舆情监测与危机预警。",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"tocsin {metadata.version('tocsin')}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", help="Say which version this is.", callback=_show_version, is_eager=True)
    ] = False,
) -> None:
    """What may stand before any command."""


for _command in (
    *(service.demo, service.run, service.init, service.check, service.sources, service.audit),
    *(history.replay, history.backtest, history.detect, history.copies),
    *(queries.match, queries.preview),
    *(models.read, models.evaluate, models.train),
):
    app.command()(_command)
app.add_typer(history.import_app, name="import")
app.add_typer(models.model_app, name="model")
app.add_typer(bench.bench_app, name="bench")


def main() -> None:
    """The console script. A fault is one plain sentence and exit status 1; the log holds the trail of an unexpected
    one, and TOCSIN_LOG_LEVEL=debug shows its traceback."""
    from bot.infra.logs import configure

    configure()
    try:
        with speaking():
            app()
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
    typer.echo(f"tocsin: {asked_speech().say('sorry.unforeseen', reference=reference)}", err=True)
