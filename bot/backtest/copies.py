"""Copies among posts that no store knows, told as the store tells them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from engine.post import Post
from engine.text.fingerprints import content_hash, fingerprint
from engine.text.near_duplicates import WINDOW, Fingerprint, Link, find


@dataclass(frozen=True, kw_only=True)
class _Text:
    content_hash: str
    fingerprint: tuple[int, ...] | None


class MemoryOriginals:
    """The originals so far, by their places in time. What is older than WINDOW is forgotten, but for its hash."""

    def __init__(self) -> None:
        self._hashes: dict[str, int] = {}
        self._bands: defaultdict[int, list[int]] = defaultdict(list)
        self._kept: dict[int, tuple[datetime, Link, Fingerprint]] = {}

    def by_hash(self, hashes: Sequence[str]) -> Mapping[str, int]:
        return {each: self._hashes[each] for each in hashes if each in self._hashes}

    def sharing(self, wanted: Sequence[int]) -> Mapping[int, Sequence[int]]:
        return {band: self._bands[band] for band in wanted if band in self._bands}

    def fingerprints(self, numbers: Sequence[int]) -> Mapping[int, Fingerprint]:
        return {number: self._kept[number][2] for number in numbers if number in self._kept}

    def add(self, number: int, text_hash: str, link: Link, at: datetime) -> None:
        """Keep the text *number*, which *link* says the place of."""
        self._forget(at - WINDOW)
        self._hashes.setdefault(text_hash, number if link.stored is None else link.stored)
        if link.fingerprint:
            self._kept[number] = at, link, np.array(link.fingerprint, dtype=np.uint64)
            for band in link.bands:
                self._bands[band].append(number)

    def _forget(self, cutoff: datetime) -> None:
        while self._kept:
            number = next(iter(self._kept))
            at, link, _ = self._kept[number]
            if at >= cutoff:
                return
            del self._kept[number]
            for band in link.bands:
                self._bands[band].remove(number)


def with_copies(posts: Iterable[Post]) -> Iterator[Post]:
    """*posts* in the order in which they were seen, those that repeat an earlier one's text with its id."""
    originals, ids = MemoryOriginals(), dict[int, str]()
    for number, post in enumerate(posts):
        text = _Text(content_hash=content_hash(post.body), fingerprint=fingerprint(post.body))
        [link] = find(originals, [text])
        originals.add(number, text.content_hash, link, post.seen or post.published)
        if link.stored is None:
            ids[number] = post.id
            yield post
        else:
            yield replace(post, copy_of=ids[link.stored])
