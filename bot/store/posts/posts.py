"""Posts, and which of them still have to be read. Adding twice equals adding once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from sqlalchemy import Select, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session
from sqlmodel import col

from bot.infra.clock import AHEAD
from bot.records import InsertResult, Match, NewPost, ReadPost, Ref, SourceRecord
from bot.store.database import Database
from bot.store.posts import insertion, readings
from bot.store.rows import chunks, post_of, row_ids
from bot.store.schema.tables import NOT_READ, MatchRow, PostRow, SourceRow
from engine.post import Post

UNREAD, READ, FAILED = "unread", "read", "failed"


class Posts:
    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, source: SourceRecord, new: Sequence[NewPost], now: datetime) -> list[InsertResult]:
        """Store *new* posts of *source*, all or none, and answer for each in the same order.

        A post that is known by its external id gets its new text, if it was edited, and no new match. A new
        one that repeats an earlier text is linked to the first that had it.
        """
        if not new:
            return []
        with self._database.write(alone="posts", durable=False) as session:
            return insertion.add(session, source, new, now)

    def get(self, ids: Iterable[str]) -> list[Post]:
        """The posts of those ids, in that order; unknown ids are left out."""
        wanted = row_ids(ids)
        with self._database.read() as session:
            found = {post.id: post for part in chunks(wanted) for post in _posts(session, _by_id(part))}
        return [found[str(key)] for key in dict.fromkeys(wanted) if str(key) in found]

    def since(self, when: datetime, after_id: str | int = 0, limit: int = 1000) -> list[Post]:
        """Posts published at *when* or later, in the order of their ids after *after_id*: page by page."""
        query = _select().where(col(PostRow.published) >= when, col(PostRow.id) > int(after_id))
        with self._database.read() as session:
            return _posts(session, query.order_by(col(PostRow.id)).limit(limit))

    def count(self, since: datetime) -> int:
        """How many posts were published at *since* or later."""
        query = select(func.count()).select_from(PostRow).where(col(PostRow.published) >= since)
        with self._database.read() as session:
            return session.scalar(query) or 0

    def newest(self, since: datetime, before_id: str | int | None = None, limit: int = 1000) -> list[Post]:
        """Posts published at *since* or later, the last stored first, from before *before_id* on: page by page."""
        query = _select().where(col(PostRow.published) >= since)
        if before_id is not None:
            query = query.where(col(PostRow.id) < int(before_id))
        with self._database.read() as session:
            return _posts(session, query.order_by(col(PostRow.id).desc()).limit(limit))

    def pending(self, refs: Iterable[Ref]) -> list[Match]:
        """Those of *refs* that nobody has read yet, in that order, with their posts."""
        wanted = list(dict.fromkeys(refs))
        found: dict[Ref, Match] = {}
        with self._database.read() as session:
            for topic_id, post_ids in by_topic(wanted):
                found |= {Ref(match.post.id, topic_id): match for match in _unread(session, topic_id, post_ids)}
        return [found[ref] for ref in wanted if ref in found]

    def unpublished(self, before: datetime, limit: int) -> list[Ref]:
        """Unread matches that never came on the stream, stored before *before*, the oldest first.

        What was stored far after it was stored by a clock that ran ahead, and waits no longer.
        """
        stored = col(MatchRow.since)
        query = (
            select(col(MatchRow.post_id), col(MatchRow.topic_id))
            .where(NOT_READ, col(MatchRow.state) == UNREAD)
            .where(col(MatchRow.on_stream).is_(False), (stored < before) | (stored > before + AHEAD))
            .order_by(col(MatchRow.since), col(MatchRow.post_id))
            .limit(limit)
        )
        with self._database.read() as session:
            return [Ref(str(post_id), topic_id) for post_id, topic_id in session.execute(query)]

    def published(self, refs: Iterable[Ref]) -> None:
        """Remember that *refs* are on the stream."""
        self._mark(refs, on_stream=True)

    def forget_published(self, before: datetime | None = None) -> int:
        """The stream was lost, or lost what came on it *before*: what is unread is owed to it again.

        Returns how many. What is on the stream twice is read once.
        """
        query = update(MatchRow).where(NOT_READ, col(MatchRow.state) == UNREAD)
        query = query.where(col(MatchRow.on_stream))
        if before is not None:
            query = query.where(col(MatchRow.since) < before)
        with self._database.write(durable=False) as session:
            return session.execute(query.values(on_stream=False)).rowcount  # type: ignore[attr-defined, no-any-return]

    def set_aside(self, refs: Iterable[Ref]) -> None:
        """Give up reading *refs*: they broke the reader again and again."""
        self._mark(refs, state=FAILED)

    def failed(self, limit: int = 100) -> list[Ref]:
        """The matches that were set aside, the newest first."""
        query = (
            select(col(MatchRow.post_id), col(MatchRow.topic_id))
            .where(NOT_READ, col(MatchRow.state) == FAILED)
            .order_by(col(MatchRow.since).desc(), col(MatchRow.post_id).desc())
            .limit(limit)
        )
        with self._database.read() as session:
            return [Ref(str(post_id), topic_id) for post_id, topic_id in session.execute(query)]

    def aside(self) -> int:
        """How many matches were set aside."""
        query = select(func.count()).select_from(MatchRow).where(NOT_READ, col(MatchRow.state) == FAILED)
        with self._database.read() as session:
            return session.scalar(query) or 0

    def add_matches(self, topic_id: int, post_ids: Iterable[str], quiet: bool = True) -> list[Ref]:
        """Match stored posts with a topic that is new or wider; returns the matches that are new."""
        fresh: list[Ref] = []
        with self._database.write(durable=False) as session:
            insert = sqlite.insert if self._database.sqlite else postgresql.insert
            for part in chunks(row_ids(post_ids)):
                query = select(col(PostRow.id), col(PostRow.seen)).where(col(PostRow.id).in_(part))
                rows = [
                    {"topic_id": topic_id, "post_id": key, "quiet": quiet, "state": UNREAD, "since": at}
                    | {"on_stream": False}
                    for key, at in session.execute(query)
                ]
                if rows:
                    put = insert(MatchRow).on_conflict_do_nothing().returning(col(MatchRow.post_id))
                    fresh += [Ref(str(key), topic_id) for key in session.scalars(put, rows)]
        return fresh

    def read(
        self,
        topic_id: int,
        *,
        since: datetime,
        until: datetime,
        story: str | None = None,
        limit: int = 100,
        loudest: bool = False,
    ) -> list[ReadPost]:
        """Read posts of a topic, published from *since* to before *until*, the newest first.

        What people say is not about the topic is left out.

        *loudest*: originals only, by reach and copies, so that a few of them stand for what is said.
        """
        with self._database.read() as session:
            return readings.read(session, topic_id, since=since, until=until, story=story, limit=limit, loudest=loudest)

    def read_as(self, topic_id: int, ids: Iterable[str]) -> dict[str, ReadPost]:
        """Those of *ids* that were read in the light of a topic, by id, with those that people say are not about it."""
        wanted = row_ids(ids)
        with self._database.read() as session:
            found = [read for part in chunks(wanted) for read in readings.of(session, topic_id, part)]
        return {read.post.id: read for read in found}

    def _mark(self, refs: Iterable[Ref], **values: object) -> None:
        with self._database.write(durable=False) as session:
            for topic_id, post_ids in by_topic(refs):
                these = col(MatchRow.topic_id) == topic_id, col(MatchRow.post_id).in_(post_ids)
                session.execute(update(MatchRow).where(*these).values(**values))


def by_topic(refs: Iterable[Ref]) -> Iterator[tuple[int, Sequence[int]]]:
    """The row ids of *refs* in chunks of one topic: SQLite uses no index for a list of pairs."""
    topics: dict[int, set[int]] = defaultdict(set)
    for ref in refs:
        topics[ref.topic_id].update(row_ids([ref.post_id]))
    for topic_id, post_ids in sorted(topics.items()):
        for part in chunks(sorted(post_ids)):
            yield topic_id, part


def _select() -> Select[PostRow, str, str]:
    return select(PostRow, col(SourceRow.name), col(SourceRow.standing)).join(
        SourceRow, col(SourceRow.id) == col(PostRow.source_id)
    )


def _by_id(ids: Sequence[int]) -> Select[PostRow, str, str]:
    return _select().where(col(PostRow.id).in_(ids))


def _posts(session: Session, query: Select[PostRow, str, str]) -> list[Post]:
    return [post_of(row, name, standing) for row, name, standing in session.execute(query)]


def _unread(session: Session, topic_id: int, post_ids: Sequence[int]) -> list[Match]:
    query = (
        _select()
        .join(MatchRow, col(MatchRow.post_id) == col(PostRow.id))
        .add_columns(col(MatchRow.quiet))
        .where(col(MatchRow.topic_id) == topic_id, col(MatchRow.post_id).in_(post_ids))
        .where(col(MatchRow.state) == UNREAD)
    )
    return [
        Match(post=post_of(row, name, standing), topic_id=topic_id, quiet=quiet)
        for row, name, standing, quiet in session.execute(query)
    ]
