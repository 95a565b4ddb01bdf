"""What somebody must own: incidents, their policy and timeline, and the messages owed about them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from engine.post import Fact, Level, Note, Polarity, Post, Signal, Topic
from engine.watch.severity import Held


class Status(StrEnum):
    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"
    FALSE_ALARM = "false_alarm"

    @property
    def closed(self) -> bool:
        return self in (Status.RESOLVED, Status.FALSE_ALARM)


@dataclass(frozen=True, kw_only=True)
class PolicyStep:
    """Whom to tell, *after_minutes* without acknowledgement. A target is ``#channel``, a channel or user id,
    or ``topic`` for the topic's own channel."""

    after_minutes: float
    notify: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Policy:
    """Who is told, step by step. Frozen onto the incident when it opens, so that a later edit changes nothing."""

    name: str = "default"
    opens_at: Level = Level.YELLOW
    steps: tuple[PolicyStep, ...] = ()
    repeat: int = 2  # how often the last step is paged again
    reminder_minutes: float = 60  # acknowledged, and still at its level: ask how it stands
    unacknowledge_minutes: float = 120  # acknowledged, and no act since the reminder: page again
    resolve_minutes: float = 720  # below blue for so long: stand down by itself; 0 = never
    leads: tuple[str, ...] = ()  # who is told when all else was in vain
    timezone: str = "UTC"  # the team's, an IANA name
    morning: str = "09:00"  # when the team's day begins, in its time zone


@dataclass(frozen=True, kw_only=True)
class Incident:
    """A matter that somebody must own. ``id`` is 0 until it is stored; ``version`` grows with every change."""

    id: int = 0
    version: int = 0
    topic_id: int
    topic: str
    channel: str
    speak: str
    status: Status = Status.OPEN
    level: Level
    peak: Level
    score: float
    headline: str
    stories: tuple[str, ...] = ()
    reasons: tuple[Signal, ...] = ()
    notes: tuple[Note, ...] = ()
    evidence: tuple[str, ...] = ()
    policy: Policy
    opened_at: datetime
    assessed_at: datetime
    calm_since: datetime | None = None  # since when the topic has been below blue
    owner: str = ""  # a Slack user id
    acknowledged_at: datetime | None = None
    acknowledged_by: str = ""
    snoozed_until: datetime | None = None
    closed_at: datetime | None = None
    closed_by: str = ""
    step: int = 0  # the policy step that is paged next
    rounds: int = 0  # how often the last step was paged again
    reminded_at: datetime | None = None
    last_act_at: datetime | None = None
    next_action_at: datetime | None = None  # when the sweep must look again; None = nothing is due
    told: Level | None = None  # the gravest level that people were told of lately
    told_at: datetime | None = None  # when that was
    paged_at: datetime | None = None  # when people were last called
    facts: tuple[Fact, ...] = ()  # what is known, the oldest first
    untold: tuple[str, ...] = ()  # the keys of the facts that nobody was told yet
    tell_at: datetime | None = None  # when they will be told
    facts_told_at: datetime | None = None  # when facts were last told
    set_level: Level | None = None  # a level that a person set by hand
    set_by: str = ""
    set_until: datetime | None = None
    reopened_at: datetime | None = None
    warned_at: datetime | None = None  # its closer was told that it is red still
    split: bool = False  # it follows its own stories, not all of its topic's
    counted_from: datetime | None = None  # another matter, or itself, was closed then: nothing older speaks for it
    held: Held = field(default_factory=Held)  # the level of its own stories, where a topic has several incidents
    merged_into: int = 0  # the incident that it became part of


class ActKind(StrEnum):
    """What is written on an incident's timeline: the acts of people, and what Tocsin did by itself."""

    OPENED = "opened"
    RAISED = "raised"
    LOWERED = "lowered"
    PAGED = "paged"
    REMINDED = "reminded"
    UNACKNOWLEDGED = "unacknowledged"
    SNOOZE_ENDED = "snooze_ended"
    DELIVERY_FAILED = "delivery_failed"
    ACKNOWLEDGE = "acknowledge"
    ASSIGN = "assign"
    ESCALATE = "escalate"
    SNOOZE = "snooze"
    RESOLVE = "resolve"
    FALSE_ALARM = "false_alarm"
    NOTE = "note"
    CORRECT = "correct"  # a post was read wrong, or is not about the topic, a person says
    FACT = "fact"  # what is new was told
    REOPENED = "reopened"  # it was closed, and what was measured since opened it again
    REOPEN = "reopen"
    SET_LEVEL = "set_level"
    MERGE = "merge"
    SPLIT = "split"
    USE_POLICY = "use_policy"
    STILL_RED = "still_red"  # its closer was told that it is red still
    RENAMED = "renamed"  # its topic is gone, and a new one looks like it
    POLICY_CHANGED = "policy_changed"  # its policy was edited in the settings
    NOT_WATCHED = "not_watched"  # its topic is watched no longer
    LINKED = "linked"  # another topic's incident is about the same happening
    EXPIRED = "expired"  # a level that was set by hand came to its end
    REFUSED = "refused"  # somebody who may not wanted to act
    ASKED = "asked"  # and asked somebody who may


TOCSIN = "tocsin"
"""The *by* of what Tocsin did itself."""


@dataclass(frozen=True, kw_only=True)
class Act:
    """A row of the timeline. *key* is unique: writing the same act twice writes it once."""

    kind: ActKind
    at: datetime
    by: str = TOCSIN
    detail: Mapping[str, Any] = field(default_factory=dict)
    key: str = ""


class AlertKind(StrEnum):
    CARD = "card"  # the incident's card in its channel, posted once
    UPDATE = "update"  # draw the posted cards again; several fold into one
    WORSE = "worse"  # a thread reply: it got worse
    PAGE = "page"  # tell a target of the policy
    REMINDER = "reminder"  # a thread reply to the owner: how does it stand?
    NOTICE = "notice"  # a thread reply: un-acknowledged, snooze ended, resolved by itself
    FACT = "fact"  # a thread reply: what is new
    ACT = "act"  # a thread reply: what a person did, in one line


@dataclass(frozen=True, kw_only=True)
class Alert:
    """A message owed to a Slack conversation. *key* is unique: owing it twice sends it once.

    The text is drawn from the database when it is sent; *payload* holds only what the moment knew
    (from which level to which, which step of the policy).
    """

    key: str
    kind: AlertKind
    target: str
    level: Level
    at: datetime
    payload: Mapping[str, Any] = field(default_factory=dict)
    id: int = 0
    incident_id: int = 0
    attempts: int = 0
    route: int = 0  # which of its conversations is tried: those before it were given up
    failures: int = 0  # tries of this conversation that failed, and nobody knows why
    failing_since: datetime | None = None
    resorted: bool = False  # the last resort was told


@dataclass(frozen=True, kw_only=True)
class ToldAlert:
    """An alert, and what became of it: *state* is owed, claimed, sent, failed or folded (said by another one)."""

    alert: Alert
    state: str
    sent_at: datetime | None = None
    error: str = ""


@dataclass(frozen=True, kw_only=True)
class Decision:
    """What should be written: the incident as it now stands, its new timeline rows, and the messages owed.

    ``incident`` is None when there is nothing to write.
    """

    incident: Incident | None = None
    acts: tuple[Act, ...] = ()
    alerts: tuple[Alert, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Card:
    """A message of Tocsin's in Slack that is drawn again when its incident changes.

    *drawn* is the id of the last alert that it shows; a reply that is *settled* shows no buttons any more. *page* is
    why somebody was called by it (``because``, ``by`` …), *to* whom and *at* which moment, until that is answered.
    """

    incident_id: int
    channel: str  # the id that Slack answered with
    ts: str
    thread_ts: str = ""
    drawn: int = 0
    settled: bool = False
    page: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Bundle:
    """One message to *target* that tells of many *incidents*, the last of which joined it at *last_at*."""

    target: str
    channel: str  # the id that Slack answered with
    ts: str
    last_at: datetime
    incidents: tuple[int, ...]
    id: int = 0  # 0 before it is stored


@dataclass(frozen=True, kw_only=True)
class Correction:
    """What a person (*by*) says the sentiment of a post toward a topic is, whatever the engine read; a *polarity* of
    None: it is not about the topic."""

    topic_id: int
    post_id: str
    by: str
    polarity: Polarity | None
    at: datetime
    incident_id: int

    @property
    def word(self) -> str:
        """How it is stored, and called on the timeline."""
        return NOT_ABOUT if self.polarity is None else self.polarity.value


NOT_ABOUT = "not_about"
"""What is stored, in the place of a polarity, of a post that is not about the topic."""


@dataclass(frozen=True, kw_only=True)
class CorrectedPost:
    """A post with what people said of its sentiment toward *topic*.

    An empty *by* is nobody's word: the post was evidence of an incident that turned out to be a false alarm.
    """

    topic: Topic
    post: Post
    polarity: Polarity
    by: str = ""
