"""The first schema: topics, sources, posts, readings, stories, incidents, alerts."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)
Columns = list[sa.Column[Any]]


def _id() -> sa.Column[int]:
    return sa.Column("id", BIG, primary_key=True)


def _columns(kind: Any, *names: str) -> Columns:
    """Columns of one type; a name that ends in ? may be NULL."""
    return [sa.Column(name.rstrip("?"), kind, nullable=name.endswith("?")) for name in names]


def _texts(*names: str) -> Columns:
    return _columns(sa.Text(), *names)


def _times(*names: str) -> Columns:
    return _columns(TIME, *names)


def _to(name: str, table: str, *, nullable: bool = False) -> sa.Column[int]:
    return sa.Column(name, BIG, sa.ForeignKey(f"tocsin_{table}.id"), nullable=nullable)


def _part(name: str, table: str) -> sa.Column[int]:
    """One column of a composite key that names a row of another table."""
    return sa.Column(name, BIG, sa.ForeignKey(f"tocsin_{table}.id"), primary_key=True, autoincrement=False)


def _key(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), primary_key=True)


def _index(name: str, table: str, *columns: str, unique: bool = False, where: str = "") -> None:
    condition = sa.text(where) if where else None
    op.create_index(name, table, list(columns), unique=unique, sqlite_where=condition, postgresql_where=condition)


def upgrade() -> None:
    op.create_table("tocsin_counter", _key("name"), *_columns(sa.Integer(), "value"))
    op.create_table("tocsin_seen", _key("event_id"), *_times("at"))
    _index("ix_tocsin_seen_at", "tocsin_seen", "at")
    _topics()
    _sources()
    _posts()
    _copies()
    _readings()
    _stories()
    _incidents()
    _alerts()


def _topics() -> None:
    op.create_table(
        "tocsin_topic",
        _id(),
        *_texts("name", "query", "aliases", "languages", "channel", "policy", "speak", "origin"),
        sa.Column("name_key", sa.Text(), nullable=False, unique=True),
        *_columns(sa.Float(), "budget_per_week"),
        *_times("watched_since"),
        *_columns(sa.Boolean(), "paused", "gone"),
    )
    op.create_table(
        "tocsin_topic_state",
        _part("topic_id", "topic"),
        *_columns(sa.LargeBinary(), "payload"),
        *_columns(sa.Integer(), "level?"),
        *_times("updated_at"),
    )


def _sources() -> None:
    op.create_table(
        "tocsin_source",
        _id(),
        *_texts("name", "kind", "url", "standing", "lang", "options", "etag", "last_modified", "error"),
        sa.Column("name_key", sa.Text(), nullable=False, unique=True),
        *_columns(sa.Float(), "every"),
        *_columns(sa.Boolean(), "allow_private", "enabled", "baselined"),
        *_times("next_poll_at?", "last_poll_at?", "last_ok_at?", "last_item_at?"),
        *_columns(sa.Integer(), "failures"),
    )


def _posts() -> None:
    op.create_table(
        "tocsin_post",
        _id(),
        _to("source_id", "source"),
        *_texts("external_id", "title", "text", "url", "author", "lang", "content_hash"),
        *_times("published", "seen"),
        *_columns(sa.BigInteger(), "reach?"),
        _to("copy_of", "post", nullable=True),
    )
    _index("uq_tocsin_post_external", "tocsin_post", "source_id", "external_id", unique=True)
    _index("ix_tocsin_post_published", "tocsin_post", "published")
    _index("ix_tocsin_post_content_hash", "tocsin_post", "content_hash")
    _index("ix_tocsin_post_copy_of", "tocsin_post", "copy_of")


def _copies() -> None:
    op.create_table(
        "tocsin_fingerprint",
        _part("post_id", "post"),
        *_times("at"),
        *_columns(sa.LargeBinary(), "payload"),
    )
    _index("ix_tocsin_fingerprint_at", "tocsin_fingerprint", "at")
    op.create_table(
        "tocsin_band",
        sa.Column("band", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("post_id", sa.BigInteger(), primary_key=True, autoincrement=False),
        sqlite_with_rowid=False,
    )


def _readings() -> None:
    op.create_table(
        "tocsin_match",
        _part("topic_id", "topic"),
        _part("post_id", "post"),
        *_columns(sa.Boolean(), "quiet", "on_stream"),
        *_texts("state"),
        *_times("since"),
    )
    _index("ix_tocsin_match_post", "tocsin_match", "post_id")
    _index("ix_tocsin_match_unread", "tocsin_match", "since", "post_id", where="state <> 'read'")
    op.create_table(
        "tocsin_reading",
        _part("topic_id", "topic"),
        _part("post_id", "post"),
        *_times("published"),
        *_texts("lang", "risks", "entities", "story"),
        *_columns(sa.Float(), "negative", "neutral", "positive"),
        *_columns(sa.LargeBinary(), "embedding?"),
    )
    _index("ix_tocsin_reading_published", "tocsin_reading", "topic_id", "published")
    _index("ix_tocsin_reading_story", "tocsin_reading", "topic_id", "story", "published")


def _stories() -> None:
    op.create_table(
        "tocsin_story",
        _part("topic_id", "topic"),
        _key("id"),
        *_texts("headline"),
        *_columns(sa.Integer(), "size"),
        *_columns(sa.LargeBinary(), "payload"),
        *_times("first_at", "last_at"),
    )
    _index("ix_tocsin_story_recent", "tocsin_story", "topic_id", "last_at")


def _incidents() -> None:
    op.create_table(
        "tocsin_incident",
        _id(),
        _to("topic_id", "topic"),
        *_texts("topic", "channel", "speak", "status", "headline", "stories", "reasons", "notes", "evidence"),
        *_texts("policy", "owner", "acknowledged_by", "closed_by"),
        *_columns(sa.Integer(), "version", "level", "peak", "step", "rounds"),
        *_columns(sa.Float(), "score"),
        *_times("opened_at", "assessed_at", "calm_since?", "acknowledged_at?", "snoozed_until?"),
        *_times("closed_at?", "reminded_at?", "last_act_at?", "next_action_at?"),
    )
    _index("ix_tocsin_incident_topic_id", "tocsin_incident", "topic_id")
    _index("ix_tocsin_incident_opened_at", "tocsin_incident", "opened_at")
    _index("ix_tocsin_incident_next_action_at", "tocsin_incident", "next_action_at")
    live = "status IN ('open', 'acknowledged')"
    _index("uq_tocsin_incident_live", "tocsin_incident", "topic_id", unique=True, where=live)
    op.create_table(
        "tocsin_act",
        _id(),
        _to("incident_id", "incident"),
        *_texts("kind", "by", "detail", "key?"),
        *_times("at"),
    )
    _index("uq_tocsin_act_key", "tocsin_act", "incident_id", "key", unique=True)


def _alerts() -> None:
    op.create_table(
        "tocsin_alert",
        _id(),
        _to("incident_id", "incident"),
        *_texts("key", "kind", "target", "payload", "state", "error"),
        *_columns(sa.Integer(), "level", "attempts"),
        *_times("at", "due_at", "claimed_until?", "sent_at?"),
        *_columns(sa.BigInteger(), "folded_into?"),
    )
    outstanding = "state IN ('owed', 'claimed')"
    _index("uq_tocsin_alert_key", "tocsin_alert", "incident_id", "key", unique=True)
    _index("uq_tocsin_alert_claimed", "tocsin_alert", "target", unique=True, where="state = 'claimed'")
    _index("ix_tocsin_alert_owed", "tocsin_alert", "id", where=outstanding)
    op.create_table(
        "tocsin_card",
        _part("incident_id", "incident"),
        _key("channel"),
        _key("ts"),
        *_texts("thread_ts"),
    )
