"""What each role of a process is made of. ``bot.app`` opens what they share, and starts what they give back."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.config.environment import Environment
from bot.config.settings import Settings
from bot.errors import LocalisedError
from bot.incidents.sweeper import Sweeper
from bot.infra.clock import Clock
from bot.infra.lease import Lease
from bot.infra.loops import Loop
from bot.infra.request_reply import RequestReply
from bot.infra.stream import Stream
from bot.ingest.matching import Ingest
from bot.ports import PostReader
from bot.store import Store
from bot.work.explanations import ExplanationClient, ExplanationServer
from bot.work.worker import Worker

if TYPE_CHECKING:
    from starlette.routing import Route

OpenReader = Callable[[], PostReader]


class WiringError(LocalisedError):
    """Something that a role needs is not configured."""


@dataclass(frozen=True, kw_only=True)
class Parts:
    """What every role shares. *pace* divides the real pauses between ticks, for a clock that runs faster than the
    system's."""

    settings: Settings
    environment: Environment
    clock: Clock
    pace: float
    open_reader: OpenReader
    store: Store
    stream: Stream
    lease: Lease
    questions: RequestReply
    ingest: Ingest

    def every(self, seconds: float) -> float:
        return seconds / self.pace


@dataclass(frozen=True, kw_only=True)
class Role:
    """What a role wants to be kept running: loops, addresses on HTTP, and who else can say that something is wrong."""

    loops: tuple[Loop, ...] = ()
    routes: tuple[Route, ...] = ()
    troubles: tuple[Callable[[], str], ...] = ()


def _poll(parts: Parts, stack: ExitStack) -> Role:
    from bot.ingest.fetch.fetch import Fetcher
    from bot.ingest.poller import Job, Poller, schedule
    from bot.ingest.webhook import Webhook, push_route
    from bot.work.nightly_tuning import NightlyTuning
    from bot.work.subprocess_jobs import SubprocessJobRunner

    store, ingest, clock = parts.store, parts.ingest, parts.clock
    poller = Poller(store, ingest, Fetcher(clock), clock, parts.lease)
    background = SubprocessJobRunner(parts.environment.database)
    learner = NightlyTuning(store, parts.settings, clock, background, poller.lead)
    learn = Job(name="learn", run=learner.tick, seconds=parts.every(600))
    sweep = Job(name="publish", run=lambda: ingest.sweep(clock.now()), seconds=parts.every(30))
    scheduler = schedule(poller, seconds=parts.every(5), also=[sweep, learn])
    scheduler.start()
    stack.callback(parts.lease.release)
    stack.callback(poller.close)
    stack.callback(lambda: scheduler.shutdown(wait=True))
    stack.callback(background.stop)  # before it, so that nothing waits for a lesson to end
    return Role(routes=(push_route(Webhook(store, ingest, clock, parts.environment.webhook_secret)),))


def _work(parts: Parts, _stack: ExitStack) -> Role:
    name = f"{socket.gethostname()}-{os.getpid()}"
    reader = parts.open_reader()
    worker = Worker(parts.store, parts.stream, reader, parts.clock, parts.settings, name)
    explainer = ExplanationServer(parts.store, parts.questions, reader)
    sweeper = Sweeper(parts.store, parts.clock)
    block = int(1000 * parts.every(1))

    def work() -> int:  # one thread owns the reader
        return explainer.tick() + worker.tick(block_ms=block)

    working = Loop("work", work, pause=parts.every(0.1))
    return Role(loops=(working, Loop("sweep", sweeper.tick, pause=parts.every(5))))


def _slack(parts: Parts, stack: ExitStack) -> Role:
    from bot.briefs.writer import make as make_writer
    from bot.delivery.last_resort import LastResort
    from bot.delivery.notifier import Notifier
    from bot.desk.desk import Desk
    from bot.slack.bolt_app import client, listening
    from bot.slack.checks import NamedChannels
    from bot.slack.directory import Directory
    from bot.work.subprocess_jobs import SubprocessJobRunner

    environment = parts.environment
    token, app_token, secret = _slack_secrets(environment)
    web_client = client(token, environment.slack_api_url)
    last_resort = LastResort(environment.last_resort)
    notifier = Notifier(parts.store, web_client, parts.clock, parts.settings, last_resort=last_resort)
    pause = min(1.0, parts.every(1))
    loops = Loop("deliver", notifier.send, pause=pause), Loop("redraw", notifier.redraws.tick, pause=pause)

    def wake() -> None:
        for loop in loops:
            loop.wake()

    writer, background = make_writer(environment), SubprocessJobRunner(environment.database)
    explanations = ExplanationClient(parts.questions)
    desk = Desk(parts.store, parts.settings, parts.clock, parts.ingest, writer, background, explanations)
    bolt = listening(desk, web_client, app_token=app_token, signing_secret=secret, wake=wake)
    routes, acts = stack.enter_context(bolt)
    stack.callback(background.stop)  # before it, so that no answer waits for a backtest to end
    named = NamedChannels(parts.settings, Directory(web_client, language=parts.settings.language))
    named.look()  # before anything is owed to them
    return Role(
        loops=(*loops, Loop("acts", acts, pause=5.0), Loop("names", named.look, pause=60.0)),
        routes=routes,
        troubles=(lambda: notifier.trouble, lambda: named.trouble),
    )


def _slack_secrets(environment: Environment) -> tuple[str, str, str]:
    """The bot's token, the token of Socket Mode and the signing secret, of which one of the two may be empty."""
    token = environment.slack_bot_token.get_secret_value()
    if not token:
        raise WiringError("wiring.no_token")
    app_token = environment.slack_app_token.get_secret_value()
    secret = environment.slack_signing_secret.get_secret_value()
    if not app_token and not secret:
        raise WiringError("wiring.no_way_in")
    return token, app_token, secret


ROLES: dict[str, Callable[[Parts, ExitStack], Role]] = {"poll": _poll, "work": _work, "slack": _slack}
"""The roles in the order in which they come up."""
