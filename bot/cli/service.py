"""What the commands of an operator do: serve, import history, show sources."""

from __future__ import annotations

import json
import signal
import threading
from pathlib import Path

import typer

from bot.app import run_until, running
from bot.config.environment import Environment
from bot.config.settings import load
from bot.errors import TocsinError
from bot.i18n.catalogue import DEFAULT
from bot.i18n.speech import Speech
from bot.infra.clock import SystemClock
from bot.roles import ROLES


def serve(settings: Path, only: str) -> None:
    """Run the service until it is told to stop (SIGINT, SIGTERM)."""
    roles = tuple(role.strip() for role in only.split(",") if role.strip()) or tuple(ROLES)
    unknown = [role for role in roles if role not in ROLES]
    if unknown:
        raise TocsinError(f'"{unknown[0]}" is no role: use {", ".join(ROLES)}.')
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    run_until(load(settings), Environment(), stop, roles=roles)


def import_history(settings: Path, file: Path, source: str) -> None:
    """Store the posts of *file* under *source*; the workers read them when they run."""
    from bot.ingest.history_import import import_posts

    with running(load(settings), Environment(), roles=()) as application:
        parts = application.parts
        done = import_posts(file, store=parts.store, ingest=parts.ingest, clock=parts.clock, source=source)
    typer.echo(f"{done.taken.new} new posts, {done.taken.known} known, {done.taken.matched} caught by a topic.")
    english = Speech(DEFAULT)
    for reason in done.left_out:
        typer.echo(f"left out: {english.text(reason)}")
    if done.faulty > len(done.left_out):
        typer.echo(f"… and {done.faulty - len(done.left_out)} more lines.")


def show_sources(settings: Path, *, as_json: bool) -> None:
    """A line a source: when it last answered, when it last brought something, and what is wrong with it."""
    from bot.store import Store

    load(settings)
    store = Store.open(Environment().database)
    try:
        store.migrate()
        rows, silent = store.sources.all(), set(store.sources.health(SystemClock().now()).silent)
        aside = store.posts.aside()
    finally:
        store.close()
    english = Speech(DEFAULT)
    for source in rows:
        state = "off" if not source.enabled else "silent" if source.name in silent else "well"
        error = english.text(source.error) if source.error else ""
        if as_json:
            typer.echo(json.dumps({
                "source": source.name, "kind": source.kind, "state": state, "failures": source.failures,
                "error": error,
                "last_ok": source.last_ok_at.isoformat() if source.last_ok_at else None,
                "last_post": source.last_item_at.isoformat() if source.last_item_at else None,
            }, ensure_ascii=False))  # fmt: skip
            continue
        last = f"{source.last_item_at:%Y-%m-%d %H:%M}Z" if source.last_item_at else "never"
        typer.echo(f"{state:<7} {source.name:<28} {source.kind:<9} last post {last}  {error}".rstrip())
    if aside and not as_json:
        typer.echo(f"{aside} posts were set aside because the model could not read them.")
    if not rows:
        typer.echo("No source yet: `tocsin run` takes them from the settings file when it starts.")
