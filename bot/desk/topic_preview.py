"""What a query would bring if a topic watched it: the stored posts of 30 days, matched as ingest matches them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from engine.post import Note, Post

if TYPE_CHECKING:
    from bot.store import Store
    from engine.preview.preview import QueryPreview

SPAN = timedelta(days=30)
MOST_POSTS = 20_000
"""The newest posts are looked through, so that a person need not wait."""

PAGE = 1_000


@dataclass(frozen=True, kw_only=True)
class TopicPreview:
    """What the *query* brings of the posts *since* then; *capped*: there are more posts than were looked through."""

    query: str
    found: QueryPreview
    since: datetime
    now: datetime
    capped: bool = False
    remarks: tuple[Note, ...] = ()


def previewed(
    store: Store, query: str, *, now: datetime, zone: str = "UTC", languages: Sequence[str] = (), most: int = MOST_POSTS
) -> TopicPreview:
    """What *query*, which is written out, brings of the *most* newest stored posts. Raises QueryError, StoreError."""
    from engine.preview.preview import preview
    from engine.query.query import parse

    asked, since = parse(query), now - SPAN
    found = preview(asked, _posts(store, since, most), languages=languages, zone=ZoneInfo(zone))
    return TopicPreview(
        query=query, found=found, since=since, now=now, capped=found.total >= most, remarks=asked.remarks
    )


def _posts(store: Store, since: datetime, most: int) -> Iterator[Post]:
    last: str | None = None
    while most > 0 and (page := store.posts.newest(since, last, min(PAGE, most))):
        yield from page
        most, last = most - len(page), page[-1].id
