"""What the numbers mean that people read: the one place that counts, for signals, answers, charts and lists.

*Posts* are all posts of a topic that were read: originals and copies, what came late, history, titles on boards. Each
counts at the time at which it was written. *Negative* ones are those that read as negative, or that people said are.
What people said is not about the topic is no post of it. *Titles* and posts that *speak of* a risk are originals alone,
fresh ones: the proofs of a topic. The posts of a *story* are counted since it began.

A *window* ends now and is made of whole steps of five minutes, the present one being the last: ``begin`` says from
when on it counts. *Usual* is the median of what the same window brought on each of the days before, seven at most.
What a signal rings for is another question: only fresh originals can ring (see ``engine.watch.signals``), and of days
that the team expects as many posts as on other days (``as_ordinary``).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from statistics import median
from typing import TYPE_CHECKING

import numpy as np

from engine.trend import BASELINE_DAYS
from engine.watch.windows import BUCKET, Column

if TYPE_CHECKING:
    from engine.watch.snapshot import Snapshot, Table

DAY = timedelta(days=1)
PER_DAY = DAY // BUCKET
STEP_S = int(BUCKET.total_seconds())

FEWEST_FOR_SHARE = 50
"""Fewer posts than this in the days before have no usual share."""


def begin(now: datetime, length: timedelta) -> datetime:
    """The moment from which on the window of *length* counts that ends at *now*.

    >>> begin(datetime(2026, 3, 1, 8, 3, tzinfo=UTC), timedelta(hours=1)).isoformat()
    '2026-03-01T07:05:00+00:00'
    """
    past_the_end = int(now.timestamp() // STEP_S) + 1
    return datetime.fromtimestamp((past_the_end - length // BUCKET) * STEP_S, UTC)


def count(snapshot: Snapshot, column: Column, length: timedelta = DAY) -> int:
    """The posts of *column* in the last *length*."""
    return round(float(snapshot.column(column, length).sum()))


def usual(snapshot: Snapshot, column: Column, length: timedelta = DAY) -> float | None:
    """What the window usually holds; None without a baseline."""
    if not snapshot.has_baseline:
        return None
    width, end = length // BUCKET, len(snapshot.counts)
    days = min((snapshot.covered - length) // DAY, BASELINE_DAYS)
    ends = [end - day * PER_DAY for day in range(1, days + 1)]
    return float(median([float(snapshot.counts[last - width : last, column].sum()) for last in ends]))


def share(snapshot: Snapshot, length: timedelta = DAY) -> float:
    """The part (0-1) of the posts of the last *length* that is negative; 0 without any."""
    return count(snapshot, Column.NEGATIVE, length) / max(count(snapshot, Column.VOLUME, length), 1)


def usual_share(snapshot: Snapshot) -> float | None:
    """The part (0-1) of the posts of the days before the last one that was negative; None without a baseline."""
    before = snapshot.counts[:-PER_DAY]
    posts = float(before[:, Column.VOLUME].sum())
    if not snapshot.has_baseline or posts < FEWEST_FOR_SHARE:
        return None
    return float(before[:, Column.NEGATIVE].sum()) / posts


def as_ordinary(snapshot: Snapshot) -> Table:
    """The counts of *snapshot*, where posts of expected days are as many as the other days brought at that hour."""
    rows = len(snapshot.counts)
    starts = (int(snapshot.now.timestamp()) // STEP_S - np.arange(rows - 1, -1, -1)) * STEP_S
    expected = np.zeros(rows, np.bool_)
    for first, end in snapshot.calendar.spans:
        expected |= (starts >= first) & (starts < end)
    if not expected.any():
        return snapshot.counts
    known = ~expected
    known[: max(rows - snapshot.covered // BUCKET, 0)] = False
    table = snapshot.counts.copy()
    for column in (Column.VOLUME, Column.LIVE):
        days = np.where(known, table[:, column], 0.0).reshape(-1, PER_DAY)
        usual = days.sum(axis=0) / np.maximum(known.reshape(-1, PER_DAY).sum(axis=0), 1)
        table[:, column] = np.where(expected, np.tile(usual, len(days)), table[:, column])
    return table
