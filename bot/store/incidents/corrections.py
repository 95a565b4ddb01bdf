"""What people said of the engine's readings: marked posts, and the evidence of false alarms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlmodel import col

from bot.records import NOT_ABOUT, CorrectedPost, Status
from bot.store.database import Database
from bot.store.posts.readings import ABOUT
from bot.store.rows import chunks, post_of, row_ids
from bot.store.schema.incident_tables import IncidentRow, VerdictRow
from bot.store.schema.tables import PostRow, ReadingRow, SourceRow, TopicRow
from engine.post import Polarity, Post, Topic


class Corrections:
    def __init__(self, database: Database) -> None:
        self._database = database

    def judged(self) -> list[CorrectedPost]:
        """Every word on a sentiment with its post and topic, in the order of topics and posts."""
        query = (
            select(VerdictRow, PostRow, col(SourceRow.name), col(SourceRow.standing))
            .join(PostRow, col(PostRow.id) == col(VerdictRow.post_id))
            .join(SourceRow, col(SourceRow.id) == col(PostRow.source_id))
            .where(col(VerdictRow.polarity) != NOT_ABOUT)
            .order_by(col(VerdictRow.topic_id), col(VerdictRow.post_id), col(VerdictRow.by))
        )
        with self._database.read() as session:
            topics = _topics(session)
            return [
                CorrectedPost(
                    topic=topics[row.topic_id],
                    post=post_of(post, source, standing),
                    polarity=Polarity(row.polarity),
                    by=row.by,
                )
                for row, post, source, standing in session.execute(query)
            ]

    def false_alarms(self) -> list[CorrectedPost]:
        """The evidence of incidents that were closed as false alarms and that was read as negative, once a topic."""
        query = select(IncidentRow).where(col(IncidentRow.status) == Status.FALSE_ALARM.value)
        found: dict[tuple[int, str], CorrectedPost] = {}
        with self._database.read() as session:
            topics = _topics(session)
            for row in session.scalars(query.order_by(col(IncidentRow.id))):
                for post in _read_negative(session, row.topic_id, row_ids(row.evidence)):
                    judged = CorrectedPost(topic=topics[row.topic_id], post=post, polarity=Polarity.NEGATIVE)
                    found.setdefault((row.topic_id, post.id), judged)
            return list(found.values())


def _read_negative(session: Session, topic_id: int, post_ids: Sequence[int]) -> list[Post]:
    posts: list[Post] = []
    for part in chunks(post_ids):
        query = (
            select(PostRow, col(SourceRow.name), col(SourceRow.standing))
            .join(ReadingRow, col(ReadingRow.post_id) == col(PostRow.id))
            .join(SourceRow, col(SourceRow.id) == col(PostRow.source_id))
            .where(col(ReadingRow.topic_id) == topic_id, col(PostRow.id).in_(part), ABOUT)
            .where(col(ReadingRow.negative) > col(ReadingRow.neutral))
            .where(col(ReadingRow.negative) > col(ReadingRow.positive))
            .order_by(col(PostRow.id))
        )
        posts += [post_of(post, source, standing) for post, source, standing in session.execute(query)]
    return posts


def _topics(session: Session) -> Mapping[int, Topic]:
    return {
        row.id: Topic(name=row.name, query=row.query, aliases=row.aliases, languages=row.languages)
        for row in session.scalars(select(TopicRow))
    }
