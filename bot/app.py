"""The composition root: the only place where the parts are wired together.

A process plays one or several *roles*: ``poll`` (sources, by one elected leader), ``work`` (reading, watching, the
sweep) and ``slack`` (commands, buttons, delivery). All of them in one process is the default; more processes of
the same code are how Tocsin grows.
"""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING

import redis
import structlog
from redis.backoff import ExponentialBackoff
from redis.retry import Retry

from bot.config.environment import Environment
from bot.config.settings import Settings
from bot.errors import TocsinError
from bot.incidents.sweeper import Sweeper
from bot.infra.clock import Clock, SystemClock
from bot.infra.lease import Lease
from bot.infra.loops import Loop
from bot.infra.stream import Stream
from bot.ingest.matching import Ingest
from bot.models.registry import open_reader
from bot.store import Store
from bot.work.explanations import ExplanationClient, ExplanationServer
from bot.work.worker import PostReader, Worker

if TYPE_CHECKING:
    from starlette.routing import Route

    from bot.desk.desk import Desk

ROLES = ("poll", "work", "slack")
DEFAULT_PORT = 8080

log = structlog.get_logger("tocsin.app")


class WiringError(TocsinError):
    """Something that a role needs is not configured; the message says what."""


class Application:
    """One process of Tocsin. ``start`` brings its roles up, ``stop`` takes them down in the reverse order.

    *pace* divides the real pauses between ticks, for a clock that runs faster than the system's.
    """

    def __init__(
        self,
        settings: Settings,
        environment: Environment,
        *,
        roles: Sequence[str] = ROLES,
        clock: Clock | None = None,
        reader: Callable[[], PostReader] | None = None,
        pace: float = 1.0,
    ) -> None:
        self.settings, self.environment, self.roles = settings, environment, tuple(roles)
        self.clock = clock or SystemClock()
        self._open_reader = reader or self._default_reader
        self._pace = pace
        self._stack = ExitStack()
        self._loops: list[Loop] = []
        self._routes: list[Route] = []
        self._troubles: list[Callable[[], str]] = []
        self.url = ""

    def start(self) -> Application:
        """Open the database, join Redis, begin every role. Raises TocsinError with a plain sentence."""
        with ExitStack() as stack:
            self._stack = stack
            self._connect()
            for role in self.roles:
                {"poll": self._poll, "work": self._work, "slack": self._slack}[role]()
            self._serve()
            for loop in self._loops:
                loop.start()
                stack.callback(loop.stop)
            self._stack = stack.pop_all()
        log.info("started", roles=",".join(self.roles), topics=len(self.store.topics.all()))
        return self

    def stop(self) -> None:
        """Stop every role; what is under way is finished, and what is not will be taken up again."""
        self._stack.close()
        log.info("stopped")

    def faults(self) -> list[str]:
        """What keeps a role from working now, in sentences; empty when all is well."""
        troubles = [trouble() for trouble in self._troubles]
        return [fault for fault in [*(loop.fault for loop in self._loops), *troubles] if fault]

    def _connect(self) -> None:
        self.environment.data_dir.mkdir(parents=True, exist_ok=True)
        self.store = Store.open(self.environment.database)
        self._stack.callback(self.store.close)
        self.store.migrate()
        # The default asks a dead server ten times more; the loops try again by themselves.
        self.redis = redis.Redis.from_url(self._redis_url(), retry=Retry(ExponentialBackoff(), 1))
        self._stack.callback(self.redis.close)
        self.stream = Stream(self.redis)
        self.ingest = Ingest(self.store, self.stream, self.clock)
        now = self.clock.now()
        changed = self.store.topics.sync(self.settings.topic_records(now), now)
        self.store.sources.sync(self.settings.source_records())
        for topic in changed:
            self.ingest.rematch(topic.id)

    def _redis_url(self) -> str:
        if not self.environment.embedded_redis:
            return self.environment.redis_url
        from bot.infra.valkey import EmbeddedValkey

        server = self._stack.enter_context(EmbeddedValkey(self.environment.data_dir))

        def look() -> int:
            server.start()  # does nothing while it answers, and replaces it when it died
            return 0

        self._loops.append(Loop("valkey", look, pause=5.0))
        return server.url

    def _poll(self) -> None:
        from bot.ingest.fetch.fetch import Fetcher
        from bot.ingest.poller import Job, Poller, schedule
        from bot.ingest.webhook import Webhook, routes
        from bot.work.nightly_tuning import NightlyTuning
        from bot.work.subprocess_jobs import SubprocessJobRunner

        lease = Lease(self.redis)
        poller = Poller(self.store, self.ingest, Fetcher(self.clock), self.clock, lease)
        background = SubprocessJobRunner(self.environment.database)
        learner = NightlyTuning(self.store, self.settings, self.clock, background, poller.lead)
        learn = Job(name="learn", run=learner.tick, seconds=self._every(600))
        sweep = Job(name="publish", run=lambda: self.ingest.sweep(self.clock.now()), seconds=self._every(30))
        scheduler = schedule(poller, seconds=self._every(5), also=[sweep, learn])
        scheduler.start()
        self._stack.callback(lease.release)
        self._stack.callback(poller.close)
        self._stack.callback(lambda: scheduler.shutdown(wait=True))
        self._stack.callback(background.stop)  # before it, so that nothing waits for a lesson to end
        webhook = Webhook(self.store, self.ingest, self.clock, self.environment.webhook_secret)
        self._routes += routes(webhook, self.faults)

    def _work(self) -> None:
        name = f"{socket.gethostname()}-{os.getpid()}"
        reader = self._open_reader()
        worker = Worker(self.store, self.stream, reader, self.clock, self.settings, name)
        explainer = ExplanationServer(self.store, self.redis, reader)
        sweeper = Sweeper(self.store, self.clock)
        block = int(1000 * self._every(1))

        def work() -> int:  # one thread owns the reader
            return explainer.tick() + worker.tick(block_ms=block)

        self._loops.append(Loop("work", work, pause=self._every(0.1)))
        self._loops.append(Loop("sweep", sweeper.tick, pause=self._every(5)))

    def _slack(self) -> None:
        from bot.briefs.writer import make as make_writer
        from bot.delivery.notifier import Notifier
        from bot.desk.desk import Desk
        from bot.slack.bolt_app import build, client
        from bot.work.subprocess_jobs import SubprocessJobRunner

        token = self.environment.slack_bot_token.get_secret_value()
        if not token:
            raise WiringError(
                "SLACK_BOT_TOKEN is not set, so nobody can be told. Set it (README, “A real workspace”), "
                "or run `tocsin demo`, which brings a workspace of its own."
            )
        web_client = client(token, self.environment.slack_api_url)
        notifier = Notifier(self.store, web_client, self.clock, self.settings)
        deliver = Loop("deliver", notifier.tick, pause=min(1.0, self._every(1)))
        self._loops.append(deliver)
        self._troubles.append(lambda: notifier.trouble)
        self._stack.callback(notifier.stop)
        writer, background = make_writer(self.environment), SubprocessJobRunner(self.environment.database)
        desk = Desk(
            self.store, self.settings, self.clock, self.ingest, writer, background, ExplanationClient(self.redis)
        )
        secret = self.environment.slack_signing_secret.get_secret_value()
        app, reception = build(desk, web_client, signing_secret=secret, wake=deliver.wake)
        self._stack.callback(reception.stop)
        self._stack.callback(background.stop)
        self._listen(app)
        self.desk: Desk = desk

    def _listen(self, app: object) -> None:
        from slack_bolt import App

        from bot.slack.bolt_app import SocketMode, http_route

        assert isinstance(app, App)
        app_token = self.environment.slack_app_token.get_secret_value()
        if app_token:
            listener = SocketMode(app, app_token)
            listener.start()
            self._stack.callback(listener.stop)
        elif self.environment.slack_signing_secret.get_secret_value():
            self._routes.append(http_route(app))
        else:
            raise WiringError(
                "Slack has no way to reach Tocsin: set SLACK_APP_TOKEN (Socket Mode) or SLACK_SIGNING_SECRET (HTTP)."
            )

    def _serve(self) -> None:
        """Listen on HTTP where something needs it: pushed sources, Slack over HTTP, or a port that was asked for."""
        asked = self.environment.http_port
        pushed = any(source.kind == "webhook" for source in self.settings.sources)
        over_http = any(route.path.startswith("/slack") for route in self._routes)
        if not self._routes or not (asked or pushed or over_http):
            return
        from bot.infra.http import HttpServer

        server = HttpServer(self._routes, host=self.environment.http_host, port=asked or DEFAULT_PORT).start()
        self.url = server.url
        self._stack.callback(server.stop)

    def _default_reader(self) -> PostReader:
        from engine.errors import EngineError

        try:
            return open_reader(environment=self.environment)
        except EngineError as error:
            raise WiringError(str(error)) from error

    def _every(self, seconds: float) -> float:
        return seconds / self._pace


def run_until(application: Application, stop: threading.Event) -> None:
    """Run until *stop* is set."""
    application.start()
    try:
        stop.wait()
    finally:
        application.stop()
