"""The service as separate processes that a test may kill: run as a program, never imported by a test.

It loads everything once and then forks a process for each line on its input (``poll``, ``work`` or ``tell``), so
that a killed one is back in milliseconds, and the kill meets the work and not the imports. Each answer is the
process id. The clock is a file that the test sets: it outlives every process, as the time does.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

import redis
import structlog

import engine.watch.watch  # noqa: F401 — loaded before the fork
from bot.config import settings as settings_file
from bot.config.settings import Settings
from bot.delivery.notifier import Notifier
from bot.errors import TocsinError
from bot.incidents.sweeper import Sweeper
from bot.infra.lease import Lease
from bot.infra.stream import Stream
from bot.infra.valkey import EmbeddedValkey
from bot.ingest.fetch.fetch import Fetcher
from bot.ingest.matching import Ingest
from bot.ingest.poller import Poller
from bot.slack.bolt_app import client
from bot.store import Store
from bot.work.worker import Worker
from engine.post import Post, Reading, Sentiment, Topic
from engine.query.query import Matcher  # noqa: F401 — loaded before the fork

HARSH = ("怼", "吐槽", "道歉", "致歉", "争议", "起诉", "难吃", "预制", "封杀", "worst", "poison", "injured")


class FileClock:
    """The time that the test last wrote."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def now(self) -> datetime:
        return datetime.fromisoformat(self._path.read_text())

    def wait(self, seconds: float, stop: threading.Event) -> bool:
        return stop.wait(0.01)


class WordReader:
    """Cheap, and always of the same opinion: a post with a harsh word is bad news."""

    def read(self, pairs: Sequence[tuple[Post, Topic]]) -> list[Reading]:
        return [self._reading(post) for post, _ in pairs]

    def _reading(self, post: Post) -> Reading:
        harsh = any(word in post.body.casefold() for word in HARSH)
        sentiment = Sentiment(negative=0.9 if harsh else 0.1, neutral=0.05, positive=0.05 if harsh else 0.85)
        risks = {"injury": 0.9} if "injured" in post.body else {"service": 0.1}
        return Reading(post_id=post.id, lang=post.lang, sentiment=sentiment, risks=risks)


def poll(home: Path, settings: Settings, store: Store, stream: Stream, clock: FileClock) -> Callable[[], int]:
    ingest = Ingest(store, stream, clock)
    lease = Lease(redis.Redis.from_url(EmbeddedValkey(home).url), ttl=0.3)
    poller = Poller(store, ingest, Fetcher(clock), clock, lease)
    return lambda: poller.tick() + ingest.sweep(clock.now())


def work(home: Path, settings: Settings, store: Store, stream: Stream, clock: FileClock) -> Callable[[], int]:
    worker = Worker(store, stream, WordReader(), clock, settings, f"worker-{os.getpid()}", batch=16, idle_ms=200)
    sweeper = Sweeper(store, clock)
    return lambda: worker.tick(block_ms=20) + sweeper.tick()


def tell(home: Path, settings: Settings, store: Store, stream: Stream, clock: FileClock) -> Callable[[], int]:
    slack = client(os.environ["SLACK_BOT_TOKEN"], os.environ["TOCSIN_SLACK_API_URL"])
    return Notifier(store, slack, clock, settings, spacing=0.0).tick


ROLES = {"poll": poll, "work": work, "tell": tell}


def run(home: Path, role: str) -> None:
    """One process: it opens what it needs and ticks until it is killed."""
    clock, settings = FileClock(home / "clock"), settings_file.load(home / "tocsin.yaml")
    server = EmbeddedValkey(home).start()
    store = Store.open(f"sqlite:///{home / 'tocsin.db'}")
    tick = ROLES[role](home, settings, store, Stream(redis.Redis.from_url(server.url)), clock)
    while True:
        try:
            if not tick():
                time.sleep(0.02)
        except TocsinError as error:  # another process, or the server, was killed: as the real loops do
            structlog.get_logger().warning("tick_failed", role=role, error=str(error))
            time.sleep(0.05)
            server.start()


def main() -> None:
    arguments = argparse.ArgumentParser()
    arguments.add_argument("home", type=Path)
    home = arguments.parse_args().home
    structlog.configure(logger_factory=structlog.WriteLoggerFactory(file=(home / "log").open("a", buffering=1)))
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the dead need no burial
    print("ready", flush=True)
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            run(home, line.strip())
        print(child, flush=True)


if __name__ == "__main__":
    main()
