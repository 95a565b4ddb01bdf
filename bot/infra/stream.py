"""The stream on which matches travel to the workers: names of rows in the store, never posts.

At least once: an entry stays until a worker has acknowledged it, and is handed to another one when the first
fell silent. Nothing that must survive lives here: when the server has lost what it held, the group is made
anew, ``take_loss`` says so once, and the store tells what is still unread.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import redis

from bot.errors import LocalisedError
from bot.records import Ref

BLOCK_LIMIT_MS = 4000  # redis-py gives a socket up after 5 s
PUBLISH_BATCH = 500


class StreamError(LocalisedError):
    """Redis cannot be used."""


@dataclass(frozen=True, kw_only=True)
class StreamEntry:
    """A ref as it reached a worker: *id* acknowledges it, *times* is how often it was handed out, from 1."""

    id: str
    ref: Ref
    times: int = 1


class Stream:
    """One Redis stream with one consumer group. Every method raises StreamError when Redis cannot be used."""

    def __init__(self, client: redis.Redis, name: str = "tocsin:matches", group: str = "tocsin:workers") -> None:
        self._redis, self.name, self.group = client, name, group
        self._suspects = f"{name}:suspects"
        self._lost = False

    def publish(self, refs: Sequence[Ref]) -> None:
        """Put *refs* on the stream. Doing so twice is harmless: the store knows what was read."""
        with plainly():
            for start in range(0, len(refs), PUBLISH_BATCH):
                pipeline = self._redis.pipeline(transaction=False)
                for ref in refs[start : start + PUBLISH_BATCH]:
                    pipeline.xadd(self.name, {"post": ref.post_id, "topic": ref.topic_id})
                pipeline.execute()

    def read(self, consumer: str, count: int, block_ms: int = 0) -> list[StreamEntry]:
        """At most *count* entries that nobody was given yet, waiting up to *block_ms* (0 = not at all)."""
        block = min(block_ms, BLOCK_LIMIT_MS) or None
        answer = self._grouped(
            lambda: self._redis.xreadgroup(self.group, consumer, {self.name: ">"}, count=count, block=block)
        )
        streams = answer.items() if isinstance(answer, dict) else answer or []
        return [StreamEntry(id=text_of(key), ref=_ref(fields)) for _, found in streams for key, fields in found]

    def reclaim(self, consumer: str, idle_ms: int, count: int) -> list[StreamEntry]:
        """Make *consumer* the owner of at most *count* entries that nobody acknowledged for *idle_ms*."""
        claimed: list[Any] = []
        cursor = "0-0"
        while len(claimed) < count:
            cursor, found = self._claim(consumer, idle_ms, cursor, count - len(claimed))
            claimed += found
            if cursor == "0-0":
                break
        times = self._times(consumer, [text_of(key) for key, _ in claimed])
        return [
            StreamEntry(id=text_of(key), ref=_ref(fields), times=times.get(text_of(key), 1)) for key, fields in claimed
        ]

    def ack(self, ids: Sequence[str]) -> None:
        """These are done: take them off the stream."""
        if not ids:
            return
        with plainly():
            pipeline = self._redis.pipeline(transaction=True)
            pipeline.xack(self.name, self.group, *ids)
            pipeline.xdel(self.name, *ids)
            pipeline.hdel(self._suspects, *ids)
            pipeline.execute()

    def suspect(self, entry: str) -> int:
        """Note, before it is dared, that *entry* is tried alone; how often that was noted and not cleared.

        More than once means that whoever tried it before did not live to tell.
        """
        with plainly():
            return int(self._redis.hincrby(self._suspects, entry, 1))

    def clear(self, entry: str) -> None:
        """Whoever tried *entry* alone has lived."""
        with plainly():
            self._redis.hdel(self._suspects, entry)

    def lag(self) -> int:
        """How many entries are not done yet: those that wait and those in work."""
        with plainly():
            return int(self._redis.xlen(self.name))

    def forget_idle(self, idle: timedelta) -> None:
        """Forget the workers that were not heard of for *idle* and left nothing behind: each process is a new one."""
        with plainly():
            try:
                consumers = self._redis.xinfo_consumers(self.name, self.group)
            except redis.ResponseError:
                return  # no stream yet, or no group
            for consumer in consumers:
                if not consumer["pending"] and consumer["idle"] > idle / timedelta(milliseconds=1):
                    self._redis.xgroup_delconsumer(self.name, self.group, text_of(consumer["name"]))

    def take_loss(self) -> bool:
        """True once after the group had to be made: on a new server, or on one that lost what it held."""
        lost, self._lost = self._lost, False
        return lost

    def _claim(self, consumer: str, idle_ms: int, cursor: str, count: int) -> tuple[str, list[Any]]:
        """One step through the entries in work: where the next begins (0-0 = all seen), and what was idle."""
        answer = self._grouped(
            lambda: self._redis.xautoclaim(self.name, self.group, consumer, idle_ms, cursor, count=count)
        )
        return text_of(answer[0]), list(answer[1])

    def _times(self, consumer: str, ids: Sequence[str]) -> dict[str, int]:
        """How often each of *ids*, in the order of the stream and all *consumer*'s, was handed out."""
        if not ids:
            return {}
        with plainly():
            rows = self._redis.xpending_range(self.name, self.group, ids[0], ids[-1], 10 * len(ids), consumer)
        return {text_of(row["message_id"]): int(row["times_delivered"]) for row in rows}

    def _grouped(self, ask: Callable[[], Any]) -> Any:
        """What *ask* answers, after making the group if there is none."""
        with plainly():
            try:
                return ask()
            except redis.ResponseError as error:
                if not str(error).startswith("NOGROUP"):
                    raise
            self._make_group()
            return ask()

    def _make_group(self) -> None:
        self._lost = True
        try:
            # From 0, not from $: what was published before the group existed must be read too.
            self._redis.xgroup_create(self.name, self.group, id="0", mkstream=True)
        except redis.ResponseError as error:
            if not str(error).startswith("BUSYGROUP"):  # another worker was faster
                raise


@contextmanager
def plainly() -> Iterator[None]:
    try:
        yield
    except redis.RedisError as error:
        raise StreamError("redis.unusable", why=error) from error


def text_of(value: bytes | str | int) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def _ref(fields: dict[bytes | str, bytes | str]) -> Ref:
    named = {text_of(key): text_of(value) for key, value in fields.items()}
    return Ref(named["post"], int(named["topic"]))
