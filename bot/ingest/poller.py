"""Polls the sources that are due, under one elected leader. A source's fault becomes a value on it."""

from __future__ import annotations

import random
import threading
from collections import defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import structlog

from bot.errors import TocsinError
from bot.infra.clock import Clock
from bot.infra.error_trail import log_expected, log_unexpected
from bot.ingest.fetch.fetch import Fetcher, host_of
from bot.ingest.matching import Ingest
from bot.ingest.sources import FILE, FetchedItems, SourceError, draw
from bot.ports import Leadership
from bot.records import SourceRecord

if TYPE_CHECKING:
    from apscheduler.schedulers.background import BackgroundScheduler

    from bot.store import Store

AT_ONCE = 500
"""Sources that one tick takes on."""

LONGEST_PAUSE = timedelta(minutes=30)
"""How far the polls of a failing source move apart, unless it asks for more or is polled more rarely."""

LONGEST_WISH = timedelta(days=1)
"""The longest Retry-After that is obeyed."""

RENEWAL = 10.0
"""Real seconds between renewals of the lease: a third of the time after which it runs out."""

SILENCE = timedelta(days=1)
"""After so long without a new item, "not modified" is checked once an hour by asking for everything."""

log = structlog.get_logger("tocsin.poller")


class Poller:
    """Polls due sources in threads, one at a time from each host.

    *patience* is how many real seconds a tick waits for its polls: a host that takes longer is left to its
    thread and not asked again before it is done, so that it delays no other.
    """

    def __init__(
        self,
        store: Store,
        ingest: Ingest,
        fetcher: Fetcher,
        clock: Clock,
        lease: Leadership,
        *,
        threads: int = 16,
        patience: float = 30.0,
        chance: random.Random | None = None,
    ) -> None:
        self._store, self._ingest, self._fetcher, self._clock = store, ingest, fetcher, clock
        self._lease, self._patience, self._chance = lease, patience, chance or random.Random()
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="tocsin-poll")
        self._busy: dict[str, Future[int]] = {}
        self._stop = threading.Event()

    def tick(self) -> int:
        """Poll what is due, if this process leads; how many sources were polled. Raises StoreError."""
        if not self._lease.hold():
            return 0
        hosts: defaultdict[str, list[SourceRecord]] = defaultdict(list)
        for source in self._store.sources.due(self._clock.now(), AT_ONCE):
            hosts[source.url if source.kind == FILE else host_of(source.url)].append(source)
        self._busy = {host: future for host, future in self._busy.items() if not future.done()}
        begun = {
            host: self._pool.submit(self._poll_all, sources)
            for host, sources in hosts.items()
            if host not in self._busy
        }
        self._busy |= begun
        done, _ = wait(begun.values(), timeout=self._patience)
        return sum(future.result() for future in done)

    def lead(self) -> bool:
        """Take or renew the lease, also while a long tick runs; True if this process leads."""
        return self._lease.hold()

    def close(self) -> None:
        """Begin no more polls, and wait for those that run."""
        self._stop.set()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _poll_all(self, sources: Sequence[SourceRecord]) -> int:
        count = 0
        for source in sources:
            if self._stop.is_set():
                break
            try:
                self.poll(source)
            except TocsinError as error:  # the store is away: the source stays due, and nothing is lost
                log_expected(log.error, "poll_not_kept", error, source=source.name)
                continue
            count += 1
        return count

    def poll(self, source: SourceRecord) -> SourceRecord:
        """Poll *source* now; the source with what came of it, as it is stored. Raises StoreError."""
        now = self._clock.now()
        try:
            batch = draw(source, self._fetcher, now, conditional=_conditional(source, now))
            polled = self._took(source, batch, now)
        except SourceError as error:
            polled = self._failed(source, error, now)
        except TocsinError:
            raise
        except Exception as error:  # a fault in one source must not stop the others
            polled = self._failed(source, _unexpected(source, error), now)
        self._store.sources.record(polled)
        return polled

    def _took(self, source: SourceRecord, batch: FetchedItems, now: datetime) -> SourceRecord:
        taken = self._ingest.take(source, batch.items, quiet=not source.baselined)
        if source.failures:
            log.info("source_recovered", source=source.name, failures=source.failures)
        return replace(
            source,
            etag=batch.etag,
            last_modified=batch.last_modified,
            last_poll_at=now,
            last_ok_at=now,
            last_item_at=now if taken.new else source.last_item_at,
            next_poll_at=now if batch.more else now + timedelta(seconds=source.every),
            failures=0,
            error=source.error if batch.not_modified else batch.note,
            baselined=source.baselined or not batch.more,
        )

    def _failed(self, source: SourceRecord, error: SourceError, now: datetime) -> SourceRecord:
        failures = source.failures + 1
        wish = getattr(error, "retry_after", None)
        pause = backoff(source.every, failures, wish, chance=self._chance.random())
        log_expected(log.warning, "source_failed", error, source=source.name, failures=failures, again_in=pause)
        return replace(
            source,
            last_poll_at=now,
            next_poll_at=now + timedelta(seconds=pause),
            failures=failures,
            error=error.text,
        )


def backoff(every: float, failures: int, wish: float | None = None, *, chance: float = 0.5) -> float:
    """Seconds until a source is polled again after *failures* in a row.

    Twice as long each time, up to LONGEST_PAUSE, spread by a fifth either way (*chance* is between 0 and 1)
    so that sources which fell together do not come back together. *wish* is the server's Retry-After.
    """
    longest = max(every, LONGEST_PAUSE.total_seconds())
    pause = min(longest, every * 2.0 ** min(failures - 1, 20)) * (0.8 + 0.4 * chance)
    return max(pause, min(wish or 0.0, LONGEST_WISH.total_seconds()))


def _conditional(source: SourceRecord, now: datetime) -> bool:
    """Whether "not modified" would be believed: not after a failure, and not for ever."""
    if source.failures or not source.baselined or source.last_poll_at is None:
        return False
    quiet_since = source.last_item_at or source.last_poll_at
    return now - quiet_since < SILENCE or now.hour == source.last_poll_at.hour


def _unexpected(source: SourceRecord, error: Exception) -> SourceError:
    reference = log_unexpected(log.error, "poll_broke", error, source=source.name)
    return SourceError("source.unexpected", reference=reference)


@dataclass(frozen=True, kw_only=True)
class Job:
    """Something that is done every so many real *seconds* beside the polling."""

    name: str
    run: Callable[[], object]
    seconds: float


def schedule(poller: Poller, *, seconds: float = 5.0, also: Sequence[Job] = ()) -> BackgroundScheduler:
    """A scheduler, not yet started, for *poller* and *also*: each job alone and late rather than never."""
    from apscheduler.executors.pool import ThreadPoolExecutor as Executor
    from apscheduler.jobstores.memory import MemoryJobStore
    from apscheduler.schedulers.background import BackgroundScheduler

    lease = Job(name="lease", run=poller.lead, seconds=RENEWAL)
    jobs = [Job(name="poll", run=poller.tick, seconds=seconds), lease, *also]
    scheduler = BackgroundScheduler(
        jobstores={"default": MemoryJobStore()},
        executors={"default": Executor(len(jobs))},
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        timezone=UTC,
    )
    for job in jobs:
        scheduler.add_job(_guarded(job), "interval", seconds=job.seconds, id=job.name)
    return scheduler


def _guarded(job: Job) -> Callable[[], None]:
    def run() -> None:
        try:
            job.run()
        except TocsinError as error:
            log_expected(log.error, "job_failed", error, job=job.name)
        except Exception as error:
            log_unexpected(log.error, "job_broke", error, job=job.name)

    return run
