"""When a story has become two: the latest posts fall into two camps that are not about the same any more.

Only the latest posts are looked at and only they move: what was said long ago stays where people saw it.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np

from engine.stories.story import MEMORY, RecentPost, Story, story_id

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Vector = NDArray[np.float32]

LEAST = 3
"""A camp has at least so many posts: fewer are a digression."""

STRANGERS = 0.08
"""The cosine of two camps' means up to which they are strangers: that of two stories is 0.00, give or take 0.07."""

CLOSE = 0.25
"""The mean cosine of a camp's posts from which it is about one thing."""


def split(story: Story, topic: str) -> Story | None:
    """The story that leaves *story*, with its share of what is counted; None, and nothing changed, if none does.

    *story* keeps its id and its headline: the camp that is nearer to the headline stays.
    """
    if story.traced is None or story.face is None or story.traced.shape[1:] != story.face.shape:
        return None
    vectors = story.traced.astype(np.float32)
    camps = _camps(vectors)
    if camps is None:
        return None
    face = story.face.astype(np.float32)
    stays = max(camps, key=lambda camp: float(vectors[camp].mean(axis=0) @ face))
    leaving = [place for place in range(len(vectors)) if place not in set(stays.tolist())]
    traces = [story.traces[place] for place in leaving]
    if story.headline_id in {trace.post_id for trace in traces} or story.first_id in {
        trace.post_id for trace in traces
    }:
        return None
    left = _of_traces(traces, story.traced[leaving], f"{topic}\n{story.id}")
    _shed(story, left, stays)
    return left


def _camps(vectors: Vector) -> tuple[NDArray[np.intp], NDArray[np.intp]] | None:
    """The places of two camps among *vectors* (n, dim), from the least alike pair on (2-means); None if it is one."""
    if len(vectors) < 2 * LEAST:
        return None
    similarity = vectors @ vectors.T
    centres = vectors[list(np.unravel_index(int(similarity.argmin()), similarity.shape))]
    second = np.zeros(len(vectors), bool)
    for _ in range(4):
        second = vectors @ centres[1] > vectors @ centres[0]
        if min(int(second.sum()), int((~second).sum())) < LEAST:
            return None
        centres = np.stack([_unit(vectors[~second].sum(axis=0)), _unit(vectors[second].sum(axis=0))])
    camps = np.flatnonzero(~second), np.flatnonzero(second)
    if float(centres[0] @ centres[1]) > STRANGERS or any(_cohesion(similarity, camp) < CLOSE for camp in camps):
        return None
    return camps


def _cohesion(similarity: Vector, camp: NDArray[np.intp]) -> float:
    """The mean cosine of two different posts of *camp*."""
    inside = similarity[np.ix_(camp, camp)]
    return float((inside.sum() - np.trace(inside)) / (len(camp) * (len(camp) - 1)))


def _unit(vector: Vector) -> Vector:
    return np.asarray(vector / max(float(np.sqrt(vector @ vector)), 1e-6), np.float32)


def _of_traces(traces: list[RecentPost], vectors: NDArray[np.float16], origin: str) -> Story:
    """A story of the posts that left *traces*; it is headed by the most central of the negative ones, if any.

    *origin* makes its id one that no post has begun.
    """
    centre = _unit(vectors.astype(np.float32).sum(axis=0))
    nearness = vectors.astype(np.float32) @ centre
    head = max(range(len(traces)), key=lambda place: (traces[place].negative, float(nearness[place])))
    moments = [datetime.fromtimestamp(trace.at, UTC) for trace in traces]
    first = min(range(len(traces)), key=lambda place: (moments[place], traces[place].post_id))
    made = Story(
        id=story_id(origin, traces[first].post_id),
        headline=traces[head].line,
        headline_id=traces[head].post_id,
        first_id=traces[first].post_id,
        first_at=moments[first],
        last_at=max(moments),
        size=len(traces),
        copies=sum(trace.spreads for trace in traces),
        negative=sum(trace.negative for trace in traces),
        post_ids=[trace.post_id for trace in traces],
        sources=dict(Counter(trace.source for trace in traces)),
        standings=dict(Counter(trace.standing for trace in traces)),
        words=dict(Counter(word for trace in traces for word in trace.words)),
        tongues=dict(Counter(trace.tongue for trace in traces)),
        voices=list(dict.fromkeys(trace.voice for trace in traces)),
        harsh=traces[head].negative,
        centre=centre.astype(np.float16),
        face=vectors[head].copy(),
        traces=traces,
        traced=vectors.copy(),
    )
    for moment, trace in zip(moments, traces, strict=True):
        made.count_hour(moment, (1, int(trace.live), int(trace.spreads), int(trace.live and trace.negative)))
    return made


def _shed(story: Story, left: Story, stays: NDArray[np.intp]) -> None:
    """Take what *left* has off *story*; the traces at the places *stays* remain."""
    gone = set(left.post_ids)
    centre = story.centre
    if centre is not None and left.centre is not None:
        kept = min(story.size, MEMORY) * centre.astype(np.float32) - left.size * left.centre.astype(np.float32)
        story.centre = _unit(kept).astype(np.float16)
    story.size -= left.size
    story.copies = max(story.copies - left.copies, 0)
    story.negative = max(story.negative - left.negative, 0)
    story.post_ids = [post_id for post_id in story.post_ids if post_id not in gone]
    for mine, theirs in (
        (story.sources, left.sources),
        (story.standings, left.standings),
        (story.words, left.words),
        (story.tongues, left.tongues),
    ):
        for key, count in theirs.items():
            if key in mine:
                mine[key] -= count
                if mine[key] <= 0:
                    del mine[key]
    for hour, row in left.hours.items():
        if hour in story.hours:
            story.hours[hour] = [max(a - b, 0) for a, b in zip(story.hours[hour], row, strict=True)]
    story.traces = [story.traces[int(place)] for place in stays]
    story.traced = None if story.traced is None else story.traced[stays]
    story.last_at = max((datetime.fromtimestamp(trace.at, UTC) for trace in story.traces), default=story.last_at)
