"""Commands of the service: try it, set it up, check it, run it, and see how its sources are."""

from __future__ import annotations

import json
import signal
import threading
from collections.abc import Mapping
from datetime import timedelta, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.options import DEFAULT_SETTINGS, AsJson, SettingsFile
from bot.cli.speaking import speaking
from bot.errors import LocalisedError
from bot.i18n.catalogue import DEFAULT
from bot.i18n.speech import Speech
from bot.i18n.zones import written
from bot.records.audit import DONE, UNCHECKED, AuditEntry

if TYPE_CHECKING:
    from bot.records import SourceRecord


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


def run(
    settings: SettingsFile = DEFAULT_SETTINGS,
    only: Annotated[str, typer.Option(help="Roles of this process, with commas: poll,work,slack.")] = "",
) -> None:
    """Run the service: all roles, or some of them."""
    from bot.app import run_until
    from bot.config.environment import Environment
    from bot.config.settings import load
    from bot.roles import ROLES

    roles = tuple(role.strip() for role in only.split(",") if role.strip()) or tuple(ROLES)
    unknown = [role for role in roles if role not in ROLES]
    if unknown:
        raise LocalisedError("wiring.no_role", role=unknown[0], known=", ".join(ROLES))
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    read = load(settings)
    with speaking(read.language):
        run_until(read, Environment(), stop, roles=roles)


def init(path: Annotated[Path, typer.Argument(help="Where to write.")] = DEFAULT_SETTINGS) -> None:
    """Write a commented settings file to begin with."""
    from bot.config.settings import example

    if path.exists():
        raise LocalisedError("settings.exists", path=path)
    path.write_text(example(), encoding="utf-8")
    typer.echo(f"Wrote {path}. Next: edit it, then `tocsin check`.")


def check(settings: SettingsFile = DEFAULT_SETTINGS) -> None:
    """Check settings, database, Redis, Slack, model and every source; exit 1 and a sentence for each fault."""
    from bot.check.check import report

    raise typer.Exit(report(settings))


def sources(settings: SettingsFile = DEFAULT_SETTINGS, as_json: AsJson = False) -> None:
    """Show the health of every source, and the posts that were set aside."""
    from bot.config.environment import Environment
    from bot.config.settings import load
    from bot.infra.clock import SystemClock
    from bot.store import Store

    read = load(settings)
    with speaking(read.language), Store.open(Environment().database) as store:
        store.migrate()
        rows, silent = store.sources.all(), set(store.sources.health(SystemClock().now()).silent)
        aside = store.posts.aside()
    for source in rows:
        state = "off" if not source.enabled else "silent" if source.name in silent else "well"
        typer.echo(_source_as_json(source, state) if as_json else _source_as_text(source, state, read.zone))
    if aside and not as_json:
        typer.echo(f"{aside} posts were set aside because the model could not read them.")
    if not rows:
        typer.echo("No source yet: `tocsin run` takes them from the settings file when it starts.")


def audit(
    settings: SettingsFile = DEFAULT_SETTINGS,
    days: Annotated[float, typer.Option(help="How far to look back.", min=0)] = 7.0,
    as_json: AsJson = False,
) -> None:
    """Show who did what, when and from where, and who was refused."""
    from bot.config.environment import Environment
    from bot.config.settings import load
    from bot.infra.clock import SystemClock
    from bot.store import Store

    read = load(settings)
    with Store.open(Environment().database) as store:
        store.migrate()
        rows = store.audit.since(SystemClock().now() - timedelta(days=days))
    for entry in rows:
        typer.echo(_entry_as_json(entry) if as_json else _entry_as_text(entry, read.names, read.zone))
    if not rows and not as_json:
        typer.echo(f"Nobody did anything in the last {days:g} days.")


def _entry_as_json(entry: AuditEntry) -> str:
    told = {
        "at": entry.at.isoformat(),
        "by": entry.by,
        "deed": entry.deed,
        "outcome": entry.outcome,
        "incident": entry.incident or None,
        "about": entry.about,
        "origin": dict(entry.origin),
    }
    return json.dumps(told, ensure_ascii=False)


def _entry_as_text(entry: AuditEntry, names: Mapping[str, str], zone: tzinfo) -> str:
    """``2026-03-02 08:14 UTC+1  lead  resolve  refused: closing  incident 12, Saltfern  click in C01 of T01``."""
    by = names.get(entry.by, entry.by)
    outcome = entry.outcome if entry.outcome in (DONE, UNCHECKED) else f"refused: {entry.outcome}"
    about = f"incident {entry.incident}, {entry.about}" if entry.incident else entry.about
    where = " ".join(word for word in (entry.origin.get("via", ""), entry.origin.get("channel", "")) if word)
    team = entry.origin.get("team", "")
    return f"{written(entry.at, zone)}  {by:<20} {entry.deed:<12} {outcome:<18} {about}  {where} {team}".rstrip()


def _error_of(source: SourceRecord) -> str:
    return Speech(DEFAULT).text(source.error) if source.error else ""


def _source_as_json(source: SourceRecord, state: str) -> str:
    told = {
        "source": source.name,
        "kind": source.kind,
        "state": state,
        "failures": source.failures,
        "error": _error_of(source),
        "last_ok": source.last_ok_at.isoformat() if source.last_ok_at else None,
        "last_post": source.last_item_at.isoformat() if source.last_item_at else None,
    }
    return json.dumps(told, ensure_ascii=False)


def _source_as_text(source: SourceRecord, state: str, zone: tzinfo) -> str:
    """When it last brought something, and what is wrong with it."""
    last = written(source.last_item_at, zone) if source.last_item_at else "never"
    return f"{state:<7} {source.name:<28} {source.kind:<9} last post {last}  {_error_of(source)}".rstrip()
