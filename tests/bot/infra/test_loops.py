"""Loops: they go on whatever a tick throws, and stop when told."""

from __future__ import annotations

import threading

from bot.errors import TocsinError
from bot.infra.loops import Loop


def test_a_loop_survives_its_ticks_and_says_what_is_wrong() -> None:
    done = threading.Event()
    calls: list[int] = []

    def tick() -> int:
        calls.append(len(calls))
        if len(calls) == 1:
            raise TocsinError("The database is away.")
        done.set()
        return 0

    loop = Loop("test", tick, pause=0.01)
    loop.start()
    assert done.wait(10)
    loop.stop()
    assert not loop.alive
    assert loop.fault == ""


def test_a_fault_stands_until_a_tick_succeeds() -> None:
    failed = threading.Event()

    def tick() -> int:
        failed.set()
        raise TocsinError("The database is away.")

    loop = Loop("test", tick, pause=0.01)
    loop.start()
    assert failed.wait(10)
    loop.stop()
    assert loop.fault == "The database is away."


def test_waking_does_not_wait_for_the_pause() -> None:
    ticks = threading.Semaphore(0)

    def tick() -> int:
        ticks.release()
        return 0

    loop = Loop("test", tick, pause=3600)
    loop.start()
    assert ticks.acquire(timeout=10)
    loop.wake()
    assert ticks.acquire(timeout=10)
    loop.stop()
