"""``tocsin check``: everything that the service needs, tried once, each answer a plain sentence.

It changes nothing: no table is made, no message posted, no post stored.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.check.findings import CheckResult, CheckSentences
from bot.config import settings as files
from bot.config.environment import Environment
from bot.config.locations import SettingsError
from bot.config.settings import Settings
from bot.errors import TocsinError
from bot.infra.clock import Clock, SystemClock
from bot.models.registry import ModelsError, open_reader
from bot.records import SourceRecord
from engine.errors import EngineError

if TYPE_CHECKING:
    from bot.ingest.fetch.fetch import Fetcher

OLDEST_REDIS = (6, 2)
"""The first Redis that can hand a dead worker's entries to another (XAUTOCLAIM)."""

FETCHES = 8


def run(settings_path: Path, env: Environment, *, clock: Clock | None = None) -> list[CheckResult]:
    """Look at everything; no fault stops another look, but sources and channels need readable settings."""
    return list(look(settings_path, env, clock=clock or SystemClock()))


def report(settings_path: Path) -> int:
    """Print what ``look`` finds as it comes; 1 if anything is not well, else 0."""
    import typer

    bad = 0
    for finding in look(settings_path, Environment(), clock=SystemClock()):
        bad += not finding.ok
        mark = typer.style("ok  ", fg="green") if finding.ok else typer.style("FAIL", fg="red", bold=True)
        typer.echo(f"{mark}  {finding.what}: {finding.sentence}")
        if finding.hint and not finding.ok:
            typer.echo(f"      → {finding.hint}")
    return 1 if bad else 0


def look(settings_path: Path, env: Environment, *, clock: Clock) -> Iterator[CheckResult]:
    """The same, each finding as it comes: some looks take seconds."""
    from bot.slack import checks

    read, faults = _read(settings_path)
    say = CheckSentences(read.language if read else "en")
    yield from faults if read is None else _settings(read, settings_path, say)
    yield _database(env, say)
    yield _redis(env, say)
    yield from checks.look(read, env, say)
    yield _model(env, say)
    yield from _sources(read.source_records() if read else (), env, clock, say)


def _read(path: Path) -> tuple[Settings | None, list[CheckResult]]:
    try:
        return files.load(path), []
    except SettingsError as error:
        say = CheckSentences("en")  # the language stands in the file that cannot be read
        return None, [say.bad("settings", "settings.fault", why=fault, path=path) for fault in error.faults]


def _settings(read: Settings, path: Path, say: CheckSentences) -> Iterator[CheckResult]:
    counts = {"topics": len(read.topics), "sources": len(read.sources), "policies": len(read.policies)}
    yield say.good("settings", "settings.good", path=path, **counts)
    if not read.topics:
        yield say.good("settings", "settings.nothing")


def _database(env: Environment, say: CheckSentences) -> CheckResult:
    from bot.store import Store, StoreError

    try:
        with Store.open(env.database) as store:
            return _tables(store, say)
    except StoreError as error:
        return say.bad("database", "database.bad", why=error)


def _tables(store: Any, say: CheckSentences) -> CheckResult:
    from bot.store import StoreError

    try:
        store.topics.version()
    except StoreError as error:
        if "no tables yet" not in str(error):
            raise
        return say.good("database", "database.empty", place=store.place)
    return say.good("database", "database.good", place=store.place)


def _redis(env: Environment, say: CheckSentences) -> CheckResult:
    try:
        if not env.embedded_redis:
            return _version(env.redis_url, "redis.good", say)
        from bot.infra.valkey import EmbeddedValkey

        with EmbeddedValkey(env.data_dir) as server:
            return _version(server.url, "redis.embedded", say)
    except (TocsinError, OSError) as error:
        return say.bad("redis", "redis.bad", why=error)


def _version(url: str, key: str, say: CheckSentences) -> CheckResult:
    from bot.infra.redis_client import server_version

    found = server_version(url)
    if found.protocol < OLDEST_REDIS:
        return say.bad("redis", "redis.old", version=found.name)
    return say.good("redis", key, version=found.name)


def _model(env: Environment, say: CheckSentences) -> CheckResult:
    try:
        reader = open_reader(environment=env)
    except (EngineError, ModelsError) as error:
        return say.bad("model", "model.bad", why=error)
    return say.good("model", "model.good", name=reader.name, device=reader.device, parts=", ".join(reader.reads))


def _sources(
    sources: Sequence[SourceRecord], env: Environment, clock: Clock, say: CheckSentences
) -> Iterator[CheckResult]:
    """One fetch of each source, several at a time, told in the order of the settings."""
    from bot.ingest.fetch.fetch import Fetcher

    fetcher = Fetcher(clock)
    with ThreadPoolExecutor(max_workers=FETCHES) as pool:
        yield from pool.map(_looker(fetcher, env, clock, say), sources)


def _looker(
    fetcher: Fetcher, env: Environment, clock: Clock, say: CheckSentences
) -> Callable[[SourceRecord], CheckResult]:
    def look_at(source: SourceRecord) -> CheckResult:
        what = f"source {source.name}"
        if not source.enabled:
            return say.good(what, "source.off")
        if source.kind == "webhook":
            key = "source.push" if env.webhook_secret(source.name) else "source.unsigned"
            return (say.good if key == "source.push" else say.bad)(what, key, name=source.name)
        return _drawn(source, what, fetcher, clock.now(), say)

    return look_at


def _drawn(source: SourceRecord, what: str, fetcher: Fetcher, now: datetime, say: CheckSentences) -> CheckResult:
    from bot.ingest.sources import SourceError, draw
    from bot.ingest.sources.sentences import translate

    try:
        batch = draw(source, fetcher, now, conditional=False)
    except SourceError as error:
        return say.bad(what, "source.bad", why=error.say(say.language))
    if not batch.items:
        return say.good(what, "source.quiet")
    newest = max((item.published for item in batch.items if item.published), default=None)
    shown = newest.strftime("%Y-%m-%d %H:%M UTC") if newest else "?"
    note = translate(batch.note, say.language)
    return say.good(what, "source.good", count=len(batch.items), newest=shown, note=note)
