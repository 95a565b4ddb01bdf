"""The command line: which commands there are. Each imports what it needs when it runs, so that ``tocsin --help``
answers at once; what it does stands in the room that it is about."""

from __future__ import annotations

import os
import sys
from importlib import metadata
from typing import Annotated

import typer

from bot.cli import bench, history, models, service
from bot.errors import TocsinError
from bot.i18n.catalogue import DEFAULT
from bot.i18n.queries import query_fault
from bot.i18n.speech import Speech
from engine.errors import EngineError
from engine.query.faults import QueryError

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
    *(history.replay, history.backtest, history.detect),
    *(models.read, models.evaluate, models.train),
):
    app.command()(_command)
app.add_typer(history.import_app, name="import")
app.add_typer(models.model_app, name="model")
app.add_typer(bench.bench_app, name="bench")


def _said(error: TocsinError | EngineError) -> str:
    """*error* in the language that TOCSIN_LANG asks for; without it in English, or in that of the settings."""
    language = os.environ.get("TOCSIN_LANG", "")
    if isinstance(error, QueryError):
        return query_fault(error.note, Speech(language or DEFAULT))
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
