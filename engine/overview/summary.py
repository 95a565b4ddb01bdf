"""How a topic stands, as numbers to show: the last day by the hour, what is usual, its stories.

What the numbers mean is said in ``engine.watch.counting``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from engine.post import Assessment, Level, Note, SourceHealth, Topic
from engine.stories.story import Story
from engine.tuning.tuning import DEFAULT, Tuning
from engine.watch import counting
from engine.watch.counting import DAY, PER_DAY
from engine.watch.expected import NOTHING_EXPECTED, Calendar
from engine.watch.signals import Snapshot, look, measure
from engine.watch.state import WatchState
from engine.watch.watch import judge
from engine.watch.windows import Column

SHOWN_STORIES = 8
PER_HOUR = PER_DAY // 24


@dataclass(frozen=True, kw_only=True, slots=True)
class HourCount:
    """The posts of sixty minutes that began at *at*."""

    at: datetime
    volume: int
    negative: int


@dataclass(frozen=True, kw_only=True, slots=True)
class StorySummary:
    """A story in short. *size* counts all its posts with the *copies*; *words* tell it from the others; *first_id* is
    its first post, *doubling_hours* how fast it grows, None if it does not."""

    id: str
    headline: str
    headline_id: str
    first_id: str
    size: int
    copies: int
    negative: int
    sources: int
    first_at: datetime
    last_at: datetime
    words: tuple[str, ...]
    doubling_hours: float | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class TopicSummary:
    """A topic at one moment. Counts are of the last 24 hours; *usual_…* are None where there is no baseline yet.
    *baseline_since* is set where an earlier baseline has lost its meaning. *hours* are the 24 hours, the oldest first.
    """

    at: datetime
    level: Level | None
    score: float
    hours: tuple[HourCount, ...]
    posts: int
    negative: int
    neutral: int
    positive: int
    usual_posts: float | None
    usual_negative: float | None
    usual_share: float | None
    stories: tuple[StorySummary, ...]
    assessment: Assessment
    baseline_since: datetime | None = None

    @property
    def notes(self) -> tuple[Note, ...]:
        return self.assessment.notes


def summary(
    state: WatchState,
    *,
    topic: Topic,
    now: datetime,
    watched_since: datetime,
    health: SourceHealth,
    tuning: Tuning = DEFAULT,
    calendar: Calendar = NOTHING_EXPECTED,
) -> TopicSummary:
    """How *topic* stands at *now*. Changes nothing: the level is the one that the last update left."""
    snapshot = look(state, now=now, watched_since=watched_since, calendar=calendar)
    assessment, _ = judge(snapshot, measure(snapshot), before=state.held, health=health, tuning=tuning)
    posts, against, in_favour = (
        counting.count(snapshot, column) for column in (Column.VOLUME, Column.NEGATIVE, Column.POSITIVE)
    )
    return TopicSummary(
        at=now,
        level=state.held.level,
        score=assessment.score,
        hours=_hours(snapshot),
        posts=posts,
        negative=against,
        neutral=posts - against - in_favour,
        positive=in_favour,
        usual_posts=counting.usual(snapshot, Column.VOLUME),
        usual_negative=counting.usual(snapshot, Column.NEGATIVE),
        usual_share=counting.usual_share(snapshot),
        stories=_stories(state, now),
        assessment=assessment,
        baseline_since=snapshot.restart.since if snapshot.restart else None,
    )


def _hours(snapshot: Snapshot) -> tuple[HourCount, ...]:
    pairs = snapshot.counts[-PER_DAY:, [Column.VOLUME, Column.NEGATIVE]].reshape(24, PER_HOUR, 2).sum(axis=1)
    first = counting.begin(snapshot.now, DAY)
    return tuple(
        HourCount(at=first + n * timedelta(hours=1), volume=round(float(row[0])), negative=round(float(row[1])))
        for n, row in enumerate(pairs)
    )


def _stories(state: WatchState, now: datetime) -> tuple[StorySummary, ...]:
    """The stories of the last day, those with the most posts in it first."""
    sized = [
        (sum(row[0] for row in story.recent(now, 24)), story)
        for story in state.stories.by_id.values()
        if now - story.last_at < DAY
    ]
    sized.sort(key=lambda each: (-each[0], -each[1].negative, each[1].id))
    return tuple(_story(state, story, now) for _, story in sized[:SHOWN_STORIES])


def _story(state: WatchState, story: Story, now: datetime) -> StorySummary:
    return StorySummary(
        id=story.id,
        headline=story.headline,
        headline_id=story.headline_id,
        first_id=story.first_id,
        size=story.size,
        copies=story.copies,
        negative=story.negative,
        sources=len(story.sources),
        first_at=story.first_at,
        last_at=story.last_at,
        words=state.vocabulary.top(story.words),
        doubling_hours=story.doubling_hours(now),
    )
