"""Who polls: a lease in Redis that one process holds at a time and must renew."""

from __future__ import annotations

import threading
import uuid

import redis
import structlog

from bot.infra.error_trail import log_expected

log = structlog.get_logger("tocsin.lease")

_OURS = "if redis.call('get', KEYS[1]) ~= ARGV[1] then return 0 end "
_RENEW = _OURS + "return redis.call('pexpire', KEYS[1], ARGV[2])"
_RELEASE = _OURS + "return redis.call('del', KEYS[1])"


class Lease:
    """The lease *name*, which runs out *ttl* seconds after it was last held. Safe in threads."""

    def __init__(self, client: redis.Redis, name: str = "tocsin:poller", ttl: float = 30.0) -> None:
        self._redis, self._name, self._ttl_ms = client, name, int(ttl * 1000)
        self._token, self._held, self._lock = uuid.uuid4().hex, False, threading.Lock()

    @property
    def held(self) -> bool:
        """True if this process held the lease when it was last asked."""
        return self._held

    def hold(self) -> bool:
        """Take or renew the lease; True if it is ours now.

        While Redis is away, whoever held it goes on and nobody else begins: feeds roll over, and two polls of
        one source are harmless.
        """
        with self._lock:
            try:
                held = self._renew() or self._acquire()
            except redis.RedisError as error:
                log_expected(log.warning, "lease_unknown", error, lease=self._name, held=self._held)
                return self._held
            if held != self._held:
                log.info("lease_taken" if held else "lease_lost", lease=self._name)
            self._held = held
            return held

    def release(self) -> None:
        """Give the lease up at once, so that the next process need not wait for it to run out."""
        with self._lock:
            self._held = False
            try:
                self._redis.eval(_RELEASE, 1, self._name, self._token)
            except redis.RedisError as error:
                log_expected(log.warning, "lease_not_released", error, lease=self._name)

    def _renew(self) -> bool:
        return bool(self._redis.eval(_RENEW, 1, self._name, self._token, str(self._ttl_ms)))

    def _acquire(self) -> bool:
        return bool(self._redis.set(self._name, self._token, nx=True, px=self._ttl_ms))
