"""Long computing beside the service: in a process of its own, so that no thread of the service waits for it."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import CancelledError, ProcessPoolExecutor
from concurrent.futures import TimeoutError as Late
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from bot.errors import LocalisedError
from bot.infra.error_trail import raised_elsewhere, trail

if TYPE_CHECKING:
    from bot.store import Store

T = TypeVar("T")

PATIENCE_S = 1200.0
"""A job that takes longer is given up by the one who waits for it."""


class JobError(LocalisedError):
    """The work could not be done."""


class JobStoppedError(JobError):
    """The service is being stopped: nothing is wrong."""


@dataclass(frozen=True, kw_only=True)
class _Broken:
    """What the other process sends back of an error."""

    error: Exception
    frames: tuple[str, ...]


class InlineJobRunner:
    """Does the work where it is asked for."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def do(self, work: Callable[..., T], *args: object) -> T:
        return work(self._store, *args)


class SubprocessJobRunner:
    """Does the work in another process, one job after the other; the process ends after each."""

    def __init__(self, database: str, *, patience: float = PATIENCE_S) -> None:
        self._database, self._patience = database, patience
        self._pool = self._opened()
        self._stopped = False

    def do(self, work: Callable[..., T], *args: object) -> T:
        if self._stopped:
            raise JobStoppedError("job.stopping")
        try:
            with _deaf_to_interrupts():
                answer = self._pool.submit(_with_store, self._database, work, *args)
            done = answer.result(self._patience)
        except (BrokenProcessPool, CancelledError):
            if self._stopped:
                raise JobStoppedError("job.stopping") from None
            self._pool = self._opened()
            raise JobError("job.died") from None
        except Late:
            raise JobError("job.late", minutes=f"{self._patience / 60:.0f}") from None
        if isinstance(done, _Broken):
            raise raised_elsewhere(done.error, done.frames)
        return done

    @property
    def busy(self) -> bool:
        """True while its process is there."""
        return bool(self._pool._processes)

    def stop(self) -> None:
        """Take no more work; what is under way is given up with the process, and who waits for it is told."""
        self._stopped = True
        for process in list((self._pool._processes or {}).values()):
            process.terminate()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _opened(self) -> ProcessPoolExecutor:
        # spawned, not forked: a fork would copy the locks that other threads hold
        return ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn"), max_tasks_per_child=1)


@contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """What is started meanwhile hears no Ctrl-C, which a terminal sends to all: the service stops its own processes."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _with_store(database: str, work: Callable[..., T], *args: object) -> T | _Broken:
    """In the other process. An error loses its frames on the way back, so they are sent beside it."""
    from bot.store import Store

    with Store.open(database) as store:
        try:
            return work(store, *args)
        except Exception as error:
            return _Broken(error=error, frames=tuple(trail(error)))
