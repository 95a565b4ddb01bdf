"""What people see of topics, incidents and sources: frozen values that hold all that a message needs.

Nothing here is worded: the words are made in ``bot.slack``, in the reader's language.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from bot.records import Act, Incident, ReadPost, SourceRecord, TopicRecord, TuningRecord
from engine.post import Explanation, Level, Note, Polarity, Post, Signal, SourceHealth

if TYPE_CHECKING:
    from bot.briefs.writer import Brief
    from engine.overview.summary import TopicSummary
    from engine.overview.what_if import WhatIf

NO_SOURCES = SourceHealth()
OPENING = 60  # posts that begin alike for so many characters say the same


@dataclass(frozen=True, kw_only=True)
class ShownPost:
    """A post as a card quotes it; *polarity* toward the topic, None if nobody has read it or it is not about the topic.
    *said_by*: the person whose word that is."""

    post: Post
    polarity: Polarity | None = None
    said_by: str = ""


@dataclass(frozen=True, kw_only=True)
class Trend:
    """Posts an hour over the last day, the oldest hour first; *negative* are those of them that are negative."""

    volume: tuple[int, ...] = ()
    negative: tuple[int, ...] = ()


NO_TREND = Trend()


@dataclass(frozen=True, kw_only=True)
class StoryLine:
    """A story in one line. *size* posts, *copies* of them repeats of another one's text; *doubling* is how long its
    posts take to double, None if they do not."""

    headline: str
    size: int
    copies: int
    first_at: datetime
    words: tuple[str, ...] = ()
    doubling: timedelta | None = None


@dataclass(frozen=True, kw_only=True)
class IncidentView:
    """An incident with what its card shows. *names* says how people and channels are called, by Slack id; *first* is
    the first post of its stories, None where that is not known; *linked* are incidents of other topics about the same
    happening; *proofs* are the posts that prove its facts, by id; *taken_out* those that people say are not about the
    topic."""

    incident: Incident
    now: datetime
    posts: tuple[ShownPost, ...] = ()
    health: SourceHealth = NO_SOURCES
    trend: Trend = NO_TREND
    timeline: tuple[Act, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    what_if: tuple[WhatIf, ...] = ()
    linked: tuple[Incident, ...] = ()
    first: Post | None = None
    proofs: Mapping[str, Post] = field(default_factory=dict)
    taken_out: tuple[ShownPost, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """One post of an incident; without *about* people say that it is not about the topic."""

    incident: Incident
    shown: ShownPost
    about: bool = True


@dataclass(frozen=True, kw_only=True)
class WhyView:
    """A post, and which of its words carried the reading."""

    post: Post
    explanation: Explanation


@dataclass(frozen=True, kw_only=True)
class BriefView:
    """A brief with the posts that its sentences name, by id."""

    incident: Incident
    brief: Brief
    posts: Mapping[str, Post]


@dataclass(frozen=True, kw_only=True)
class TopicView:
    """How a topic stands now. The *usual* numbers are those of the same span before, None without a baseline.

    *what_if* says what would raise its level, and what would lower it; *last* is the incident that was closed last.
    """

    record: TopicRecord
    now: datetime
    level: Level | None = None
    score: float = 0
    signals: tuple[Signal, ...] = ()
    notes: tuple[Note, ...] = ()
    incident: Incident | None = None
    last: Incident | None = None
    volume: int = 0
    usual_volume: float | None = None
    negative: int = 0
    usual_negative: float | None = None
    shares: Mapping[Polarity, float] = field(default_factory=dict)
    trend: Trend = NO_TREND
    stories: tuple[StoryLine, ...] = ()
    posts: tuple[ShownPost, ...] = ()
    health: SourceHealth = NO_SOURCES
    what_if: tuple[WhatIf, ...] = ()
    baseline_since: datetime | None = None
    tuning: TuningRecord | None = None


@dataclass(frozen=True, kw_only=True)
class TopicLine:
    """A topic in one line of the list."""

    record: TopicRecord
    level: Level | None
    volume: int
    usual_volume: float | None
    negative: int
    trend: Trend = NO_TREND
    incident: Incident | None = None


@dataclass(frozen=True, kw_only=True)
class IncidentList:
    """Open incidents, the gravest first; or, if *closed*, the last ones whatever became of them."""

    incidents: tuple[Incident, ...]
    now: datetime
    closed: bool = False
    health: SourceHealth = NO_SOURCES


@dataclass(frozen=True, kw_only=True)
class SourceList:
    sources: tuple[SourceRecord, ...]
    health: SourceHealth
    now: datetime


def shown(posts: Iterable[ReadPost | Post], limit: int) -> tuple[ShownPost, ...]:
    """The first *limit* of *posts* that say something of their own: copies and repeated texts stand back."""
    kept: dict[str, ShownPost] = {}
    for item in posts:
        post = item if isinstance(item, Post) else item.post
        if post.copy_of is None:
            made = ShownPost(post=post) if isinstance(item, Post) else shown_post(item)
            kept.setdefault(post.body.casefold()[:OPENING], made)
    return tuple(kept.values())[:limit]


def shown_post(read: ReadPost) -> ShownPost:
    polarity = read.reading.sentiment.label if read.about else None
    return ShownPost(post=read.post, polarity=polarity, said_by=read.said_by)


def in_order(posts: Sequence[Post], ids: Sequence[str]) -> list[Post]:
    """*posts* in the order of *ids*."""
    place = {key: position for position, key in enumerate(ids)}
    return sorted(posts, key=lambda post: place.get(post.id, len(place)))


def against_first(posts: Iterable[ReadPost]) -> list[ReadPost]:
    """*posts* with the negative ones before the others, each group in its order."""
    return sorted(posts, key=lambda read: read.reading.sentiment.label is not Polarity.NEGATIVE)


def trend_of(summary: TopicSummary) -> Trend:
    return Trend(
        volume=tuple(hour.volume for hour in summary.hours),
        negative=tuple(hour.negative for hour in summary.hours),
    )


def topic_line(record: TopicRecord, summary: TopicSummary, incident: Incident | None) -> TopicLine:
    return TopicLine(
        record=record,
        level=summary.level,
        volume=summary.posts,
        usual_volume=summary.usual_posts,
        negative=summary.negative,
        trend=trend_of(summary),
        incident=incident,
    )


def topic_view(
    record: TopicRecord,
    summary: TopicSummary,
    *,
    incident: Incident | None,
    last: Incident | None = None,
    posts: tuple[ShownPost, ...],
    health: SourceHealth,
    what_if: tuple[WhatIf, ...] = (),
    tuning: TuningRecord | None = None,
) -> TopicView:
    counts = zip(Polarity, (summary.negative, summary.neutral, summary.positive), strict=True)
    return TopicView(
        record=record,
        now=summary.at,
        level=summary.level,
        score=summary.score,
        signals=summary.assessment.signals,
        notes=summary.notes,
        incident=incident,
        last=last,
        volume=summary.posts,
        usual_volume=summary.usual_posts,
        negative=summary.negative,
        usual_negative=summary.usual_negative,
        shares={polarity: count / summary.posts for polarity, count in counts} if summary.posts else {},
        trend=trend_of(summary),
        stories=tuple(
            StoryLine(
                headline=story.headline,
                size=story.size,
                copies=story.copies,
                first_at=story.first_at,
                words=story.words,
                doubling=timedelta(hours=story.doubling_hours) if story.doubling_hours is not None else None,
            )
            for story in summary.stories
        ),
        posts=posts,
        health=health,
        what_if=what_if,
        baseline_since=summary.baseline_since,
        tuning=tuning,
    )
