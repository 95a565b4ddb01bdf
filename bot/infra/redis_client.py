"""Connections to Redis or Valkey: the service's own, and one that only looks which server answers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import redis
from redis.backoff import ExponentialBackoff
from redis.retry import Retry

from bot.infra.stream import StreamError, plainly

LOOK_SECONDS = 5


@dataclass(frozen=True, kw_only=True)
class ServerVersion:
    """*protocol* is the version of Redis that a server speaks, *name* its own."""

    protocol: tuple[int, ...]
    name: str


@contextmanager
def connected(url: str) -> Iterator[redis.Redis]:
    """A client for the service; connects when it is first used. Raises StreamError if *url* is no address."""
    # The default asks a dead server ten times more; the loops try again by themselves.
    client = _client(url, retry=Retry(ExponentialBackoff(), 1))
    try:
        yield client
    finally:
        client.close()


def server_version(url: str) -> ServerVersion:
    """Which server answers at *url*. Raises StreamError if none does within LOOK_SECONDS."""
    with _client(url, socket_connect_timeout=LOOK_SECONDS, socket_timeout=LOOK_SECONDS) as client, plainly():
        told: dict[str, Any] = client.info("server")
    spoken = str(told.get("redis_version", "0"))
    parts = tuple(int(part) for part in spoken.split(".")[:2] if part.isdecimal())
    return ServerVersion(protocol=parts, name=str(told.get("valkey_version", spoken)))


def _client(url: str, **options: Any) -> redis.Redis:
    try:
        return redis.Redis.from_url(url, **options)
    except ValueError:  # its message may quote the address, in which a password stands
        raise StreamError("redis.no_address") from None
