"""Where posts come from: one parser a kind, and ``draw``, which asks a source once.

Nothing here stores anything or knows a topic; every fault of a source is a ``SourceError``.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from bot.ingest.sources import feed, jsonfeed, jsonl, mapped
from bot.ingest.sources.batch import FetchedItems, Parser, Payload
from bot.ingest.sources.errors import FetchError, FormatError, SourceError
from bot.records import SourceRecord

if TYPE_CHECKING:
    from bot.ingest.fetch.fetch import Fetcher

PARSERS: Mapping[str, Parser] = {"rss": feed.parse, "jsonfeed": jsonfeed.parse, "json": mapped.parse}
"""The parser of each kind that is fetched over HTTP."""

FILE, PUSHED = "jsonl", "webhook"
KINDS = (*PARSERS, FILE, PUSHED)

__all__ = ["FILE", "KINDS", "PARSERS", "PUSHED", "FetchError", "FetchedItems", "FormatError", "SourceError", "draw"]


def draw(source: SourceRecord, fetcher: Fetcher, now: datetime, *, conditional: bool = True) -> FetchedItems:
    """Ask *source* once for its items. Raises ``SourceError``.

    With *conditional*, a source that says that nothing changed gives an empty batch with ``not_modified``.
    """
    from bot.ingest.fetch.fetch import place_of  # late: fetching raises the errors of this room

    if source.kind == FILE:
        return jsonl.read(source, now)
    parser = PARSERS.get(source.kind)
    if parser is None:
        raise FormatError("source.unknown_kind", kind=source.kind, known=", ".join(KINDS))
    fetched = fetcher.get(source, conditional=conditional)
    if fetched.not_modified:
        return FetchedItems(not_modified=True, etag=source.etag, last_modified=source.last_modified)
    place = place_of(fetched.url)
    answer = Payload(body=fetched.body, content_type=fetched.content_type, url=fetched.url, place=place)
    return _with_marks(parser(source, answer, now), etag=fetched.etag, last_modified=fetched.last_modified)


def _with_marks(batch: FetchedItems, *, etag: str, last_modified: str) -> FetchedItems:
    """*batch* with what the next poll asks by; an answer that broke off leaves nothing to ask by."""
    if not batch.whole:
        return batch
    return FetchedItems(items=batch.items, note=batch.note, etag=etag, last_modified=last_modified)
