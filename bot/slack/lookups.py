"""What Slack answered, kept for a while. Questions are asked in threads of their own, and nobody waits for ever."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as Late
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import structlog

from bot.infra.error_trail import log_expected
from bot.slack.directory import FAULTS

T = TypeVar("T")
MOST = 20_000
"""Answers that are kept; beyond it the oldest half goes."""

log = structlog.get_logger("tocsin.slack")


@dataclass(frozen=True, kw_only=True)
class _Kept:
    value: Any
    at: float


class Lookup(Generic[T]):
    """One question under way, or its answer."""

    def __init__(self, known: T | None, asked: Future[T] | None = None, *, stale: T | None = None) -> None:
        self._known, self._asked, self._stale = known, asked, stale

    def wait(self, seconds: float) -> T | None:
        """The answer; what was answered before if Slack does not say it within *seconds*; None if nothing was."""
        if self._asked is None:
            return self._known
        try:
            return self._asked.result(max(0.0, seconds))
        except Late:
            return self._stale
        except FAULTS as error:
            log_expected(log.info, "slack_not_asked", error)
            return self._stale


class Lookups:
    """*seconds* is a monotonic clock. One question is under way once, however many wait for it."""

    def __init__(self, *, threads: int = 6, seconds: Callable[[], float] = time.monotonic) -> None:
        self.seconds = seconds
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="tocsin-lookup")
        self._lock = threading.Lock()
        self._kept: dict[Hashable, _Kept] = {}
        self._under_way: dict[Hashable, Future[Any]] = {}

    def ask(self, key: Hashable, question: Callable[[], T], *, fresh: float, stale: bool = True) -> Lookup[T]:
        """The answer if it is no older than *fresh* seconds, else a new one; *stale* allows the old one instead."""
        with self._lock:
            kept = self._kept.get(key)
            if kept is not None and self.seconds() - kept.at <= fresh:
                return Lookup(kept.value)
            under_way = self._under_way.get(key)
            if under_way is None:
                under_way = self._under_way[key] = self._pool.submit(self._answer, key, question)
        return Lookup(None, under_way, stale=kept.value if kept and stale else None)

    def stop(self) -> None:
        """Ask nothing any more."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _answer(self, key: Hashable, question: Callable[[], T]) -> T:
        try:
            value = question()
            with self._lock:
                if len(self._kept) >= MOST:
                    self._kept = dict(sorted(self._kept.items(), key=lambda item: item[1].at)[MOST // 2 :])
                self._kept[key] = _Kept(value=value, at=self.seconds())
            return value
        finally:
            with self._lock:
                self._under_way.pop(key, None)
