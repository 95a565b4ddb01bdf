"""Posts of a file, made ready for a replay as ingest makes them ready for the store."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from bot.backtest.copies import with_copies
from bot.errors import LocalisedError
from bot.ports import PostReader
from engine.post import Post, Topic
from engine.query.query import Query
from engine.text.fingerprints import normalise
from engine.watch.standing import standing_of
from engine.watch.watch import Arrival

AT_ONCE = 256
"""Posts in a pass of the encoder."""


def read_posts(path: Path) -> Iterator[Post]:
    """Posts of a JSONL file; raises LocalisedError with the line of one that is none."""
    if not path.is_file():
        raise LocalisedError("history.no_file", path=path)
    with path.open(encoding="utf-8") as lines:
        yield from posts_in(lines, path)


def posts_in(lines: Iterable[str], path: Path) -> Iterator[Post]:
    """The posts of *lines*, which are those of *path*."""
    for number, line in enumerate(lines, 1):
        if line.strip():
            yield _post(line, path, number)


def _post(line: str, path: Path, number: int) -> Post:
    try:
        return post_of_row(json.loads(line))
    except (ValueError, KeyError, TypeError) as error:
        raise LocalisedError("history.no_post", path=path, line=str(number)) from error


def post_of_row(row: Mapping[str, Any]) -> Post:
    """The post that a row of JSON holds. Raises ValueError, KeyError, TypeError where it is none."""
    published, source = moment(row["published"]), str(row.get("source") or "")
    return Post(
        id=str(row["id"]),
        published=published,
        seen=published,
        text=str(row["text"]),
        title=str(row.get("title") or ""),
        url=str(row.get("url") or ""),
        author=str(row.get("author") or ""),
        source=source,
        standing=standing_of(source),
        lang=str(row.get("lang") or ""),
        reach=row.get("reach") if isinstance(row.get("reach"), int) else None,
    )


def moment(text: str) -> datetime:
    """An RFC 3339 time, aware and UTC; one without a zone is UTC."""
    at = datetime.fromisoformat(text)
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


class OrderedPosts:
    """Posts in time order up to *until*, and the time of the *last* one that was unrolled."""

    def __init__(self, posts: Iterable[Post], until: datetime | None = None) -> None:
        self._posts, self._until = posts, until
        self.last: datetime | None = None

    def __iter__(self) -> Iterator[Post]:
        for post in self._posts:
            if self._until is not None and post.published > self._until:
                return
            if self.last is not None and post.published < self.last:
                raise LocalisedError("history.out_of_order", post=post.id)
            self.last = post.published
            yield post


def caught(posts: Iterable[Post], query: Query) -> Iterator[Post]:
    """Those of *posts* that *query* matches: cleaned, and copies marked, as the service stores them."""
    return with_copies(post for post in cleaned(posts) if query.matches(post))


def cleaned(posts: Iterable[Post]) -> Iterator[Post]:
    """*posts* as the service stores their words: what is matched is what is stored."""
    return map(tidied, posts)


def tidied(post: Post) -> Post:
    """*post* with its text as the service stores it."""
    return replace(post, text=normalise(post.text), title=normalise(post.title))


def read(posts: Iterable[Post], topic: Topic, reader: PostReader) -> Iterator[Arrival]:
    """*posts* with their readings, AT_ONCE in a pass of the encoder."""
    rest = iter(posts)
    while batch := list(islice(rest, AT_ONCE)):
        readings = reader.read([(post, topic) for post in batch])
        yield from (Arrival(post=post, reading=found) for post, found in zip(batch, readings, strict=True))
