"""The Bolt app: listeners wired to the desk, reached by Socket Mode or by signed HTTP."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from typing import TYPE_CHECKING, Any

import structlog
from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_bolt.authorization import AuthorizeResult
from slack_sdk import WebClient

from bot.desk.desk import Desk
from bot.infra.error_trail import log_expected, log_unexpected
from bot.slack.directory import FAULTS
from bot.slack.executor import PATIENCE_S, Executor
from bot.slack.gate import keep_out
from bot.slack.listeners import Listeners
from bot.slack.lookups import Lookups

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import Route

PATH = "/slack/events"
LISTENERS = 16
"""So many clicks may wait for the database at once, each for less than Slack waits for its ack."""

FIRST_WAIT_S, LONGEST_WAIT_S = 1.0, 60.0

log = structlog.get_logger("tocsin.slack")


def client(token: str, api_url: str) -> WebClient:
    """A Web API client. It retries nothing by itself: a repeated chat.postMessage would be a second message."""
    return WebClient(token=token, base_url=api_url, timeout=20, retry_handlers=[])


def build(
    desk: Desk,
    web_client: WebClient,
    *,
    signing_secret: str = "",
    wake: Callable[[], None] = lambda: None,
    patience: float = PATIENCE_S,
    lookups: Lookups | None = None,
) -> tuple[App, Executor]:
    """The app and the threads that do its work; stop the executor when the app has stopped.

    No answer of Slack's is waited for: a revoked token must not keep the service from starting.
    """
    token = web_client.token or ""

    def authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult:
        return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id, bot_token=token)

    app = App(
        client=WebClient(base_url=web_client.base_url, timeout=web_client.timeout),  # authorize gives the token
        authorize=authorize,
        signing_secret=signing_secret or None,
        url_verification_enabled=True,
        raise_error_for_unhandled_request=False,
        listener_executor=ThreadPoolExecutor(LISTENERS, thread_name_prefix="tocsin-bolt"),
        logger=_quiet_logger(),
    )
    app.error(_listener_broke)
    executor = Executor(desk, web_client, wake=wake, patience=patience, lookups=lookups)
    app.use(keep_out(executor.membership, executor.turn_away, desk.language))
    Listeners(executor).register(app)
    return app, executor


@contextmanager
def listening(
    desk: Desk, web_client: WebClient, *, app_token: str, signing_secret: str, wake: Callable[[], None]
) -> Iterator[tuple[tuple[Route, ...], Callable[[], int]]]:
    """The app at work: over Socket Mode if there is an *app_token*, else over the routes that are given back.

    With them comes what must be called every few seconds: it does the acts that were taken and are not done.
    """
    app, executor = build(desk, web_client, signing_secret=signing_secret, wake=wake)
    with ExitStack() as stack:
        stack.callback(executor.stop)
        if app_token:
            listener = SocketMode(app, app_token)
            listener.start()
            stack.callback(listener.stop)
        yield () if app_token else (http_route(app),), executor.acts.tick


def _quiet_logger() -> logging.Logger:
    """Bolt's warnings quote what Slack sent: the command that somebody typed, the form that somebody filled in."""
    quiet = logging.getLogger("slack_bolt")
    quiet.setLevel(logging.ERROR)
    return quiet


def _listener_broke(error: Exception) -> None:
    """Instead of Bolt's own handler, which logs the message of the error."""
    log_unexpected(log.error, "listener_broke", error)


class SocketMode:
    """A Socket Mode connection that is made as soon as Slack lets it, and made again whenever it breaks.

    *ping* is the seconds between two looks whether it still stands.
    """

    def __init__(self, app: App, app_token: str, *, ping: float = 5.0) -> None:
        self._handler = SocketModeHandler(app, app_token, ping_interval=ping)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._connect, name="tocsin-socket", daemon=True)

    def start(self) -> None:
        """Begin to connect; returns at once."""
        self._thread.start()

    def stop(self) -> None:
        """Close the connection. One that is just being made is closed when it stands."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(timeout=5)
        client = self._handler.client
        client.default_auto_reconnect_enabled = client.auto_reconnect_enabled = False
        client.current_app_monitor.shutdown()  # type: ignore[no-untyped-call]  # first: it connects again meanwhile
        self._wake_receiver()
        with suppress(AttributeError):  # slack_sdk closes the same socket in two threads, and one of them finds none
            self._handler.close()  # type: ignore[no-untyped-call]
        client.disconnect()  # what a message asked it to connect to while it was closing

    def _wake_receiver(self) -> None:
        """Have Slack say something: slack_sdk closes a connection only between two receives, of up to 3 s each."""
        session = self._handler.client.current_session
        if session is not None and session.is_active():
            self._handler.client.current_session_state.terminated = True
            with suppress(OSError):
                session.ping("bye")

    def _connect(self) -> None:
        wait = FIRST_WAIT_S
        while not self._stop.is_set():
            try:
                self._handler.connect()  # type: ignore[no-untyped-call]
            except FAULTS as error:
                log_expected(log.error, "socket_refused", error, again_in_s=wait)
                self._stop.wait(wait)
                wait = min(LONGEST_WAIT_S, wait * 2)
            else:
                log.info("socket_connected")
                return


def http_route(app: App) -> Route:
    """The address that Slack posts to without Socket Mode, each request checked against the signing secret."""
    from slack_bolt.adapter.starlette.handler import to_bolt_request, to_starlette_response
    from starlette.concurrency import run_in_threadpool
    from starlette.routing import Route

    async def events(request: Request) -> Response:
        bolt_request = to_bolt_request(request, await request.body())
        answer: Any = await run_in_threadpool(app.dispatch, bolt_request)
        return to_starlette_response(answer)

    return Route(PATH, events, methods=["POST"])
