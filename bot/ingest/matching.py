"""From a source's items to stored, matched posts, and from there onto the stream.

Nothing is read or judged here. A post that no topic catches is stored and never read; what is stored twice is
stored once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import structlog

from bot.errors import TocsinError
from bot.infra.clock import Clock
from bot.infra.error_trail import log_expected
from bot.ports import Publisher
from bot.records import InsertResult, Item, NewPost, Ref, SourceRecord, TopicRecord
from engine.post import Post, Standing

if TYPE_CHECKING:
    from bot.store import Store
    from engine.query.query import Matcher

LATE = timedelta(hours=6)
"""A post older than this when it is first seen tells of the past: it is counted, and rings nothing."""

HISTORY = timedelta(days=30)
"""How far back a new or widened topic is matched against the stored posts."""

UNPUBLISHED_FOR = timedelta(seconds=30)
BATCH = 500

log = structlog.get_logger("tocsin.ingest")


@dataclass(frozen=True, kw_only=True)
class Ingested:
    """How many items were new, known, caught by a topic, and late (see LATE)."""

    new: int = 0
    known: int = 0
    matched: int = 0
    late: int = 0

    def __add__(self, other: Ingested) -> Ingested:
        return Ingested(
            new=self.new + other.new,
            known=self.known + other.known,
            matched=self.matched + other.matched,
            late=self.late + other.late,
        )


class Ingest:
    """Takes in items. Safe to share between threads."""

    def __init__(self, store: Store, stream: Publisher, clock: Clock) -> None:
        self._store, self._stream, self._clock = store, stream, clock
        self._watched: _Watched | None = None

    def take(self, source: SourceRecord, items: Sequence[Item], *, quiet: bool) -> Ingested:
        """Store *items* of *source*, each once, and hand what a topic catches to the workers.

        *quiet* items fill the baseline and ring nothing. Raises StoreError; what an absent stream missed,
        ``sweep`` makes up for.
        """
        total = Ingested()
        once = list({item.external_id: item for item in reversed(items)}.values())[::-1]
        for start in range(0, len(once), BATCH):
            total += self._take(source, once[start : start + BATCH], quiet=quiet)
        if total.new:
            log.info("posts_taken", source=source.name, new=total.new, matched=total.matched, quiet=quiet)
        return total

    def _take(self, source: SourceRecord, items: Sequence[Item], *, quiet: bool) -> Ingested:
        now, watched = self._clock.now(), self._topics()
        made = [prepare(item, source, watched, now=now, quiet=quiet) for item in items]
        added = self._store.posts.add(source, made, now)
        self._publish([Ref(one.post_id, topic) for one in added for topic in one.topic_ids])
        return _counted(made, added, now)

    def rematch(self, topic_id: int) -> int:
        """Match a new or widened topic against the stored posts of its HISTORY, quietly; the new matches."""
        now, count, covered = self._clock.now(), 0, self._clock.now()
        record = self._store.topics.get(topic_id)
        if record is None:
            return 0
        watched = _Watched([record], version=-1)
        for page in self._pages(now - HISTORY):
            covered = min([covered, *(post.seen for post in page if post.seen)])
            caught = [post.id for post in page if watched.match(post)]
            refs = self._store.posts.add_matches(topic_id, caught, quiet=True)
            self._publish(refs)
            count += len(refs)
        self._store.topics.watched(topic_id, self._covered(covered, now))
        log.info("topic_rematched", topic=topic_id, matched=count)
        return count

    def _covered(self, earliest: datetime, now: datetime) -> datetime:
        """Since when the stored posts tell all there was: the sources are the same for every topic."""
        known = [topic.watched_since for topic in self._store.topics.all()]
        return max(now - HISTORY, min([earliest, *known]))

    def _pages(self, since: datetime) -> Iterator[list[Post]]:
        after = "0"
        while page := self._store.posts.since(since, after, BATCH):
            yield page
            after = page[-1].id

    def sweep(self, now: datetime) -> int:
        """Publish the matches that a crash or an absent stream left behind; how many."""
        count = 0
        while refs := self._store.posts.unpublished(now - UNPUBLISHED_FOR, BATCH):
            if not self._publish(refs):
                break
            count += len(refs)
        return count

    def _publish(self, refs: Sequence[Ref]) -> bool:
        """True if *refs* are on the stream. A crash in between publishes twice, which is harmless."""
        if not refs:
            return True
        try:
            self._stream.publish(refs)
        except TocsinError as error:
            log_expected(log.warning, "publish_failed", error, matches=len(refs))
            return False
        self._store.posts.published(refs)
        return True

    def _topics(self) -> _Watched:
        version = self._store.topics.version()
        if self._watched is None or self._watched.version != version:
            self._watched = _Watched(self._store.topics.all(), version=version)
        return self._watched


class _Watched:
    """All topics, ready to be matched in one pass over a post."""

    def __init__(self, topics: Sequence[TopicRecord], *, version: int) -> None:
        from engine.query.query import Matcher

        self.version = version
        self._languages = {record.id: record.topic.languages for record in topics}
        queries = {record.id: query for record in topics if (query := _parsed(record)) is not None}
        self._matcher: Matcher[int] = Matcher(queries)

    def match(self, post: Post) -> frozenset[int]:
        """The ids of the topics that catch *post*; an undecided language is every topic's."""
        caught = self._matcher.match(post)
        return frozenset(one for one in caught if self._speaks(one, post.lang))

    def _speaks(self, topic_id: int, lang: str) -> bool:
        languages = self._languages[topic_id]
        return not languages or not lang or lang in languages


def _parsed(record: TopicRecord):  # type: ignore[no-untyped-def]  # engine.query.query is imported late
    from engine.query.query import QueryError, parse

    try:
        return parse(record.topic.query)
    except QueryError as error:
        log_expected(log.error, "topic_left_out", error, topic=record.id)
        return None


def prepare(item: Item, source: SourceRecord, watched: _Watched, *, now: datetime, quiet: bool = False) -> NewPost:
    """*item* as a post: normalised, dated no later than *now*, its language told, matched with all topics."""
    from engine.text import fingerprints

    clean = replace(item, title=fingerprints.normalise(item.title), text=fingerprints.normalise(item.text))
    post = Post(
        id="",
        published=min(item.published or now, now),
        text=clean.text,
        title=clean.title,
        url=item.url,
        author=item.author,
        source=source.name,
        standing=source.standing,
        reach=item.reach,
        seen=now,
    )
    post = replace(post, lang=item.lang or source.lang or fingerprints.language(post.body))
    matches = watched.match(post)
    return NewPost(
        item=clean,
        published=post.published,
        lang=post.lang,
        content_hash=fingerprints.content_hash(post.body),
        fingerprint=fingerprints.fingerprint(post.body) if matches else None,
        matches=matches,
        quiet=quiet or (item.published is None and _missed_hours(source, now)),
    )


def _missed_hours(source: SourceRecord, now: datetime) -> bool:
    """True if an item without a date may be from the time when nobody reached *source*.

    A title on a board is of now, whatever happened before.
    """
    since = source.last_ok_at
    return source.standing is not Standing.BOARD and since is not None and now - since > LATE


def _counted(made: Sequence[NewPost], added: Sequence[InsertResult], now: datetime) -> Ingested:
    pairs = [(post, one) for post, one in zip(made, added, strict=True) if not one.known]
    return Ingested(
        new=len(pairs),
        known=len(added) - len(pairs),
        matched=sum(bool(one.topic_ids) for _, one in pairs),
        late=sum(now - post.published > LATE for post, _ in pairs),
    )
