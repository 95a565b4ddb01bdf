"""Copies among posts that no store knows, told as the store tells them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from engine.post import Post
from engine.text.fingerprints import content_hash, fingerprint
from engine.text.near_duplicates import WINDOW, Fingerprint, Hashed, Link, find


@dataclass(frozen=True, kw_only=True)
class _Text:
    body: str
    content_hash: str
    fingerprint: tuple[int, ...] | None


class MemoryOriginals:
    """The originals so far, by their places in time. What is older than WINDOW is forgotten, but for its hash."""

    def __init__(self) -> None:
        self._hashes: dict[str, int] = {}
        self._bands: defaultdict[int, list[int]] = defaultdict(list)
        self._kept: dict[int, tuple[datetime, Link, Fingerprint, str]] = {}

    def by_hash(self, hashes: Sequence[str]) -> Mapping[str, int]:
        return {each: self._hashes[each] for each in hashes if each in self._hashes}

    def sharing(self, wanted: Sequence[int]) -> Mapping[int, Sequence[int]]:
        return {band: self._bands[band] for band in wanted if band in self._bands}

    def fingerprints(self, numbers: Sequence[int]) -> Mapping[int, Fingerprint]:
        return {number: self._kept[number][2] for number in numbers if number in self._kept}

    def bodies(self, numbers: Sequence[int]) -> Mapping[int, str]:
        return {number: self._kept[number][3] for number in numbers if number in self._kept}

    def add(self, number: int, text: Hashed, link: Link, at: datetime) -> None:
        """Keep *text*, the *number*-th, which *link* says the place of."""
        self._forget(at - WINDOW)
        self._hashes.setdefault(text.content_hash, link.stored if link.copies and link.stored is not None else number)
        if link.fingerprint:
            self._kept[number] = at, link, np.array(link.fingerprint, dtype=np.uint64), text.body
            for band in link.bands:
                self._bands[band].append(number)

    def _forget(self, cutoff: datetime) -> None:
        while self._kept:
            number = next(iter(self._kept))
            at, link, *_ = self._kept[number]
            if at >= cutoff:
                return
            del self._kept[number]
            for band in link.bands:
                self._bands[band].remove(number)


def with_copies(posts: Iterable[Post]) -> Iterator[Post]:
    """*posts* in the order in which they were seen, with the ids of those that they repeat or bring up to date."""
    originals, ids = MemoryOriginals(), dict[int, str]()
    for number, post in enumerate(posts):
        body = post.body
        text = _Text(body=body, content_hash=content_hash(body), fingerprint=fingerprint(body))
        [link] = find(originals, [text])
        originals.add(number, text, link, post.seen or post.published)
        if not link.copies:
            ids[number] = post.id
        known = None if link.stored is None else ids[link.stored]
        yield post if known is None else linked(post, known, link)


def linked(post: Post, known: str, link: Link) -> Post:
    """*post*, which is a copy or an update of the post with the id *known*."""
    if link.copies:
        return replace(post, copy_of=known)
    return replace(post, update_of=known, changes=link.changes)
