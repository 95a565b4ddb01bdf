"""Posts of a file, made ready for a replay as ingest makes them ready for the store."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from bot.backtest.copies import with_copies
from bot.errors import TocsinError
from bot.ports import PostReader
from engine.post import Post, Topic
from engine.query.query import Query
from engine.text.fingerprints import normalise
from engine.watch.standing import standing_of
from engine.watch.watch import Arrival

AT_ONCE = 256
"""Posts in a pass of the encoder."""


def read_posts(path: Path) -> Iterator[Post]:
    """Posts of a JSONL file; raises TocsinError with the line of one that is none."""
    if not path.is_file():
        raise TocsinError(f"There is no file {path}.")
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                yield _post(line, f"{path}: line {number}")


def _post(line: str, place: str) -> Post:
    try:
        row = json.loads(line)
        published = moment(row["published"])
        text, number = str(row["text"]), str(row["id"])
    except (ValueError, KeyError, TypeError) as error:
        raise TocsinError(f"{place} is no post: it needs id, published (RFC 3339) and text.") from error
    source = str(row.get("source") or "")
    return Post(
        id=number,
        published=published,
        seen=published,
        text=text,
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
                raise TocsinError(f"The post {post.id} is out of order: sort the file by published.")
            self.last = post.published
            yield post


def caught(posts: Iterable[Post], query: Query) -> Iterator[Post]:
    """Those of *posts* that *query* matches: cleaned, and copies marked, as the service stores them."""
    cleaned = (replace(post, text=normalise(post.text), title=normalise(post.title)) for post in posts)
    return with_copies(post for post in cleaned if query.matches(post))


def read(posts: Iterable[Post], topic: Topic, reader: PostReader) -> Iterator[Arrival]:
    """*posts* with their readings, AT_ONCE in a pass of the encoder."""
    rest = iter(posts)
    while batch := list(islice(rest, AT_ONCE)):
        readings = reader.read([(post, topic) for post in batch])
        yield from (Arrival(post=post, reading=found) for post, found in zip(batch, readings, strict=True))
