"""``tocsin check``: everything that the service needs, tried once, each answer a plain sentence.

It changes nothing: no table is made, no message posted, no post stored.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bot.check.findings import CheckResult, CheckSentences
from bot.check.queries import look_at_queries
from bot.config import settings as files
from bot.config.environment import Environment
from bot.config.locations import SettingsError
from bot.config.settings import Settings
from bot.errors import TocsinError
from bot.i18n.catalogue import DEFAULT
from bot.i18n.localised import LocalisedText, localised
from bot.i18n.speech import Speech
from bot.i18n.zones import written
from bot.infra.clock import Clock, SystemClock
from bot.models.registry import ModelsError, open_reader
from bot.records import SourceRecord
from engine.errors import EngineError

if TYPE_CHECKING:
    from bot.ingest.fetch.fetch import Fetcher

OLDEST_REDIS = (6, 2)
"""The first Redis that can hand a dead worker's entries to another (XAUTOCLAIM)."""

SETTINGS, DATABASE, REDIS, MODEL, LAST_RESORT = (
    localised("check.what.settings"), localised("check.what.database"), localised("check.what.redis"),
    localised("check.what.model"), localised("check.what.last_resort"),
)  # fmt: skip
"""What is looked at."""

FETCHES = 8


def run(
    settings_path: Path, env: Environment, *, clock: Clock | None = None, folder: Path | None = None
) -> list[CheckResult]:
    """Look at everything; no fault stops another look, but sources and channels need readable settings."""
    return list(look(settings_path, env, clock=clock or SystemClock(), folder=folder))


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


def look(settings_path: Path, env: Environment, *, clock: Clock, folder: Path | None = None) -> Iterator[CheckResult]:
    """The same, each finding as it comes: some looks take seconds. *folder* holds the catalogue (see ``Speech``)."""
    from bot.slack import checks

    read, fault = _read(settings_path, folder)
    language = read.language if read else fault.language if fault else DEFAULT
    say = CheckSentences(Speech(language, folder, zone=read.zone if read else UTC))
    yield from _faults(fault, settings_path, say) if fault else ()
    yield from _settings(read, settings_path, say) if read else ()
    yield _database(env, say)
    yield from look_at_queries(read, env, clock, say) if read else ()
    yield _redis(env, say)
    yield from checks.look(read, env, say)
    yield _last_resort(env, say)
    yield _model(env, say)
    yield from _sources(read.source_records() if read else (), env, clock, say)


def _read(path: Path, folder: Path | None) -> tuple[Settings | None, SettingsError | None]:
    try:
        return files.load(path, folder=folder), None
    except SettingsError as error:
        return None, error


def _faults(error: SettingsError, path: Path, say: CheckSentences) -> Iterator[CheckResult]:
    for fault in error.faults:
        yield say.bad(SETTINGS, "check.settings.fault", why=fault.said(say.speech), path=path)


def _settings(read: Settings, path: Path, say: CheckSentences) -> Iterator[CheckResult]:
    counts = {"topics": len(read.topics), "sources": len(read.sources), "policies": len(read.policies)}
    yield say.good(SETTINGS, "check.settings.good", path=path, **counts)
    if not read.topics:
        yield say.good(SETTINGS, "check.settings.nothing")


def _database(env: Environment, say: CheckSentences) -> CheckResult:
    from bot.errors import StoreError
    from bot.store import Store

    try:
        with Store.open(env.database) as store:
            return _tables(store, say)
    except StoreError as error:
        return say.bad(DATABASE, "check.database.bad", why=say.why(error))


def _tables(store: Any, say: CheckSentences) -> CheckResult:
    from bot.errors import NO_TABLES, StoreError

    try:
        store.topics.version()
    except StoreError as error:
        if error.code != NO_TABLES:
            raise
        return say.good(DATABASE, "check.database.empty", place=store.place)
    return say.good(DATABASE, "check.database.good", place=store.place)


def _redis(env: Environment, say: CheckSentences) -> CheckResult:
    try:
        if not env.embedded_redis:
            return _version(env.redis_url, "check.redis.good", say)
        from bot.infra.valkey import EmbeddedValkey

        with EmbeddedValkey(env.data_dir) as server:
            return _version(server.url, "check.redis.embedded", say)
    except (TocsinError, OSError) as error:
        return say.bad(REDIS, "check.redis.bad", why=say.why(error))


def _version(url: str, key: str, say: CheckSentences) -> CheckResult:
    from bot.infra.redis_client import server_version

    found = server_version(url)
    if found.protocol < OLDEST_REDIS:
        return say.bad(REDIS, "check.redis.old", version=found.name)
    return say.good(REDIS, key, version=found.name)


def _last_resort(env: Environment, say: CheckSentences) -> CheckResult:
    """Nothing is sent. The addresses hold passwords: a faulty one goes by its number."""
    from bot.delivery.last_resort import not_understood, split

    count = len(split(env.last_resort.get_secret_value()))
    if not count:
        return say.good(LAST_RESORT, "check.last_resort.none")
    if faulty := not_understood(env.last_resort):
        return say.bad(LAST_RESORT, "check.last_resort.bad", numbers=", ".join(map(str, faulty)), count=count)
    return say.good(LAST_RESORT, "check.last_resort.good", count=count)


def _model(env: Environment, say: CheckSentences) -> CheckResult:
    try:
        reader = open_reader(environment=env)
    except (EngineError, ModelsError) as error:
        return say.bad(MODEL, "check.model.bad", why=say.why(error))
    return say.good(
        MODEL,
        "check.model.good",
        name=reader.name,
        device=reader.device,
        parts=", ".join(reader.reads),
    )


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
        what = localised("check.what.source", name=source.name)
        if not source.enabled:
            return say.good(what, "check.source.off")
        if source.kind == "webhook":
            key = "check.source.push" if env.webhook_secret(source.name) else "check.source.unsigned"
            return (say.good if key == "check.source.push" else say.bad)(what, key, name=source.name)
        return _drawn(source, what, fetcher, clock.now(), say)

    return look_at


def _drawn(
    source: SourceRecord, what: LocalisedText, fetcher: Fetcher, now: datetime, say: CheckSentences
) -> CheckResult:
    from bot.ingest.sources import SourceError, draw

    try:
        batch = draw(source, fetcher, now, conditional=False)
    except SourceError as error:
        return say.bad(what, "check.source.bad", why=say.why(error))
    if not batch.items:
        return say.good(what, "check.source.quiet")
    newest = max((item.published for item in batch.items if item.published), default=None)
    shown = written(newest, say.speech.zone) if newest else "?"
    note = say.speech.text(batch.note) if batch.note else ""
    return say.good(what, "check.source.good", count=len(batch.items), newest=shown, note=note)
