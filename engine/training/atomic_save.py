"""Writing what must never be half there. A full disk is a plain sentence, and what stood before still stands."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from safetensors import SafetensorError
from transformers import PreTrainedTokenizerFast

from engine.errors import EngineError
from engine.model.loading import save
from engine.model.network import TocsinNetwork


class TrainingError(EngineError):
    """Training cannot go on."""


@contextmanager
def writing(folder: Path) -> Iterator[None]:
    """Turn a write under *folder* that failed into a TrainingError; torch and safetensors have errors of their own."""
    try:
        yield
    except (OSError, RuntimeError, SafetensorError) as error:
        raise _fault(folder, error) from error


def _fault(folder: Path, error: Exception) -> TrainingError:
    number = getattr(error, "errno", None)
    if number in (errno.ENOSPC, errno.EDQUOT) or "space left" in str(error) or _is_full(folder):
        return TrainingError("training.full", folder=folder)
    return TrainingError("training.unwritable", folder=folder, why=getattr(error, "strerror", None) or error)


def _is_full(folder: Path) -> bool:
    """torch says only that a write failed, not why."""
    there = next((place for place in (folder, *folder.parents) if place.exists()), Path())
    return shutil.disk_usage(there).free < 2**20


def save_whole(
    network: TocsinNetwork, tokenizer: PreTrainedTokenizerFast, folder: Path, texts: Mapping[str, str] | None = None
) -> None:
    """Save a model with its *texts* (name → content) into *folder*; it is made beside it and moved in when complete.

    Raises TrainingError; what *folder* held before is then as it was.
    """
    made = folder.with_name(f".{folder.name}.new")
    with writing(folder):
        try:
            shutil.rmtree(made, ignore_errors=True)
            save(network, tokenizer, made)
            for name, text in (texts or {}).items():
                (made / name).write_text(text, encoding="utf-8")
            folder.mkdir(parents=True, exist_ok=True)
            for part in sorted(made.iterdir()):
                part.replace(folder / part.name)
        finally:
            shutil.rmtree(made, ignore_errors=True)


def write_text(path: Path, text: str) -> None:
    """Replace *path* by *text* at once, or leave it as it was."""
    made = path.with_name(f".{path.name}.new")
    with writing(path.parent):
        try:
            made.write_text(text, encoding="utf-8")
            made.replace(path)
        finally:
            made.unlink(missing_ok=True)
