"""Makers for tests of signals: what was before, posts of now, and what the watch sees in them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from engine.post import Assessment, Signal, SourceHealth, Topic
from engine.watch.signals import Measured, look, measure
from engine.watch.watch import Arrival, WatchState, update
from engine.watch.windows import BUCKET, Column
from tests.engine.watch.readings import arrival

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
DAY = timedelta(days=1)
ACME = Topic(name="Acme", query="acme", aliases=("Acme",))
FIRE = "Acme kettle burns a kitchen down"


@dataclass(frozen=True)
class Seen:
    """What came of some posts: the assessment, and the measures that it was made of."""

    assessment: Assessment
    measures: Sequence[Measured]

    def signal(self, name: str) -> Signal:
        (found,) = [each for each in self.assessment.signals if each.name == name]
        return found

    def measured(self, name: str) -> Measured:
        (found,) = [each for each in self.measures if each.name == name]
        return found

    @property
    def names(self) -> list[str]:
        return [each.name for each in self.assessment.signals]


def seen(
    posts: Sequence[Arrival] = (),
    *,
    before: WatchState | None = None,
    now: datetime = NOW,
    watched: timedelta = 20 * DAY,
) -> Seen:
    """What the watch says at *now* of *posts*, after what was *before*."""
    state, since = before or WatchState(), now - watched
    done = update(state, posts, topic=ACME, now=now, watched_since=since, health=SourceHealth(total=3))
    return Seen(done.assessment, measure(look(state, now=now, watched_since=since)))


def past(
    *, negative: float = 0, others: float = 0, days: int = 8, until: timedelta = timedelta(hours=2), live: bool = False
) -> WatchState:
    """A topic that *negative* and *others* posts an hour spoke of, evenly, up to *until* before now."""
    state = WatchState()
    for bucket in range(int(until / BUCKET), int(days * DAY / BUCKET)):
        at = NOW - bucket * BUCKET
        state.counts.add(at, Column.VOLUME, (negative + others) / 12)
        state.counts.add(at, Column.NEGATIVE, negative / 12)
        if live:
            state.counts.add(at, Column.LIVE, (negative + others) / 12)
            state.counts.add(at, Column.LIVE_NEGATIVE, negative / 12)
    return state


def posts(
    count: int, label: str = "negative", *, within: timedelta = timedelta(minutes=55), **more: Any
) -> list[Arrival]:
    """So many posts of the last time, each about something else, the oldest first by number."""
    return [
        arrival(f"{label[:3]}{n:03}", NOW - within * (count - n) / count, f"{label}word{n}", label, **more)
        for n in range(count)
    ]


def story(ages: Sequence[float], label: str = "negative", **more: Any) -> list[Arrival]:
    """Posts of different people about one fire, so many minutes old."""
    return [
        arrival(f"fire{n:02}", NOW - timedelta(minutes=age), FIRE, label, embedding=[1, 0, 0], **more)
        for n, age in enumerate(ages)
    ]


def deviation(usual: float) -> float:
    return math.sqrt(usual + (0.1 * usual) ** 2)


def replace_source(post: Arrival, source: str) -> Arrival:
    return replace(post, post=replace(post.post, source=source))


def story_copies(count: int) -> list[Arrival]:
    """Copies of the fire's first post by others."""
    return [
        arrival(f"copy{n:02}", NOW - timedelta(minutes=100), FIRE, "negative", embedding=[1, 0, 0], copy_of="fire00")
        for n in range(count)
    ]
