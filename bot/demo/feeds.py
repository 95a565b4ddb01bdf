"""Serves the demonstration's feeds over loopback HTTP, with conditional GET.

A line of the story is in its feed once the demonstration's clock has passed it, and not a moment earlier.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from bot.demo.formats import CHANNELS, page
from bot.demo.storyline import Line
from bot.infra.clock import Clock

SHOWN = 80
"""How many of its newest posts a feed shows."""


@dataclass(frozen=True, kw_only=True)
class FeedResponse:
    status: HTTPStatus
    body: bytes = b""
    content_type: str = "text/plain"
    etag: str = ""


class Feeds:
    """All feeds at the moment that *clock* shows; *start* is the story's minute 0."""

    def __init__(self, lines: Iterable[Line], *, clock: Clock, start: datetime) -> None:
        self._clock, self._start = clock, start
        self._lines = sorted(lines, key=lambda line: line.at, reverse=True)
        self._channels = {channel.path: channel for channel in CHANNELS}

    def visible(self, feed: str) -> list[Line]:
        """The newest posts of *feed* that have been published, the newest first."""
        minute = (self._clock.now() - self._start).total_seconds() / 60
        return [line for line in self._lines if line.feed == feed and line.at <= minute][:SHOWN]

    def answer(self, path: str, *, base: str, known: str = "") -> FeedResponse:
        """What a GET of *path* is answered; *known* is the tag that the asker has from last time."""
        channel = self._channels.get(path)
        if channel is None:
            return self._post(path)
        lines = self.visible(channel.name)
        body = channel.render(channel, lines, self._start, base).encode()
        etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        if known == etag:
            return FeedResponse(status=HTTPStatus.NOT_MODIFIED, etag=etag)
        return FeedResponse(status=HTTPStatus.OK, body=body, content_type=channel.content_type, etag=etag)

    def _post(self, path: str) -> FeedResponse:
        minute = (self._clock.now() - self._start).total_seconds() / 60
        for line in self._lines:
            if path == f"/posts/{line.id}" and line.at <= minute:
                body = page(line, self._start).encode()
                return FeedResponse(status=HTTPStatus.OK, body=body, content_type="text/html; charset=utf-8")
        return FeedResponse(status=HTTPStatus.NOT_FOUND, body=b"There is nothing here (yet).")


class FeedsServer:
    """Serves *feeds* on loopback: ``with FeedsServer(feeds) as server: server.url``."""

    def __init__(self, feeds: Feeds, *, port: int = 0) -> None:
        self._server = ThreadingHTTPServer(("127.0.0.1", port), _handler(feeds))
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.1,), name="demo-feeds")
        self._thread.daemon = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def start(self) -> FeedsServer:
        self._thread.start()
        return self

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(timeout=5)

    def __enter__(self) -> FeedsServer:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()


def _handler(feeds: Feeds) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            base = f"http://{self.headers.get('Host', '127.0.0.1')}"
            answer = feeds.answer(self.path.partition("?")[0], base=base, known=self.headers.get("If-None-Match", ""))
            self.send_response(answer.status)
            for name, value in _headers(answer).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer.body)

        def log_message(self, *_: object) -> None:
            """Silent: the service logs what it fetches."""

    return Handler


def _headers(answer: FeedResponse) -> dict[str, str]:
    headers = {"Content-Length": str(len(answer.body))}
    if answer.body:
        headers["Content-Type"] = answer.content_type
    if answer.etag:
        headers["ETag"] = answer.etag
    return headers
