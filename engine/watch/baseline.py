"""Since when the counts of a topic can be compared with each other.

A topic's counts lose their past when its query is changed, when nothing at all was heard of a busy topic for
days (nobody listened, or the clock jumped), or when the clock ran so far ahead that the past was forgotten. Then
there is a new baseline, and it is said; without that, the first ordinary day afterwards would look like a storm.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from engine.post import Topic
from engine.trend import BUSY
from engine.watch.windows import BUCKET, SPAN, Column, Ring

if TYPE_CHECKING:
    from numpy.typing import NDArray

DAY = timedelta(days=1)
PER_DAY = DAY // BUCKET

SETTLING = timedelta(hours=6)
"""How long the stored posts that a changed query catches may take to be counted."""

DEAF = timedelta(days=2)
"""A topic that brought posts on most days, and none for so long, was not listened to."""

HABIT_DAYS, HABIT = 7, 5


class Why(StrEnum):
    QUERY = "query"
    SILENCE = "silence"
    CLOCK = "clock"


@dataclass(frozen=True, kw_only=True, slots=True)
class Baseline:
    """What the counts are counts of (*query*), when that changed last and why, and the oldest post that was
    counted anew since then."""

    query: str = ""
    changed_at: datetime | None = None
    why: Why = Why.QUERY
    refilled_from: datetime | None = None

    def restarted(self, now: datetime, why: Why) -> Baseline:
        return Baseline(query=self.query, changed_at=now, why=why)

    def refilled(self, at: datetime) -> Baseline:
        """After a stored post of *at* was counted: history fills what a changed query has emptied."""
        if self.changed_at is None or self.why is not Why.QUERY or at >= (self.refilled_from or self.changed_at):
            return self
        return replace(self, refilled_from=at)

    def since(self, now: datetime) -> datetime | None:
        """Since when the counts tell what is usual; None if they always did."""
        if self.changed_at is None or self.refilled_from is None or now - self.changed_at < SETTLING:
            return self.changed_at
        return self.refilled_from


@dataclass(frozen=True, kw_only=True, slots=True)
class Restart:
    """A new baseline: *since* when, and *why*; *silent* is how long nothing was heard before."""

    since: datetime
    why: Why
    silent: timedelta = timedelta(0)


def asked(topic: Topic) -> str:
    """What a topic asks for, the same for queries that differ only in case and spaces."""
    return "\n".join(" ".join(part.casefold().split()) for part in (topic.query, *sorted(topic.languages)))


def renewed(baseline: Baseline, counts: Ring, *, topic: Topic, now: datetime) -> Baseline:
    """*baseline* before a batch of *topic* is counted into *counts* at *now*.

    Counts that all lie in the future of *now* are of no use: the new baseline begins with CLOCK, and they should
    be emptied.
    """
    query, behind = asked(topic), counts.behind(now)
    if counts.head is None:
        return replace(baseline, query=query)
    if behind <= -SPAN:
        return Baseline(query=query).restarted(now, Why.CLOCK)
    if query != baseline.query:
        known = bool(baseline.query)  # a state of an earlier version did not say what it had counted
        return Baseline(query=query).restarted(now, Why.QUERY) if known else replace(baseline, query=query)
    if behind >= SPAN and _had_habit(counts.cells[:, Column.VOLUME]):
        return baseline.restarted(now, Why.SILENCE)
    return baseline


def restart(baseline: Baseline, counts: Ring, *, now: datetime, recent: NDArray[np.float64]) -> Restart | None:
    """The last new baseline, if there was one; *recent* are the posts of the last eight days by bucket."""
    since = baseline.since(now)
    known = None if since is None else Restart(since=since, why=baseline.why)
    heard = _heard_again(counts, now, recent)
    if heard is not None and (known is None or heard.since > known.since):
        return heard
    return known


def _heard_again(counts: Ring, now: datetime, recent: NDArray[np.float64]) -> Restart | None:
    """The end of the last long silence of a busy topic."""
    shortest = DEAF // BUCKET
    if _longest_gap(recent) < shortest:
        return None
    volume = counts.until(now)[:, Column.VOLUME]
    heard = np.flatnonzero(volume)
    gaps = np.flatnonzero(np.diff(heard) > shortest)
    for gap in gaps[::-1]:
        last, first = int(heard[gap]), int(heard[gap + 1])
        if _had_habit(volume[: last + 1]):
            end = (counts.bucket(now) - (len(volume) - 1 - first)) * counts.step
            return Restart(since=datetime.fromtimestamp(end, UTC), why=Why.SILENCE, silent=(first - last) * BUCKET)
    return None


def _longest_gap(recent: NDArray[np.float64]) -> int:
    """The most buckets in a row without a post."""
    heard = np.flatnonzero(recent)
    if not len(heard):
        return 0  # a silence that has not ended rings nothing
    return int(np.diff(heard, prepend=-1).max())


def _had_habit(volume: NDArray[np.float32]) -> bool:
    """True if most days of the last week of *volume* brought traffic."""
    week = volume[-HABIT_DAYS * PER_DAY :]
    days = week[len(week) % PER_DAY :].reshape(-1, PER_DAY).sum(axis=1)
    return int((days >= BUSY).sum()) >= HABIT
