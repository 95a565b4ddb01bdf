"""RSS 0.9x, 1.0, 2.0 and Atom, however crooked. A JSON Feed under the same address is read as such."""

from __future__ import annotations

import calendar
import io
import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, tzinfo
from html import unescape
from typing import Any
from urllib.parse import urljoin

from bot.i18n.localised import localised
from bot.ingest.fetch.charset import decode
from bot.ingest.sources import dates, jsonfeed, post_format
from bot.ingest.sources.batch import FetchedItems, Payload, left_out
from bot.ingest.sources.errors import FormatError
from bot.records import SourceRecord

_ROOT = re.compile(r"<(?:\w+:)?(rss|feed|rdf)[\s>/]", re.IGNORECASE)
_PAGE = re.compile(r"<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_SUBSET = re.compile(r"<!DOCTYPE[^\[>]{0,500}\[", re.IGNORECASE)
_SUBSET_END = re.compile(r"\]\s{0,100}>")
_UTF8 = '<?xml version="1.0" encoding="utf-8"?>'
_MOST_TAGS = 300_000
_ALTERNATE = re.compile(r"<link\b[^>]{0,500}application/(?:rss|atom|feed)\+[^>]{0,500}>", re.IGNORECASE)
_HREF = re.compile(r"href\s*=\s*[\"']?([^\"'\s>]+)", re.IGNORECASE)
_NOT_XML = dict.fromkeys([*range(9), 11, 12, *range(14, 32)])


def parse(source: SourceRecord, answer: Payload, now: datetime) -> FetchedItems:
    """The items of a feed. Raises ``FormatError`` for anything that is no feed.

    A feed that breaks off gives what it holds, and is not called whole.
    """
    text = decode(answer.body, answer.content_type).lstrip("\ufeff").translate(_NOT_XML)
    if text.lstrip().startswith(("{", "[")):
        return jsonfeed.read(text, answer, now=now)
    entries, fault = _entries(text, answer)
    zone = dates.zone(str(source.options.get("timezone", "")))
    items, reasons = post_format.items([_fields(entry, now=now, zone=zone) for entry in entries], now=now)
    if fault and not items:
        raise FormatError("source.broken_feed", host=answer.place, why=fault)
    return FetchedItems(items=items, note=left_out(reasons, len(entries)), whole=not fault)


def _entries(text: str, answer: Payload) -> tuple[list[Mapping[str, Any]], str]:
    """The entries as feedparser sees them, and in what the feed is broken, if it is."""
    import feedparser

    root = _ROOT.search(text[:20_000])
    if root is None:
        raise _no_feed(text, answer)
    if text.count("<") > _MOST_TAGS:
        raise FormatError("source.broken_feed", host=answer.place, why=localised("source.why.tags", count=_MOST_TAGS))
    body = (_UTF8 + _without_entities(_DECLARATION.sub("", text))).encode("utf-8", "replace")
    headers = {"content-type": "application/xml; charset=utf-8", "content-location": answer.url}
    # A file object, because feedparser would open a body that looks like a path.
    parsed = feedparser.parse(
        io.BytesIO(body), response_headers=headers, sanitize_html=False, resolve_relative_uris=False
    )
    why = str(parsed.get("bozo_exception", "")) if parsed.get("bozo") else ""
    return list(parsed.entries), re.sub(r"^<unknown>:", "line ", why)[:200]


def _without_entities(text: str) -> str:
    """*text* without a document type that defines entities: only attackers have a use for them."""
    begin = _SUBSET.search(text, 0, 4000)
    end = _SUBSET_END.search(text, begin.end()) if begin else None
    return text[: begin.start()] + text[end.end() :] if begin and end else text


def _no_feed(text: str, answer: Payload) -> FormatError:
    if not _PAGE.search(text[:20_000]):
        return FormatError("source.not_a_feed", host=answer.place)
    if (named := _ALTERNATE.search(text[:200_000])) and (href := _HREF.search(named[0])):
        return FormatError(
            "source.web_page_naming", host=answer.place, feed=urljoin(answer.url, unescape(href[1]))[:300]
        )
    return FormatError("source.web_page", host=answer.place)


def _fields(entry: Mapping[str, Any], *, now: datetime, zone: tzinfo) -> dict[str, object]:
    return {
        "id": entry.get("id") or entry.get("link"),
        "published": _published(entry, now=now, zone=zone),
        "text": _longest(entry),
        "title": entry.get("title"),
        "url": entry.get("link"),
        "author": entry.get("author"),
        "lang": entry.get("language"),
    }


def _longest(entry: Mapping[str, Any]) -> str:
    """The fullest text of an entry: its content elements, or its summary."""
    bodies: Iterable[str] = (part.get("value") or "" for part in entry.get("content") or ())
    return max([*bodies, entry.get("summary") or ""], key=len)


def _published(entry: Mapping[str, Any], *, now: datetime, zone: tzinfo) -> datetime | None:
    for name in ("published", "updated", "created"):
        if (found := dates.parse(entry.get(name), now=now, zone=zone)) is not None:
            return found
        if parsed := entry.get(f"{name}_parsed"):
            return datetime.fromtimestamp(calendar.timegm(parsed), UTC)
    return None
