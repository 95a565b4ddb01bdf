"""Fetch one source over HTTP: politely, within limits, and from private addresses only where that is allowed.

Every fault becomes a ``FetchError`` with one plain sentence. Proxies of the environment are not used: behind
one, the addresses could not be checked.
"""

from __future__ import annotations

import re
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime

import httpcore
import httpx

from bot.infra.clock import Clock
from bot.ingest.fetch.decoding import ACCEPTED, Damaged, TooLarge, unpack
from bot.ingest.fetch.network import Deadline, GuardedBackend, GuardedTransport, Resolve, resolve
from bot.ingest.sources.errors import FetchError
from bot.records import SourceRecord

ACCEPT = "application/rss+xml, application/atom+xml, application/feed+json, application/json;q=0.9, */*;q=0.5"
AGENT = "Tocsin (opinion monitor; reads feeds)"
_MEGABYTE = 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Bytes after decompression, seconds for the whole fetch (redirects included), and redirects."""

    size: int = 10 * _MEGABYTE
    seconds: float = 20.0
    redirects: int = 5


@dataclass(frozen=True, kw_only=True)
class Fetched:
    """What a source answered. *body* is unpacked; *url* is where the redirects ended."""

    status: int
    body: bytes = b""
    etag: str = ""
    last_modified: str = ""
    content_type: str = ""
    not_modified: bool = False
    retry_after: float | None = None
    url: str = ""


class Fetcher:
    """Fetches sources, one at a time from each host. Safe to share between threads."""

    def __init__(
        self,
        clock: Clock,
        *,
        limits: Limits | None = None,
        resolve: Resolve = resolve,
        wire: httpcore.NetworkBackend | None = None,
    ) -> None:
        self._clock, self._limits, self._resolve, self._wire = clock, limits or Limits(), resolve, wire
        self._hosts: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
        self._guard = threading.Lock()

    def get(self, source: SourceRecord, *, conditional: bool = True) -> Fetched:
        """Fetch *source*; with *conditional*, only if it changed since its etag or last_modified.

        Raises ``FetchError``.
        """
        url = _url(source.url)
        with self._turn(url.host):
            deadline = Deadline(self._limits.seconds)
            backend = GuardedBackend(
                deadline=deadline,
                allow_private=source.allow_private,
                resolve=self._resolve,
                wire=self._wire,
            )
            client = httpx.Client(transport=GuardedTransport(backend), trust_env=False, timeout=None)  # noqa: S113 - the deadline bounds every read
            with client, _plainly(_place(url), self._limits):
                return self._fetch(client, source, url, conditional=conditional)

    @contextmanager
    def _turn(self, host: str) -> Iterator[None]:
        with self._guard:
            lock = self._hosts[host]
        with lock:
            yield

    def _fetch(self, client: httpx.Client, source: SourceRecord, url: httpx.URL, *, conditional: bool) -> Fetched:
        request = client.build_request("GET", url, headers=_headers(source, conditional=conditional))
        for _ in range(self._limits.redirects + 1):
            response = client.send(request, stream=True)
            try:
                if response.next_request is None:
                    return self._answer(response, _place(url), conditional=conditional)
                request = _onward(request, response.next_request, source)
            finally:
                response.close()
        raise FetchError("source.redirects", host=_place(url), count=self._limits.redirects)

    def _answer(self, response: httpx.Response, host: str, *, conditional: bool) -> Fetched:
        if response.status_code == httpx.codes.NOT_MODIFIED:
            if not conditional:
                raise FetchError("source.unasked_304", host=host, status=304)
            return Fetched(status=304, not_modified=True, url=str(response.url))
        if response.status_code not in (200, 203):
            raise self._refusal(response, host)
        return Fetched(
            status=response.status_code,
            body=self._body(response, host),
            etag=response.headers.get("etag", "")[:500],
            last_modified=response.headers.get("last-modified", "")[:100],
            content_type=response.headers.get("content-type", ""),
            retry_after=self._retry_after(response),
            url=str(response.url),
        )

    def _body(self, response: httpx.Response, host: str) -> bytes:
        large = FetchError("source.too_large", host=host, megabytes=f"{self._limits.size / _MEGABYTE:g}")
        if int(_digits(response.headers.get("content-length", ""))) > self._limits.size:
            raise large
        coding = response.headers.get("content-encoding", "")
        try:
            body = unpack(response.iter_raw(), coding, limit=self._limits.size)
        except TooLarge as error:
            raise large from error
        except Damaged as error:
            raise FetchError("source.damaged", host=host, coding=coding) from error
        if not body.strip():
            raise FetchError("source.empty", host=host)
        return body

    def _refusal(self, response: httpx.Response, host: str) -> FetchError:
        status = response.status_code
        code = _REFUSALS.get(status) or ("source.server_fault" if status >= 500 else "source.odd_status")
        return FetchError(code, host=host, status=status, retry_after=self._retry_after(response))

    def _retry_after(self, response: httpx.Response) -> float | None:
        """Seconds to stay away: the header holds seconds, or a date."""
        value = response.headers.get("retry-after", "").strip()
        if re.fullmatch(r"\d{1,9}", value):
            return float(value)
        try:
            until = parsedate_to_datetime(value)
        except (ValueError, TypeError):
            return None
        aware = until if until.tzinfo else until.replace(tzinfo=UTC)
        return max(0.0, (aware - self._clock.now()).total_seconds())


_REFUSALS = {
    204: "source.empty", 401: "source.not_allowed", 403: "source.not_allowed", 404: "source.not_found",
    410: "source.not_found", 429: "source.too_often",
}  # fmt: skip


def host_of(url: str) -> str:
    """The host of *url*, the unit of politeness; the url itself where it has none."""
    try:
        return httpx.URL(url).host or url
    except httpx.InvalidURL:
        return url


def place_of(url: str) -> str:
    """What a sentence calls the server at *url*: its host and an unusual port, never path or query."""
    try:
        return _place(httpx.URL(url))
    except httpx.InvalidURL:
        return url


def _url(text: str) -> httpx.URL:
    try:
        url = httpx.URL(text.strip())
    except httpx.InvalidURL as error:
        raise _no_address(text) from error
    if url.scheme not in ("http", "https") or not url.host:
        raise _no_address(text)
    return url


def _no_address(text: str) -> FetchError:
    return FetchError("source.bad_url", host=text.split("?", maxsplit=1)[0][:100] or '""')


def _place(url: httpx.URL) -> str:
    """The host and an unusual port: path and query may hold a key, which no sentence may show."""
    return f"{url.host}:{url.port}" if url.port else url.host


def _headers(source: SourceRecord, *, conditional: bool) -> dict[str, str]:
    headers = {"user-agent": AGENT, "accept": ACCEPT, "accept-encoding": ACCEPTED}
    headers |= {str(name).lower(): str(value) for name, value in source.options.get("headers", {}).items()}
    if conditional and source.etag:
        headers["if-none-match"] = source.etag
    if conditional and source.last_modified:
        headers["if-modified-since"] = source.last_modified
    return headers


def _onward(asked: httpx.Request, onward: httpx.Request, source: SourceRecord) -> httpx.Request:
    """The request after a redirect; another host gets none of the source's own headers: they may be keys."""
    if onward.url.scheme not in ("http", "https"):
        raise FetchError("source.bad_redirect", host=_place(asked.url))
    if _origin(asked.url) != _origin(onward.url):
        for name in source.options.get("headers", {}):
            onward.headers.pop(str(name), None)
    return onward


def _origin(url: httpx.URL) -> tuple[str, str, int | None]:
    return url.scheme, url.host, url.port


def _digits(text: str) -> str:
    return text if re.fullmatch(r"\d{1,18}", text) else "0"


@contextmanager
def _plainly(host: str, limits: Limits) -> Iterator[None]:
    """Say the faults of the network in plain words."""
    try:
        yield
    except (httpcore.TimeoutException, httpx.TimeoutException) as error:
        raise FetchError("source.slow", host=host, seconds=f"{limits.seconds:g}") from error
    except (httpx.InvalidURL, httpx.RemoteProtocolError) as error:
        raise FetchError("source.bad_redirect", host=host) from error
    except (httpcore.ConnectError, OSError) as error:
        if _is_certificate(error):
            raise FetchError("source.certificate", host=host, why=_reason(error)) from error
        raise FetchError("source.unreachable", host=host, why=_reason(error)) from error
    except (httpcore.ProtocolError, httpcore.NetworkError, httpx.HTTPError) as error:
        raise FetchError("source.broke_off", host=host) from error


def _is_certificate(error: BaseException) -> bool:
    return "CERTIFICATE_VERIFY_FAILED" in str(error)


def _reason(error: Exception) -> str:
    """The fault without its number and brackets: ``Connection refused``."""
    text = re.sub(r"\[[^\]]*\]|\(_ssl[^)]*\)", "", str(error)).strip()
    return text or type(error).__name__
