"""Where the time comes from. Everything that needs the time is given a clock; nothing asks the system itself."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta
from typing import Protocol

SKEW = timedelta(minutes=1)
"""By how much the clocks of two machines may differ."""

AHEAD = timedelta(minutes=10)
"""What was last done longer ago than a moment is asked for with moments of the last minutes: a time that lies so far
after one was written by a clock that ran ahead."""


def come(at: datetime, now: datetime, longest: timedelta) -> bool:
    """True if the moment *at* has come, or lies further ahead than the *longest* that could have been set.

    Then a clock ran ahead when it was set, and is right by now: such a time is not believed.
    """
    return at <= now or at > now + longest + SKEW


class Clock(Protocol):
    def now(self) -> datetime:
        """The time, aware and UTC."""

    def wait(self, seconds: float, stop: threading.Event) -> bool:
        """Wait *seconds* of this clock's time, or until *stop* is set; True if it was set."""


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)

    def wait(self, seconds: float, stop: threading.Event) -> bool:
        return stop.wait(seconds)


class FastClock:
    """A clock that starts at *start* and runs *speed* times as fast as the system's: the demonstration's."""

    def __init__(self, start: datetime, speed: float) -> None:
        self._start, self._speed, self._origin = start, speed, time.monotonic()

    def now(self) -> datetime:
        return self._start + timedelta(seconds=(time.monotonic() - self._origin) * self._speed)

    def wait(self, seconds: float, stop: threading.Event) -> bool:
        return stop.wait(seconds / self._speed)


class VirtualClock:
    """A clock that stands still until it is set: replay, backtest and tests."""

    def __init__(self, start: datetime) -> None:
        self._now = start

    def now(self) -> datetime:
        return self._now

    def set(self, now: datetime) -> None:
        if now < self._now:
            raise ValueError(f"a virtual clock only goes forward: {now} is before {self._now}")
        self._now = now

    def wait(self, seconds: float, stop: threading.Event) -> bool:
        self._now += timedelta(seconds=seconds)
        return stop.is_set()
