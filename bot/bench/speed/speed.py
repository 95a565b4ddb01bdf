"""``tocsin bench engine``: the reader against the three pipelines that one would use instead, on this machine.

A core-second is a second of processor time, all threads of the process together, so that a machine which is busy with
something else as well is measured fairly. On a GPU the clock on the wall counts.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console

from bot.bench.speed.probe import Footprint, footprint
from bot.bench.speed.shared_device import SharedThroughput
from bot.bench.speed.shared_device import measure as measure_shared
from bot.bench.speed.table import show
from bot.bench.speed.texts import Pair, as_pairs, made_up, of_file
from bot.models.registry import open_reader

if TYPE_CHECKING:
    from engine.model.reader import Reader
    from engine.model.reference_pipelines import Size

AT_LEAST = 1.0
"""Processor seconds that each is measured for, again and again on the same texts."""
MOST_READERS = 16
SHARED_FOR = 10
"""Times as long are several readers measured: some begin a round before others end theirs."""


@dataclass(frozen=True, kw_only=True)
class Throughput:
    """*core* posts a core-second, *wall* posts a second, *outputs* of the last round."""

    core: float
    wall: float
    outputs: int


@dataclass(frozen=True, kw_only=True)
class SpeedReport:
    """What was measured. *pipelines* by task; *together* is all three on every text. *agreement* is the share of texts
    that int8 and fp32 give the same sentiment (None where the machine does no int8); *tokenisation* the share of our
    time; *shared* is several readers on the device together, *of_floor* the share of its arithmetic that the quicker of
    the two takes (None without a known GPU)."""

    texts: int
    tokens: float
    device: str
    threads: int
    precision: str
    layers: int
    pipelines: dict[str, Throughput]
    together: Throughput
    naive: Throughput
    ours: Throughput
    agreement: float | None
    tokenisation: float
    shared: SharedThroughput | None
    of_floor: float | None
    worker: Footprint | None

    @property
    def times_pipelines(self) -> float:
        return self._rate(self.ours) / self._rate(self.together)

    @property
    def times_naive(self) -> float:
        return self._rate(self.ours) / self._rate(self.naive)

    def _rate(self, pace: Throughput) -> float:
        return pace.core if self.device == "CPU" else pace.wall

    def as_json(self) -> dict[str, Any]:
        return {
            **asdict(self),
            "times_pipelines": round(self.times_pipelines, 2),
            "times_naive": round(self.times_naive, 2),
        }


def measure(
    texts: Sequence[str],
    *,
    model: str = "",
    base: Size | None = None,
    small: Size | None = None,
    worker: bool = True,
    readers: int | None = None,
    at_least: float = AT_LEAST,
) -> SpeedReport:
    """Measure everything on *texts*; *base* and *small* are the sizes of the rivals, *worker* is whether a process of
    its own is started to see its memory and its start, *readers* how many share the device (None: one a core on a GPU,
    none on a CPU), *at_least* what each is measured for."""
    from engine.model import reference_pipelines

    reader = open_reader(model)
    pairs = as_pairs(texts)
    tokens = sum(len(chunk.ids) for chunks in reader.encode(pairs) for chunk in chunks) / len(texts)
    name = reference_pipelines.device_name(reader.device)

    def pace(read: Callable[[], int]) -> Throughput:
        return _pace(read, len(texts), at_least)

    ours, encoding = pace(lambda: len(reader.read(pairs))), pace(lambda: len(reader.encode(pairs)))
    others = reference_pipelines.pipelines(
        reader.tokenizer, reader.device, base=base or reference_pipelines.BASE, small=small or reference_pipelines.SMALL
    )
    paces = {task: pace(partial(answer, texts)) for task, answer in others.items()}
    loop = reference_pipelines.one_at_a_time(model, reader.device)
    if readers is None:
        readers = min(MOST_READERS, os.cpu_count() or 1) if reader.device.type == "cuda" else 0
    shared = measure_shared(texts, model, readers, at_least=SHARED_FOR * at_least) if readers else None
    peak = reference_pipelines.peak_tflops(name)
    flop = reference_pipelines.FLOOR_GFLOP * 1e9 * reader.layers * tokens / 64
    return SpeedReport(
        texts=len(texts),
        tokens=round(tokens, 1),
        device=name,
        threads=reference_pipelines.threads(),
        precision=reader.precision,
        layers=reader.layers,
        pipelines=paces,
        together=_together(list(paces.values())),
        naive=pace(partial(loop, texts)),
        ours=ours,
        agreement=_agreement(reader, pairs, model),
        tokenisation=round(ours.core / encoding.core, 4),
        shared=shared,
        of_floor=max(ours.wall, shared.wall if shared else 0.0) * flop / (peak * 1e12) if peak else None,
        worker=footprint(model) if worker else None,
    )


def _pace(read: Callable[[], int], count: int, at_least: float) -> Throughput:
    """Rounds of *count* posts; the first warms up, and counts only where another would take long."""
    spent, passed, outputs = _timed(read)
    rounds = 1
    if spent < 4 * at_least:
        spent, passed, rounds = 0.0, 0.0, 0
    while spent < at_least:
        more, longer, outputs = _timed(read)
        spent, passed, rounds = spent + more, passed + longer, rounds + 1
    return Throughput(core=rounds * count / spent, wall=rounds * count / passed, outputs=outputs)


def _timed(read: Callable[[], int]) -> tuple[float, float, int]:
    cpu, wall = time.process_time(), time.perf_counter()
    outputs = read()
    return max(time.process_time() - cpu, 1e-9), max(time.perf_counter() - wall, 1e-9), outputs


def _together(paces: Sequence[Throughput]) -> Throughput:
    """One after the other on the same texts."""
    return Throughput(
        core=1 / sum(1 / pace.core for pace in paces),
        wall=1 / sum(1 / pace.wall for pace in paces),
        outputs=sum(pace.outputs for pace in paces),
    )


def _agreement(reader: Reader, pairs: Sequence[Pair], model: str) -> float | None:
    from engine.model.reader import Reader as Opened

    if reader.precision == "fp32":
        return None
    exact = Opened.open(model or None, device=str(reader.device), precision="fp32")
    labels = [[reading.sentiment.label for reading in each.read(pairs)] for each in (reader, exact)]
    return sum(a is b for a, b in zip(*labels, strict=True)) / len(pairs)


def run(texts: int, *, file: Path | None, model: str, readers: int | None, as_json: bool) -> None:
    """Measure on *texts* texts, made up or of *file*, and print a table or one JSON object."""
    chosen = of_file(file, texts) if file else made_up(texts)
    waiting = Console(stderr=True).status("Measuring; the pipelines take their time …")
    with nullcontext() if as_json else waiting:
        report = measure(chosen, model=model, readers=readers)
    show(report, as_json=as_json)
