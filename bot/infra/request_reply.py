"""Questions that one process asks and another answers, through Redis.

Nothing here must survive: what is lost is asked for again, and asking twice is answered once.
"""

from __future__ import annotations

import time

import redis

from bot.infra.stream import plainly, text_of

PATIENCE_S = 20.0
"""Whoever answers may be in the middle of something larger."""

LOOK_EVERY_S = 0.1


class RequestReply:
    """The queue *name*, both sides of it. Safe in threads; raises StreamError when Redis cannot be used."""

    def __init__(self, client: redis.Redis, name: str, *, patience: float = PATIENCE_S) -> None:
        self._redis, self.name, self._patience = client, name, patience

    def ask(self, request: str) -> str | None:
        """The answer to *request*, which takes up to *patience* seconds; None if nobody gave one in time."""
        with plainly():
            found = self._redis.get(self._answer(request))
            if found is None and self._redis.set(self._asked(request), "1", nx=True, px=int(self._patience * 1000)):
                self._redis.rpush(self.name, request)
            until = time.monotonic() + self._patience
            while found is None and time.monotonic() < until:
                time.sleep(LOOK_EVERY_S)
                found = self._redis.get(self._answer(request))
        return None if found is None else text_of(found)

    def take(self) -> str | None:
        """A request that somebody still waits for, or None."""
        with plainly():
            taken = self._redis.lpop(self.name)
            if not isinstance(taken, (bytes, str)):
                return None
            request = text_of(taken)
            return request if self._redis.exists(self._asked(request)) else None

    def reply(self, request: str, answer: str, *, kept_s: int) -> None:
        """Answer whoever waits for *request*, and whoever asks the same within *kept_s*."""
        with plainly():
            self._redis.set(self._answer(request), answer, ex=kept_s)
            self._redis.delete(self._asked(request))

    def _answer(self, request: str) -> str:
        return f"{self.name}:{request}"

    def _asked(self, request: str) -> str:
        return f"{self._answer(request)}:asked"
