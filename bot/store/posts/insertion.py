"""How a batch of posts is stored: what is known, what is new, what repeats an earlier text."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session
from sqlmodel import col

from bot.records import InsertResult, NewPost, SourceRecord
from bot.store.posts import near_duplicates
from bot.store.rows import chunks
from bot.store.schema.columns import storable
from bot.store.schema.tables import MatchRow, PostRow, SourceRow
from engine.text.near_duplicates import Link, find

LONGEST_ID = 300
"""Longer external ids are replaced by their hash: PostgreSQL's index refuses very long keys."""

LARGEST = 2**63 - 1


def external_key(external_id: str) -> str:
    key = storable(external_id)
    if len(key) <= LONGEST_ID:
        return key
    return "sha256:" + hashlib.sha256(key.encode()).hexdigest()


def add(session: Session, source: SourceRecord, new: Sequence[NewPost], now: datetime) -> list[InsertResult]:
    """Store *new*; see Posts.add. The caller holds the lock under which posts are added."""
    keys = [external_key(post.item.external_id) for post in new]
    known = _known(session, source.id, list(dict.fromkeys(keys)))
    fresh: dict[str, NewPost] = {}
    for key, post in zip(keys, new, strict=True):
        if key not in known:
            fresh.setdefault(key, post)
        elif key not in fresh:
            _edit(session, known[key], post)
    added = _insert(session, source, fresh, now) if fresh else {}
    answers, told = [], set()
    for key in keys:
        if key in added and key not in told:
            answers.append(added[key])
        else:
            answers.append(InsertResult(post_id=added[key].post_id if key in added else str(known[key].id), known=True))
        told.add(key)
    return answers


def _known(session: Session, source_id: int, keys: Sequence[str]) -> dict[str, PostRow]:
    query = select(PostRow).where(col(PostRow.source_id) == source_id)
    return {
        row.external_id: row
        for part in chunks(keys)
        for row in session.scalars(query.where(col(PostRow.external_id).in_(part)))
    }


def _edit(session: Session, row: PostRow, post: NewPost) -> None:
    text, title = storable(post.item.text), storable(post.item.title)
    if (row.text, row.title) != (text, title):
        row.text, row.title, row.content_hash, row.lang = text, title, post.content_hash, post.lang
        session.add(row)


def _insert(
    session: Session, source: SourceRecord, fresh: dict[str, NewPost], now: datetime
) -> dict[str, InsertResult]:
    links = find(near_duplicates.StoredOriginals(session, now), list(fresh.values()))
    rows = [_values(source, key, post, link, now) for (key, post), link in zip(fresh.items(), links, strict=True)]
    ids = list(session.scalars(insert(PostRow).returning(col(PostRow.id), sort_by_parameter_order=True), rows))
    originals = [ids[link.earlier] if link.earlier is not None else link.stored for link in links]
    late = [
        {"id": key, **_relation(link, ids[link.earlier])}
        for key, link in zip(ids, links, strict=True)
        if link.earlier is not None
    ]
    if late:
        session.execute(update(PostRow), late)
    near_duplicates.remember(session, zip(ids, links, strict=True), now)
    _match(session, ids, list(fresh.values()), now)
    session.execute(update(SourceRow).where(col(SourceRow.id) == source.id).values(last_item_at=now))
    return {
        key: InsertResult(
            post_id=str(post_id),
            topic_ids=tuple(sorted(post.matches)),
            copy_of=str(original) if link.copies and original is not None else None,
            update_of=str(original) if not link.copies and original is not None else None,
        )
        for (key, post), post_id, link, original in zip(fresh.items(), ids, links, originals, strict=True)
    }


def _relation(link: Link, original: int | None) -> dict[str, int | None]:
    """Whose copy or whose update a post is."""
    return {"copy_of": original if link.copies else None, "update_of": None if link.copies else original}


def _values(source: SourceRecord, key: str, post: NewPost, link: Link, now: datetime) -> dict[str, Any]:
    item = post.item
    return {
        "source_id": source.id,
        "external_id": key,
        "published": post.published,
        "seen": now,
        "title": item.title,
        "text": item.text,
        "url": item.url,
        "author": item.author,
        "lang": post.lang,
        "reach": None if item.reach is None else max(0, min(item.reach, LARGEST)),
        "content_hash": post.content_hash,
        "changes": link.changes,
        **_relation(link, link.stored),
    }


def _match(session: Session, ids: Sequence[int], posts: Sequence[NewPost], now: datetime) -> None:
    rows = [
        {"topic_id": topic_id, "post_id": post_id, "quiet": post.quiet, "state": "unread"}
        | {"on_stream": False, "since": now}
        for post_id, post in zip(ids, posts, strict=True)
        for topic_id in sorted(post.matches)
    ]
    if rows:
        session.execute(insert(MatchRow), rows)
