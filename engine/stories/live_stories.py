"""The live stories of a topic and which of them a post belongs to.

The nearest few are found by one matrix product over all live stories (meaning and words side by side), then
compared exactly. A story that has grown is compared with the others, and becomes one with its like. Stories nobody has
added to for days leave memory; the store keeps them.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np

from engine.post import Post, Reading
from engine.stories.centering import Centering, tongue
from engine.stories.similarity import APART, MEANING, MERGED, SHARED, Bar, Profile, excess, joining, of_story, profile
from engine.stories.splitting import split
from engine.stories.story import Story, begin
from engine.text.keywords import SKETCH, Vocabulary, frequencies, sketch

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Vector = NDArray[np.float32]

LIFE = timedelta(days=7)
LIVE_STORIES = 1024
TIDY = timedelta(hours=1)
NEAREST = 8
GROWN = 1.5
"""A story is compared with the others whenever it has grown by half: seldom, so a post costs the same always."""

HABIT = 100  # posts over which the share of those that begin a story is learned
UNKNOWN = 0.5, 20
"""The share that is assumed at first, and for how many posts that counts."""


@dataclass(kw_only=True, slots=True)
class Changes:
    """What becomes of stories while posts are assigned: *merged* maps a story that is no more to the one it went into,
    *moved* a post to the story that it left another with, *left* the id of such a story to itself.

    *named* are the ids that people were told of: of two stories that become one, such an id stays.
    """

    named: Collection[str] = ()

    merged: dict[str, str] = field(default_factory=dict)
    moved: dict[str, str] = field(default_factory=dict)
    left: dict[str, Story] = field(default_factory=dict)

    def final(self, story_id: str) -> str:
        """The story in which *story_id* lives on."""
        while story_id in self.merged:
            story_id = self.merged[story_id]
        return story_id

    def place(self, post_id: str, story_id: str) -> str:
        """Where *post_id* is now, that went into *story_id*."""
        return self.final(self.moved.get(post_id, story_id))


class Stories:
    """The stories in memory, and the matrix of their centres, one row a story.

    *novelty* is the share of the latest posts that began a story.
    """

    def __init__(self, stories: Iterable[Story] = ()) -> None:
        self.by_id: dict[str, Story] = {}
        self.background = Centering()
        self.novelty = UNKNOWN[0]
        self._order: list[str] = []
        self._place: dict[str, int] = {}
        self._homes: dict[str, str] = {}  # of posts; may be out of date
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
        changes: Changes,
    ) -> Story:
        """The story of *post*, which has taken it in: that of the text that it repeats or brings up to date, the one
        most like it, else a new one.

        What becomes of other stories by it is added to *changes*.
        """
        bare = self._bare(reading)
        story = self._home(post, at)
        if story is None:
            seen = profile(found, bare.embedding, [tongue(reading.lang)], vocabulary=vocabulary, begin=at, end=at)
            story = self._nearest(seen, joining(self.novelty))
        self._learn(reading, began=story is None, posts=vocabulary.posts)
        story = story or begin(topic, post, at=at)
        story.add(post, bare, found, at=at, live=live)
        self._weigh(story, vocabulary)
        return self._gather(self._part(story, topic, vocabulary, changes), vocabulary, changes)

    def merge(self, one: Story, other: Story, vocabulary: Vocabulary, changes: Changes) -> Story:
        """Make one story of two and return it: it keeps the id that people were told of, else the earlier one's."""
        keep, gone = sorted((one, other), key=lambda story: (story.id not in changes.named, story.first_at, story.id))
        keep.absorb(gone)
        self._drop(gone.id)
        changes.merged[gone.id] = keep.id
        self._weigh(keep, vocabulary)
        return keep

    def restated(self, story: Story, vocabulary: Vocabulary) -> None:
        """Place *story* anew after a post of it was corrected; an empty one is gone."""
        if story.size > 0:
            self._weigh(story, vocabulary)
        else:
            self._drop(story.id)

    def _part(self, story: Story, topic: str, vocabulary: Vocabulary, changes: Changes) -> Story:
        """*story*, once those of its latest posts that have become another matter have left it."""
        if story.size < GROWN * story.compared:
            return story
        left = split(story, topic)
        if left is None or left.id in self.by_id:
            return story
        left.compared = left.size
        changes.left[left.id] = left
        changes.moved |= dict.fromkeys(left.post_ids, left.id)
        self._weigh(left, vocabulary)
        self._weigh(story, vocabulary)
        return story

    def _gather(self, story: Story, vocabulary: Vocabulary, changes: Changes) -> Story:
        """*story*, or that which it became one with, if it has grown enough to be compared again."""
        while story.size >= 2 and story.size >= GROWN * story.compared:
            story.compared = story.size
            own = of_story(story, vocabulary)
            told = changes.named if story.id in changes.named else ()
            other = self._nearest(own, MERGED, besides={story.id, *told})
            if other is not None:
                story = self.merge(story, other, vocabulary, changes)
        return story

    def _home(self, post: Post, at: datetime) -> Story | None:
        """The story that holds the text which *post* is a version of, unless it has slept for too long."""
        known = post.copy_of or post.update_of or ""
        story = self.by_id.get(self._homes.get(known, ""))
        if story is None or known not in story.post_ids:
            return None
        return story if max(at - story.last_at, story.first_at - at) <= APART else None

    def _bare(self, reading: Reading) -> Reading:
        if reading.embedding is None:
            return reading
        return replace(reading, embedding=self.background.strip(reading.embedding, reading.lang))

    def _learn(self, reading: Reading, *, began: bool, posts: int) -> None:
        self.novelty += (began - self.novelty) / min(HABIT, posts + UNKNOWN[1])
        if began and reading.embedding is not None:
            self.background.add(reading.embedding, reading.lang)

    def _nearest(self, seen: Profile, bar: Bar, besides: Iterable[str] = ()) -> Story | None:
        """The live story most like *seen*, None if none is like it enough."""
        best, score = None, 0.0
        shared = 0.0 if seen.embedding is None else SHARED * self.background.unknown(seen.tongues)
        for story in self._candidates(seen):
            over = excess(seen, story, bar, needed=score + shared) - shared
            if over < 0 or story.id in besides:
                continue
            if best is None or (over, story.size, story.id) > (score, best.size, best.id):
                best, score = story, over
        return best

    def _candidates(self, seen: Profile) -> list[Story]:
        if not self._order:
            return []
        query = self._row(seen.embedding, sketch(seen.rare))
        # vecdot stays on this thread; ``@`` would wake every core for a product of a tenth of a millisecond
        similarity = np.vecdot(self._rows[: len(self._order)], query)
        count = min(NEAREST, len(similarity))
        places = np.argpartition(similarity, -count)[-count:]
        places = places[np.argsort(-similarity[places])]  # the likeliest first, that few of the others are compared
        return [self.by_id[self._order[place]] for place in places.tolist()]

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

    def _weigh(self, story: Story, vocabulary: Vocabulary) -> None:
        """Weigh the words of *story* as rare as they are now, and place it among the others."""
        story.length = vocabulary.length(story.words)
        self._put(story)

    def _put(self, story: Story) -> None:
        place = self._place.get(story.id)
        centre = None if story.centre is None else story.centre.astype(np.float32)
        row = self._row(centre, sketch(dict(zip(story.words, frequencies(story.words).tolist(), strict=True))))
        if place is None:
            if len(self._order) == len(self._rows):
                self._rows = np.concatenate([self._rows, np.zeros_like(self._rows)])
            place = self._place[story.id] = len(self._order)
            self._order.append(story.id)
        self.by_id[story.id] = story
        self._rows[place] = row
        self._homes.update(dict.fromkeys(story.post_ids, story.id))

    def forget(self, now: datetime, *, kept: Collection[str] = ()) -> None:
        """Let go of stories older than a week but for those that must be *kept*, and of the stalest of all when there
        are too many."""
        if len(self._order) <= LIVE_STORIES and self._tidied and timedelta(0) <= now - self._tidied < TIDY:
            return
        self._tidied = now
        self._homes = {post_id: story.id for story in self.by_id.values() for post_id in story.post_ids}
        oldest = sorted(self.by_id.values(), key=lambda story: (story.last_at, story.id))
        limit = len(oldest) if len(oldest) <= LIVE_STORIES else LIVE_STORIES * 7 // 8  # so that it is rare
        for story in oldest[: len(oldest) - limit]:
            self._drop(story.id)
        for story in oldest[len(oldest) - limit :]:
            if now - story.last_at <= LIFE:
                break
            if story.id not in kept:
                self._drop(story.id)

    def _drop(self, story_id: str) -> None:
        """Remove a story; the last row of the matrix takes its place."""
        place, last = self._place.pop(story_id), self._order.pop()
        del self.by_id[story_id]
        if last != story_id:
            self._order[place], self._place[last] = last, place
            self._rows[place] = self._rows[len(self._order)]
