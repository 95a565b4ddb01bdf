"""Which of a batch of texts repeat an earlier one: exactly, by a hash of their words, or nearly, by fingerprints.

Near duplicates are found by MinHash with banding (Broder 1997; Leskovec et al., Mining of Massive Datasets,
ch. 3): texts that share one of 32 bands are candidates, whose similarity is then verified. Only originals are
in the index, so a text that is copied a thousand times costs one comparison. Where the index lies is the caller's.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from engine.text.fingerprints import bands

WINDOW = timedelta(hours=72)
"""For how long a fingerprint is compared with new texts. Exact copies are found however old they are."""

SIMILAR = 0.7
"""The estimated Jaccard similarity from which two texts count as one."""

CROWDED = 30
"""So many originals in one band are enough: a boilerplate footer would put thousands there."""

MOST_CANDIDATES = 20
"""The candidates that share most bands are verified."""

SHARED_BANDS = 2
"""Two texts of similarity 0.7 share so many bands with a probability of 0.998, of 0.3 with 0.03."""

Fingerprint = NDArray[np.uint64]
"""128 MinHash values, shape (128,)."""


class Hashed(Protocol):
    """A text as it is compared; without a *fingerprint* only its exact copies are found."""

    @property
    def content_hash(self) -> str: ...

    @property
    def fingerprint(self) -> tuple[int, ...] | None: ...


class Originals(Protocol):
    """The index of the originals so far, by their numbers; lower numbers are earlier."""

    def by_hash(self, hashes: Sequence[str]) -> Mapping[str, int]:
        """For each of *hashes* that is known, the original behind the first text that has it."""

    def sharing(self, wanted: Sequence[int]) -> Mapping[int, Sequence[int]]:
        """The originals in each of the bands *wanted*."""

    def fingerprints(self, numbers: Sequence[int]) -> Mapping[int, Fingerprint]:
        """The fingerprints of those of *numbers* that are not older than WINDOW."""


@dataclass(frozen=True, kw_only=True)
class Link:
    """Where a new text belongs: to a *stored* original, to an *earlier* text of the same batch, or to none.

    *fingerprint* and *bands* are only there for an original, which later texts are compared with.
    """

    stored: int | None = None
    earlier: int | None = None
    fingerprint: tuple[int, ...] = ()
    bands: tuple[int, ...] = ()


def find(originals: Originals, texts: Sequence[Hashed]) -> list[Link]:
    """For each of *texts*, in order, the original whose copy it is."""
    exact = originals.by_hash(sorted({text.content_hash for text in texts if text.content_hash}))
    near = _Near(originals, texts)
    earlier: dict[str, int] = {}
    links: list[Link] = []
    for index, text in enumerate(texts):
        if text.content_hash in exact:
            link = Link(stored=exact[text.content_hash])
        elif text.content_hash in earlier:
            twin = earlier[text.content_hash]
            link = Link(stored=links[twin].stored, earlier=_root(links, twin))
        else:
            link = near.place(index, text)
            if text.content_hash:
                earlier[text.content_hash] = index
        links.append(link)
    return links


def _root(links: Sequence[Link], index: int) -> int | None:
    """The original behind the text at *index* of the batch; None if that one is stored already."""
    link = links[index]
    if link.stored is not None:
        return None
    return index if link.earlier is None else link.earlier


class _Near:
    """Finds near duplicates of a batch among the stored originals and among its own earlier texts."""

    def __init__(self, originals: Originals, texts: Sequence[Hashed]) -> None:
        self._bands = {
            index: tuple(bands(text.fingerprint)) for index, text in enumerate(texts) if text.fingerprint is not None
        }
        self._stored = originals.sharing(sorted({band for own in self._bands.values() for band in own}))
        wanted = {key for own in self._bands.values() for key in _candidates(own, self._stored)}
        self._originals = originals.fingerprints(sorted(wanted))
        self._batch: dict[int, list[int]] = defaultdict(list)
        self._earlier: dict[int, Fingerprint] = {}

    def place(self, index: int, text: Hashed) -> Link:
        own = self._bands.get(index)
        if not text.fingerprint or own is None:
            return Link()
        fingerprint = np.array(text.fingerprint, dtype=np.uint64)
        stored = _first_similar(fingerprint, _candidates(own, self._stored), self._originals)
        if stored is not None:
            return Link(stored=stored)
        earlier = _first_similar(fingerprint, _candidates(own, self._batch), self._earlier)
        if earlier is not None:
            return Link(earlier=earlier)
        self._earlier[index] = fingerprint
        free = tuple(band for band in own if not self._crowded(band))
        for band in free:
            self._batch[band].append(index)
        return Link(fingerprint=text.fingerprint, bands=free)

    def _crowded(self, band: int) -> bool:
        return len(self._stored.get(band, ())) + len(self._batch.get(band, ())) >= CROWDED


def _candidates(own: Iterable[int], index: Mapping[int, Sequence[int]]) -> list[int]:
    """Those in *index* that share most bands with *own*, the earliest first."""
    shared = Counter(key for band in own for key in index.get(band, ()))
    return sorted(key for key, count in shared.most_common(MOST_CANDIDATES) if count >= SHARED_BANDS)


def _first_similar(fingerprint: Fingerprint, candidates: Sequence[int], known: Mapping[int, Fingerprint]) -> int | None:
    """The first of *candidates* that is SIMILAR: the share of equal values estimates the Jaccard similarity."""
    there = [key for key in candidates if key in known]
    if not there:
        return None
    alike = (np.stack([known[key] for key in there]) == fingerprint).mean(axis=1) >= SIMILAR
    return there[int(alike.argmax())] if alike.any() else None
