"""Which posts repeat an earlier text: exactly, by the hash of their words, or nearly, by their fingerprints.

Near duplicates are found by MinHash with banding (Broder 1997; Leskovec et al., Mining of Massive Datasets,
ch. 3): posts that share one of 32 bands are candidates, whose similarity is then verified. Only originals are
in the index, so a text that is copied a thousand times costs one comparison.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import bindparam, delete, func, insert, select
from sqlalchemy.orm import Session
from sqlmodel import col

from bot.records import NewPost
from bot.store.rows import chunks
from bot.store.schema.tables import BandRow, FingerprintRow, PostRow

WINDOW = timedelta(hours=72)
"""For how long a fingerprint is compared with new posts. Exact copies are found however old they are."""

SIMILAR = 0.7
"""The estimated Jaccard similarity from which two texts count as one."""

CROWDED = 30
"""So many originals in one band are enough: a boilerplate footer would put thousands there."""

MOST_CANDIDATES = 20
"""The candidates that share most bands are verified."""

SHARED_BANDS = 2
"""Two texts of similarity 0.7 share so many bands with a probability of 0.998, of 0.3 with 0.03."""

PRUNED_AT_ONCE = 500

Fingerprint = NDArray[np.uint64]
"""128 MinHash values, shape (128,)."""


@dataclass(frozen=True, kw_only=True)
class Link:
    """Where a new post belongs: to a *stored* original, to an *earlier* post of the same batch, or to none.

    *fingerprint* and *bands* are only there for an original, which later posts are compared with.
    """

    stored: int | None = None
    earlier: int | None = None
    fingerprint: tuple[int, ...] = ()
    bands: tuple[int, ...] = ()


def find(session: Session, posts: Sequence[NewPost], now: datetime) -> list[Link]:
    """For each of *posts*, in order, the original whose copy it is."""
    exact = _stored_hashes(session, sorted({post.content_hash for post in posts if post.content_hash}))
    near = _Near(session, posts, now)
    earlier: dict[str, int] = {}
    links: list[Link] = []
    for index, post in enumerate(posts):
        if post.content_hash in exact:
            link = Link(stored=exact[post.content_hash])
        elif post.content_hash in earlier:
            twin = earlier[post.content_hash]
            link = Link(stored=links[twin].stored, earlier=_root(links, twin))
        else:
            link = near.place(index, post)
            if post.content_hash:
                earlier[post.content_hash] = index
        links.append(link)
    return links


def _root(links: Sequence[Link], index: int) -> int | None:
    """The original behind the post at *index* of the batch; None if that one is stored already."""
    link = links[index]
    if link.stored is not None:
        return None
    return index if link.earlier is None else link.earlier


def remember(session: Session, placed: Iterable[tuple[int, Link]], now: datetime) -> None:
    """Index the new originals, and forget those that are too old to be compared with."""
    originals = [(post_id, link) for post_id, link in placed if link.fingerprint]
    _prune(session, now - WINDOW)
    if originals:
        session.execute(
            insert(FingerprintRow),
            [{"post_id": key, "at": now, "payload": _packed(link.fingerprint)} for key, link in originals],
        )
    if rows := sorted({(band, key) for key, link in originals for band in link.bands}):
        session.execute(insert(BandRow), [{"band": band, "post_id": key} for band, key in rows])


class _Near:
    """Finds near duplicates of a batch among the stored originals and among its own earlier posts."""

    def __init__(self, session: Session, posts: Sequence[NewPost], now: datetime) -> None:
        from engine.text.fingerprints import bands

        self._bands = {
            index: tuple(bands(post.fingerprint))
            for index, post in enumerate(posts)
            if post.fingerprint and post.matches
        }
        self._stored = _sharing(session, sorted({band for own in self._bands.values() for band in own}))
        wanted = {key for own in self._bands.values() for key in _candidates(own, self._stored)}
        self._originals = _fingerprints(session, sorted(wanted), now - WINDOW)
        self._batch: dict[int, list[int]] = defaultdict(list)
        self._earlier: dict[int, Fingerprint] = {}

    def place(self, index: int, post: NewPost) -> Link:
        own = self._bands.get(index)
        if not post.fingerprint or own is None:
            return Link()
        fingerprint = np.array(post.fingerprint, dtype=np.uint64)
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
        return Link(fingerprint=post.fingerprint, bands=free)

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


def _fingerprints(session: Session, ids: Sequence[int], cutoff: datetime) -> dict[int, Fingerprint]:
    """The fingerprints of stored originals that are not older than *cutoff*."""
    query = select(col(FingerprintRow.post_id), col(FingerprintRow.payload))
    return {
        post_id: _unpacked(payload)
        for part in chunks(ids)
        for post_id, payload in session.execute(
            query.where(col(FingerprintRow.post_id).in_(part), col(FingerprintRow.at) >= cutoff)
        )
    }


def _stored_hashes(session: Session, hashes: Sequence[str]) -> dict[str, int]:
    """For each hash that a stored post has, the original behind the first that has it."""
    found: dict[str, int] = {}
    for part in chunks(hashes):
        first = (
            select(func.min(col(PostRow.id)))
            .where(col(PostRow.content_hash).in_(part))
            .group_by(col(PostRow.content_hash))
        )
        rows = session.execute(
            select(col(PostRow.content_hash), func.coalesce(col(PostRow.copy_of), col(PostRow.id))).where(
                col(PostRow.id).in_(first)
            )
        )
        found |= {row[0]: row[1] for row in rows}
    return found


def _sharing(session: Session, bands: Sequence[int]) -> dict[int, list[int]]:
    """The stored originals by the bands that they share with the batch."""
    found: dict[int, list[int]] = defaultdict(list)
    for part in chunks(bands, 2000):
        query = select(col(BandRow.band), col(BandRow.post_id)).where(col(BandRow.band).in_(part))
        for band, post_id in session.execute(query):
            found[band].append(post_id)
    return found


def _prune(session: Session, cutoff: datetime) -> None:
    """Forget old fingerprints, a few at a time, so that no batch pays for a month of them."""
    from engine.text.fingerprints import bands

    query = select(FingerprintRow).where(col(FingerprintRow.at) < cutoff)
    old = session.scalars(query.order_by(col(FingerprintRow.at)).limit(PRUNED_AT_ONCE)).all()
    keys = [(band, row.post_id) for row in old for band in bands(tuple(_unpacked(row.payload).tolist()))]
    if keys:  # one statement for each: SQLite uses no index for a list of pairs
        one = delete(BandRow).where(col(BandRow.band) == bindparam("band"), col(BandRow.post_id) == bindparam("post"))
        session.connection().execute(one, [{"band": band, "post": post_id} for band, post_id in keys])
    for rows in chunks(old):
        ids = [row.post_id for row in rows]
        session.execute(delete(FingerprintRow).where(col(FingerprintRow.post_id).in_(ids)))


def _packed(fingerprint: tuple[int, ...]) -> bytes:
    return np.array(fingerprint, dtype="<u8").tobytes()


def _unpacked(payload: bytes) -> Fingerprint:
    return np.frombuffer(payload, dtype="<u8").astype(np.uint64, copy=False)
