"""How long a piece of work waits for a lock of the database: less while a person waits for the answer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

PERSON_S = 3.5
"""A person who asks or clicks is told within five seconds: this, and the time that telling takes."""

SAVING_S = 10.0
"""Somebody who was told already that it takes a while waits so long."""

_PATIENCE: ContextVar[float | None] = ContextVar("tocsin_patience", default=None)


def patience() -> float | None:
    """The seconds that this thread's work waits for a lock; None where nobody waits for it."""
    return _PATIENCE.get()


@contextmanager
def hurried(seconds: float = PERSON_S) -> Iterator[None]:
    """Wait no longer than *seconds* for any lock inside the block."""
    token = _PATIENCE.set(seconds)
    try:
        yield
    finally:
        _PATIENCE.reset(token)
