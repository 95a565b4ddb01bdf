"""Posts together with what the engine said of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType

from sqlalchemy import Select, func, insert, select
from sqlalchemy.orm import Session, aliased
from sqlmodel import col

from bot.records import NOT_ABOUT, ReadPost
from bot.store.rows import packed, post_of, reading_of
from bot.store.schema.tables import PostRow, ReadingRow, SourceRow
from engine.post import Post, Reading

ABOUT = col(ReadingRow.said) != NOT_ABOUT
"""Nobody said of the post that it is not about the topic."""


def write(
    session: Session,
    topic_id: int,
    pairs: Iterable[tuple[Post, Reading]],
    stories: Mapping[str, str],
    words: Mapping[str, tuple[str, str]] = MappingProxyType({}),
) -> None:
    """Keep the readings of posts in the light of a topic, and the story that each was assigned to.

    *words* are what people say of the texts that some of the posts copy, and who.
    """
    nobody = ("", "")
    rows = [
        {
            "topic_id": topic_id,
            "post_id": int(post.id),
            "published": post.published,
            "lang": reading.lang,
            "negative": float(reading.sentiment.negative),
            "neutral": float(reading.sentiment.neutral),
            "positive": float(reading.sentiment.positive),
            "risks": {risk: float(probability) for risk, probability in reading.risks.items()},
            "entities": reading.entities,
            "embedding": None if reading.embedding is None else packed(reading.embedding),
            "story": stories.get(post.id, ""),
            "said": words.get(post.id, nobody)[0],
            "said_by": words.get(post.id, nobody)[1],
        }
        for post, reading in pairs
    ]
    if rows:
        session.execute(insert(ReadingRow), rows)


def read(
    session: Session,
    topic_id: int,
    *,
    since: datetime,
    until: datetime,
    story: str | None,
    limit: int,
    loudest: bool,
) -> list[ReadPost]:
    query = (
        _select()
        .where(col(ReadingRow.topic_id) == topic_id)
        .where(col(ReadingRow.published) >= since, col(ReadingRow.published) < until, ABOUT)
        .limit(limit)
    )
    if story is not None:
        query = query.where(col(ReadingRow.story) == story)
    if loudest:
        copy = aliased(PostRow)
        copies = select(func.count()).where(col(copy.copy_of) == col(PostRow.id)).scalar_subquery()
        query = query.where(col(PostRow.copy_of).is_(None)).order_by(
            func.coalesce(col(PostRow.reach), 0).desc(), copies.desc()
        )
    query = query.order_by(col(ReadingRow.published).desc(), col(ReadingRow.post_id).desc())
    return _posts(session, query)


def of(session: Session, topic_id: int, post_ids: Sequence[int]) -> list[ReadPost]:
    """The posts of those ids that were read in the light of a topic, with those that are not about it."""
    return _posts(session, _select().where(col(ReadingRow.topic_id) == topic_id, col(ReadingRow.post_id).in_(post_ids)))


def _select() -> Select[ReadingRow, PostRow, str, str]:
    return (
        select(ReadingRow, PostRow, col(SourceRow.name), col(SourceRow.standing))
        .join(PostRow, col(PostRow.id) == col(ReadingRow.post_id))
        .join(SourceRow, col(SourceRow.id) == col(PostRow.source_id))
    )


def _posts(session: Session, query: Select[ReadingRow, PostRow, str, str]) -> list[ReadPost]:
    return [
        ReadPost(
            post=post_of(post, source, standing),
            reading=reading_of(reading),
            story=reading.story,
            said_by=reading.said_by,
            about=reading.said != NOT_ABOUT,
        )
        for reading, post, source, standing in session.execute(query)
    ]
