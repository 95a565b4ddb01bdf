"""One turn of a topic: what a worker does to it alone, kept together or not at all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

from sqlalchemy import select, update
from sqlalchemy.orm import Session
from sqlmodel import col

from bot.errors import Missing
from bot.incidents.closing import REOPENABLE, leading_stories
from bot.records import NOT_ABOUT, Correction, Decision, Incident, Match, Status, TopicRecord
from bot.store.database import Database
from bot.store.incidents import decisions
from bot.store.incidents.links import link
from bot.store.posts import readings
from bot.store.rows import chunks, row_ids, said_or_read, story_row
from bot.store.schema.incident_tables import IncidentRow
from bot.store.schema.tables import MatchRow, ReadingRow, StoryRow, TopicRow, TopicStateRow, TuningRow
from bot.store.topics.overruling import Overruled, overrule, said_of_copied
from bot.store.topics.state_rebuild import rebuild, store_again
from bot.store.topics.topics import load_state, record_of
from bot.store.topics.tunings import record_of as tuning_of
from engine.post import Level, Reading
from engine.tuning.tuning import DEFAULT, Tuning
from engine.watch.severity import Held
from engine.watch.state import StateError

if TYPE_CHECKING:
    from engine.watch.watch import Update, WatchState


@contextmanager
def turn(database: Database, topic_id: int, now: datetime) -> Iterator[Turn]:
    """Give the caller a topic alone. What it recorded is kept when the block ends well. Raises Missing."""
    with database.write() as session:
        # NO KEY: posts that match the topic may be stored meanwhile, only another turn has to wait.
        row = session.get(TopicRow, topic_id, with_for_update={"key_share": True})
        if row is None:
            raise Missing("topic", topic_id)
        yield Turn(session, record_of(row), now)


class Turn:
    """A topic under its lock: its state and incidents as they are now, and the one way to change them."""

    def __init__(self, session: Session, topic: TopicRecord, now: datetime) -> None:
        self._session, self._now = session, now
        self.topic = topic
        self._rows = {row.id: row for row in _incidents(session, topic.id, now)}

    @property
    def incidents(self) -> Sequence[Incident]:
        """Those that are live, and those closed not long ago, in the order in which they opened."""
        return tuple(decisions.record_of(row) for row in self._rows.values())

    @cached_property
    def state(self) -> WatchState:
        """The windows of the topic, its stories of the last 7 days, and those with which an incident may go on.

        What another version of Tocsin kept is made anew from the stored readings, once.
        """
        row = self._session.get(TopicStateRow, self.topic.id)
        try:
            kept = leading_stories(self.incidents, self._now)
            return load_state(self._session, self.topic.id, row, self._now, kept)
        except StateError:
            state, assigned = rebuild(self._session, self.topic.id, self.topic.topic, self._now)
            store_again(self._session, self.topic.id, state, assigned)
            return state

    @cached_property
    def tuning(self) -> Tuning:
        """How easily the topic rings."""
        row = self._session.get(TuningRow, self.topic.id)
        return DEFAULT if row is None else tuning_of(row).tuning

    def unread(self, matches: Sequence[Match]) -> list[Match]:
        """Those of *matches* that are this topic's and that no other worker has read meanwhile."""
        left: set[int] = set()
        mine = [match for match in matches if match.topic_id == self.topic.id]
        for part in chunks(row_ids(match.post.id for match in mine)):
            query = select(col(MatchRow.post_id)).where(
                col(MatchRow.topic_id) == self.topic.id,
                col(MatchRow.post_id).in_(part),
                col(MatchRow.state) == "unread",
            )
            left |= set(self._session.scalars(query))
        return [match for match in mine if int(match.post.id) in left]

    def as_said(self, pairs: Sequence[tuple[Match, Reading]]) -> list[tuple[Match, Reading]]:
        """*pairs* that are about the topic, with the tone that people gave the texts that they copy."""
        words = said_of_copied(self._session, self.topic.id, [match.post for match, _ in pairs])
        heard = []
        for match, reading in pairs:
            said, _ = words.get(match.post.id, ("", ""))
            if said != NOT_ABOUT:
                heard.append((match, replace(reading, sentiment=said_or_read(said, reading.sentiment))))
        return heard

    @property
    def held(self) -> Held:
        """The level that the topic is held at."""
        return self.state.held

    @held.setter
    def held(self, held: Held) -> None:
        self.state.held = held

    def write(self, decision: Decision) -> Incident | None:
        """Write what was decided; the incident as it is stored, with its id, None if there was nothing to write."""
        about = decision.incident.id if decision.incident else 0
        before = self._session.get(IncidentRow, about) if about else None
        stored = decisions.write(self._session, before, decision)
        if stored is not None and (before is None or stored.id in self._rows):
            self._rows[stored.id] = self._session.get_one(IncidentRow, stored.id)
        return stored

    def link(self, incident: Incident) -> None:
        """Note which live incidents of other topics are about the same happening as *incident*."""
        link(self._session, incident, self._now)

    def incident(self, number: int) -> Incident:
        """One of the topic's, however long it has been closed. Raises Missing."""
        row = self._session.get(IncidentRow, number, with_for_update={"key_share": True})
        if row is None or row.topic_id != self.topic.id:
            raise Missing("incident", number)
        return decisions.record_of(row)

    def overrule(self, verdict: Correction) -> Overruled | None:
        """Let a person's word stand in the place of what was read, on a post and its copies. None if nothing is new.

        Raises Missing for a post that is not there.
        """
        return overrule(self._session, self.state, self.topic.topic, verdict)

    def keep(self, pairs: Sequence[tuple[Match, Reading]], update: Update) -> None:
        """Write the readings, and what the watch made of them."""
        ids = [int(match.post.id) for match, _ in pairs]
        absorbed = update.absorbed
        self._assign(absorbed.assigned, besides=set(ids))
        self._merge(absorbed.merged)
        posts = [(match.post, reading) for match, reading in pairs]
        words = said_of_copied(self._session, self.topic.id, [post for post, _ in posts])
        readings.write(self._session, self.topic.id, posts, absorbed.assigned, words)
        self._mark_read(ids)
        self._keep_state(update.assessment.level)
        for story in absorbed.stories:
            self._session.merge(story_row(self.topic.id, story))
        self._session.flush()

    def _assign(self, assigned: Mapping[str, str], *, besides: set[int]) -> None:
        """Move posts that were read in an earlier turn to the story that they turned out to belong to."""
        for post_id, story in assigned.items():
            if post_id.isdecimal() and int(post_id) not in besides:
                self._session.execute(
                    update(ReadingRow)
                    .where(col(ReadingRow.topic_id) == self.topic.id, col(ReadingRow.post_id) == int(post_id))
                    .values(story=story)
                )

    def _merge(self, merged: Mapping[str, str]) -> None:
        """Let the posts of stories that are no more go with them. An incident that names one goes on naming it."""
        for gone, kept in merged.items():
            mine = col(ReadingRow.topic_id) == self.topic.id, col(ReadingRow.story) == gone
            self._session.execute(update(ReadingRow).where(*mine).values(story=kept))
            row = self._session.get(StoryRow, (self.topic.id, gone))
            if row is not None:
                self._session.delete(row)

    def _mark_read(self, post_ids: Sequence[int]) -> None:
        for part in chunks(post_ids):
            these = col(MatchRow.topic_id) == self.topic.id, col(MatchRow.post_id).in_(part)
            self._session.execute(update(MatchRow).where(*these).values(state="read"))

    def _keep_state(self, level: Level | None) -> None:
        self._session.merge(
            TopicStateRow(
                topic_id=self.topic.id,
                payload=self.state.dump(),
                level=None if level is None else level.value,
                updated_at=self._now,
            )
        )


def _incidents(session: Session, topic_id: int, now: datetime) -> Sequence[IncidentRow]:
    """The live incidents of a topic and those closed not long ago, the oldest first."""
    live = col(IncidentRow.status).in_([Status.OPEN.value, Status.ACKNOWLEDGED.value])
    query = (
        select(IncidentRow)
        .where(col(IncidentRow.topic_id) == topic_id, live | (col(IncidentRow.closed_at) >= now - REOPENABLE))
        .order_by(col(IncidentRow.opened_at), col(IncidentRow.id))
        .with_for_update(key_share=True)
    )
    return session.scalars(query).all()
