"""What a worker costs: run as a program, it starts like one, reads, and says when it was ready and what memory it took.

``python -m bot.bench.speed.probe [MODEL]`` writes the processor time after the first reading, in seconds, and the
peak of resident memory after the last, in MB.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from bot.bench.speed.texts import as_pairs, made_up
from bot.errors import LocalisedError
from bot.models.registry import open_reader

READ = 256


@dataclass(frozen=True, kw_only=True)
class Footprint:
    """*first_reading* in seconds on the wall from the start of the process, *first_core* in processor seconds, which a
    busy machine does not stretch; *memory* in MB, the peak of resident memory."""

    first_reading: float
    first_core: float
    memory: float


def footprint(model: str) -> Footprint:
    """Start a fresh process that works as a worker does, and watch it."""
    start = time.perf_counter()
    command = [sys.executable, "-m", "bot.bench.speed.probe", model]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:  # noqa: S603  our own module
        assert child.stdout is not None
        first = child.stdout.readline().strip()
        ready = time.perf_counter() - start
        rest = child.stdout.read().strip()
    if not first or not rest:
        raise LocalisedError("bench.probe")
    return Footprint(first_reading=ready, first_core=float(first), memory=float(rest))


def main(model: str) -> None:
    """Load what a worker loads, read one post, say so, read more, say the peak."""
    import bot.app  # noqa: F401  a worker has all of it in memory

    reader = open_reader(model)
    pairs = as_pairs(made_up(READ))
    reader.read(pairs[:1])
    sys.stdout.write(f"{time.process_time():.2f}\n")
    sys.stdout.flush()
    reader.read(pairs)
    sys.stdout.write(f"{peak():.0f}\n")


def peak() -> float:
    """Peak of this process's resident memory in MB. Linux hands the parent's peak down to ``getrusage``, so there the
    kernel's own figure for the program is read."""
    status = Path("/proc/self/status")
    if status.is_file():
        line = next(line for line in status.read_text(encoding="ascii").splitlines() if line.startswith("VmHWM:"))
        return int(line.split()[1]) / 1024
    unit = 1024 * 1024 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "")
