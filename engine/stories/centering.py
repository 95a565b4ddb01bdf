"""What the stories of a topic have in common, left out when two of them are compared.

The posts of a topic name the same organisation in the same language and are alike by that alone, whatever the model.
So the mean embedding of a topic's stories, one for each language, is taken off first: likenesses then mean the same
for every topic and every encoder, and a Chinese and an English post can be compared. Each story counts once,
however many posts it has: a crisis that fills the topic would otherwise become its own background and fall apart.
Centring by language: Libovický, Rosa and Fraser (2020), On the language neutrality of pre-trained multilingual
representations.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Vector = NDArray[np.float32]

PRIOR = 30
"""Imagined stories at the corpus mean, which is the zero of the embedding."""

APART = frozenset({"zh", "ja", "ko", "ar", "he", "ru", "th", "hi"})
"""Languages that are told by their script. Those of Latin letters are often mistaken for one another in a short post,
and count as one."""

HALVED_AT = 2_000  # stories after which the old ones count half


def tongue(lang: str) -> str:
    """The language as far as its script tells it, "" for Latin letters."""
    key = lang.partition("-")[0].casefold()
    return key if key in APART else ""


class Centering:
    """The sum of the embeddings with which the stories of each language began, and how many they were."""

    def __init__(self) -> None:
        self.sums: dict[str, Vector] = {}
        self.counts: dict[str, int] = {}

    def add(self, embedding: Vector, lang: str) -> None:
        """Count the first post of one story; a model with another width begins anew."""
        if any(known.shape != embedding.shape for known in self.sums.values()):
            self.sums, self.counts = {}, {}
        key = tongue(lang)
        if self.counts.get(key, 0) >= HALVED_AT:
            self.counts[key] //= 2
            self.sums[key] = self.sums[key] / np.float32(2)
        self.counts[key] = self.counts.get(key, 0) + 1
        self.sums[key] = self.sums.get(key, np.float32(0)) + embedding

    def strip(self, embedding: Vector, lang: str) -> Vector:
        """*embedding* (dim,) without what the topic's stories share, of unit length."""
        key = tongue(lang)
        shared = self.sums.get(key)
        if shared is None or shared.shape != embedding.shape:
            return embedding
        bare = embedding - shared / np.float32(self.counts[key] + PRIOR)
        length = float(np.sqrt(bare @ bare))
        return np.asarray(bare / length, np.float32) if length > 1e-6 else embedding

    def unknown(self, tongues: Iterable[str]) -> float:
        """How much of what stories of *tongues* share is not known yet, 1 (all) to 0; the worst of several counts."""
        return max((PRIOR / (PRIOR + self.counts.get(key, 0)) for key in tongues), default=1.0)

    def dump(self) -> tuple[list[tuple[str, int]], bytes]:
        """The languages with their counts, and the sums in the same order."""
        counts = sorted(self.counts.items())
        return counts, b"".join(self.sums[key].astype(np.float32).tobytes() for key, _ in counts)

    def load(self, counts: Iterable[tuple[str, int]], packed: bytes) -> None:
        """Become what ``dump`` wrote."""
        self.counts = dict(counts)
        sums = np.frombuffer(packed, np.float32).reshape(max(len(self.counts), 1), -1)
        self.sums = {key: row.copy() for key, row in zip(self.counts, sums, strict=False)}
