"""Work in a process of its own: answers, faults, and a process that dies."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bot.errors import TocsinError
from bot.store import Store
from bot.work.subprocess_jobs import InlineJobRunner, JobError, JobStoppedError, SubprocessJobRunner


def process(store: Store, number: int) -> tuple[int, int, int]:
    return os.getpid(), number, len(store.topics.all())


def dies(_store: Store) -> None:
    os._exit(9)


def refuses(_store: Store) -> None:
    raise TocsinError("There is nothing to compute.")


@pytest.fixture
def beside(store: Store, tmp_path: Path) -> Iterator[SubprocessJobRunner]:
    opened = SubprocessJobRunner(f"sqlite:///{tmp_path / 'tocsin.db'}")
    yield opened
    opened.stop()


def test_it_works_in_another_process_over_the_same_database(beside: SubprocessJobRunner) -> None:
    number, answer, topics = beside.do(process, 7)
    assert number != os.getpid()
    assert (answer, topics) == (7, 0)


def test_a_fault_is_the_one_that_was_raised(beside: SubprocessJobRunner) -> None:
    with pytest.raises(TocsinError, match="nothing to compute"):
        beside.do(refuses)


def test_a_process_that_dies_is_told_and_replaced(beside: SubprocessJobRunner) -> None:
    with pytest.raises(JobError, match="ended unexpectedly"):
        beside.do(dies)
    assert beside.do(process, 1)[1] == 1


def test_work_that_takes_too_long_is_given_up(store: Store, tmp_path: Path) -> None:
    hasty = SubprocessJobRunner(f"sqlite:///{tmp_path / 'tocsin.db'}", patience=0.0)
    with pytest.raises(JobError, match="not done within"):
        hasty.do(process, 1)
    hasty.stop()


def test_here_it_is_this_process(store: Store) -> None:
    assert InlineJobRunner(store).do(process, 3)[:2] == (os.getpid(), 3)


def waits(_store: Store) -> None:
    time.sleep(60)


def test_who_waits_for_it_is_told_when_the_service_stops(beside: SubprocessJobRunner) -> None:
    """Stopping does not take as long as the work would."""
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(beside.do, waits)
        while not beside.busy:
            pass
        beside.stop()
        with pytest.raises(JobStoppedError):
            answer.result(30)
    with pytest.raises(JobStoppedError, match="being stopped"):
        beside.do(process, 1)


def interrupted(_store: Store) -> int:
    os.kill(os.getpid(), signal.SIGINT)
    time.sleep(0.05)
    return 7


def test_an_interrupt_of_the_terminal_is_for_the_service_alone(beside: SubprocessJobRunner) -> None:
    assert beside.do(interrupted) == 7
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, ())
