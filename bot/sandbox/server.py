"""The wire of the local Slack: Web API, Socket Mode, response addresses, files and the page, on loopback.

Runs uvicorn in a thread of its own. It never listens beyond 127.0.0.1.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import threading
from typing import Any
from urllib.parse import parse_qsl

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect

from bot.sandbox import webapi
from bot.sandbox.errors import SandboxError, SlackError
from bot.sandbox.pageserver import page_routes
from bot.sandbox.people.response_urls import respond
from bot.sandbox.sandbox import Sandbox
from bot.sandbox.sockets import Socket
from bot.sandbox.switchboard import Switchboard
from bot.sandbox.workspace import WorkspaceChange

MOST_UPLOAD_BYTES = 50_000_000


class SandboxServer:
    """A sandbox that is reachable. ``start()`` returns when it answers; ``with`` starts and stops it."""

    def __init__(self, sandbox: Sandbox | None = None, *, port: int = 0, **settings: Any) -> None:
        self.sandbox = sandbox or Sandbox(**settings)
        self._port = port
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None
        self.url = ""

    @property
    def api_url(self) -> str:
        """The base address for a Web API client."""
        return f"{self.url}/api/"

    @property
    def bot_token(self) -> str:
        return self.sandbox.credentials.bot_token

    @property
    def app_token(self) -> str:
        return self.sandbox.credentials.app_token

    @property
    def signing_secret(self) -> str:
        return self.sandbox.credentials.signing_secret

    def start(self) -> SandboxServer:
        """Listen. SandboxError if the port is taken."""
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind(("127.0.0.1", self._port))
        except OSError as error:
            listener.close()
            raise SandboxError(f"Port {self._port} is taken; choose another.") from error
        self.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        self.sandbox.workspace.site = self.url
        self._server = uvicorn.Server(_config(application(self.sandbox, self._hang_up)))
        run = self._server.run
        self._thread = threading.Thread(target=lambda: run([listener]), name="sandbox", daemon=True)
        self._thread.start()
        self._wait_until_up()
        return self

    def stop(self) -> None:
        """Close every connection and the port."""
        self.sandbox.board.outbox.drop()
        if self._server is not None and self._thread is not None:
            self._server.should_exit = True
            self._thread.join(timeout=5)
        self.sandbox.stop()

    def __enter__(self) -> SandboxServer:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _wait_until_up(self) -> None:
        assert self._server is not None
        assert self._thread is not None
        pause = threading.Event()
        while not self._server.started:
            if not self._thread.is_alive():
                raise SandboxError("The sandbox could not start; its log says why.")
            pause.wait(0.01)

    def _hang_up(self, client: Any) -> None:
        """Cut the TCP connection of *client* (host, port) without an answer."""
        if self._server is None:
            return
        for connection in tuple(self._server.server_state.connections):
            transport = getattr(connection, "transport", None)
            if transport is not None and tuple(transport.get_extra_info("peername")) == tuple(client):
                transport.abort()


def _config(app: Starlette) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        ws="websockets-sansio",
        lifespan="off",
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=1,
        ws_max_size=1_000_000,
    )


def application(sandbox: Sandbox, hang_up: Any) -> Starlette:
    """The routes over *sandbox*."""
    board = sandbox.board
    wire = _Wire(board, hang_up)
    return Starlette(
        routes=[
            Route("/api/{method}", wire.api, methods=["GET", "POST"]),
            Route("/hooks/{ticket}", wire.hook, methods=["POST"]),
            Route("/upload/{file}", wire.upload, methods=["POST", "PUT"]),
            Route("/files/{file}/{name}", wire.file),
            WebSocketRoute("/socket", wire.socket),
            *page_routes(board),
        ]
    )


class _Wire:
    def __init__(self, board: Switchboard, hang_up: Any) -> None:
        self._board, self._hang_up = board, hang_up

    async def api(self, request: Request) -> Response:
        arguments = await _arguments(request)
        token = request.headers.get("authorization", "").removeprefix("Bearer ").strip()
        token = token or str(arguments.pop("token", ""))
        reply = webapi.answer(self._board, request.path_params["method"], arguments, token)
        if reply.hang_up:
            self._hang_up(request.client)
        return JSONResponse(reply.body, status_code=reply.status, headers=dict(reply.headers))

    async def hook(self, request: Request) -> Response:
        """What the bot says to a response address."""
        try:
            body = json.loads(await request.body() or b"{}")
            respond(self._board, self._board.tickets.spend_response(request.path_params["ticket"]), body)
        except ValueError:
            return PlainTextResponse("invalid_payload", status_code=400)
        except SlackError as refusal:
            webapi.remember(self._board, "response_url", refusal)
            status = refusal.status if refusal.status != 200 else 400
            return PlainTextResponse(refusal.code, status_code=status)
        return PlainTextResponse("ok")

    async def upload(self, request: Request) -> Response:
        name = request.path_params["file"]
        body = await request.body()
        with self._board.workspace.lock:
            files = self._board.workspace.files
            if name not in files or len(body) > MOST_UPLOAD_BYTES:
                return PlainTextResponse("file_not_found", status_code=404)
            files[name] = files[name].filled(body)
        return PlainTextResponse(f"OK - {len(body)}")

    async def file(self, request: Request) -> Response:
        shelved = self._board.workspace.files.get(request.path_params["file"])
        if shelved is None or shelved.body is None:
            return PlainTextResponse("file_not_found", status_code=404)
        return Response(shelved.body, media_type=shelved.kind, headers={"X-Content-Type-Options": "nosniff"})

    async def socket(self, websocket: WebSocket) -> None:
        """One Socket Mode connection."""
        tickets = self._board.socket_tickets
        ticket = websocket.query_params.get("ticket", "")
        if ticket not in tickets:
            await websocket.close(code=4003)
            return
        tickets.discard(ticket)
        await websocket.accept()
        line: asyncio.Queue[str | None] = asyncio.Queue()
        loop = asyncio.get_running_loop()

        def put(text: str | None) -> None:
            with contextlib.suppress(RuntimeError):  # the loop has ended, and the connection with it
                loop.call_soon_threadsafe(line.put_nowait, text)

        try:
            name = self._board.outbox.connect(Socket(send=put, close=lambda: put(None)))
        except SlackError as refusal:
            await websocket.close(code=1013, reason=refusal.code)
            return
        self._board.workspace.tell(WorkspaceChange(kind="status"))
        await self._serve(websocket, line, name)

    async def _serve(self, websocket: WebSocket, line: asyncio.Queue[str | None], name: str) -> None:
        sender = asyncio.create_task(_send_all(websocket, line))
        try:
            while True:
                self._heard(await websocket.receive_text())
        except WebSocketDisconnect:
            pass
        finally:
            self._board.outbox.disconnect(name)
            self._board.workspace.tell(WorkspaceChange(kind="status"))
            sender.cancel()

    def _heard(self, text: str) -> None:
        with contextlib.suppress(ValueError):
            heard = json.loads(text)
            if isinstance(heard, dict) and "envelope_id" in heard:
                self._board.outbox.ack(str(heard["envelope_id"]), heard.get("payload"))


async def _send_all(websocket: WebSocket, line: asyncio.Queue[str | None]) -> None:
    with contextlib.suppress(WebSocketDisconnect, RuntimeError):
        while (text := await line.get()) is not None:
            await websocket.send_text(text)
        await websocket.close(code=1001)


async def _arguments(request: Request) -> dict[str, Any]:
    """The arguments of a call: the query, then a JSON or a form body."""
    arguments: dict[str, Any] = dict(request.query_params)
    body = await request.body()
    if not body:
        return arguments
    if "json" in request.headers.get("content-type", ""):
        with contextlib.suppress(ValueError):
            given = json.loads(body)
            return arguments | (given if isinstance(given, dict) else {})
        return arguments
    return arguments | dict(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True))
