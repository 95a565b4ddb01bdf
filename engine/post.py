"""The values that pass between the parts of Tocsin: frozen, and free of behaviour that needs a clock.

The words are those of the field and of the product: a *post* is read into a *reading*, measured reasons to
worry are *signals*, and signals add up to an *assessment* with a *level*.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Level(IntEnum):
    """How serious a matter is: the four colours 蓝 黄 橙 红. The smaller the number, the graver."""

    RED = 1
    ORANGE = 2
    YELLOW = 3
    BLUE = 4

    @property
    def colour(self) -> str:
        """Its name in small letters: red, orange, yellow or blue."""
        return self.name.lower()

    def graver_than(self, other: Level | None) -> bool:
        """True if this level is more serious than *other*; any level is graver than none."""
        return other is None or self.value < other.value


class Standing(StrEnum):
    """How far a source carries: one title on a board has been seen by millions, one comment by a few."""

    BOARD = "board"  # a hot-search board, a national front page
    OUTLET = "outlet"  # a news site, an agency, an official account
    SOCIAL = "social"  # a social network, a forum
    COMMENT = "comment"  # comments, reviews, support tickets


class Polarity(StrEnum):
    """What a sentiment leans to."""

    NEGATIVE = "negative"
    NEUTRAL = "neutral"
    POSITIVE = "positive"


RISKS = (
    "injury", "accident", "disaster", "violence", "health", "product", "service",
    "data", "legal", "finance", "labour", "conduct", "boycott", "rumour",
)  # fmt: skip
"""The risk taxonomy, in the order of the model's head."""

ENTITY_TYPES = ("person", "organisation", "location", "product")

LATE = timedelta(hours=6)
"""A post older than this when it is first seen tells of the past: it is counted, and rings nothing."""


class ChangeKind(StrEnum):
    """What a later version of a text can say differently, the most telling first."""

    HARM = "harm"  # who is hurt, and how badly
    CLAIM = "claim"  # true or false, confirmed or denied
    NEGATION = "negation"
    NUMBER = "number"
    EXTENT = "extent"  # all or some, will or may
    ACT = "act"  # up or down, on or off, held or freed
    DATE = "date"
    PLACE = "place"
    PEOPLE = "people"
    NAME = "name"
    WORD = "word"


@dataclass(frozen=True, kw_only=True, slots=True)
class TextChange:
    """What an earlier text said and what a later one says in its place, a few words each; "" where nothing stands."""

    kind: ChangeKind
    before: str
    after: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Post:
    """One item of a source. Times are aware and UTC.

    ``published`` is the author's time, never later than ``seen``, the time at which Tocsin first had it.
    ``copy_of`` is the id of the earlier post whose text this one repeats, ``update_of`` of that which it brings up to
    date by *changes*: it says something else, and is nobody's copy.
    """

    id: str
    published: datetime
    text: str
    title: str = ""
    url: str = ""
    author: str = ""
    source: str = ""
    standing: Standing = Standing.SOCIAL
    lang: str = ""
    reach: int | None = None
    seen: datetime | None = None
    copy_of: str | None = None
    update_of: str | None = None
    changes: tuple[TextChange, ...] = ()

    @property
    def body(self) -> str:
        """Title and text as one string, the title only once."""
        return body(self.title, self.text)


def body(title: str, text: str) -> str:
    """*title* and *text* as one string, the title only once."""
    if not title or text.startswith(title):
        return text
    return f"{title}\n{text}" if text else title


@dataclass(frozen=True, kw_only=True, slots=True)
class Topic:
    """What is watched. *aliases* are the names the organisation goes by; *languages* empty means all."""

    name: str
    query: str
    aliases: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Sentiment:
    """Probabilities that add up to 1, toward a topic or, without one, of the whole post."""

    negative: float
    neutral: float
    positive: float

    @property
    def label(self) -> Polarity:
        """The most probable of the three."""
        return max(
            (Polarity.NEGATIVE, Polarity.NEUTRAL, Polarity.POSITIVE),
            key=lambda polarity: getattr(self, polarity.value),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Entity:
    """A name in the post: ``body[start:end] == text``, *type* one of ENTITY_TYPES."""

    start: int
    end: int
    type: str
    text: str
    score: float = 1.0


@dataclass(frozen=True, kw_only=True, slots=True, eq=False)
class Reading:
    """What the engine says of a post in the light of a topic.

    ``risks`` holds only the risks found, with their probabilities. ``embedding`` has shape (dim,), float32,
    unit length, centred: the cosine of two readings says whether they are about the same happening.
    """

    post_id: str
    lang: str
    sentiment: Sentiment
    risks: Mapping[str, float] = field(default_factory=dict)
    entities: tuple[Entity, ...] = ()
    embedding: NDArray[np.float32] | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Mark:
    """Words of a post that speak for something: ``body[start:end] == text``.

    *weight* is by how much the log-odds (natural, calibrated) fall when they are taken out.
    """

    start: int
    end: int
    text: str
    weight: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Explanation:
    """Which words carried a reading: its sentiment, and each risk that was found. Marks stand in the order of the
    text and never overlap; none means that no single word decided it."""

    post_id: str
    label: Polarity
    sentiment: tuple[Mark, ...] = ()
    risks: Mapping[str, tuple[Mark, ...]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class SourceHealth:
    """How many of the sources that feed a topic are alive, and which have fallen silent or fail."""

    total: int = 0
    silent: tuple[str, ...] = ()

    @property
    def healthy(self) -> int:
        """How many sources are neither silent nor failing."""
        return self.total - len(self.silent)


@dataclass(frozen=True, kw_only=True, slots=True)
class Note:
    """Something to be told to people, without its words: *code* says which sentence, *values* fill its gaps.

    Lengths of time are minutes, times are RFC 3339, and everything else that has a unit says it in its name.
    """

    code: str
    values: Mapping[str, NoteValue] = field(default_factory=dict)

    def number(self, name: str) -> float:
        """The number called *name*; raises TypeError if it is none."""
        value = self.values[name]
        if isinstance(value, int | float):
            return value
        raise TypeError(f"{self.code}: {name} is no number")

    def text(self, name: str) -> str:
        """The text called *name*."""
        return str(self.values[name])

    def texts(self, name: str) -> tuple[str, ...]:
        """The texts called *name*; raises TypeError if it is not several."""
        value = self.values[name]
        if isinstance(value, tuple):
            return value
        raise TypeError(f"{self.code}: {name} is no list")


NoteValue = str | int | float | tuple[str, ...] | Note | None
"""What a note may hold: plain values, as JSON has them, and notes that its sentence quotes."""


SIGNALS = (
    "volume", "negative_volume", "negative_share", "slow_burn", "drop", "spread", "growth", "gravity", "board",
)  # fmt: skip
"""The names of the signals that are measured."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Signal:
    """One measured reason to worry.

    *value* and *baseline* are in the signal's own unit (posts, a share, a number of sources); *baseline* is None
    where there is none yet. *weight* (0-100) is what it adds to the score. *reason* holds what its sentence needs;
    *evidence* the ids of the posts that prove it.
    """

    name: str
    value: float
    baseline: float | None
    weight: float
    reason: Note
    evidence: tuple[str, ...] = ()


class FactKind(StrEnum):
    """What kind of news a fact is."""

    OUTLET = "outlet"  # the first outlet that tells it
    OUTLETS = "outlets"  # ten more outlets tell it
    BOARD = "board"  # it stands on a hot-search board
    AUTHORITY = "authority"  # a regulator, a court or the police is named
    CASUALTIES = "casualties"  # people are hurt or dead, or more than before
    STATEMENT = "statement"  # the organisation itself speaks
    CHANGE = "change"  # what was told is told otherwise: killed, not hurt
    DELETION = "deletion"  # the organisation takes back what it said
    STORY = "story"  # another story leads
    DOUBLING = "doubling"  # twice as many negative posts an hour
    QUIET = "quiet"  # nothing new is known, and people go on talking


@dataclass(frozen=True, kw_only=True, slots=True)
class Fact:
    """Something new that is known of a story. *key* is the same for the same news, however often it is read.

    *values* fill the gaps of its sentence, *evidence* are the ids of the posts that say so, the best first.
    """

    key: str
    kind: FactKind
    at: datetime
    story: str
    values: Mapping[str, NoteValue] = field(default_factory=dict)
    evidence: tuple[str, ...] = ()

    @property
    def note(self) -> Note:
        """What it holds, as something to be told."""
        return Note(code=self.kind.value, values=self.values)


@dataclass(frozen=True, kw_only=True, slots=True)
class Assessment:
    """How serious a topic is at one moment, and why.

    *level* is None while nothing reaches blue. *stories* are the ids of the stories that carry it, the gravest
    first; *headline* is the most central post of the first. *notes* are honest remarks that change no score
    ("no baseline yet", "3 of 7 sources are silent"). *facts* are all that is known of its stories, the oldest first.
    """

    at: datetime
    level: Level | None
    score: float
    signals: tuple[Signal, ...] = ()
    stories: tuple[str, ...] = ()
    headline: str = ""
    evidence: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()
    facts: tuple[Fact, ...] = ()
