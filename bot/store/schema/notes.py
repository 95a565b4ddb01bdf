"""Signals and notes as incidents store them, and as version 0.1 stored them: with finished sentences.

An old sentence is kept as it was written (see ``AS_WRITTEN``): nobody can tell any more which numbers were in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import BeforeValidator

from bot.i18n.as_written import AS_WRITTEN
from engine.post import Note, Signal


def _signal(stored: object) -> object:
    """An old signal has a ``text`` (by language) where one of today has a ``reason``."""
    if not isinstance(stored, Mapping) or "text" not in stored:
        return stored
    rest = {name: value for name, value in stored.items() if name != "text"}
    return {**rest, "reason": {"code": AS_WRITTEN, "values": stored["text"]}}


def _note(stored: object) -> object:
    """An old note is a mapping of sentences by language."""
    if not isinstance(stored, Mapping) or "code" in stored:
        return stored
    return {"code": AS_WRITTEN, "values": stored}


StoredSignals = tuple[Annotated[Signal, BeforeValidator(_signal)], ...]
StoredNotes = tuple[Annotated[Note, BeforeValidator(_note)], ...]
