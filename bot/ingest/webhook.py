"""Posts that are pushed in: signed, within a few minutes of their signing, in Tocsin's own post format.

A push that is answered with 200 is stored. Pushing it again is harmless: whoever gets no answer pushes again.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

import structlog
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot.errors import TocsinError
from bot.i18n.catalogue import DEFAULT
from bot.i18n.localised import LocalisedText, localised
from bot.i18n.speech import Speech
from bot.infra.clock import Clock
from bot.infra.error_trail import log_expected, log_unexpected
from bot.ingest.fetch.charset import decode
from bot.ingest.matching import Ingest
from bot.ingest.sources import PUSHED, post_format
from bot.ingest.sources.batch import left_out
from bot.ingest.sources.errors import SourceError
from bot.records import Item, SourceRecord

if TYPE_CHECKING:
    from bot.store import Store

HEADER = "X-Tocsin-Signature"
WINDOW = 300
"""Seconds between signing and arrival, either way, after which a push is refused."""

LIMIT = 10 * 1024 * 1024
_REPORTED = 20
_TOKEN = re.compile(r"(t|v1)=([0-9a-fA-F]{1,64})")
_STATUS = {"source.push_off": 403, "source.push_unreadable": 400}

log = structlog.get_logger("tocsin.webhook")


def sign(secret: str, body: bytes, at: datetime) -> str:
    """The value of the signature header: ``t=<Unix seconds>,v1=<HMAC-SHA256 of "t.body", in hex>``."""
    moment = int(at.timestamp())
    return f"t={moment},v1={_digest(secret, body, moment)}"


def verify(secret: str, body: bytes, header: str, now: datetime) -> None:
    """Raises SourceError unless *header* signs *body* with *secret* at about *now*.

    Several ``v1`` may be given while a secret is exchanged.
    """
    found = _TOKEN.findall(header)
    moments = [int(value) for key, value in found if key == "t" and value.isdecimal()]
    given = [value.lower() for key, value in found if key == "v1"]
    if len(moments) != 1 or not given:
        raise SourceError("source.push_unsigned", header=HEADER)
    expected = _digest(secret, body, moments[0])
    if not any([hmac.compare_digest(expected, one) for one in given]):  # noqa: C419 - each is compared, in equal time
        raise SourceError("source.push_wrong_signature", header=HEADER)
    if abs(now.timestamp() - moments[0]) > WINDOW:
        raise SourceError("source.push_stale", minutes=WINDOW // 60)


def _digest(secret: str, body: bytes, moment: int) -> str:
    return hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()


@dataclass(frozen=True, kw_only=True)
class Push:
    """What a body held: its items, and for each entry that is no post its number (from 1) and the reason."""

    items: tuple[Item, ...]
    refused: tuple[tuple[int, LocalisedText], ...] = ()


def read(body: bytes, now: datetime) -> Push:
    """The posts in *body*: JSONL, a JSON list, one post, or ``{"posts": [...]}``. Raises SourceError."""
    items, refused = [], []
    for number, entry in enumerate(_entries(decode(body)), 1):
        try:
            items.append(
                post_format.line(entry, now=now) if isinstance(entry, str) else post_format.entry(entry, now=now)
            )
        except post_format.NotAPost as error:
            refused.append((number, error.text))
    if not items:
        why = refused[0][1] if refused else localised("source.why.empty")
        raise SourceError("source.push_unreadable", why=why)
    return Push(items=tuple(items), refused=tuple(refused))


def _entries(text: str) -> Sequence[Any]:
    try:
        value = json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return [line for line in text.splitlines() if line.strip()]
    if isinstance(value, dict) and isinstance(value.get("posts"), list):
        return list(value["posts"])
    return value if isinstance(value, list) else [value]


class Webhook:
    """Takes pushes in. *secret* gives the secret of a source by its name, empty if it has none."""

    def __init__(self, store: Store, ingest: Ingest, clock: Clock, secret: Callable[[str], str]) -> None:
        self._store, self._ingest, self._clock, self._secret = store, ingest, clock, secret

    def push(self, name: str, body: bytes, header: str) -> tuple[int, dict[str, Any]]:
        """The status and the answer to a push of *body* to the source *name*."""
        source = self._store.sources.find(name)
        if source is None or source.kind != PUSHED or not source.enabled:
            return 404, {"error": str(SourceError("source.push_nowhere", name=name[:100]))}
        now = self._clock.now()
        try:
            if not (secret := self._secret(source.name)):
                raise SourceError("source.push_off", name=source.name)
            verify(secret, body, header, now)
            push = read(body, now)
        except SourceError as error:
            return self._refused(source, error)
        taken = self._ingest.take(source, push.items, quiet=False)
        self._kept(source, push, now)
        english = Speech(DEFAULT)  # whoever pushes is a program: its log is read in English
        answer: dict[str, Any] = {"new": taken.new, "known": taken.known}
        if push.refused:
            answer["left_out"] = [
                {"entry": number, "why": english.text(why)} for number, why in push.refused[:_REPORTED]
            ]
        return 200, answer

    def _refused(self, source: SourceRecord, error: SourceError) -> tuple[int, dict[str, Any]]:
        log_expected(log.warning, "push_refused", error, source=source.name)
        if source.error != error.text:
            self._store.sources.record(replace(source, error=error.text))
        return _STATUS.get(error.code, 401), {"error": str(error)}

    def _kept(self, source: SourceRecord, push: Push, now: datetime) -> None:
        note = left_out([why for _, why in push.refused], len(push.items) + len(push.refused))
        fresh = replace(source, last_poll_at=now, last_ok_at=now, failures=0, error=note, baselined=True)
        self._store.sources.record(fresh)


def push_route(webhook: Webhook) -> Route:
    """``POST /sources/{name}``."""

    async def push(request: Request) -> Response:
        body = await _body(request)
        if body is None:
            error = SourceError("source.push_too_large", megabytes=LIMIT // 1024**2)
            return JSONResponse({"error": str(error)}, status_code=413)
        header = request.headers.get(HEADER, "")
        try:
            status, answer = await run_in_threadpool(webhook.push, request.path_params["name"], body, header)
        except TocsinError as error:  # the store is away: whoever pushes tries again
            log_expected(log.error, "push_not_kept", error)
            return JSONResponse({"error": str(error)}, status_code=503, headers={"Retry-After": "30"})
        except Exception as error:
            reference = log_unexpected(log.error, "push_broke", error)
            return JSONResponse({"error": str(SourceError("source.push_broke", reference=reference))}, status_code=500)
        return JSONResponse(answer, status_code=status)

    return Route("/sources/{name}", push, methods=["POST"])


async def _body(request: Request) -> bytes | None:
    """The body, None as soon as it is longer than LIMIT."""
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > LIMIT:
                return None
    except ClientDisconnect:
        return b""
    return bytes(body)
