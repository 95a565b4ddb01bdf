"""Several readers that share one device, each in a process of its own as workers are: what they read in a second.

A post costs Python more time than it costs a GPU, so one process leaves a GPU idle most of the time; several keep it
busy.
"""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, wait
from dataclasses import dataclass
from multiprocessing import get_context
from threading import Barrier, BrokenBarrierError

from bot.errors import LocalisedError
from bot.i18n.engine_faults import engine_fault
from bot.i18n.localised import LocalisedText, localised
from engine.errors import EngineError

PATIENCE = 600.0
"""Seconds for the slowest process to be ready."""


@dataclass(frozen=True, kw_only=True)
class SharedThroughput:
    """*readers* processes read *wall* posts a second together, of which they read *outputs* to tell."""

    readers: int
    wall: float
    outputs: int


def measure(texts: Sequence[str], model: str, readers: int, *, at_least: float) -> SharedThroughput:
    """Let *readers* processes read *texts* again and again for *at_least* seconds, all from the same moment on; raises
    LocalisedError if one of them cannot."""
    context = get_context("spawn")  # a forked process may not touch a GPU
    with context.Manager() as manager, ProcessPoolExecutor(readers, mp_context=context) as pool:
        start = manager.Barrier(readers)
        runs = [pool.submit(_read, list(texts), model, at_least, start) for _ in range(readers)]
        wait(runs)
    if errors := [error for run in runs if (error := run.exception())]:
        own = next((error for error in errors if not isinstance(error, BrokenBarrierError)), None)
        raise LocalisedError("bench.not_shared", readers=readers, why=_why(own))
    counts, spans = zip(*(run.result() for run in runs), strict=True)
    return SharedThroughput(readers=readers, wall=sum(counts) / max(spans), outputs=sum(counts))


def _why(error: BaseException | None) -> str | LocalisedText:
    """What *error* says; None is that of somebody who waited too long."""
    if error is None:
        return localised("bench.not_ready", seconds=f"{PATIENCE:.0f}")
    return engine_fault(error) if isinstance(error, EngineError) else str(error) or type(error).__name__


def _read(texts: Sequence[str], model: str, at_least: float, start: Barrier) -> tuple[int, float]:
    """Posts read, and seconds, from when all are ready."""
    for threads in ("OMP_NUM_THREADS", "RAYON_NUM_THREADS"):  # each keeps to one core, or they would fight for all
        os.environ[threads] = "1"
    try:
        from bot.bench.speed.texts import as_pairs
        from bot.models.registry import open_reader

        reader, pairs = open_reader(model), as_pairs(texts)
        reader.read(pairs)
    except BaseException:
        start.abort()  # nobody is to wait for this one
        raise
    start.wait(PATIENCE)
    began, count = time.perf_counter(), 0
    while time.perf_counter() - began < at_least:
        count += len(reader.read(pairs))
    return count, time.perf_counter() - began
