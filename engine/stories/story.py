"""Stories: the posts of a topic about the same happening, gathered one post at a time.

A post joins the story that it resembles most, by meaning (embedding) and by words together, or begins one.
Nothing here judges; nothing here knows what time it is but by the posts.
"""

from __future__ import annotations

import json
import struct
import uuid
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from engine.post import Polarity, Post, Reading, Standing
from engine.stories.centering import tongue
from engine.stories.syndication import Texts, carry
from engine.text.keywords import word_hash
from engine.trend import doubling_hours

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Vector = NDArray[np.float16]

NAMESPACE = uuid.UUID("6f1f7c53-64b3-5a4c-9a55-0f4a9d0f8b1e")
KEPT_POSTS, KEPT_WORDS, KEPT_SOURCES, KEPT_VOICES, KEPT_HOURS = 50, 48, 32, 256, 72
MEMORY = 50
"""A story's centre moves as if it had at most so many posts, so that it follows where the talk goes."""

HEADLINE = 140
KEPT_TRACES, TRACED_WORDS = 10, 16


class RecentPost(NamedTuple):
    """What is remembered of one of a story's latest posts; *at* in seconds since 1970, *line* its headline."""

    post_id: str
    at: float
    line: str
    source: str
    standing: str
    tongue: str
    voice: int
    words: tuple[str, ...]
    negative: bool
    live: bool
    spreads: bool


@dataclass(kw_only=True, slots=True)
class Story:
    """A happening and what is known of it. ``id`` never changes.

    *hours* maps an hour since 1970 to its posts, live posts, copies and live negative posts. *voices* are
    hashes of source and author. *centre* and *face* (the headline's embedding) have shape (dim,). *harsh*: the
    headline is a negative post. *length* is that of the words' TF-IDF vector; *compared* the size at which the story
    was last compared with the others. *post_ids* are the latest posts that repeat none of the others; *traces* are the
    latest of all that have an embedding, and *traced* (traces, dim) is that. *texts* maps the first post with a text to
    hashes of the outlets that carry it.
    """

    id: str
    headline: str
    headline_id: str
    first_id: str
    first_at: datetime
    last_at: datetime
    size: int = 0
    copies: int = 0
    negative: int = 0
    reach: int = 0
    post_ids: list[str] = field(default_factory=list)
    sources: dict[str, int] = field(default_factory=dict)
    standings: dict[str, int] = field(default_factory=dict)
    voices: list[int] = field(default_factory=list)
    risks: dict[str, float] = field(default_factory=dict)
    words: dict[str, int] = field(default_factory=dict)
    tongues: dict[str, int] = field(default_factory=dict)
    length: float = 0.0
    compared: int = 0
    hours: dict[int, list[int]] = field(default_factory=dict)
    harsh: bool = False
    centre: Vector | None = None
    face: Vector | None = None
    traces: list[RecentPost] = field(default_factory=list)
    traced: Vector | None = None
    texts: Texts = field(default_factory=dict)

    @property
    def negative_share(self) -> float:
        """The part of its posts (0-1) that are negative; 0 without any."""
        return self.negative / self.size if self.size else 0.0

    def add(self, post: Post, reading: Reading, found: Mapping[str, int], *, at: datetime, live: bool) -> bool:
        """Take *post* in; True if it is a copy that spreads the story to another source or author."""
        voice = word_hash(f"{post.source}\n{post.author}")
        spreads = post.copy_of is not None and voice not in self.voices
        negative = reading.sentiment.label is Polarity.NEGATIVE
        self.size += 1
        self.copies += spreads
        self.negative += negative
        self.reach = max(self.reach, post.reach or 0)
        self.first_at, self.last_at = min(self.first_at, at), max(self.last_at, at)
        if post.copy_of not in self.post_ids:
            self.post_ids = [*self.post_ids, post.id][-KEPT_POSTS:]
        self._count(post, reading, voice)
        if post.standing is Standing.OUTLET:
            carry(self.texts, post.copy_of or post.id, [word_hash(post.source)])
        self.count_hour(at, (1, int(live), int(spreads), int(live and negative)))
        self._count_words(found)
        self._move(reading.embedding, post, negative=negative)
        if reading.embedding is not None:
            words = tuple(islice(found, TRACED_WORDS))
            lang, line, standing = tongue(reading.lang), headline(post), post.standing.value
            trace = RecentPost(
                post.id, at.timestamp(), line, post.source, standing, lang, voice, words, negative, live, spreads
            )
            self._trace([trace], reading.embedding.astype(np.float16)[None])
        return spreads

    def _trace(self, traces: list[RecentPost], vectors: Vector) -> None:
        if self.traced is None or self.traced.shape[1] != vectors.shape[1]:
            self.traces, self.traced = [], vectors[:0]
        pairs = sorted(enumerate([*self.traces, *traces]), key=lambda pair: (pair[1].at, pair[1].post_id))
        places = [place for place, _ in pairs[-KEPT_TRACES:]]
        self.traces = [trace for _, trace in pairs[-KEPT_TRACES:]]
        self.traced = np.concatenate([self.traced, vectors])[places]

    def _count(self, post: Post, reading: Reading, voice: int) -> None:
        if post.source in self.sources or len(self.sources) < KEPT_SOURCES:
            self.sources[post.source] = self.sources.get(post.source, 0) + 1
        self.standings[post.standing.value] = self.standings.get(post.standing.value, 0) + 1
        lang = tongue(reading.lang)
        self.tongues[lang] = self.tongues.get(lang, 0) + 1
        if voice not in self.voices and len(self.voices) < KEPT_VOICES:
            self.voices.append(voice)
        for risk, probability in reading.risks.items():
            self.risks[risk] = self.risks.get(risk, 0.0) + probability

    def count_hour(self, at: datetime, amounts: tuple[int, ...]) -> None:
        """Add *amounts* (posts, live posts, copies, live negative posts) to the hour of *at*."""
        self._count_hour_at(int(at.timestamp() // 3600), amounts)

    def _count_hour_at(self, hour: int, amounts: Iterable[int]) -> None:
        row = self.hours.setdefault(hour, [0, 0, 0, 0])
        for place, amount in enumerate(amounts):
            row[place] += amount
        oldest = max(self.hours) - KEPT_HOURS
        if min(self.hours) < oldest:
            self.hours = {when: kept for when, kept in self.hours.items() if when >= oldest}

    def _count_words(self, found: Iterable[str]) -> None:
        for word in found:
            self.words[word] = self.words.get(word, 0) + 1
        self._trim_words()

    def _trim_words(self) -> None:
        if len(self.words) > 2 * KEPT_WORDS:
            best = sorted(self.words, key=lambda word: (-self.words[word], word))[:KEPT_WORDS]
            self.words = {word: self.words[word] for word in best}

    def _move(self, embedding: NDArray[np.float32] | None, post: Post, *, negative: bool) -> None:
        """Move the centre toward the post, and let the post be the headline if it is more central.

        A story that anybody speaks ill of is headed by one of its negative posts: an alarm that is headed by an
        advertisement is not believed. Vectors are rounded to float16 at every step, so that a story reads back as
        exactly what it was.
        """
        if embedding is None:
            return
        if self.centre is None or self.centre.shape != embedding.shape:
            self.centre = self.face = embedding.astype(np.float16)
            self.harsh = negative
            return
        centre = self.centre.astype(np.float32)
        centre += (embedding - centre) / min(self.size, MEMORY)
        centre /= max(float(np.sqrt(centre @ centre)), 1e-6)
        self.centre = centre.astype(np.float16)
        face = self.face if self.face is not None else self.centre
        nearer = float(embedding @ centre) > float(face.astype(np.float32) @ centre)
        if not post.copy_of and (negative, nearer) > (self.harsh, False):
            self.face, self.headline_id, self.harsh = embedding.astype(np.float16), post.id, negative
            self.headline = headline(post)

    def absorb(self, other: Story) -> None:
        """Take in all that *other* is. Of the two headlines that which is nearer to the common centre stays."""
        self._join_vectors(other)
        if other.traced is not None:
            self._trace(other.traces, other.traced)
        if other.first_at < self.first_at:
            self.first_at, self.first_id = other.first_at, other.first_id
        self.post_ids = (
            other.post_ids + self.post_ids if other.last_at < self.last_at else self.post_ids + other.post_ids
        )[-KEPT_POSTS:]
        self.last_at = max(self.last_at, other.last_at)
        self.size += other.size
        self.copies += other.copies
        self.negative += other.negative
        self.reach = max(self.reach, other.reach)
        self.voices = list(dict.fromkeys(self.voices + other.voices))[:KEPT_VOICES]
        for mine, theirs in (
            (self.standings, other.standings),
            (self.words, other.words),
            (self.tongues, other.tongues),
            (self.sources, other.sources),
        ):
            _add(mine, theirs)
        self.sources = dict(list(self.sources.items())[:KEPT_SOURCES])
        for risk, mass in other.risks.items():
            self.risks[risk] = self.risks.get(risk, 0.0) + mass
        for hour, row in other.hours.items():
            self._count_hour_at(hour, row)
        for text, outlets in other.texts.items():
            carry(self.texts, text, outlets)
        self._trim_words()

    def _join_vectors(self, other: Story) -> None:
        """Move the centre to that of both, weighed by their sizes, and choose the headline."""
        if other.centre is None or other.face is None:
            return
        if self.centre is None or self.face is None or self.centre.shape != other.centre.shape:
            self.centre, self.face = other.centre, other.face
            self.headline, self.headline_id, self.harsh = other.headline, other.headline_id, other.harsh
            return
        mine, theirs = min(self.size, MEMORY), min(other.size, MEMORY)
        centre = mine * self.centre.astype(np.float32) + theirs * other.centre.astype(np.float32)
        centre /= max(float(np.sqrt(centre @ centre)), 1e-6)
        self.centre = centre.astype(np.float16)
        nearer = float(other.face.astype(np.float32) @ centre) > float(self.face.astype(np.float32) @ centre)
        if (other.harsh, nearer) > (self.harsh, False):
            self.face, self.harsh = other.face, other.harsh
            self.headline, self.headline_id = other.headline, other.headline_id

    def recent(self, now: datetime, hours: int) -> list[list[int]]:
        """The rows of the last *hours* hours with that of *now*, the oldest first."""
        last = int(now.timestamp() // 3600)
        return [self.hours.get(hour, [0, 0, 0, 0]) for hour in range(last - hours + 1, last + 1)]

    def doubling_hours(self, now: datetime) -> float | None:
        """How fast its live posts of the last day double; None if they do not."""
        return doubling_hours([row[1] for row in self.recent(now, 24)])

    def voiced(self, now: datetime) -> list[timedelta]:
        """How long ago each of its latest voices last spoke against the topic, the latest first; nobody's copies."""
        heard = {trace.voice: trace.at for trace in self.traces if trace.live and trace.negative}  # in order of time
        return sorted(max(now - datetime.fromtimestamp(at, UTC), timedelta()) for at in heard.values())

    def negative_rate(self, now: datetime) -> float:
        """Its live negative posts an hour before the last two hours; 0 if it is younger."""
        since = min(self.hours, default=0)
        earlier = [row[3] for hour, row in self.hours.items() if hour < int(now.timestamp() // 3600) - 1]
        return sum(earlier) / max(int(now.timestamp() // 3600) - 1 - since, 1)

    def dump(self) -> bytes:
        """The story as bytes: a length, zipped JSON, the two vectors."""
        plain = {name: getattr(self, name) for name in PLAIN}
        plain["first_at"], plain["last_at"] = self.first_at.timestamp(), self.last_at.timestamp()
        vectors = [vector for vector in (self.centre, self.face) if vector is not None]
        if vectors and self.traced is not None and self.traced.shape[1:] == vectors[0].shape:
            vectors += list(self.traced)
        plain["vectors"] = len(vectors)
        plain["traces"] = self.traces[: max(len(vectors) - 2, 0)]
        head = zlib.compress(json.dumps(plain, ensure_ascii=False, separators=(",", ":")).encode(), 1)
        return struct.pack("<I", len(head)) + head + b"".join(vector.tobytes() for vector in vectors)

    @staticmethod
    def load(payload: bytes) -> Story:
        """The story that ``dump`` wrote."""
        end = 4 + int(struct.unpack_from("<I", payload)[0])
        plain: dict[str, Any] = json.loads(zlib.decompress(payload[4:end]))
        count = plain.pop("vectors")
        vectors = np.frombuffer(payload, np.float16, offset=end).reshape(count or 1, -1)
        plain["first_at"] = datetime.fromtimestamp(plain["first_at"], UTC)
        plain["last_at"] = datetime.fromtimestamp(plain["last_at"], UTC)
        plain["hours"] = {int(hour): row for hour, row in plain["hours"].items()}
        centre, face = (vectors[0], vectors[1]) if count >= 2 else (None, None)
        traces = [RecentPost._make([*row[:7], tuple(row[7]), *row[8:]]) for row in plain.pop("traces", ())]
        known = {name: value for name, value in plain.items() if name in PLAIN}
        traced = vectors[2:] if traces else None
        return Story(**known, centre=centre, face=face, traces=traces, traced=traced)


PLAIN = tuple(each.name for each in fields(Story) if each.name not in ("centre", "face", "traces", "traced"))


def _add(mine: dict[str, int], theirs: Mapping[str, int]) -> None:
    for key, count in theirs.items():
        mine[key] = mine.get(key, 0) + count


def headline(post: Post) -> str:
    """The post in one line."""
    line = " ".join((post.title or post.text).split())
    return line if len(line) <= HEADLINE else line[: HEADLINE - 1] + "…"


def story_id(topic: str, post_id: str) -> str:
    """The id of the story that *post_id* begins."""
    return str(uuid.uuid5(NAMESPACE, f"{topic}\n{post_id}"))


def begin(topic: str, post: Post, *, at: datetime) -> Story:
    """A new story, named after the topic and its first post, so that a replay names it the same."""
    return Story(
        id=story_id(topic, post.id),
        headline=headline(post),
        headline_id=post.id,
        first_id=post.id,
        first_at=at,
        last_at=at,
    )
