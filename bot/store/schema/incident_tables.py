"""The tables of incidents: what is known, what was done, what is owed to Slack and what people said of it.

Like ``bot.store.schema.tables``: a change needs a revision.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index, Text, text
from sqlmodel import Field, SQLModel

from bot.records import Policy
from bot.store.schema.columns import Words
from bot.store.schema.fields import id_field, json_field, key_part, reference, time_field
from bot.store.schema.notes import StoredNotes, StoredSignals
from engine.post import Fact, Note, Signal
from engine.watch.severity import Held

_LIVE = text("status IN ('open', 'acknowledged')")


class IncidentRow(SQLModel, table=True):
    __tablename__ = "tocsin_incident"
    id: int = id_field()
    version: int
    topic_id: int = reference("tocsin_topic.id", index=True)
    topic: str = Field(sa_type=Words)
    channel: str = Field(sa_type=Text)
    speak: str = Field(sa_type=Text)
    status: str = Field(sa_type=Text)
    level: int
    peak: int
    score: float
    headline: str = Field(sa_type=Words)
    stories: tuple[str, ...] = json_field(tuple[str, ...])
    reasons: tuple[Signal, ...] = json_field(StoredSignals)
    notes: tuple[Note, ...] = json_field(StoredNotes)
    evidence: tuple[str, ...] = json_field(tuple[str, ...])
    policy: Policy = json_field(Policy)
    opened_at: datetime = time_field(index=True)
    assessed_at: datetime = time_field()
    calm_since: datetime | None = time_field()
    owner: str = Field(sa_type=Text)
    acknowledged_at: datetime | None = time_field()
    acknowledged_by: str = Field(sa_type=Text)
    snoozed_until: datetime | None = time_field()
    closed_at: datetime | None = time_field()
    closed_by: str = Field(sa_type=Text)
    step: int
    rounds: int
    reminded_at: datetime | None = time_field()
    last_act_at: datetime | None = time_field()
    next_action_at: datetime | None = time_field(index=True)
    told: int | None = None
    told_at: datetime | None = time_field()
    paged_at: datetime | None = time_field()
    facts: tuple[Fact, ...] = json_field(tuple[Fact, ...])
    untold: tuple[str, ...] = json_field(tuple[str, ...])
    tell_at: datetime | None = time_field(index=True)
    facts_told_at: datetime | None = time_field()
    set_level: int | None = None
    set_by: str = Field(sa_type=Text)
    set_until: datetime | None = time_field()
    reopened_at: datetime | None = time_field()
    warned_at: datetime | None = time_field()
    split: bool
    counted_from: datetime | None = time_field()
    held: Held = json_field(Held)
    merged_into: int = Field(sa_type=BigInteger)
    slot: int
    __table_args__ = (
        # The last fence against two owners for one matter: a topic has only so many live incidents, each in its slot.
        Index("uq_tocsin_incident_live", "topic_id", "slot", unique=True, sqlite_where=_LIVE, postgresql_where=_LIVE),
    )


class ActRow(SQLModel, table=True):
    __tablename__ = "tocsin_act"
    id: int = id_field()
    incident_id: int = reference("tocsin_incident.id")
    kind: str = Field(sa_type=Text)
    at: datetime = time_field()
    by: str = Field(sa_type=Words)
    detail: Mapping[str, Any] = json_field(dict[str, Any])
    key: str | None = Field(default=None, sa_type=Words)  # NULL, unlike "", may repeat
    __table_args__ = (Index("uq_tocsin_act_key", "incident_id", "key", unique=True),)


_CLAIMED = text("state = 'claimed' AND kind <> 'update'")
OUTSTANDING = text("state IN ('owed', 'claimed')")


class AlertRow(SQLModel, table=True):
    """A message owed to Slack. *state* is owed, claimed, sent, failed or folded (into another one)."""

    __tablename__ = "tocsin_alert"
    id: int = id_field()
    incident_id: int = reference("tocsin_incident.id")
    key: str = Field(sa_type=Words)
    kind: str = Field(sa_type=Text)
    target: str = Field(sa_type=Text)
    level: int
    at: datetime = time_field()
    payload: Mapping[str, Any] = json_field(dict[str, Any])
    state: str = Field(default="owed", sa_type=Text)
    due_at: datetime = time_field()
    attempts: int = 0
    claimed_until: datetime | None = time_field()
    sent_at: datetime | None = time_field()
    error: str = Field(default="", sa_type=Words)
    folded_into: int | None = Field(default=None, sa_type=BigInteger)
    failures: int = 0
    failing_since: datetime | None = time_field()
    route: int = 0
    resorted: bool = False
    __table_args__ = (
        Index("uq_tocsin_alert_key", "incident_id", "key", unique=True),
        # The last fence against two writers to one conversation. A redraw writes nothing new.
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
    incident_id: int = key_part("tocsin_incident.id")
    channel: str = Field(primary_key=True, sa_type=Text)
    ts: str = Field(primary_key=True, sa_type=Text)
    thread_ts: str = Field(default="", sa_type=Text)
    drawn: int = Field(default=0, sa_type=BigInteger)
    settled: bool = False
    page: Mapping[str, Any] = json_field(dict[str, Any])
    __table_args__ = (Index("ix_tocsin_card_place", "channel", "ts"),)


class BundleRow(SQLModel, table=True):
    """A message that stands in the place of the cards of many incidents."""

    __tablename__ = "tocsin_bundle"
    id: int = id_field()
    target: str = Field(sa_type=Text)
    channel: str = Field(sa_type=Text)
    ts: str = Field(sa_type=Text)
    last_at: datetime = time_field()
    incidents: tuple[int, ...] = json_field(tuple[int, ...])
    __table_args__ = (Index("ix_tocsin_bundle_last_at", "target", "last_at"),)


class ClickRow(SQLModel, table=True):
    """What a person asked for, taken before Slack was answered, until it is done."""

    __tablename__ = "tocsin_click"
    id: int = id_field()
    work: str = Field(sa_type=Text)
    asked: Mapping[str, str] = json_field(dict[str, str])
    details: Mapping[str, Any] = json_field(dict[str, Any])
    at: datetime = time_field()
    claimed_until: datetime | None = time_field()
    attempts: int = 0


class PaceRow(SQLModel, table=True):
    """The last calls of one kind of Slack's methods, and until when Slack wants no more of them."""

    __tablename__ = "tocsin_pace"
    kind: str = Field(primary_key=True, sa_type=Text)
    calls: tuple[float, ...] = json_field(tuple[float, ...])
    held_until: datetime | None = time_field()


class VerdictRow(SQLModel, table=True):
    """What a person says the sentiment of a post toward a topic is: the last word of each person."""

    __tablename__ = "tocsin_verdict"
    topic_id: int = key_part("tocsin_topic.id")
    post_id: int = key_part("tocsin_post.id")
    by: str = Field(primary_key=True, sa_type=Words)
    polarity: str = Field(sa_type=Text)
    at: datetime = time_field()
    incident_id: int = reference("tocsin_incident.id")


class AuditRow(SQLModel, table=True):
    """What people did, or were refused, that belongs to no incident."""

    __tablename__ = "tocsin_audit"
    id: int = id_field()
    at: datetime = time_field(index=True)
    by: str = Field(sa_type=Words)
    deed: str = Field(sa_type=Words)
    about: str = Field(default="", sa_type=Words)
    outcome: str = Field(sa_type=Text)
    origin: Mapping[str, str] = json_field(dict[str, str])
    key: str | None = Field(default=None, sa_type=Words)  # NULL, unlike "", may repeat
    __table_args__ = (Index("uq_tocsin_audit_key", "key", unique=True),)


class SeenRow(SQLModel, table=True):
    """Slack's events that were handled already."""

    __tablename__ = "tocsin_seen"
    event_id: str = Field(primary_key=True, sa_type=Words)
    at: datetime = time_field(index=True)
