"""Between rows and records, where more than one group of the store needs it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, TypeVar

import numpy as np
from numpy.typing import NDArray

from bot.store.schema.tables import PostRow, ReadingRow, StoryRow
from engine.post import Polarity, Post, Reading, Sentiment, Standing

if TYPE_CHECKING:
    from engine.stories.story import Story

T = TypeVar("T")

CHUNK = 400
"""Rows named in one statement; SQLite takes 32,766 values, and long statements cost more than they save."""


def chunks(values: Sequence[T], size: int = CHUNK) -> Iterator[Sequence[T]]:
    return (values[start : start + size] for start in range(0, len(values), size))


def row_ids(ids: Iterable[str]) -> list[int]:
    """The numbers behind the ids of posts; what was never one of ours is left out."""
    return [int(key) for key in ids if key.isdecimal()]


def post_of(row: PostRow, source: str, standing: str) -> Post:
    return Post(
        id=str(row.id),
        published=row.published,
        seen=row.seen,
        text=row.text,
        title=row.title,
        url=row.url,
        author=row.author,
        source=source,
        standing=Standing(standing),
        lang=row.lang,
        reach=row.reach,
        copy_of=None if row.copy_of is None else str(row.copy_of),
        update_of=None if row.update_of is None else str(row.update_of),
        changes=row.changes,
    )


def reading_of(row: ReadingRow) -> Reading:
    """What the engine read, or the sentiment that a person says it is."""
    return Reading(
        post_id=str(row.post_id),
        lang=row.lang,
        sentiment=said_or_read(row.said, Sentiment(negative=row.negative, neutral=row.neutral, positive=row.positive)),
        risks=row.risks,
        entities=row.entities,
        embedding=None if row.embedding is None else unpacked(row.embedding),
    )


def said_or_read(said: str, read: Sentiment) -> Sentiment:
    """The sentiment that a person says it is, or else what the engine read."""
    if said not in {each.value for each in Polarity}:
        return read
    return Sentiment(**{each.value: float(each.value == said) for each in Polarity})


def story_row(topic_id: int, story: Story) -> StoryRow:
    return StoryRow(
        topic_id=topic_id,
        id=story.id,
        headline=story.headline,
        size=story.size,
        payload=story.dump(),
        first_at=story.first_at,
        last_at=story.last_at,
    )


def packed(embedding: NDArray[np.float32]) -> bytes:
    """*embedding*, shape (dim,), as little-endian float16: half the room, cosines stay within 0.001."""
    return embedding.astype("<f2").tobytes()


def unpacked(payload: bytes) -> NDArray[np.float32]:
    return np.frombuffer(payload, dtype="<f2").astype(np.float32)
