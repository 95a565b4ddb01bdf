"""A small HTTP server in a thread: for pushed sources, Slack over HTTP, and health checks."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence

import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.errors import LocalisedError

START_SECONDS = 10.0


class HttpServerError(LocalisedError):
    """The port cannot be listened on."""


def health_route(faults: Callable[[], Sequence[str]]) -> Route:
    """``GET /healthz``, which answers 503 while *faults* has sentences."""

    async def healthz(_request: Request) -> Response:
        found = list(await run_in_threadpool(faults))
        return JSONResponse({"ok": not found, "faults": found}, status_code=503 if found else 200)

    return Route("/healthz", healthz, methods=["GET"])


class HttpServer:
    """Serves *routes* until stopped. Port 0 takes any free one."""

    def __init__(self, routes: Sequence[Route], *, host: str = "127.0.0.1", port: int = 0) -> None:
        config = uvicorn.Config(
            Starlette(routes=list(routes)), host=host, port=port, log_config=None, access_log=False, lifespan="off"
        )
        self._server = uvicorn.Server(config)
        self._host, self._port = host, port
        self._thread = threading.Thread(target=self._run, name="tocsin-http", daemon=True)
        self.url = ""

    def start(self) -> HttpServer:
        """Listen; raises HttpServerError if the port is taken."""
        self._thread.start()
        deadline = time.monotonic() + START_SECONDS
        while not self._server.started:
            if not self._thread.is_alive() or time.monotonic() > deadline:
                raise HttpServerError("wiring.port_taken", place=f"{self._host}:{self._port}")
            time.sleep(0.01)
        port = self._server.servers[0].sockets[0].getsockname()[1]
        self.url = f"http://{self._host}:{port}"
        return self

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join(timeout=10)

    def _run(self) -> None:
        try:
            self._server.run()
        except SystemExit:  # uvicorn's way to say that the port is taken
            return
