"""How alike a post and a story are, or two stories: meaning and words side by side, less what time takes off.

Where two share no language, words cannot speak, and the meaning alone decides.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np

from engine.text.keywords import Vocabulary, frequencies, frequency, length_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from engine.stories.centering import Centering
    from engine.stories.story import Story

    Vector = NDArray[np.float32]

MEANING = 0.65
"""The weight of the embedding's cosine beside that of the words."""

APART = timedelta(days=3)
"""A post this much older or younger than a story's posts is about something else."""

FADE = 0.03  # what a day of distance takes off a similarity
SHARED = 0.07
"""What posts of one topic have in common adds about so much to every similarity as long as it is not taken off."""

NEVER = -1.0
ALWAYS = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, kw_only=True, slots=True)
class Bar:
    """The similarity that is asked for: of meaning and words *together*, *by_words* where there is no embedding,
    and of the meaning alone *across* languages. *doubled* is asked on top whenever the smaller of the two doubles.
    """

    together: float
    by_words: float
    across: float
    doubled: float = 0.0

    def raised(self, size: int) -> float:
        """What is asked on top where the smaller of the two has *size* posts."""
        return self.doubled * math.log2(min(size, MANY))


MANY = 64

MERGED = Bar(together=0.27, by_words=0.5, across=0.41, doubled=0.03)
"""What two stories must have to become one. They are compared by their centres: chance cancels out in the mean of many
posts, so the centres of two stories of the same field are the more alike the larger they are."""


def joining(novelty: float) -> Bar:
    """What a post needs to join a story of a topic in which the share *novelty* (0-1) of the posts began one.

    The rarer stories of several posts are, the less likely it is, before anything is compared, that a post belongs
    to one: the prior of a Dirichlet process, with its concentration taken from the latest posts.
    """
    return Bar(together=0.2 + 0.2 * novelty, by_words=0.22 + 0.15 * novelty, across=0.34)


STRANGE = Bar(together=0.19, by_words=0.12, across=0.28)
"""What two stories lack that have nothing to do with each other but their topic."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Profile:
    """What is compared with stories: a post, or another story. *begin* and *end* are its first and last moment.

    *rare* maps its words to their TF-IDF weight times their rarity, so that a dot product with another's term
    frequencies is one of TF-IDF vectors; *length* is that of its own. *size* is its number of posts.
    """

    embedding: Vector | None
    tongues: frozenset[str]
    rare: Mapping[str, float]
    length: float
    begin: datetime
    end: datetime
    size: int = 1


def profile(
    found: Mapping[str, int],
    embedding: Vector | None,
    tongues: Iterable[str],
    *,
    vocabulary: Vocabulary,
    begin: datetime,
    end: datetime,
    size: int = 1,
) -> Profile:
    """The profile of something with the words *found*."""
    rarities = vocabulary.rarities(found)
    weights = frequencies(found) * rarities
    return Profile(
        embedding=embedding,
        tongues=frozenset(tongues),
        rare=dict(zip(found, (weights * rarities).tolist(), strict=True)),
        length=length_of(weights),
        begin=begin,
        end=end,
        size=size,
    )


def of_story(story: Story, vocabulary: Vocabulary) -> Profile:
    """The profile of *story*."""
    centre = None if story.centre is None else story.centre.astype(np.float32)
    return profile(
        story.words,
        centre,
        story.tongues,
        vocabulary=vocabulary,
        begin=story.first_at,
        end=story.last_at,
        size=story.size,
    )


def excess(seen: Profile, story: Story, bar: Bar, *, needed: float = 0.0) -> float:
    """By how much the similarity of *seen* and *story* exceeds *bar*; below 0 they are not the same happening.

    NEVER where it falls short of *needed* whatever their words say: those cost the most to compare.
    """
    apart = max(seen.begin - story.last_at, story.first_at - seen.end, timedelta(0))
    if apart > APART:
        return NEVER
    faded = FADE * (apart / timedelta(days=1)) + bar.raised(min(seen.size, story.size))
    if seen.embedding is None or story.centre is None or story.centre.shape != seen.embedding.shape:
        return _by_words(seen, story) - faded - bar.by_words
    meaning = float(seen.embedding @ story.centre.astype(np.float32))
    alone = MEANING * (meaning - bar.across) if seen.tongues.isdisjoint(story.tongues) else NEVER
    by_meaning = MEANING * meaning - bar.together
    if max(by_meaning + 1 - MEANING, alone) - faded < needed:
        return NEVER
    return max(by_meaning + (1 - MEANING) * _by_words(seen, story), alone) - faded


def kinship(story: Story, others: Iterable[Story], bar: Bar, *, vocabulary: Vocabulary, background: Centering) -> float:
    """By how much the similarity of *story* and the nearest of *others* exceeds *bar*: below 0 of STRANGE it is a
    stranger to them, from 0 of MERGED on it tells what they told.

    Time makes no stranger: what is told again after days is still about the same.
    """
    seen = replace(of_story(story, vocabulary), begin=ALWAYS[0], end=ALWAYS[1])
    shared = 0.0 if seen.embedding is None else SHARED * background.unknown(seen.tongues)
    return max((excess(seen, other, bar, needed=shared) for other in others), default=NEVER) - shared


def _by_words(seen: Profile, story: Story) -> float:
    """The cosine of their TF-IDF vectors, 0-1; 0 if either has no words."""
    if not seen.length or not story.length:
        return 0.0
    rare, counted = seen.rare, story.words
    common = rare.keys() & counted.keys()
    dot = math.fsum([rare[word] * frequency(counted[word]) for word in common])  # exact in any order
    return min(dot / (seen.length * story.length), 1.0)
