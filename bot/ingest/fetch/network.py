"""Connections that cannot be led astray: an address is checked, connected to, and not resolved again.

The check sits below HTTP, where the connection is made, so that no redirect, no odd notation of an address
and no name that changes between two look-ups gets around it. The same place enforces the time for the whole
fetch: a server that sends one byte now and then is cut off like any other.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
import time
import typing
from collections.abc import Callable, Iterable
from functools import cache

import certifi
import httpcore
import httpx

from bot.ingest.sources.errors import FetchError

Resolve = Callable[[str, int], list[str]]
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


def resolve(host: str, port: int) -> list[str]:
    """The addresses of *host*, without repetition, in the system's order of preference.

    The system's resolver takes no time limit but its own (a few seconds as a rule).
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[4][0]) for address in found))


def is_public(address: str) -> bool:
    """True if *address* is on the open internet: not private, loopback, link-local, metadata or reserved.

    IPv6 addresses that carry an IPv4 address inside are judged by that one too.
    """
    parsed = ipaddress.ip_address(address.split("%", 1)[0])
    if not parsed.is_global or parsed.is_multicast:
        return False
    inner = _embedded(parsed) if isinstance(parsed, ipaddress.IPv6Address) else None
    return inner is None or (inner.is_global and not inner.is_multicast)


def _embedded(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)


@cache
def certificates() -> ssl.SSLContext:
    """The authorities of certifi and those of this machine (a company's own among them)."""
    context = ssl.create_default_context(cafile=certifi.where())
    context.load_default_certs()
    return context


class Deadline:
    """The moment at which a fetch must have ended: real seconds, however fast the service's clock runs."""

    def __init__(self, seconds: float) -> None:
        self.seconds, self._end = seconds, time.monotonic() + seconds

    def left(self, error: type[Exception], timeout: float | None = None) -> float:
        """Seconds left, at most *timeout*; raises *error* when none are."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise error(f"{self.seconds:g} s are over")
        return left if timeout is None else min(left, timeout)


class GuardedBackend(httpcore.NetworkBackend):
    """Connects to checked addresses only, and ends with its deadline."""

    def __init__(
        self,
        *,
        deadline: Deadline,
        allow_private: bool,
        resolve: Resolve = resolve,
        wire: httpcore.NetworkBackend | None = None,
    ) -> None:
        self._deadline, self._allow_private, self._resolve = deadline, allow_private, resolve
        self._wire = wire or httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        failure: Exception | None = None
        for address in self._addresses(host, port):
            left = self._deadline.left(httpcore.ConnectTimeout, timeout)
            try:
                stream = self._wire.connect_tcp(address, port, left, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
                continue
            return _GuardedStream(stream, self._deadline)
        raise failure or httpcore.ConnectError("no address")

    def _addresses(self, host: str, port: int) -> list[str]:
        try:
            found = self._resolve(host, port)
        except (OSError, UnicodeError) as error:
            raise FetchError("source.unknown_name", host=host) from error
        allowed = [address for address in found if self._allow_private or is_public(address)]
        if found and not allowed:
            raise FetchError("source.private", host=host, address=found[0])
        return allowed

    def sleep(self, seconds: float) -> None:
        time.sleep(self._deadline.left(httpcore.ConnectTimeout, seconds))


class _GuardedStream(httpcore.NetworkStream):
    def __init__(self, stream: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._stream, self._deadline = stream, deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, self._deadline.left(httpcore.ReadTimeout, timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._deadline.left(httpcore.WriteTimeout, timeout))

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        left = self._deadline.left(httpcore.ConnectTimeout, timeout)
        return _GuardedStream(self._stream.start_tls(ssl_context, server_hostname, left), self._deadline)

    def get_extra_info(self, info: str) -> typing.Any:
        return self._stream.get_extra_info(info)

    def close(self) -> None:
        self._stream.close()


class GuardedTransport(httpx.BaseTransport):
    """httpx over a ``GuardedBackend``. Its faults are httpcore's exceptions and ``FetchError``."""

    def __init__(self, backend: GuardedBackend) -> None:
        self._pool = httpcore.ConnectionPool(ssl_context=certificates(), network_backend=backend)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answer = self._pool.handle_request(
            httpcore.Request(
                method=request.method,
                url=httpcore.URL(
                    scheme=request.url.raw_scheme,
                    host=request.url.raw_host,
                    port=request.url.port,
                    target=request.url.raw_path,
                ),
                headers=request.headers.raw,
                content=typing.cast("typing.Iterable[bytes]", request.stream),
                extensions=request.extensions,
            )
        )
        return httpx.Response(answer.status, headers=answer.headers, stream=_Body(answer), extensions=answer.extensions)

    def close(self) -> None:
        self._pool.close()


class _Body(httpx.SyncByteStream):
    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    def __iter__(self) -> typing.Iterator[bytes]:
        return self._answer.iter_stream()

    def close(self) -> None:
        self._answer.close()
