"""Carries payloads to the bot, by Socket Mode or by signed HTTP, and waits for its acknowledgement.

A payload goes to one connection. Without an ack within three seconds an event is sent again, as Slack does; a
command or a click has failed, and its person is told so.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
import time
import uuid
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import httpx

from bot.sandbox.errors import SandboxError, SlackError
from bot.sandbox.records import APP_ID

ACK_SECONDS = 3.0
MOST_CONNECTIONS = 10
Json = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class AppResponse:
    """How the bot took a payload: *problem* is empty, or Slack's word for what went wrong."""

    body: Any = None
    problem: str = ""

    @property
    def ok(self) -> bool:
        return not self.problem


@dataclass(frozen=True, kw_only=True)
class Socket:
    """An open Socket Mode connection; both may be called from any thread."""

    send: Callable[[str], None]
    close: Callable[[], None]


@dataclass(kw_only=True)
class Envelope:
    """A payload on its way. *kind* is slash_commands, interactive or events_api."""

    kind: str
    payload: Json
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    acked: threading.Event = field(default_factory=threading.Event)
    body: Any = None

    def text(self, attempt: int) -> str:
        wire: Json = {"envelope_id": self.id, "type": self.kind, "payload": self.payload}
        wire["accepts_response_payload"] = self.kind != "events_api"
        if self.kind == "events_api":
            wire |= {"retry_attempt": attempt, "retry_reason": "timeout" if attempt else ""}
        return json.dumps(wire, ensure_ascii=False)


def sign(secret: str, body: str, timestamp: int) -> dict[str, str]:
    """The headers with which Slack signs a request, version 0."""
    digest = hmac.new(secret.encode(), f"v0:{timestamp}:{body}".encode(), hashlib.sha256).hexdigest()
    return {"X-Slack-Request-Timestamp": str(timestamp), "X-Slack-Signature": f"v0={digest}"}


class Outbox:
    """All payloads that are under way. *retry_after* are the waits, in seconds, before an event's repeats."""

    def __init__(
        self,
        secret: str,
        *,
        retry_after: tuple[float, ...] = (0.0, 1.0, 5.0),
        ack_seconds: float = ACK_SECONDS,
    ) -> None:
        self._secret, self._retry_after, self._ack_seconds = secret, retry_after, ack_seconds
        self._lock = threading.Lock()
        self._connections: dict[str, Socket] = {}
        self._waiting: dict[str, Envelope] = {}
        self._under_way: set[Future[AppResponse]] = set()
        self._pool = ThreadPoolExecutor(max_workers=16, thread_name_prefix="sandbox-outbox")
        self._stopping = threading.Event()
        self._turn = 0
        self._repeats = 0
        self.http_url = ""

    def connect(self, socket: Socket) -> str:
        """A socket has opened; it is greeted. SlackError too_many_websockets beyond ten."""
        with self._lock:
            if len(self._connections) >= MOST_CONNECTIONS:
                raise SlackError("too_many_websockets")
            name = uuid.uuid4().hex
            self._connections[name] = socket
            number = len(self._connections)
        info = {"app_id": APP_ID}
        debug = {"host": "sandbox", "approximate_connection_time": 18060}
        hello = {"type": "hello", "num_connections": number, "connection_info": info, "debug_info": debug}
        socket.send(json.dumps(hello))
        return name

    def disconnect(self, name: str) -> None:
        with self._lock:
            self._connections.pop(name, None)

    @property
    def connections(self) -> int:
        return len(self._connections)

    def farewell(self, reason: str = "refresh_requested") -> None:
        """Ask every socket to come again; from now on it is sent nothing."""
        goodbye = json.dumps({"type": "disconnect", "reason": reason, "debug_info": {"host": "sandbox"}})
        for socket in self._taken():
            socket.send(goodbye)

    def drop(self) -> None:
        """Close every socket without a word, as a network does."""
        for socket in self._taken():
            socket.close()

    def _taken(self) -> tuple[Socket, ...]:
        with self._lock:
            sockets, self._connections = tuple(self._connections.values()), {}
        return sockets

    def ack(self, envelope_id: str, body: Any = None) -> None:
        envelope = self._waiting.get(envelope_id)
        if envelope is not None and not envelope.acked.is_set():
            envelope.body = body
            envelope.acked.set()

    def repeat_next(self, times: int = 1) -> None:
        """Deliver the next payload *times* more, as Slack does when an ack was lost on the way."""
        self._repeats += times

    def submit(
        self, kind: str, payload: Json, then: Callable[[AppResponse], AppResponse] = lambda answer: answer
    ) -> Future[AppResponse]:
        """Send *payload*; *then* gets the bot's answer and may turn it into what its person sees."""
        future = self._pool.submit(lambda: then(self._carry(Envelope(kind=kind, payload=payload))))
        with self._lock:
            self._under_way.add(future)
        future.add_done_callback(self._arrived)
        return future

    def settled(self, timeout: float) -> None:
        """Wait until nothing is under way. SandboxError after *timeout* seconds."""
        with self._lock:
            open_ones = set(self._under_way)
        if wait(open_ones, timeout=timeout).not_done:
            raise SandboxError(f"The bot has not acknowledged everything after {timeout:g} seconds.")

    def stop(self) -> None:
        self._stopping.set()
        with self._lock:
            waiting = tuple(self._waiting.values())
        for envelope in waiting:
            envelope.acked.set()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _arrived(self, future: Future[AppResponse]) -> None:
        with self._lock:
            self._under_way.discard(future)

    def _carry(self, envelope: Envelope) -> AppResponse:
        pauses = (0.0, *(self._retry_after if envelope.kind == "events_api" else ()))
        answer = AppResponse(problem="dispatch_failed")
        for attempt, pause in enumerate(pauses):
            if self._stopping.wait(pause):
                break
            answer = self._attempt(envelope, attempt)
            if answer.ok:
                break
        return answer

    def _attempt(self, envelope: Envelope, attempt: int) -> AppResponse:
        with self._lock:
            copies, self._repeats = 1 + self._repeats, 0
        if self.http_url:
            answers = [self._post(envelope, attempt) for _ in range(copies)]
            return answers[0]
        return self._emit(envelope, attempt, copies)

    def _emit(self, envelope: Envelope, attempt: int, copies: int) -> AppResponse:
        with self._lock:
            if not self._connections:
                return AppResponse(problem="dispatch_failed")
            self._turn += 1
            sockets = list(self._connections.values())
            self._waiting[envelope.id] = envelope
        for copy in range(copies):
            sockets[(self._turn + copy) % len(sockets)].send(envelope.text(attempt))
        acked = envelope.acked.wait(self._ack_seconds) and not self._stopping.is_set()
        with self._lock:
            self._waiting.pop(envelope.id, None)
        return AppResponse(body=envelope.body) if acked else AppResponse(problem="operation_timeout")

    def _post(self, envelope: Envelope, attempt: int) -> AppResponse:
        body, kind = _http_body(envelope)
        headers = {"Content-Type": kind, **sign(self._secret, body, int(time.time()))}
        if attempt:
            headers |= {"X-Slack-Retry-Num": str(attempt), "X-Slack-Retry-Reason": "http_timeout"}
        try:
            with httpx.Client(trust_env=False, timeout=self._ack_seconds) as client:
                answer = client.post(self.http_url, content=body.encode(), headers=headers)
        except httpx.TimeoutException:
            return AppResponse(problem="operation_timeout")
        except httpx.HTTPError:
            return AppResponse(problem="dispatch_failed")
        if not answer.is_success:
            return AppResponse(problem=f"http_status_{answer.status_code}")
        return AppResponse(body=_http_answer(answer))


def _http_body(envelope: Envelope) -> tuple[str, str]:
    if envelope.kind == "slash_commands":
        return urlencode(envelope.payload), "application/x-www-form-urlencoded"
    if envelope.kind == "interactive":
        wire = {"payload": json.dumps(envelope.payload, ensure_ascii=False)}
        return urlencode(wire), "application/x-www-form-urlencoded"
    return json.dumps(envelope.payload, ensure_ascii=False), "application/json"


def _http_answer(answer: httpx.Response) -> Any:
    if "json" in answer.headers.get("content-type", ""):
        return answer.json() if answer.content else None
    return {"text": answer.text} if answer.text.strip() else None


def response_of(body: Any) -> Mapping[str, Any]:
    """What the bot sent along with its ack, as an object."""
    if isinstance(body, str):
        return {"text": body}
    return body if isinstance(body, Mapping) else {}
