"""The whole production line on a virtual clock: feeds on loopback, the real model, store, stream, Bolt and sandbox."""

from __future__ import annotations

import json
import threading
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import redis

from bot.config import settings as settings_file
from bot.delivery.notifier import Notifier
from bot.desk.desk import Desk
from bot.incidents.sweeper import Sweeper
from bot.infra.clock import VirtualClock
from bot.infra.lease import Lease
from bot.infra.stream import Stream
from bot.ingest.fetch.fetch import Fetcher
from bot.ingest.matching import Ingest
from bot.ingest.poller import Poller
from bot.ports import PostReader
from bot.records import Incident
from bot.sandbox import Person, SandboxServer
from bot.slack.bolt_app import SocketMode, build, client
from bot.store import Store
from bot.work.worker import Worker

WINDOW = timedelta(hours=6)
"""How far back the feed reaches: a board shows what is new."""


@dataclass
class Feed:
    """Posts of a stream as a JSON document on loopback: only those that the clock has passed."""

    rows: Sequence[dict[str, Any]]
    clock: VirtualClock
    url: str = ""
    times: list[datetime] = field(default_factory=list)

    def document(self) -> bytes:
        now = self.clock.now()
        first, last = bisect_left(self.times, now - WINDOW), bisect_right(self.times, now)
        return json.dumps({"items": list(self.rows[first:last])}).encode()

    @contextmanager
    def served(self) -> Iterator[Feed]:
        self.times = [datetime.fromisoformat(row["published"]) for row in self.rows]
        feed = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = feed.document()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Keep the test's output clean."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        self.url = f"http://127.0.0.1:{server.server_port}/board.json"
        yield self
        server.shutdown()
        server.server_close()
        thread.join()


class Line:
    """Every role of the service in one thread, moved by ``step``."""

    def __init__(
        self, stack: ExitStack, settings: str, *, clock: VirtualClock, home: Path, valkey: str, reader: PostReader
    ) -> None:
        self.clock = clock
        self.slack = stack.enter_context(
            SandboxServer(
                channels=[{"name": "pr-alerts", "id": "C0ALERTS"}],
                people=[{"name": "Officer", "id": "U0OFFICER"}],
                rates=False,
            )
        )
        self.settings = settings_file.read(settings)
        self.store = Store.open(f"sqlite:///{home / 'proof.db'}")
        stack.callback(self.store.close)
        self.store.migrate()
        self.store.topics.sync(self.settings.topic_records(clock.now()), clock.now())
        self.store.sources.sync(self.settings.source_records())
        connection = redis.Redis.from_url(valkey)
        stack.callback(connection.close)
        stream = Stream(connection)
        self.ingest = Ingest(self.store, stream, clock)
        self.poller = Poller(self.store, self.ingest, Fetcher(clock), clock, Lease(connection))
        stack.callback(self.poller.close)
        self.worker = Worker(self.store, stream, reader, clock, self.settings, "proof")
        self.sweeper = Sweeper(self.store, clock)
        web_client = client(self.slack.bot_token, self.slack.api_url)
        self.notifier = Notifier(self.store, web_client, clock, self.settings, spacing=0)
        desk = Desk(self.store, self.settings, clock, self.ingest)
        app, executor = build(desk, web_client)
        stack.callback(executor.stop)
        socket = SocketMode(app, self.slack.app_token)
        socket.start()
        stack.callback(socket.stop)

    def officer(self) -> Person:
        return self.slack.sandbox.person("U0OFFICER")

    def step(self, now: datetime) -> None:
        """Let the clock be *now*, and everybody do what there is to do."""
        self.clock.set(now)
        self.poller.tick()
        while self.worker.tick(block_ms=0):
            pass
        self.sweeper.tick()
        while self.notifier.tick():
            pass

    def run(self, until: datetime, every: timedelta, seen: Callable[[datetime], None] = lambda _: None) -> None:
        """Step until *until*, calling *seen* after each step."""
        while self.clock.now() < until:
            self.step(min(until, self.clock.now() + every))
            seen(self.clock.now())

    def incidents(self) -> list[Incident]:
        """All of them, in the order in which they were opened."""
        return sorted(self.store.incidents.recent(100), key=lambda incident: incident.id)


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
