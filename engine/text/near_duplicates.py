"""Which of a batch of texts repeat an earlier one: exactly, by a hash of their words, or nearly, by fingerprints.

Near duplicates are proposed by MinHash with banding (Broder 1997; Leskovec et al., Mining of Massive Datasets,
ch. 3): texts that share two of 32 bands are candidates. Then their facts decide (``engine.facts.changes``): a text that
says something else than the one that it is like is an update of it, and an original of its own. Only originals are in
the index, so a text that is copied a thousand times costs one comparison. Where the index lies is the caller's.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from engine.facts.changes import Relation, compare
from engine.post import TextChange
from engine.text.fingerprints import bands

WINDOW = timedelta(hours=72)
"""For how long a fingerprint is compared with new texts. Exact copies are found however old they are."""

SIMILAR = 0.7
"""The estimated Jaccard similarity from which two texts are versions of one, whatever they share."""

PROPOSED, CONTAINED = 0.4, 0.85
"""Texts that are only so similar are versions of one if so much of the shorter stands in the longer: one was cut, or
has a long footer."""

VERSIONS = 6
"""A text that differs from so many earlier ones that are like it, and from each in what it says, is a template that
somebody fills in: it is counted as a copy of the first. So a text with another digit every time stays one text."""

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
    def body(self) -> str: ...

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

    def bodies(self, numbers: Sequence[int]) -> Mapping[int, str]:
        """The texts of those of *numbers* that are known."""


@dataclass(frozen=True, kw_only=True)
class Link:
    """Where a new text belongs: to a *stored* original, to an *earlier* text of the same batch, or to none.

    It repeats that text; or, with *changes*, it brings it up to date and is an original itself. *fingerprint* and
    *bands* are only there for an original, which later texts are compared with.
    """

    stored: int | None = None
    earlier: int | None = None
    changes: tuple[TextChange, ...] = ()
    fingerprint: tuple[int, ...] = ()
    bands: tuple[int, ...] = ()

    @property
    def copies(self) -> bool:
        """True if the text says nothing but what an earlier one says."""
        return not self.changes and (self.stored is not None or self.earlier is not None)


def find(originals: Originals, texts: Sequence[Hashed]) -> list[Link]:
    """For each of *texts*, in order, the original whose copy or update it is."""
    exact = originals.by_hash(sorted({text.content_hash for text in texts if text.content_hash}))
    near = _Near(originals, texts)
    earlier: dict[str, int] = {}
    links: list[Link] = []
    for index, text in enumerate(texts):
        if text.content_hash in exact:
            link = Link(stored=exact[text.content_hash])
        elif text.content_hash in earlier:
            link = _twin(links, earlier[text.content_hash])
        else:
            link = near.place(index, text)
            if text.content_hash:
                earlier[text.content_hash] = index
        links.append(link)
    return links


def _twin(links: Sequence[Link], index: int) -> Link:
    """The link of a text that repeats the one at *index* of the batch: to that, or to what that repeats."""
    link = links[index]
    return Link(stored=link.stored, earlier=link.earlier) if link.copies else Link(earlier=index)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Candidate:
    """An earlier text that shares bands with a new one, and how similar the two are; *stored*, or of the batch."""

    number: int
    stored: bool
    likeness: float

    @property
    def order(self) -> tuple[float, bool, int]:
        """The likest first, of these the earliest."""
        return -self.likeness, not self.stored, self.number

    def linked(self, changes: tuple[TextChange, ...] = ()) -> Link:
        return Link(**{"stored" if self.stored else "earlier": self.number}, changes=changes)  # type: ignore[arg-type]


class _Near:
    """Finds near duplicates of a batch among the stored originals and among its own earlier texts."""

    def __init__(self, originals: Originals, texts: Sequence[Hashed]) -> None:
        self._bands = {
            index: tuple(bands(text.fingerprint)) for index, text in enumerate(texts) if text.fingerprint is not None
        }
        self._texts = texts
        self._stored = originals.sharing(sorted({band for own in self._bands.values() for band in own}))
        wanted = {key for own in self._bands.values() for key in _candidates(own, self._stored)}
        self._originals = originals.fingerprints(sorted(wanted))
        self._bodies = originals.bodies(sorted(self._originals)) if self._originals else {}
        self._batch: dict[int, list[int]] = defaultdict(list)
        self._earlier: dict[int, Fingerprint] = {}

    def place(self, index: int, text: Hashed) -> Link:
        own = self._bands.get(index)
        if not text.fingerprint or own is None:
            return Link()
        fingerprint = np.array(text.fingerprint, dtype=np.uint64)
        link = self._decide(text.body, self._proposed(own, fingerprint))
        if link.copies:
            return link
        self._earlier[index] = fingerprint
        free = tuple(band for band in own if not self._crowded(band))
        for band in free:
            self._batch[band].append(index)
        return replace(link, fingerprint=text.fingerprint, bands=free)

    def _proposed(self, own: Iterable[int], fingerprint: Fingerprint) -> list[_Candidate]:
        """The earlier texts that may be versions of the new one, the likest first."""
        found = [
            *_alike(fingerprint, _candidates(own, self._stored), self._originals, stored=True),
            *_alike(fingerprint, _candidates(own, self._batch), self._earlier, stored=False),
        ]
        return sorted(found, key=lambda each: each.order)[:VERSIONS]

    def _decide(self, body: str, proposed: Sequence[_Candidate]) -> Link:
        versions: list[tuple[_Candidate, tuple[TextChange, ...]]] = []
        for each in proposed:
            old = self._bodies.get(each.number, "") if each.stored else self._texts[each.number].body
            told = compare(old, body)
            if told.relation is Relation.OWN or (each.likeness < SIMILAR and told.shared < CONTAINED):
                continue
            if told.relation is Relation.COPY:
                return each.linked()
            versions.append((each, told.changes))
        if len(versions) >= VERSIONS:
            return min((each for each, _ in versions), key=lambda each: (not each.stored, each.number)).linked()
        latest = max(versions, key=lambda pair: (not pair[0].stored, pair[0].number), default=None)
        return Link() if latest is None else latest[0].linked(latest[1])

    def _crowded(self, band: int) -> bool:
        return len(self._stored.get(band, ())) + len(self._batch.get(band, ())) >= CROWDED


def _candidates(own: Iterable[int], index: Mapping[int, Sequence[int]]) -> list[int]:
    """Those in *index* that share most bands with *own*, the earliest first."""
    shared = Counter(key for band in own for key in index.get(band, ()))
    return sorted(key for key, count in shared.most_common(MOST_CANDIDATES) if count >= SHARED_BANDS)


def _alike(
    fingerprint: Fingerprint, candidates: Sequence[int], known: Mapping[int, Fingerprint], *, stored: bool
) -> list[_Candidate]:
    """Those of *candidates* that are alike: the share of equal values estimates the Jaccard similarity."""
    there = [key for key in candidates if key in known]
    if not there:
        return []
    likeness = (np.stack([known[key] for key in there]) == fingerprint).mean(axis=1).tolist()
    return [
        _Candidate(number=key, stored=stored, likeness=like)
        for key, like in zip(there, likeness, strict=True)
        if like >= PROPOSED
    ]
