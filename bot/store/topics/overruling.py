"""A person's word on a post: it stands in the place of what was read, and the topic's watch counts by it at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sqlalchemy import delete, select
from sqlalchemy.orm import Session
from sqlmodel import col

from bot.errors import Missing
from bot.records import NOT_ABOUT, Correction
from bot.store.rows import post_of, reading_of, row_ids, story_row
from bot.store.schema.columns import storable
from bot.store.schema.incident_tables import VerdictRow
from bot.store.schema.tables import MatchRow, PostRow, ReadingRow, SourceRow, StoryRow
from engine.post import Post, Reading, Topic

if TYPE_CHECKING:
    from engine.stories.story import Story
    from engine.watch.watch import Arrival, WatchState


def overrule(session: Session, state: WatchState, topic: Topic, verdict: Correction) -> Sequence[Arrival] | None:
    """Keep *verdict* and let *state* follow it; what must be taken in (again) because of it. None if nothing is new.

    A later word replaces every earlier one. A post that nobody read for the topic has no reading to overrule: the word
    is kept all the same. Raises Missing for a post that is not there.
    """
    post_id = next(iter(row_ids([verdict.post_id])), 0)
    found = session.execute(
        select(PostRow, col(SourceRow.name), col(SourceRow.standing))
        .join(SourceRow, col(SourceRow.id) == col(PostRow.source_id))
        .where(col(PostRow.id) == post_id)
    ).first()
    if found is None:
        raise Missing("post", post_id)
    reading = session.get(ReadingRow, (verdict.topic_id, post_id))
    if not _kept(session, verdict, post_id, stands=reading is None or reading.said == verdict.word):
        return None
    if reading is None:
        return ()
    before = _counted(reading)
    reading.said, reading.said_by = verdict.word, storable(verdict.by)
    return _recounted(session, state, topic, post_of(*found), reading, before)


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


def _recounted(
    session: Session, state: WatchState, topic: Topic, post: Post, row: ReadingRow, before: Reading | None
) -> Sequence[Arrival]:
    from engine.watch.correction import Recount, correct

    match = session.get(MatchRow, (row.topic_id, row.post_id))
    change = Recount(
        post=post, story_id=row.story, before=before, after=_counted(row), quiet=match is not None and match.quiet
    )
    stories, back = correct(state, [change], topic=topic)
    for story in stories:
        _store(session, row.topic_id, story)
    session.flush()
    return back


def _store(session: Session, topic_id: int, story: Story) -> None:
    if story.size > 0:
        session.merge(story_row(topic_id, story))
    else:
        session.execute(delete(StoryRow).where(col(StoryRow.topic_id) == topic_id, col(StoryRow.id) == story.id))
