"""What the tests of delivery share: an office whose notifier alone is at work, and a receiver outside of Slack."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from bot.infra.clock import VirtualClock
from bot.store import Store
from tests.bot.slack.office import Office, running


@pytest.fixture
def office(store: Store, clock: VirtualClock) -> Iterator[Office]:
    with running(store, clock, listens=False) as opened:
        yield opened


@dataclass
class Receiver:
    """A web hook on loopback, such as apprise's ``json://``; what came there, and what it answers."""

    url: str = ""
    status: int = 200
    came: list[dict[str, Any]] = field(default_factory=list)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    heard = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            heard.came.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(heard.status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_args: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    heard.url = f"json://user:letmein@127.0.0.1:{server.server_address[1]}/"
    yield heard
    server.shutdown()
    server.server_close()
    thread.join(5)
