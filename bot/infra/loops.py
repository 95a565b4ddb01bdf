"""Threads that do one thing again and again until they are told to stop."""

from __future__ import annotations

import threading
from collections.abc import Callable

import structlog

from bot.errors import TocsinError
from bot.infra.error_trail import log_expected, log_unexpected

log = structlog.get_logger("tocsin.loops")

LONGEST_PAUSE_S = 30.0


class Loop:
    """Calls *tick* until stopped, *pause* seconds apart; a tick that did something (a number above 0) is followed
    by the next at once. A tick that fails is logged and tried again, ever more slowly."""

    def __init__(self, name: str, tick: Callable[[], int], *, pause: float) -> None:
        self._name, self._tick, self._pause = name, tick, pause
        self._stop, self._wake = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"tocsin-{name}", daemon=True)
        self._failures = 0
        self.fault = ""

    def start(self) -> None:
        self._thread.start()

    def wake(self) -> None:
        """Do not wait for the pause to end."""
        self._wake.set()

    def stop(self, timeout: float = 10.0) -> None:
        """Ask the loop to end and wait for the tick under way."""
        self._stop.set()
        self._wake.set()
        if self._thread.is_alive() and self._thread is not threading.current_thread():
            self._thread.join(timeout)

    @property
    def alive(self) -> bool:
        return self._thread.is_alive()

    def _run(self) -> None:
        while not self._stop.is_set():
            pause = self._once()
            if pause and not self._stop.is_set():
                self._wake.wait(pause)
            self._wake.clear()

    def _once(self) -> float:
        """Tick once; how long to wait now."""
        try:
            done = self._tick()
        except TocsinError as error:
            self.fault = str(error)
            log_expected(log.error, "loop_failed", error, loop=self._name)
        except Exception as error:  # a loop that ended would be an alarm bell that is silent
            reference = log_unexpected(log.error, "loop_broke", error, loop=self._name)
            self.fault = f"Something unexpected goes wrong in “{self._name}”: look for {reference} in the log."
        else:
            self._failures, self.fault = 0, ""
            return 0.0 if done else self._pause
        self._failures += 1
        return min(LONGEST_PAUSE_S, max(self._pause, 0.5) * 2.0 ** min(self._failures, 8))
