"""The live stories of a topic and which of them a post belongs to.

The nearest few are found by one matrix product over all live stories (meaning and words side by side), then
compared exactly. Stories nobody has added to for days leave memory; the store keeps them.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np

from engine.keywords import SKETCH, Vocabulary, sketch
from engine.post import Post, Reading
from engine.story import Story, begin

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Vector = NDArray[np.float32]

LIFE = timedelta(days=7)
LIVE_STORIES = 2048
TIDY = timedelta(hours=1)
APART = timedelta(days=3)
"""A post this much older or younger than a story's posts is about something else."""

MEANING = 0.7
"""The weight of the embedding's cosine beside that of the words."""

JOIN, JOIN_BY_WORDS = 0.4, 0.3
FADE = 0.03  # what a day of distance takes off a likeness
NEAREST = 12


class Stories:
    """The stories in memory, and the matrix of their centres, one row a story."""

    def __init__(self, stories: Iterable[Story] = ()) -> None:
        self.by_id: dict[str, Story] = {}
        self._order: list[str] = []
        self._place: dict[str, int] = {}
        self._rows: Vector = np.zeros((64, SKETCH), np.float32)
        self._tidied: datetime | None = None
        for story in sorted(stories, key=lambda story: (story.last_at, story.id))[-LIVE_STORIES:]:
            self._put(story)

    def assign(
        self,
        topic: str,
        post: Post,
        reading: Reading,
        found: Counter[str],
        *,
        vocabulary: Vocabulary,
        at: datetime,
        live: bool,
    ) -> Story:
        """The story of *post*, which has taken it in: the one most like it, else a new one."""
        story = self.nearest(reading, found, vocabulary=vocabulary, at=at) or begin(topic, post, at=at)
        story.add(post, reading, found, at=at, live=live)
        self._put(story)
        return story

    def nearest(self, reading: Reading, found: Counter[str], *, vocabulary: Vocabulary, at: datetime) -> Story | None:
        """The live story most like the post, None if none is like it enough."""
        weights = vocabulary.weights(found)
        best, score = None, 0.0
        for story in self._candidates(reading.embedding, weights, vocabulary):
            excess = self._excess(story, reading.embedding, weights, vocabulary, at)
            if excess >= 0 and (best is None or (excess, story.size, story.id) > (score, best.size, best.id)):
                best, score = story, excess
        return best

    def _candidates(self, embedding: Vector | None, weights: dict[str, float], vocabulary: Vocabulary) -> list[Story]:
        if not self._order:
            return []
        rarer = {word: weight * vocabulary.rarity(word) for word, weight in weights.items()}
        query = self._row(embedding, sketch(rarer))
        # vecdot stays on this thread; ``@`` would wake every core for a product of a tenth of a millisecond
        likeness = np.vecdot(self._rows[: len(self._order)], query)
        count = min(NEAREST, len(likeness))
        places = np.argpartition(likeness, -count)[-count:]
        return [self.by_id[self._order[int(place)]] for place in places]

    def _excess(
        self,
        story: Story,
        embedding: Vector | None,
        weights: dict[str, float],
        vocabulary: Vocabulary,
        at: datetime,
    ) -> float:
        """By how much the likeness exceeds what is asked for; below 0 is another story."""
        apart = max(at - story.last_at, story.first_at - at, timedelta(0))
        if apart > APART:
            return -1.0
        by_words = vocabulary.cosine(weights, story.words)
        faded = FADE * (apart / timedelta(days=1))
        if embedding is None or story.centre is None or story.centre.shape != embedding.shape:
            return by_words - faded - JOIN_BY_WORDS
        meaning = float(embedding @ story.centre.astype(np.float32))
        return MEANING * meaning + (1 - MEANING) * by_words - faded - JOIN

    def _row(self, embedding: Vector | None, by_words: Vector) -> Vector:
        width = self._rows.shape[1] - SKETCH
        if width == 0 and embedding is not None:
            width = len(embedding)
            padding = np.zeros((len(self._rows), width), np.float32)
            self._rows = np.concatenate([self._rows, padding], axis=1)
        row = np.zeros(SKETCH + width, np.float32)
        row[:SKETCH] = math.sqrt(1 - MEANING) * by_words
        if embedding is not None and len(embedding) == width:
            row[SKETCH:] = math.sqrt(MEANING) * embedding
        return row

    def _put(self, story: Story) -> None:
        place = self._place.get(story.id)
        centre = None if story.centre is None else story.centre.astype(np.float32)
        row = self._row(centre, sketch({word: 1.0 + math.log(n) for word, n in story.words.items()}))
        if place is None:
            if len(self._order) == len(self._rows):
                self._rows = np.concatenate([self._rows, np.zeros_like(self._rows)])
            place = self._place[story.id] = len(self._order)
            self._order.append(story.id)
        self.by_id[story.id] = story
        self._rows[place] = row

    def forget(self, now: datetime) -> None:
        """Let go of stories older than a week, and of the stalest when there are too many."""
        if len(self._order) <= LIVE_STORIES and self._tidied and timedelta(0) <= now - self._tidied < TIDY:
            return
        self._tidied = now
        kept = sorted(self.by_id.values(), key=lambda story: (story.last_at, story.id))
        limit = len(kept) if len(kept) <= LIVE_STORIES else LIVE_STORIES * 7 // 8  # so that it is rare
        for story in kept[: len(kept) - limit]:
            self._drop(story.id)
        for story in kept[len(kept) - limit :]:
            if now - story.last_at <= LIFE:
                break
            self._drop(story.id)

    def _drop(self, story_id: str) -> None:
        """Remove a story; the last row of the matrix takes its place."""
        place, last = self._place.pop(story_id), self._order.pop()
        del self.by_id[story_id]
        if last != story_id:
            self._order[place], self._place[last] = last, place
            self._rows[place] = self._rows[len(self._order)]
