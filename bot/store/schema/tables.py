"""The tables, as SQLModel classes. Rows stay inside bot.store, which hands out records instead.

Every change here needs a revision in bot/migrations; a test compares the two on both databases.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Text, text
from sqlmodel import Field, SQLModel

from bot.i18n.localised import LocalisedText
from bot.records import Policy
from bot.store.schema.columns import BigId, Json, Utc, Words
from bot.store.schema.notes import StoredNotes, StoredSignals
from engine.post import Entity, Note, Signal
from engine.watch.tuning import Tally


def _json(kind: Any) -> Any:
    return Field(sa_column=Column(Json(kind), nullable=False))


def _time(*, index: bool = False) -> Any:
    return Field(default=None, sa_type=Utc, index=index)


def _id() -> Any:
    return Field(default=None, sa_column=Column(BigId, primary_key=True))


def _part(target: str) -> Any:
    """One column of a composite key that names a row of another table."""
    return Field(sa_column=Column(BigId, ForeignKey(target), primary_key=True, autoincrement=False))


def _to(target: str, *, nullable: bool = False, index: bool = False) -> Any:
    return Field(sa_column=Column(BigId, ForeignKey(target), nullable=nullable, index=index), default=None)


class CounterRow(SQLModel, table=True):
    """Numbers that only grow: the version of the topics."""

    __tablename__ = "tocsin_counter"
    name: str = Field(primary_key=True, sa_type=Text)
    value: int


class TopicRow(SQLModel, table=True):
    __tablename__ = "tocsin_topic"
    id: int = _id()
    name: str = Field(sa_type=Words)
    name_key: str = Field(sa_type=Words, unique=True)
    query: str = Field(sa_type=Words)
    aliases: tuple[str, ...] = _json(tuple[str, ...])
    languages: tuple[str, ...] = _json(tuple[str, ...])
    channel: str = Field(sa_type=Text)
    policy: str = Field(sa_type=Text)
    speak: str = Field(sa_type=Text)
    budget_per_week: float
    watched_since: datetime = _time()
    origin: str = Field(sa_type=Text)
    paused: bool = False
    gone: bool = False  # it left the settings file, which is why it is paused


class TopicStateRow(SQLModel, table=True):
    """A topic's windows, and the level of its last assessment."""

    __tablename__ = "tocsin_topic_state"
    topic_id: int = _part("tocsin_topic.id")
    payload: bytes
    level: int | None = None
    updated_at: datetime = _time()


class TuningRow(SQLModel, table=True):
    """How easily a topic rings: what was learned last, and from what."""

    __tablename__ = "tocsin_tuning"
    topic_id: int = _part("tocsin_topic.id")
    strictness: float
    trust: Mapping[str, float] = _json(dict[str, float])
    tallies: Mapping[str, Tally] = _json(dict[str, Tally])
    learned_at: datetime = _time()
    days: float
    bells: int
    basis: str = Field(sa_type=Text)


class StoryRow(SQLModel, table=True):
    __tablename__ = "tocsin_story"
    topic_id: int = _part("tocsin_topic.id")
    id: str = Field(primary_key=True, sa_type=Text)
    headline: str = Field(sa_type=Words)
    size: int
    payload: bytes
    first_at: datetime = _time()
    last_at: datetime = _time()
    __table_args__ = (Index("ix_tocsin_story_recent", "topic_id", "last_at"),)


class SourceRow(SQLModel, table=True):
    __tablename__ = "tocsin_source"
    id: int = _id()
    name: str = Field(sa_type=Words)
    name_key: str = Field(sa_type=Words, unique=True)
    kind: str = Field(sa_type=Text)
    url: str = Field(sa_type=Words)
    every: float
    standing: str = Field(sa_type=Text)
    lang: str = Field(sa_type=Text)
    allow_private: bool
    enabled: bool
    options: Mapping[str, Any] = _json(dict[str, Any])
    etag: str = Field(default="", sa_type=Words)
    last_modified: str = Field(default="", sa_type=Words)
    next_poll_at: datetime | None = _time()
    last_poll_at: datetime | None = _time()
    last_ok_at: datetime | None = _time()
    last_item_at: datetime | None = _time()
    failures: int = 0
    error: LocalisedText | None = _json(LocalisedText | None)
    baselined: bool = False


class PostRow(SQLModel, table=True):
    __tablename__ = "tocsin_post"
    id: int = _id()
    source_id: int = _to("tocsin_source.id")
    external_id: str = Field(sa_type=Words)
    published: datetime = _time(index=True)
    seen: datetime = _time()
    title: str = Field(sa_type=Words)
    text: str = Field(sa_type=Words)
    url: str = Field(sa_type=Words)
    author: str = Field(sa_type=Words)
    lang: str = Field(sa_type=Text)
    reach: int | None = Field(default=None, sa_type=BigInteger)
    content_hash: str = Field(sa_type=Text, index=True)
    copy_of: int | None = _to("tocsin_post.id", nullable=True, index=True)
    __table_args__ = (Index("uq_tocsin_post_external", "source_id", "external_id", unique=True),)


class FingerprintRow(SQLModel, table=True):
    """The fingerprints of the originals of the last 72 hours, against which new posts are compared."""

    __tablename__ = "tocsin_fingerprint"
    post_id: int = _part("tocsin_post.id")
    at: datetime = _time(index=True)
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
    topic_id: int = _part("tocsin_topic.id")
    post_id: int = _part("tocsin_post.id")
    quiet: bool
    state: str = Field(default="unread", sa_type=Text)
    on_stream: bool = False
    since: datetime = _time()
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
    topic_id: int = _part("tocsin_topic.id")
    post_id: int = _part("tocsin_post.id")
    published: datetime = _time()
    lang: str = Field(sa_type=Text)
    negative: float
    neutral: float
    positive: float
    risks: Mapping[str, float] = _json(dict[str, float])
    entities: tuple[Entity, ...] = _json(tuple[Entity, ...])
    embedding: bytes | None = None  # float16
    story: str = Field(default="", sa_type=Text)
    __table_args__ = (
        Index("ix_tocsin_reading_published", "topic_id", "published"),
        Index("ix_tocsin_reading_story", "topic_id", "story", "published"),
    )


_LIVE = text("status IN ('open', 'acknowledged')")


class IncidentRow(SQLModel, table=True):
    __tablename__ = "tocsin_incident"
    id: int = _id()
    version: int
    topic_id: int = _to("tocsin_topic.id", index=True)
    topic: str = Field(sa_type=Words)
    channel: str = Field(sa_type=Text)
    speak: str = Field(sa_type=Text)
    status: str = Field(sa_type=Text)
    level: int
    peak: int
    score: float
    headline: str = Field(sa_type=Words)
    stories: tuple[str, ...] = _json(tuple[str, ...])
    reasons: tuple[Signal, ...] = _json(StoredSignals)
    notes: tuple[Note, ...] = _json(StoredNotes)
    evidence: tuple[str, ...] = _json(tuple[str, ...])
    policy: Policy = _json(Policy)
    opened_at: datetime = _time(index=True)
    assessed_at: datetime = _time()
    calm_since: datetime | None = _time()
    owner: str = Field(sa_type=Text)
    acknowledged_at: datetime | None = _time()
    acknowledged_by: str = Field(sa_type=Text)
    snoozed_until: datetime | None = _time()
    closed_at: datetime | None = _time()
    closed_by: str = Field(sa_type=Text)
    step: int
    rounds: int
    reminded_at: datetime | None = _time()
    last_act_at: datetime | None = _time()
    next_action_at: datetime | None = _time(index=True)
    __table_args__ = (
        # The last fence against two owners for one matter: a second live incident of a topic is refused.
        Index("uq_tocsin_incident_live", "topic_id", unique=True, sqlite_where=_LIVE, postgresql_where=_LIVE),
    )


class ActRow(SQLModel, table=True):
    __tablename__ = "tocsin_act"
    id: int = _id()
    incident_id: int = _to("tocsin_incident.id")
    kind: str = Field(sa_type=Text)
    at: datetime = _time()
    by: str = Field(sa_type=Words)
    detail: Mapping[str, Any] = _json(dict[str, Any])
    key: str | None = Field(default=None, sa_type=Words)  # NULL, unlike "", may repeat
    __table_args__ = (Index("uq_tocsin_act_key", "incident_id", "key", unique=True),)


_CLAIMED = text("state = 'claimed'")
OUTSTANDING = text("state IN ('owed', 'claimed')")


class AlertRow(SQLModel, table=True):
    """A message owed to Slack. *state* is owed, claimed, sent, failed or folded (into another one)."""

    __tablename__ = "tocsin_alert"
    id: int = _id()
    incident_id: int = _to("tocsin_incident.id")
    key: str = Field(sa_type=Words)
    kind: str = Field(sa_type=Text)
    target: str = Field(sa_type=Text)
    level: int
    at: datetime = _time()
    payload: Mapping[str, Any] = _json(dict[str, Any])
    state: str = Field(default="owed", sa_type=Text)
    due_at: datetime = _time()
    attempts: int = 0
    claimed_until: datetime | None = _time()
    sent_at: datetime | None = _time()
    error: str = Field(default="", sa_type=Words)
    folded_into: int | None = Field(default=None, sa_type=BigInteger)
    __table_args__ = (
        Index("uq_tocsin_alert_key", "incident_id", "key", unique=True),
        # The last fence against two writers to one conversation.
        Index(
            "uq_tocsin_alert_claimed",
            "target",
            unique=True,
            sqlite_where=_CLAIMED,
            postgresql_where=_CLAIMED,
        ),
        Index("ix_tocsin_alert_owed", "id", sqlite_where=OUTSTANDING, postgresql_where=OUTSTANDING),
    )


class CardRow(SQLModel, table=True):
    __tablename__ = "tocsin_card"
    incident_id: int = _part("tocsin_incident.id")
    channel: str = Field(primary_key=True, sa_type=Text)
    ts: str = Field(primary_key=True, sa_type=Text)
    thread_ts: str = Field(default="", sa_type=Text)


class VerdictRow(SQLModel, table=True):
    """What a person says the sentiment of a post toward a topic is: the last word of each person."""

    __tablename__ = "tocsin_verdict"
    topic_id: int = _part("tocsin_topic.id")
    post_id: int = _part("tocsin_post.id")
    by: str = Field(primary_key=True, sa_type=Words)
    polarity: str = Field(sa_type=Text)
    at: datetime = _time()
    incident_id: int = _to("tocsin_incident.id")


class SeenRow(SQLModel, table=True):
    """Slack's events that were handled already."""

    __tablename__ = "tocsin_seen"
    event_id: str = Field(primary_key=True, sa_type=Words)
    at: datetime = _time(index=True)
