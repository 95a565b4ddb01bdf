"""A person's word on a post: it stands in the place of what was read, and the topic's watch counts by it at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import Row, delete, select
from sqlalchemy.orm import Session
from sqlmodel import col

from bot.errors import Missing
from bot.records import NOT_ABOUT, Correction
from bot.store.rows import chunks, post_of, reading_of, row_ids, story_row
from bot.store.schema.columns import storable
from bot.store.schema.incident_tables import VerdictRow
from bot.store.schema.tables import MatchRow, PostRow, ReadingRow, SourceRow, StoryRow
from engine.post import Post, Reading, Topic
from engine.watch.correction import Recount, correct

if TYPE_CHECKING:
    from engine.stories.story import Story
    from engine.watch.watch import Arrival, WatchState


@dataclass(frozen=True, kw_only=True)
class Overruled:
    """The posts that a word holds for, which is the one it was said of and its copies, and those of them that must be
    taken in (again) because of it."""

    posts: frozenset[str]
    back: Sequence[Arrival]


def overrule(session: Session, state: WatchState, topic: Topic, verdict: Correction) -> Overruled | None:
    """Keep *verdict* and let *state* follow it. None if nothing is new.

    A later word replaces every earlier one. A post that nobody read for the topic has no reading to overrule: the word
    is kept all the same. Raises Missing for a post that is not there.
    """
    post_id = next(iter(row_ids([verdict.post_id])), 0)
    post = session.get(PostRow, post_id)
    if post is None:
        raise Missing("post", post_id)
    reading = session.get(ReadingRow, (verdict.topic_id, post_id))
    if not _kept(session, verdict, post_id, stands=reading is None or reading.said == verdict.word):
        return None
    told = [_overruled(each, verdict) for each in _same_text(session, verdict.topic_id, post)]
    stories, back = correct(state, told, topic=topic)
    for story in stories:
        _store(session, verdict.topic_id, story)
    session.flush()
    return Overruled(posts=frozenset({str(post_id), *(each.post.id for each in told)}), back=back)


def said_of_copied(session: Session, topic_id: int, posts: Iterable[Post]) -> Mapping[str, tuple[str, str]]:
    """Of those of *posts* that copy a text on which somebody has had a word: the word, and whose it is."""
    copied = {post.id: int(post.copy_of) for post in posts if post.copy_of is not None}
    words: dict[int, tuple[str, str]] = {}
    for part in chunks(sorted(set(copied.values()))):
        query = select(col(ReadingRow.post_id), col(ReadingRow.said), col(ReadingRow.said_by)).where(
            col(ReadingRow.topic_id) == topic_id, col(ReadingRow.post_id).in_(part), col(ReadingRow.said) != ""
        )
        words |= {original: (said, by) for original, said, by in session.execute(query)}
    return {post: words[original] for post, original in copied.items() if original in words}


def _same_text(session: Session, topic_id: int, post: PostRow) -> Sequence[Row[ReadingRow, PostRow, str, str, bool]]:
    """*post*, what it is a copy of, and all copies of that, as far as they were read for the topic."""
    original = post.copy_of or post.id
    query = (
        select(ReadingRow, PostRow, col(SourceRow.name), col(SourceRow.standing), col(MatchRow.quiet))
        .join(PostRow, col(PostRow.id) == col(ReadingRow.post_id))
        .join(SourceRow, col(SourceRow.id) == col(PostRow.source_id))
        .join(
            MatchRow,
            (col(MatchRow.topic_id) == col(ReadingRow.topic_id)) & (col(MatchRow.post_id) == col(ReadingRow.post_id)),
        )
        .where(col(ReadingRow.topic_id) == topic_id)
        .where((col(PostRow.id) == original) | (col(PostRow.copy_of) == original))
        .order_by(col(ReadingRow.published), col(ReadingRow.post_id))
    )
    return session.execute(query).all()


def _overruled(read: Row[ReadingRow, PostRow, str, str, bool], verdict: Correction) -> Recount:
    row, post, source, standing, quiet = read
    before = _counted(row)
    row.said, row.said_by = verdict.word, storable(verdict.by)
    return Recount(
        post=post_of(post, source, standing), story_id=row.story, before=before, after=_counted(row), quiet=quiet
    )


def _kept(session: Session, verdict: Correction, post_id: int, *, stands: bool) -> bool:
    """Keep the person's word; False if it is what they said already and it *stands*."""
    row = session.get(VerdictRow, (verdict.topic_id, post_id, storable(verdict.by)))
    if stands and row is not None and row.polarity == verdict.word:
        return False
    session.merge(
        VerdictRow(
            topic_id=verdict.topic_id,
            post_id=post_id,
            by=storable(verdict.by),
            polarity=verdict.word,
            at=verdict.at,
            incident_id=verdict.incident_id,
        )
    )
    return True


def _counted(row: ReadingRow) -> Reading | None:
    """The reading that the watch counts; None if it counts none."""
    return None if row.said == NOT_ABOUT else reading_of(row)


def _store(session: Session, topic_id: int, story: Story) -> None:
    if story.size > 0:
        session.merge(story_row(topic_id, story))
    else:
        session.execute(delete(StoryRow).where(col(StoryRow.topic_id) == topic_id, col(StoryRow.id) == story.id))
