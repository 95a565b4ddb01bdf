"""Topics: those of the settings file, which rules over them, and those that people added in Slack."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session
from sqlmodel import col

from bot.errors import DuplicateTopic, Missing
from bot.records import TopicRecord
from bot.store.database import Database
from bot.store.schema.tables import CounterRow, StoryRow, TopicRow, TopicStateRow
from engine.post import Topic
from engine.watch.expected import ExpectedDays
from engine.watch.state import StateError

if TYPE_CHECKING:
    from engine.watch.watch import WatchState

Expected = tuple[ExpectedDays, ...]

STORY_DAYS = 7
"""For how long after its last post a story can still grow."""


class Topics:
    def __init__(self, database: Database) -> None:
        self._database = database

    def sync(self, records: Sequence[TopicRecord], now: datetime) -> list[TopicRecord]:
        """Bring the topics of the file to what *records* say, and pause those that left the file.

        Topics from Slack are left alone, unless the file names them: then the file rules. A topic that a
        person paused stays paused. Returns those that are new, back, or have another query or other aliases:
        the stored posts must be matched against them again.
        """
        with self._database.write(alone="topics") as session:
            rows = {row.name_key: row for row in session.scalars(select(TopicRow))}
            named = {name_key(record.topic.name): record for record in records}
            _rename(rows, named)
            fresh = [row for key, record in named.items() if (row := _put(session, rows.get(key), record))]
            leaving = [row for key, row in rows.items() if row.origin == "file" and not row.gone and key not in named]
            for row in leaving:
                row.gone = True
            session.flush()
            if session.info.pop("changed", False) or leaving:
                _grow_version(session)
            return [record_of(row) for row in fresh]

    def add(self, record: TopicRecord, now: datetime) -> TopicRecord:
        """Store a topic that a person added, watched since *now*. Raises DuplicateTopic."""
        with self._database.write(alone="topics") as session:
            key = name_key(record.topic.name)
            row = session.scalar(select(TopicRow).where(col(TopicRow.name_key) == key))
            if row is not None and not row.gone:
                raise DuplicateTopic(row.name)
            if row is None:
                row = TopicRow(name_key=key, watched_since=now, **_settings(record))
                session.add(row)
            _fill(row, record)
            row.gone, row.paused = False, False
            session.flush()
            _grow_version(session)
            return record_of(row)

    def all(self, paused: bool = False) -> list[TopicRecord]:
        """The topics that are watched, by name; with *paused* the paused ones too."""
        with self._database.read() as session:
            rows = session.scalars(select(TopicRow).order_by(col(TopicRow.name_key)))
            return [record for row in rows if not (record := record_of(row)).paused or paused]

    def get(self, topic_id: int) -> TopicRecord | None:
        with self._database.read() as session:
            row = session.get(TopicRow, topic_id)
            return record_of(row) if row else None

    def gone(self, topic_id: int) -> bool:
        """True for a topic that left the settings."""
        with self._database.read() as session:
            return _existing(session, topic_id).gone

    def find(self, name: str) -> TopicRecord | None:
        """The topic of that name, in whatever case or width it is typed."""
        with self._database.read() as session:
            row = session.scalar(select(TopicRow).where(col(TopicRow.name_key) == name_key(name)))
            return record_of(row) if row else None

    def pause(self, topic_id: int, paused: bool = True) -> TopicRecord:
        """Stop watching a topic, or go on. Raises Missing."""
        with self._database.write(alone="topics") as session:
            row = _existing(session, topic_id)
            row.paused = paused
            _grow_version(session)
            return record_of(row)

    def expect(self, topic_id: int, change: Callable[[Expected], Expected]) -> TopicRecord:
        """Let *change* say which days are expected of a topic. Raises Missing, and what *change* raises."""
        with self._database.write(alone="topics") as session:
            row = _existing(session, topic_id)
            row.expected = change(row.expected)
            return record_of(row)

    def watched(self, topic_id: int, since: datetime) -> None:
        """Say that the stored posts cover the topic from *since*, if that is earlier than was known."""
        with self._database.write() as session:
            row = _existing(session, topic_id)
            row.watched_since = min(row.watched_since, since)

    def version(self) -> int:
        """A number that grows whenever a topic is added, changed or paused."""
        with self._database.read() as session:
            row = session.get(CounterRow, "topics")
            return row.value if row else 0

    def state(self, topic_id: int) -> WatchState:
        """The windows and stories of a topic as its last turn left them, to look at."""
        with self._database.read() as session:
            row = session.get(TopicStateRow, topic_id)
            from engine.watch.watch import WatchState

            try:
                return load_state(session, topic_id, row, row.updated_at if row else None)
            except StateError:  # the next turn will write it anew
                return WatchState.load(None)


def name_key(name: str) -> str:
    """What makes two names the same: not their case, width or spaces."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def record_of(row: TopicRow) -> TopicRecord:
    return TopicRecord(
        id=row.id,
        topic=Topic(name=row.name, query=row.query, aliases=row.aliases, languages=row.languages),
        channel=row.channel,
        policy=row.policy,
        speak=row.speak,
        budget_per_week=row.budget_per_week,
        watched_since=row.watched_since,
        origin=row.origin,
        paused=row.paused or row.gone,
        expected=row.expected,
    )


def load_state(
    session: Session, topic_id: int, row: TopicStateRow | None, now: datetime | None, kept: Iterable[str] = ()
) -> WatchState:
    """The state of a topic with its stories of the last days, and those of *kept*, however old."""
    from engine.watch.watch import WatchState

    if row is None or now is None:
        return WatchState.load(None, ())
    fresh = col(StoryRow.last_at) >= now - timedelta(days=STORY_DAYS)
    stories = select(col(StoryRow.payload)).where(
        col(StoryRow.topic_id) == topic_id, fresh | col(StoryRow.id).in_(list(kept))
    )
    return WatchState.load(row.payload, session.scalars(stories.order_by(col(StoryRow.last_at))).all())


def _existing(session: Session, topic_id: int) -> TopicRow:
    row = session.get(TopicRow, topic_id)
    if row is None:
        raise Missing("topic", topic_id)
    return row


def _rename(rows: dict[str, TopicRow], named: Mapping[str, TopicRecord]) -> None:
    """Give the topics that have another name in *named* that name: their past, their state and their incidents stay."""
    for key, record in named.items():
        before = [was for was in map(name_key, record.was) if was in rows and was not in named]
        if key not in rows and before:
            row = rows.pop(before[0])
            row.name_key = key
            rows[key] = row


def _put(session: Session, row: TopicRow | None, record: TopicRecord) -> TopicRow | None:
    """Insert or change a topic of the file; the row if its posts must be matched again."""
    if row is None:
        key, since = name_key(record.topic.name), record.watched_since
        row = TopicRow(name_key=key, watched_since=since, **_settings(record))
        session.add(row)
        again = True
    else:
        again = row.gone or (row.query, row.aliases) != (record.topic.query, record.topic.aliases)
    before = None if again else record_of(row)
    _fill(row, record)
    row.gone = False
    if again or before != record_of(row):
        session.info["changed"] = True
    return row if again else None


def _fill(row: TopicRow, record: TopicRecord) -> None:
    by_hand = tuple(each for each in row.expected or () if each.by)
    for name, value in _settings(record).items():
        setattr(row, name, value)
    row.expected = (*record.expected, *by_hand)


def _settings(record: TopicRecord) -> dict[str, Any]:
    """What the file or a person says of a topic, as its columns are called."""
    return {
        "name": record.topic.name,
        "query": record.topic.query,
        "aliases": record.topic.aliases,
        "languages": record.topic.languages,
        "channel": record.channel,
        "policy": record.policy,
        "speak": record.speak,
        "budget_per_week": record.budget_per_week,
        "origin": record.origin,
    }


def _grow_version(session: Session) -> None:
    grown = session.execute(
        update(CounterRow).where(col(CounterRow.name) == "topics").values(value=col(CounterRow.value) + 1)
    )
    if grown.rowcount == 0:  # type: ignore[attr-defined]  # an UPDATE's result has it
        session.add(CounterRow(name="topics", value=1))
