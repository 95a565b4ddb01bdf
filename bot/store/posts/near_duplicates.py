"""The originals that new posts are compared with, as the store keeps them (see engine.text.near_duplicates)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

import numpy as np
from sqlalchemy import bindparam, delete, func, insert, select
from sqlalchemy.orm import Session
from sqlmodel import col

from bot.store.rows import chunks
from bot.store.schema.tables import BandRow, FingerprintRow, PostRow
from engine.post import body
from engine.text.fingerprints import bands
from engine.text.near_duplicates import WINDOW, Fingerprint, Link

PRUNED_AT_ONCE = 500


class StoredOriginals:
    """The originals in the store, by the ids of their posts, as they are at *now*."""

    def __init__(self, session: Session, now: datetime) -> None:
        self._session, self._cutoff = session, now - WINDOW

    def by_hash(self, hashes: Sequence[str]) -> dict[str, int]:
        """For each of *hashes* that a stored post has, the original behind the first that has it."""
        found: dict[str, int] = {}
        for part in chunks(hashes):
            first = (
                select(func.min(col(PostRow.id)))
                .where(col(PostRow.content_hash).in_(part))
                .group_by(col(PostRow.content_hash))
            )
            rows = self._session.execute(
                select(col(PostRow.content_hash), func.coalesce(col(PostRow.copy_of), col(PostRow.id))).where(
                    col(PostRow.id).in_(first)
                )
            )
            found |= {row[0]: row[1] for row in rows}
        return found

    def sharing(self, wanted: Sequence[int]) -> dict[int, list[int]]:
        """The stored originals by the bands that they share with the batch."""
        found: dict[int, list[int]] = defaultdict(list)
        for part in chunks(wanted, 2000):
            query = select(col(BandRow.band), col(BandRow.post_id)).where(col(BandRow.band).in_(part))
            for band, post_id in self._session.execute(query):
                found[band].append(post_id)
        return found

    def fingerprints(self, numbers: Sequence[int]) -> dict[int, Fingerprint]:
        """The fingerprints of stored originals that are not too old to be compared with."""
        query = select(col(FingerprintRow.post_id), col(FingerprintRow.payload))
        return {
            post_id: _unpacked(payload)
            for part in chunks(numbers)
            for post_id, payload in self._session.execute(
                query.where(col(FingerprintRow.post_id).in_(part), col(FingerprintRow.at) >= self._cutoff)
            )
        }

    def bodies(self, numbers: Sequence[int]) -> dict[int, str]:
        """The texts of stored posts."""
        query = select(col(PostRow.id), col(PostRow.title), col(PostRow.text))
        return {
            post_id: body(title, text)
            for part in chunks(numbers)
            for post_id, title, text in self._session.execute(query.where(col(PostRow.id).in_(part)))
        }


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


def _prune(session: Session, cutoff: datetime) -> None:
    """Forget old fingerprints, a few at a time, so that no batch pays for a month of them."""
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
