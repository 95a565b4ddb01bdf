"""The progress bar of a training: what is done, the losses, the time left."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

Show = Callable[[int, Mapping[str, float]], None]


@contextmanager
def shown(name: str, steps: int, *, began: int = 0) -> Iterator[Show]:
    """A bar of *steps* steps; call what it gives with the steps done and the losses of the last one."""
    averages: dict[str, float] = {}
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    with Progress(*columns) as progress:
        bar = progress.add_task(name, total=steps, completed=began)

        def show(done: int, losses: Mapping[str, float]) -> None:
            for key, value in losses.items():
                averages[key] = 0.95 * averages.get(key, value) + 0.05 * value
            said = " ".join(f"{key} {value:.3f}" for key, value in sorted(averages.items()))
            progress.update(bar, completed=done, description=f"{name}: {said}")

        yield show
