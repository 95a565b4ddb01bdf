"""The watch of a topic made anew from its stored readings, when what was kept of it cannot be read any more."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete, update
from sqlalchemy.orm import Session
from sqlmodel import col

from bot.store.posts.history import pages
from bot.store.rows import story_row
from bot.store.schema.tables import ReadingRow, StoryRow
from engine.post import Topic

if TYPE_CHECKING:
    from engine.watch.watch import WatchState

SPAN = timedelta(days=28)
"""What the windows remember."""


def rebuild(session: Session, topic_id: int, topic: Topic, now: datetime) -> tuple[WatchState, dict[str, str]]:
    """The state after the read posts of the last weeks, and which of them went into which story.

    The level that was held is not among them: the next assessment finds it again, or rings for what is there.
    """
    from engine.watch import watch

    state, assigned = watch.WatchState(), dict[str, str]()
    for page in pages(session, topic_id, now - SPAN, now):
        arrivals = [watch.Arrival(post=match.post, reading=reading, quiet=match.quiet) for match, reading in page]
        absorbed = watch.absorb(state, arrivals, topic=topic, now=min(now, arrivals[-1].post.published))
        merged = absorbed.merged
        assigned = {post_id: merged.get(story_id, story_id) for post_id, story_id in assigned.items()}
        assigned |= absorbed.assigned
    return state, assigned


def store_again(session: Session, topic_id: int, state: WatchState, assigned: dict[str, str]) -> None:
    """Put the stories of *state* in the place of those that were stored, and the posts into them."""
    session.execute(delete(StoryRow).where(col(StoryRow.topic_id) == topic_id))
    for story in state.stories.by_id.values():
        session.add(story_row(topic_id, story))
    for post_id, story_id in assigned.items():
        mine = col(ReadingRow.topic_id) == topic_id, col(ReadingRow.post_id) == int(post_id)
        session.execute(update(ReadingRow).where(*mine).values(story=story_id))
