"""JSON Feed 1.0 and 1.1 (jsonfeed.org)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.i18n.localised import LocalisedText, localised
from bot.ingest.fetch.charset import decode
from bot.ingest.sources import post_format
from bot.ingest.sources.batch import FetchedItems, Payload, left_out
from bot.ingest.sources.errors import FormatError
from bot.records import SourceRecord


def parse(_source: SourceRecord, answer: Payload, now: datetime) -> FetchedItems:
    """The items of a JSON Feed. Raises ``FormatError``."""
    return read(decode(answer.body, answer.content_type), answer, now=now)


def read(text: str, answer: Payload, *, now: datetime) -> FetchedItems:
    """The items of the JSON Feed *text*. Raises ``FormatError``."""
    value = document(text, answer)
    entries = value.get("items") if isinstance(value, dict) else None
    if not isinstance(entries, list):
        raise FormatError("source.not_a_feed", host=answer.place)
    rows = [_fields(entry) for entry in entries if isinstance(entry, dict)]
    items, reasons = post_format.items(rows, now=now)
    return FetchedItems(items=items, note=left_out(reasons, len(entries)))


def document(text: str, answer: Payload) -> Any:
    """The JSON that *text* holds. Raises ``FormatError``, with a web page told from other faults."""
    try:
        return json.loads(text.lstrip("\ufeff"), strict=False)
    except RecursionError as error:
        raise FormatError("source.not_json", host=answer.place, why=localised("source.why.nested")) from error
    except ValueError as error:
        if text.lstrip().startswith("<"):
            raise FormatError("source.web_page", host=answer.place) from error
        raise FormatError("source.not_json", host=answer.place, why=_place(error)) from error


def _place(error: ValueError) -> LocalisedText:
    if isinstance(error, json.JSONDecodeError):
        problem, line, column = error.msg.lower(), str(error.lineno), str(error.colno)
        return localised("source.why.json_place", problem=problem, line=line, column=column)
    return localised("source.why.long_number")


def _fields(entry: Mapping[str, Any]) -> dict[str, Any]:
    authors = entry.get("authors") or [entry.get("author")]
    names = [author.get("name") for author in authors if isinstance(author, dict)]
    return {
        "id": entry.get("id") or entry.get("url"),
        "published": entry.get("date_published") or entry.get("date_modified"),
        "text": entry.get("content_html") or entry.get("content_text") or entry.get("summary"),
        "title": entry.get("title"),
        "url": entry.get("url") or entry.get("external_url"),
        "author": [name for name in names if name],
        "lang": entry.get("language"),
    }
