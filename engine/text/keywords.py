"""What a text is about: weighted words, in both languages alike.

Words are counted in a table of fixed size by their hash, so that a topic's memory does not grow with its
vocabulary; two words that share a slot are rare and do no harm.
"""

from __future__ import annotations

import math
import zlib
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from engine.post import Post, Reading
from engine.text.fingerprints import words

if TYPE_CHECKING:
    from numpy.typing import NDArray

SLOTS = 1 << 14
SKETCH = 256
READ = 600  # characters of a post that are segmented: what it is about stands at its beginning
PRIOR = 20  # imagined posts without any of the words, so that the first posts of a topic are comparable
DAMPED = 0.75  # the exponent of a term frequency
HALVED_AT = 50_000  # posts after which the old ones count half


@lru_cache(maxsize=65_536)
def word_hash(word: str) -> int:
    """A number for *word*, the same in every process: CRC-32 of its UTF-8."""
    return zlib.crc32(word.encode())


def content_words(post: Post, reading: Reading, names: Iterable[str]) -> Counter[str]:
    """The words of *post* and the entities in it, without the *names* of what is watched (casefolded).

    A topic's own name is in every post and tells none of them apart.
    """
    own = tuple(names)
    found = Counter(word for word in words(post.body[:READ]) if not _is_own(word, own))
    for entity in reading.entities:
        name = entity.text.casefold()
        if not _is_own(name, own):
            found[name] += 1
    return found


def _is_own(word: str, names: tuple[str, ...]) -> bool:
    return any(word == name or (len(word) > 1 and word in name) for name in names)


def frequency(count: int) -> float:
    """A dampened term frequency. Were it the logarithm, the many words that a large story holds once would be most of
    its length, and its posts would resemble it less the larger it is."""
    return float(count**DAMPED)


def frequencies(counted: Mapping[str, int]) -> NDArray[np.float64]:
    """The same of each of the *counted* words, shape (words,)."""
    return np.fromiter(counted.values(), np.float64, len(counted)) ** DAMPED


def _hashes(words: Collection[str]) -> NDArray[np.intp]:
    return np.fromiter(map(word_hash, words), np.intp, len(words))


class Vocabulary:
    """In how many posts of a topic each word occurred."""

    def __init__(self) -> None:
        self.posts = 0
        self.seen: NDArray[np.int32] = np.zeros(SLOTS, np.int32)

    def add(self, found: Iterable[str]) -> None:
        """Count one post with the words *found*."""
        if self.posts >= HALVED_AT:
            self.posts //= 2
            self.seen //= 2
        self.posts += 1
        np.add.at(self.seen, _hashes(set(found)) % SLOTS, 1)

    def rarities(self, words: Collection[str]) -> NDArray[np.float64]:
        """The inverse document frequency of each of *words*, shape (words,): near 0 for a word of every post, 3 and
        more for a rare one."""
        seen = self.seen[_hashes(words) % SLOTS]
        return np.asarray(np.log(np.maximum((PRIOR + self.posts) / (1.0 + seen), 1.0)))

    def weights(self, counted: Mapping[str, int]) -> NDArray[np.float64]:
        """The TF-IDF vector of the *counted* words, shape (words,), with a dampened term frequency."""
        return frequencies(counted) * self.rarities(counted)

    def length(self, counted: Mapping[str, int]) -> float:
        """The length of that vector."""
        return length_of(self.weights(counted))

    def top(self, counted: Mapping[str, int], limit: int = 6) -> tuple[str, ...]:
        """The words that tell a story from the others of its topic (class-based TF-IDF), the best first.

        Grootendorst (2022), BERTopic, section 3.3, with dampened term frequencies.
        """
        told = {word: n for word, n in counted.items() if not word.isdecimal()}
        weights = dict(zip(told, self.weights(told).tolist(), strict=True))
        best = sorted(weights, key=lambda word: (-weights[word] * told[word], word))
        return tuple(best[:limit])


def length_of(vector: NDArray[np.float64]) -> float:
    """The Euclidean length of *vector*."""
    return math.sqrt(float(vector @ vector))


def sketch(weights: Mapping[str, float]) -> NDArray[np.float32]:
    """Weighted words as a unit vector, shape (SKETCH,), whose dot product approximates their cosine.

    Signed feature hashing: Weinberger et al. (2009), Feature hashing for large scale multitask learning.
    """
    codes, values = _hashes(weights), np.fromiter(weights.values(), np.float64, len(weights))
    out = np.zeros(SKETCH)
    np.add.at(out, codes % SKETCH, np.where(codes & (1 << 20), values, -values))
    return np.asarray(out / (length_of(out) or 1.0), np.float32)
