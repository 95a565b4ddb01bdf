"""A part of a topic at one moment: what was said since a time, or what belongs to some of its stories.

What a baseline is made of stays as it is; only what may raise a level is cut down. Counts of single stories are not
kept, so they are taken from the proofs that are remembered, as shares of what was counted.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import compress
from typing import TYPE_CHECKING

import numpy as np

from engine.post import RISKS
from engine.stories.story import Story
from engine.watch.snapshot import Snapshot, gravest
from engine.watch.state import Notable
from engine.watch.windows import BUCKET, HOUR, Column

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from engine.watch.snapshot import Table

LIVE_COLUMNS = (Column.LIVE, Column.LIVE_NEGATIVE, Column.LIVE_TITLES, Column.LIVE_NEGATIVE_TITLES)


def since(snapshot: Snapshot, at: datetime) -> Snapshot:
    """*snapshot* as if nothing had been said up to *at* that may raise a level."""
    kept = tuple(each for each in snapshot.notables if each.at > at)
    counts, risks = snapshot.counts.copy(), snapshot.risks.copy()
    gone = _row(len(counts), at, snapshot.now, BUCKET)
    counts[: max(gone + 1, 0), LIVE_COLUMNS] = 0
    hour = _row(len(risks), at, snapshot.now, HOUR)
    risks[: max(hour, 0), len(RISKS) :] = 0
    if 0 <= hour < len(risks):
        begun = [each for each in snapshot.notables if _row(len(risks), each.at, snapshot.now, HOUR) == hour]
        risks[hour, len(RISKS) :] *= _shares(begun, [each.at > at for each in begun])
    stories = tuple(_later(story, at, kept) for story in gravest(snapshot.state, kept))
    return replace(snapshot, counts=counts, risks=risks, notables=kept, stories=stories)


def of_stories(snapshot: Snapshot, stories: Collection[str]) -> Snapshot:
    """*snapshot* as if only *stories* had been told."""
    passes = [each.story_id in stories for each in snapshot.notables]
    mine, told = tuple(compress(snapshot.notables, passes)), np.array(passes, np.bool_)
    counts, risks = snapshot.counts.copy(), snapshot.risks.copy()
    for title, columns in ((False, (Column.LIVE_NEGATIVE,)), (True, (Column.LIVE_TITLES, Column.LIVE_NEGATIVE_TITLES))):
        share = _negative_shares(snapshot, told, title=title)
        counts[:, columns] *= share[:, None]
    counts[:, Column.LIVE] *= _live_shares(snapshot, stories)
    risks[:, len(RISKS) :] *= _shares(snapshot.notables, passes)
    kept = tuple(story for story in snapshot.stories if story.id in stories)
    return replace(snapshot, counts=counts, risks=risks, notables=mine, stories=kept)


def _row(rows: int, at: datetime, now: datetime, step: timedelta) -> int:
    """The row of *at* in a table whose last row is that of *now*."""
    length = int(step.total_seconds())
    return rows - 1 - (int(now.timestamp() // length) - int(at.timestamp() // length))


def _later(story: Story, at: datetime, kept: Iterable[Notable]) -> Story:
    """*story* with what was told after *at* only."""
    if story.first_at > at:
        return story
    hour = int(at.timestamp() // 3600)
    sources = [each.source for each in kept if each.story_id == story.id]
    return replace(
        story,
        hours={when: row for when, row in story.hours.items() if when > hour},
        traces=[trace for trace in story.traces if datetime.fromtimestamp(trace.at, UTC) > at],
        sources={source: sources.count(source) for source in sources},
    )


def _shares(notables: Sequence[Notable], passes: Sequence[bool]) -> NDArray[np.float64]:
    """For each risk, the part of *notables* with it that pass, shape (risks,)."""
    every, passed = np.zeros(len(RISKS)), np.zeros(len(RISKS))
    for each, kept in zip(notables, passes, strict=True):
        for risk in each.risks:
            place = RISKS.index(risk)
            every[place] += 1
            passed[place] += kept
    return np.divide(passed, every, out=np.zeros(len(RISKS)), where=every > 0)


def _negative_shares(snapshot: Snapshot, told: NDArray[np.bool_], *, title: bool) -> Table:
    """For each bucket, the part of its remembered negative posts (or titles) that tell what is *told*."""
    rows = len(snapshot.counts)
    if not snapshot.notables:
        return np.zeros(rows)
    titles, negative = (np.array([getattr(each, flag) for each in snapshot.notables]) for flag in ("title", "negative"))
    places = snapshot.rows
    counted = (titles == title) & (negative | title) & (places >= 0) & (places < rows)
    every = np.bincount(places[counted], minlength=rows).astype(np.float64)
    mine = np.bincount(places[counted & told], minlength=rows).astype(np.float64)
    overall = mine.sum() / every.sum() if every.any() else 0.0
    return np.asarray(np.divide(mine, every, out=np.full(rows, overall), where=every > 0))


def _live_shares(snapshot: Snapshot, stories: Collection[str]) -> Table:
    """For each bucket, the part of the live posts of its hour that tell one of *stories*."""
    rows = len(snapshot.counts)
    per_hour = int(HOUR / BUCKET)
    newest = int(snapshot.now.timestamp() // BUCKET.total_seconds())
    hours = (newest - np.arange(rows - 1, -1, -1)) // per_hour
    names, owners, when, live = snapshot.live_hours
    first, last = int(hours[0]), int(hours[-1])
    inside = (when >= first) & (when <= last)
    told = np.fromiter((name in stories for name in names), np.bool_, len(names))
    every = np.bincount(when[inside] - first, weights=live[inside], minlength=last - first + 1)
    inside &= told[owners] if len(names) else False
    mine = np.bincount(when[inside] - first, weights=live[inside], minlength=last - first + 1)
    shares = np.divide(mine, every, out=np.zeros(len(every)), where=every > 0)
    return np.asarray(shares[hours - first])
