"""What is watched: topics, sources, posts and their matches."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

from bot.i18n.localised import LocalisedText
from engine.post import Post, Reading, Standing, Topic, body
from engine.tuning.tuning import Tuning
from engine.watch.expected import ExpectedDays


@dataclass(frozen=True, kw_only=True)
class TopicRecord:
    """A topic as it is stored. *origin* is ``file`` (tocsin.yaml rules) or ``slack`` (added by a person); *was* are
    names that it had before; *expected* are days that explain their number of posts."""

    id: int
    topic: Topic
    channel: str
    policy: str
    speak: str
    budget_per_week: float
    watched_since: datetime
    origin: str = "file"
    paused: bool = False
    was: tuple[str, ...] = ()
    expected: tuple[ExpectedDays, ...] = ()


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

    @property
    def body(self) -> str:
        """Title and text as one string."""
        return body(self.item.title, self.item.text)


@dataclass(frozen=True, kw_only=True)
class InsertResult:
    """What became of a NewPost. *topic_ids* are its new matches: none for a post that was known."""

    post_id: str
    known: bool = False
    copy_of: str | None = None
    update_of: str | None = None
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
    """A post together with its reading, as the pages, cards and briefs show it.

    *said_by*: the person whose word stands in the place of what the engine read. Without *about* it was that the post
    is not about the topic.
    """

    post: Post
    reading: Reading
    story: str = ""
    said_by: str = ""
    about: bool = True
