"""Counts in time buckets: the memory that baselines are taken from. No clock, no judgement.

A ring holds a fixed span. What is older than the span is forgotten, what is newer moves the span on.
"""

from __future__ import annotations

import zlib
from datetime import datetime, timedelta
from enum import IntEnum
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.post import RISKS

if TYPE_CHECKING:
    from numpy.typing import NDArray

SPAN = timedelta(days=28)
BUCKET = timedelta(minutes=5)
HOUR = timedelta(hours=1)


class Column(IntEnum):
    """What is counted in each five-minute bucket.

    Everything feeds the baseline; only what is LIVE (fresh, not a copy, not history) can ring. Titles are
    posts on a board; the negative ones are weighed by how sure the reader was.
    """

    VOLUME = 0
    NEGATIVE = 1
    POSITIVE = 2
    LIVE = 3
    LIVE_NEGATIVE = 4
    TITLES = 5
    NEGATIVE_TITLES = 6
    LIVE_TITLES = 7
    LIVE_NEGATIVE_TITLES = 8
    LATE = 9  # by the time of arrival, not of writing


class Ring:
    """A table of sums, *rows* buckets of *step* by *columns*, float32. The last row is the newest bucket."""

    def __init__(self, *, step: timedelta, columns: int, span: timedelta = SPAN) -> None:
        self.step = int(step.total_seconds())
        self.cells: NDArray[np.float32] = np.zeros((span // step, columns), np.float32)
        self.head: int | None = None

    def bucket(self, at: datetime) -> int:
        """The number of the bucket that *at* (aware) falls into, counted from 1970."""
        return int(at.timestamp() // self.step)

    def add(self, at: datetime, column: int, amount: float = 1.0) -> None:
        """Add *amount* to the bucket of *at*; what is older than the span is dropped. No cell falls below zero."""
        bucket = self.bucket(at)
        if self.head is None or bucket > self.head:
            self._advance(bucket)
        assert self.head is not None
        row = len(self.cells) - 1 - (self.head - bucket)
        if row >= 0:
            self.cells[row, column] = max(self.cells[row, column] + amount, 0.0)

    def _advance(self, bucket: int) -> None:
        moved = len(self.cells) if self.head is None else min(bucket - self.head, len(self.cells))
        self.cells[:-moved] = self.cells[moved:]
        self.cells[-moved:] = 0
        self.head = bucket

    def until(self, now: datetime, rows: int | None = None) -> NDArray[np.float32]:
        """The last *rows* buckets up to and with that of *now*, shape (rows, columns)."""
        height, columns = self.cells.shape
        rows = height if rows is None else rows
        out = np.zeros((rows, columns), np.float32)
        if self.head is None:
            return out
        end = height + self.bucket(now) - self.head  # one past the row of now; may lie outside
        start = end - rows
        low, high = max(start, 0), min(end, height)
        if low < high:
            out[low - start : high - start] = self.cells[low:high]
        return out

    def behind(self, now: datetime) -> timedelta:
        """How long before *now* the newest bucket is; below zero if it lies in the future."""
        head = self.bucket(now) if self.head is None else self.head
        return timedelta(seconds=(self.bucket(now) - head) * self.step)

    def reach(self, now: datetime) -> timedelta:
        """How far back from *now* the ring remembers: less than its span if it has seen a later time."""
        span = timedelta(seconds=len(self.cells) * self.step)
        return max(span + min(self.behind(now), timedelta(0)), timedelta(0))

    def clear(self) -> None:
        """Forget everything."""
        self.cells[:] = 0
        self.head = None

    def dump(self) -> tuple[dict[str, Any], bytes]:
        """A header for JSON and the cells that are not zero, compressed."""
        kept = np.flatnonzero(self.cells.any(axis=1)).astype(np.uint16)
        packed = zlib.compress(kept.tobytes() + self.cells[kept].tobytes(), 1)
        return {"head": self.head, "kept": len(kept), "columns": self.cells.shape[1]}, packed

    def load(self, header: dict[str, Any], packed: bytes) -> None:
        """Take over what ``dump`` gave; a ring of other columns is left empty."""
        if header["columns"] != self.cells.shape[1]:
            return
        raw, kept = zlib.decompress(packed), header["kept"]
        rows = np.frombuffer(raw, np.uint16, kept)
        self.cells[rows] = np.frombuffer(raw, np.float32, offset=2 * kept).reshape(kept, header["columns"])
        self.head = header["head"]


def counts_ring() -> Ring:
    """Posts by kind (``Column``) in buckets of five minutes."""
    return Ring(step=BUCKET, columns=len(Column))


def risks_ring() -> Ring:
    """The mass of each risk by the hour: first of all posts, then of the live ones alone."""
    return Ring(step=HOUR, columns=2 * len(RISKS))
