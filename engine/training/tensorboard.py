"""Curves of a training run for TensorBoard, where that is installed (``tocsin[train]``); training needs none of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any


class Curves:
    """Written under *folder*; a package that is missing or a disk that is full is said once, and training goes on."""

    def __init__(self, folder: Path, say: Callable[[str], None]) -> None:
        self._say = say
        self._writer: Any = None
        try:
            from torch.utils.tensorboard import SummaryWriter

            self._writer = SummaryWriter(str(folder))
        except ImportError:
            say("No curves are drawn: TensorBoard is not installed (pip install 'tocsin[train]'). Training goes on.")
        except OSError as error:
            self._give_up(error)

    def add(self, figures: Mapping[str, float], step: int) -> None:
        """One point of each curve."""
        if self._writer is None:
            return
        try:
            for name, value in figures.items():
                self._writer.add_scalar(name, value, step)
        except OSError as error:
            self._give_up(error)

    def close(self) -> None:
        """Write what is left."""
        if self._writer is not None:
            try:
                self._writer.close()
            except OSError as error:
                self._give_up(error)
            self._writer = None

    def _give_up(self, error: OSError) -> None:
        self._writer = None
        self._say(f"No more curves are drawn: they cannot be written ({error.strerror or error}). Training goes on.")
