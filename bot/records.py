"""The frozen values that pass between the store, the core and Slack. No SQL, no Slack, no clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from bot.i18n.localised import LocalisedText
from engine.post import Level, Note, Polarity, Post, Reading, Signal, Standing, Topic
from engine.watch.tuning import Tuning


@dataclass(frozen=True, kw_only=True)
class TopicRecord:
    """A topic as it is stored. *origin* is ``file`` (tocsin.yaml rules) or ``slack`` (added by a person)."""

    id: int
    topic: Topic
    channel: str
    policy: str
    speak: str
    budget_per_week: float
    watched_since: datetime
    origin: str = "file"
    paused: bool = False


class Basis(StrEnum):
    """From what a topic's thresholds were learned."""

    OWN = "own"  # its own history
    OTHERS = "others"  # what other topics learned: its own history is too short
    NONE = "none"  # nothing has been learned anywhere


@dataclass(frozen=True, kw_only=True)
class TuningRecord:
    """How easily a topic rings since *learned_at*. *days* of its history were looked at, in which *bells* would
    have rung, under this tuning, that nobody confirmed."""

    topic_id: int
    tuning: Tuning
    learned_at: datetime
    days: float = 0.0
    bells: int = 0
    basis: Basis = Basis.NONE


@dataclass(frozen=True, kw_only=True)
class SourceRecord:
    """A source and its health. *options* holds what only its kind understands (the JSON mapping, a path)."""

    id: int
    name: str
    kind: str  # rss | json | jsonl | webhook
    url: str
    every: float  # seconds between polls
    standing: Standing = Standing.SOCIAL
    lang: str = ""
    allow_private: bool = False
    enabled: bool = True
    options: Mapping[str, Any] = field(default_factory=dict)
    etag: str = ""
    last_modified: str = ""
    next_poll_at: datetime | None = None
    last_poll_at: datetime | None = None
    last_ok_at: datetime | None = None  # the last poll that was answered and understood (a 304 after a success too)
    last_item_at: datetime | None = None  # when it last brought a post that was new
    failures: int = 0  # in a row
    error: LocalisedText | None = None  # the last failure, or what the last poll left out
    baselined: bool = False  # its first poll is behind it


@dataclass(frozen=True, kw_only=True)
class Item:
    """One item as a source's parser hands it over, before it is a stored post. Markup is already gone."""

    external_id: str
    published: datetime | None
    text: str
    title: str = ""
    url: str = ""
    author: str = ""
    lang: str = ""
    reach: int | None = None


class Ref(NamedTuple):
    """Names a match: what travels on the stream instead of the post itself."""

    post_id: str
    topic_id: int


@dataclass(frozen=True, kw_only=True)
class NewPost:
    """An item made ready for the store: dated, its language told, matched against all topics.

    *content_hash* and *fingerprint* are engine.text.fingerprints's; without a fingerprint only exact copies are found.
    *matches* are the ids of the topics whose query caught it.
    """

    item: Item
    published: datetime
    lang: str = ""
    content_hash: str = ""
    fingerprint: tuple[int, ...] | None = None
    matches: frozenset[int] = frozenset()
    quiet: bool = False


@dataclass(frozen=True, kw_only=True)
class InsertResult:
    """What became of a NewPost. *topic_ids* are its new matches: none for a post that was known."""

    post_id: str
    known: bool = False
    copy_of: str | None = None
    topic_ids: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Match:
    """A post that a topic's query caught and nobody has read yet.

    *quiet* posts (a source's first poll, imported history, a month delivered at once) are counted in the
    baseline by their own time, and ring nothing.
    """

    post: Post
    topic_id: int
    quiet: bool = False


@dataclass(frozen=True, kw_only=True)
class ReadPost:
    """A post together with its reading, as the pages, cards and briefs show it."""

    post: Post
    reading: Reading
    story: str = ""


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
    CORRECT = "correct"  # the sentiment of a post was read wrong, a person says


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
    """A message of Tocsin's in Slack that is drawn again when its incident changes."""

    incident_id: int
    channel: str  # the id that Slack answered with
    ts: str
    thread_ts: str = ""


@dataclass(frozen=True, kw_only=True)
class Correction:
    """What a person (*by*) says the sentiment of a post toward a topic is, whatever the engine read."""

    topic_id: int
    post_id: str
    by: str
    polarity: Polarity
    at: datetime
    incident_id: int


@dataclass(frozen=True, kw_only=True)
class CorrectedPost:
    """A post with what people said of its sentiment toward *topic*.

    An empty *by* is nobody's word: the post was evidence of an incident that turned out to be a false alarm.
    """

    topic: Topic
    post: Post
    polarity: Polarity
    by: str = ""
