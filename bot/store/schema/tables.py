"""The tables of topics, sources, posts and readings, as SQLModel classes.

Rows stay inside bot.store, which hands out records instead.
Every change here needs a revision in bot/migrations; a test compares the two on both databases.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, Index, Text, text
from sqlmodel import Field, SQLModel

from bot.i18n.localised import LocalisedText
from bot.store.schema.columns import Words
from bot.store.schema.fields import id_field, json_field, key_part, reference, time_field
from engine.post import Entity, TextChange
from engine.tuning.tuning import Tally
from engine.watch.expected import ExpectedDays


class CounterRow(SQLModel, table=True):
    """Numbers that only grow: the version of the topics."""

    __tablename__ = "tocsin_counter"
    name: str = Field(primary_key=True, sa_type=Text)
    value: int


class TopicRow(SQLModel, table=True):
    __tablename__ = "tocsin_topic"
    id: int = id_field()
    name: str = Field(sa_type=Words)
    name_key: str = Field(sa_type=Words, unique=True)
    query: str = Field(sa_type=Words)
    aliases: tuple[str, ...] = json_field(tuple[str, ...])
    languages: tuple[str, ...] = json_field(tuple[str, ...])
    channel: str = Field(sa_type=Text)
    policy: str = Field(sa_type=Text)
    speak: str = Field(sa_type=Text)
    budget_per_week: float
    watched_since: datetime = time_field()
    origin: str = Field(sa_type=Text)
    paused: bool = False
    gone: bool = False  # it left the settings file, which is why it is paused
    expected: tuple[ExpectedDays, ...] = json_field(tuple[ExpectedDays, ...])


class TopicStateRow(SQLModel, table=True):
    """A topic's windows, and the level of its last assessment."""

    __tablename__ = "tocsin_topic_state"
    topic_id: int = key_part("tocsin_topic.id")
    payload: bytes
    level: int | None = None
    updated_at: datetime = time_field()


class TuningRow(SQLModel, table=True):
    """How easily a topic rings: what was learned last, and from what."""

    __tablename__ = "tocsin_tuning"
    topic_id: int = key_part("tocsin_topic.id")
    strictness: float
    trust: Mapping[str, float] = json_field(dict[str, float])
    tallies: Mapping[str, Tally] = json_field(dict[str, Tally])
    learned_at: datetime = time_field()
    days: float
    bells: int
    basis: str = Field(sa_type=Text)


class StoryRow(SQLModel, table=True):
    __tablename__ = "tocsin_story"
    topic_id: int = key_part("tocsin_topic.id")
    id: str = Field(primary_key=True, sa_type=Text)
    headline: str = Field(sa_type=Words)
    size: int
    payload: bytes
    first_at: datetime = time_field()
    last_at: datetime = time_field()
    __table_args__ = (Index("ix_tocsin_story_recent", "topic_id", "last_at"),)


class SourceRow(SQLModel, table=True):
    __tablename__ = "tocsin_source"
    id: int = id_field()
    name: str = Field(sa_type=Words)
    name_key: str = Field(sa_type=Words, unique=True)
    kind: str = Field(sa_type=Text)
    url: str = Field(sa_type=Words)
    every: float
    standing: str = Field(sa_type=Text)
    lang: str = Field(sa_type=Text)
    allow_private: bool
    enabled: bool
    options: Mapping[str, Any] = json_field(dict[str, Any])
    etag: str = Field(default="", sa_type=Words)
    last_modified: str = Field(default="", sa_type=Words)
    next_poll_at: datetime | None = time_field()
    last_poll_at: datetime | None = time_field()
    last_ok_at: datetime | None = time_field()
    last_item_at: datetime | None = time_field()
    failures: int = 0
    error: LocalisedText | None = json_field(LocalisedText | None)
    baselined: bool = False


class PostRow(SQLModel, table=True):
    __tablename__ = "tocsin_post"
    id: int = id_field()
    source_id: int = reference("tocsin_source.id")
    external_id: str = Field(sa_type=Words)
    published: datetime = time_field(index=True)
    seen: datetime = time_field()
    title: str = Field(sa_type=Words)
    text: str = Field(sa_type=Words)
    url: str = Field(sa_type=Words)
    author: str = Field(sa_type=Words)
    lang: str = Field(sa_type=Text)
    reach: int | None = Field(default=None, sa_type=BigInteger)
    content_hash: str = Field(sa_type=Text, index=True)
    copy_of: int | None = reference("tocsin_post.id", nullable=True, index=True)
    update_of: int | None = Field(default=None, sa_type=BigInteger, index=True)
    changes: tuple[TextChange, ...] = json_field(tuple[TextChange, ...])
    __table_args__ = (Index("uq_tocsin_post_external", "source_id", "external_id", unique=True),)


class FingerprintRow(SQLModel, table=True):
    """The fingerprints of the originals of the last 72 hours, against which new posts are compared."""

    __tablename__ = "tocsin_fingerprint"
    post_id: int = key_part("tocsin_post.id")
    at: datetime = time_field(index=True)
    payload: bytes


class BandRow(SQLModel, table=True):
    """The index of the fingerprints: posts that share a band may be near duplicates."""

    __tablename__ = "tocsin_band"
    band: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    post_id: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    __table_args__ = {"sqlite_with_rowid": False}


NOT_READ = text("state <> 'read'")
"""Written out, not bound: only so does either database see that its partial index serves a query."""


class MatchRow(SQLModel, table=True):
    """A post that a topic's query caught. *state* is unread, read or failed (set aside)."""

    __tablename__ = "tocsin_match"
    topic_id: int = key_part("tocsin_topic.id")
    post_id: int = key_part("tocsin_post.id")
    quiet: bool
    state: str = Field(default="unread", sa_type=Text)
    on_stream: bool = False
    since: datetime = time_field()
    __table_args__ = (
        Index("ix_tocsin_match_post", "post_id"),
        Index(
            "ix_tocsin_match_unread",
            "since",
            "post_id",
            sqlite_where=NOT_READ,
            postgresql_where=NOT_READ,
        ),
    )


class ReadingRow(SQLModel, table=True):
    """What the engine said of a match. *published* repeats the post's, so that one index serves the views."""

    __tablename__ = "tocsin_reading"
    topic_id: int = key_part("tocsin_topic.id")
    post_id: int = key_part("tocsin_post.id")
    published: datetime = time_field()
    lang: str = Field(sa_type=Text)
    negative: float
    neutral: float
    positive: float
    risks: Mapping[str, float] = json_field(dict[str, float])
    entities: tuple[Entity, ...] = json_field(tuple[Entity, ...])
    embedding: bytes | None = None  # float16
    story: str = Field(default="", sa_type=Text)
    said: str = Field(default="", sa_type=Text)  # a polarity or NOT_ABOUT: a person's word, which stands above it
    said_by: str = Field(default="", sa_type=Text)
    __table_args__ = (
        Index("ix_tocsin_reading_published", "topic_id", "published"),
        Index("ix_tocsin_reading_story", "topic_id", "story", "published"),
    )
