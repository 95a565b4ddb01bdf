"""The Bolt app: listeners wired to the desk, reached by Socket Mode or by signed HTTP."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import structlog
from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_bolt.authorization import AuthorizeResult
from slack_sdk import WebClient

from bot.desk.desk import Desk
from bot.slack.directory import FAULTS
from bot.slack.executor import Executor, code_of
from bot.slack.listeners import Listeners

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.routing import Route

PATH = "/slack/events"
FIRST_WAIT_S, LONGEST_WAIT_S = 1.0, 60.0

log = structlog.get_logger("tocsin.slack")


def client(token: str, api_url: str) -> WebClient:
    """A Web API client. It retries nothing by itself: a repeated chat.postMessage would be a second message."""
    return WebClient(token=token, base_url=api_url, timeout=20, retry_handlers=[])


def build(
    desk: Desk, web_client: WebClient, *, signing_secret: str = "", wake: Callable[[], None] = lambda: None
) -> tuple[App, Executor]:
    """The app and the threads that do its work; stop the reception when the app has stopped.

    Nothing is asked of Slack here: a revoked token must not keep the service from starting.
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
    )
    reception = Executor(desk, web_client, wake=wake)
    Listeners(reception).register(app)
    return app, reception


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
        self._wake_receiver()
        with suppress(AttributeError):  # slack_sdk closes the same socket in two threads, and one of them finds none
            self._handler.close()  # type: ignore[no-untyped-call]

    def _wake_receiver(self) -> None:
        """Have Slack say something: slack_sdk closes a connection only between two receives, of up to 3 s each."""
        session = self._handler.client.current_session
        if session is not None and session.is_active():
            self._handler.client.current_session_state.terminated = True
            with contextlib.suppress(OSError):
                session.ping("bye")

    def _connect(self) -> None:
        wait = FIRST_WAIT_S
        while not self._stop.is_set():
            try:
                self._handler.connect()  # type: ignore[no-untyped-call]
            except FAULTS as error:
                log.error("socket_refused", error=type(error).__name__, code=code_of(error), again_in_s=wait)
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
