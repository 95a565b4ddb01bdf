"""Stories after a person's word on one of their posts: it was read wrong, or it is not about the topic.

What a story counts follows at once. Where its centre lies is left as it is: one post moves it little, and the next ones
will move it on.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np

from engine.post import Polarity, Post, Reading
from engine.stories.centering import tongue
from engine.stories.story import Story

if TYPE_CHECKING:
    from numpy.typing import NDArray


def restate(story: Story, post: Post, reading: Reading, *, live: bool) -> None:
    """Count *post*, which *story* holds, as negative or not, as *reading* says: it was the other one."""
    negative = reading.sentiment.label is Polarity.NEGATIVE
    change = 1 if negative else -1
    story.negative = max(story.negative + change, 0)
    _count_hour(story, post.published, (0, 0, 0, change * live))
    story.traces = [each._replace(negative=negative) if each.post_id == post.id else each for each in story.traces]
    if story.headline_id == post.id:
        story.harsh = negative
    _choose_headline(story)


def take_out(story: Story, post: Post, reading: Reading, found: Iterable[str], *, live: bool) -> None:
    """Let *post* with its words *found* leave *story*, which may be empty then."""
    negative = reading.sentiment.label is Polarity.NEGATIVE
    known = next((each.spreads for each in story.traces if each.post_id == post.id), post.copy_of is not None)
    story.size -= 1
    story.copies = max(story.copies - known, 0)
    story.negative = max(story.negative - negative, 0)
    _count_hour(story, post.published, (-1, -int(live), -int(known), -int(live and negative)))
    for counted, key in (
        (story.sources, post.source), (story.standings, post.standing.value), (story.tongues, tongue(reading.lang)),
        *((story.words, word) for word in found),
    ):  # fmt: skip
        _less(counted, key)
    for risk, probability in reading.risks.items():
        story.risks[risk] = max(story.risks.get(risk, 0.0) - probability, 0.0)
    story.post_ids = [each for each in story.post_ids if each != post.id]
    _forget_trace(story, post.id)
    _choose_headline(story, besides=post.id)


def _count_hour(story: Story, at: datetime, amounts: tuple[int, ...]) -> None:
    row = story.hours.get(int(at.timestamp() // 3600))
    if row is not None:
        row[:] = [max(before + amount, 0) for before, amount in zip(row, amounts, strict=True)]


def _less(counted: dict[str, int], key: str) -> None:
    left = counted.get(key, 0) - 1
    if left > 0:
        counted[key] = left
    else:
        counted.pop(key, None)


def _forget_trace(story: Story, post_id: str) -> None:
    kept = [place for place, each in enumerate(story.traces) if each.post_id != post_id]
    if story.traced is not None:
        story.traced = story.traced[kept]
    story.traces = [story.traces[place] for place in kept]
    if story.traces and story.size <= len(story.traces):  # all that is left of it is known
        first, last = story.traces[0], story.traces[-1]
        story.first_id, story.first_at = first.post_id, datetime.fromtimestamp(first.at, UTC)
        story.last_at = datetime.fromtimestamp(last.at, UTC)


def _choose_headline(story: Story, besides: str = "") -> None:
    """Head *story* by its most central post, a negative one where there is one; see ``Story``."""
    if story.centre is None or story.traced is None or not story.traces:
        return
    centre = story.centre.astype(np.float32)
    best = (story.harsh, _near(story.face, centre)) if story.headline_id != besides else (False, -2.0)
    for trace, vector in zip(story.traces, story.traced, strict=True):
        rank = (trace.negative, _near(vector, centre))
        if not trace.spreads and rank > best:
            best = rank
            story.headline, story.headline_id = trace.line, trace.post_id
            story.face, story.harsh = vector.copy(), trace.negative


def _near(vector: NDArray[np.float16] | None, centre: NDArray[np.float32]) -> float:
    return -1.0 if vector is None else float(vector.astype(np.float32) @ centre)
