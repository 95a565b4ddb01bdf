"""The composition root: the only place where the parts are wired together.

A process plays one or several *roles*: ``poll`` (sources, by one elected leader), ``work`` (reading, watching, the
sweep) and ``slack`` (commands, buttons, delivery). All of them in one process is the default; more processes of
the same code are how Tocsin grows.

``running`` opens the parts that every role shares, brings the roles up, and takes all of it down in the reverse order.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import structlog

from bot.config.environment import Environment
from bot.config.settings import Settings
from bot.errors import AWAY, BUSY, StoreError
from bot.i18n.engine_faults import engine_fault
from bot.infra.clock import Clock, SystemClock
from bot.infra.error_trail import log_expected
from bot.infra.lease import Lease
from bot.infra.loops import Loop
from bot.infra.redis_client import connected
from bot.infra.request_reply import RequestReply
from bot.infra.stream import Stream
from bot.ingest.matching import Ingest
from bot.models.registry import open_reader
from bot.ports import PostReader
from bot.roles import ROLES, OpenReader, Parts, Role, WiringError
from bot.store import Store
from bot.work.explanations import QUEUE
from bot.work.settings_sync import take_over

DEFAULT_PORT = 8080
DATABASE_PATIENCE_S, DATABASE_PAUSE_S = 60.0, 1.0
"""How long a start waits for a database that is not there yet, and how often it looks."""

log = structlog.get_logger("tocsin.app")


@dataclass(frozen=True, kw_only=True)
class Application:
    """One process of Tocsin that runs. *url* is where it listens on HTTP, or empty."""

    parts: Parts
    roles: tuple[Role, ...]
    url: str = ""

    def faults(self) -> list[str]:
        """What keeps a role from working now, in sentences; empty when all is well."""
        return faults(self.roles)


def faults(roles: Sequence[Role]) -> list[str]:
    told = [loop.fault for role in roles for loop in role.loops]
    told += [trouble() for role in roles for trouble in role.troubles]
    return [fault for fault in told if fault]


@contextmanager
def running(
    settings: Settings,
    environment: Environment,
    *,
    roles: Sequence[str] | None = None,
    clock: Clock | None = None,
    reader: OpenReader | None = None,
    pace: float = 1.0,
) -> Iterator[Application]:
    """An application that plays *roles* (all of them by default; none only opens the parts) until the block ends.

    What is under way at the end is finished, and what is not will be taken up again. Raises TocsinError with a plain
    sentence.
    """
    with ExitStack() as stack:
        valkey, url = _redis_server(environment, stack)
        parts = _open(settings, environment, url, stack, clock=clock, reader=reader, pace=pace)
        names = tuple(ROLES) if roles is None else tuple(roles)
        played = (valkey, *(ROLES[name](parts, stack) for name in names))
        address = _served(played, parts, stack) if names else ""
        for loop in [loop for role in played for loop in role.loops]:
            loop.start()
            stack.callback(loop.stop)
        log.info("started", roles=",".join(names), topics=len(parts.store.topics.all()))
        yield Application(parts=parts, roles=played, url=address)
    log.info("stopped")


def _redis_server(environment: Environment, stack: ExitStack) -> tuple[Role, str]:
    """The address of Redis: that of the environment, or of a server of our own, which is then looked after."""
    if not environment.embedded_redis:
        return Role(), environment.redis_url
    from bot.infra.valkey import EmbeddedValkey

    environment.data_dir.mkdir(parents=True, exist_ok=True)
    server = stack.enter_context(EmbeddedValkey(environment.data_dir))

    def look() -> int:
        server.start()  # does nothing while it answers, and replaces it when it died
        return 0

    return Role(loops=(Loop("valkey", look, pause=5.0),)), server.url


def _open(
    settings: Settings,
    environment: Environment,
    redis_url: str,
    stack: ExitStack,
    *,
    clock: Clock | None,
    reader: OpenReader | None,
    pace: float,
) -> Parts:
    """The parts, the database renewed and told what the settings say."""
    environment.data_dir.mkdir(parents=True, exist_ok=True)
    clock = clock or SystemClock()
    store = stack.enter_context(_store(environment.database))
    redis = stack.enter_context(connected(redis_url))
    stream = Stream(redis)
    ingest = Ingest(store, stream, clock)
    take_over(settings, store, ingest, clock.now())
    return Parts(
        settings=settings,
        environment=environment,
        clock=clock,
        pace=pace,
        open_reader=reader or (lambda: _default_reader(environment)),
        store=store,
        stream=stream,
        lease=Lease(redis),
        questions=RequestReply(redis, QUEUE),
        ingest=ingest,
    )


def _store(database: str, *, patience: float = DATABASE_PATIENCE_S) -> Store:
    """The store, its tables renewed. A database that is just starting, or locked, is waited for. Raises StoreError."""
    until, pause = time.monotonic() + patience, threading.Event()
    while True:
        try:
            store = Store.open(database)
            try:
                store.migrate()
            except BaseException:
                store.close()
                raise
            return store
        except StoreError as error:
            if error.code not in (AWAY, BUSY) or time.monotonic() >= until:
                raise
            log_expected(log.warning, "database_awaited", error, seconds_left=round(until - time.monotonic()))
            pause.wait(DATABASE_PAUSE_S)


def _default_reader(environment: Environment) -> PostReader:
    from engine.errors import EngineError

    try:
        return open_reader(environment=environment)
    except EngineError as error:
        raise WiringError("wiring.model", why=engine_fault(error)) from error


def _served(roles: Sequence[Role], parts: Parts, stack: ExitStack) -> str:
    """Listen on HTTP where something needs it: pushed sources, Slack over HTTP, or a port that was asked for."""
    environment = parts.environment
    routes = [route for role in roles for route in role.routes]
    pushed = any(source.kind == "webhook" for source in parts.settings.sources)
    over_http = any(route.path.startswith("/slack") for route in routes)
    if not environment.http_port and not (routes and pushed) and not over_http:
        return ""
    from bot.infra.http import HttpServer, health_route

    routes.append(health_route(lambda: faults(roles)))
    port = environment.http_port or DEFAULT_PORT
    server = HttpServer(routes, host=environment.http_host, port=port).start()
    stack.callback(server.stop)
    return server.url


def run_until(
    settings: Settings, environment: Environment, stop: threading.Event, *, roles: Sequence[str] | None = None
) -> None:
    """Run until *stop* is set."""
    with running(settings, environment, roles=roles):
        stop.wait()
