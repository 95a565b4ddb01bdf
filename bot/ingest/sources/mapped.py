"""Any JSON over HTTP, by JMESPath expressions: where the list is, and where each part of an item is.

The mapping is a source's option: ``items`` finds the list in the answer, every other key is a part of a post
and finds it in an item. Without a mapping the answer is taken for a list of posts in Tocsin's own format.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any

import jmespath
from jmespath.exceptions import JMESPathError

from bot.i18n.localised import localised
from bot.ingest.fetch.charset import decode
from bot.ingest.sources import dates, post_format
from bot.ingest.sources.batch import FetchedItems, Payload, left_out
from bot.ingest.sources.errors import FormatError
from bot.ingest.sources.jsonfeed import document
from bot.records import SourceRecord

ITEMS = "items"
TIMEZONE = "timezone"
_USUAL = "(items || posts || data || @)"


def check(mapping: Mapping[str, str]) -> None:
    """Raises ``FormatError`` if *mapping* holds an unknown part, an unknown zone or a broken expression."""
    for name, expression in mapping.items():
        if name == TIMEZONE:
            dates.zone(expression)
        elif name not in (ITEMS, *post_format.FIELDS):
            raise FormatError("source.bad_field", field=name, known=", ".join((ITEMS, *post_format.FIELDS, TIMEZONE)))
        else:
            _compiled(name, expression)


def parse(source: SourceRecord, answer: Payload, now: datetime) -> FetchedItems:
    """The items that the source's mapping finds in the answer. Raises ``FormatError``."""
    mapping: Mapping[str, str] = source.options.get("mapping") or {}
    check(mapping)
    value = document(decode(answer.body, answer.content_type), answer)
    entries = _entries(value, mapping.get(ITEMS, _USUAL))
    wanted = {name: mapping[name] for name in post_format.FIELDS if name in mapping}
    wanted = wanted or {name: name for name in post_format.FIELDS}
    zone = dates.zone(str(mapping.get(TIMEZONE) or source.options.get(TIMEZONE) or ""))
    rows = [{name: _found(name, path, entry) for name, path in wanted.items()} for entry in entries]
    items, reasons = post_format.items(rows, now=now, zone=zone)
    if entries and not items:
        raise FormatError("source.no_texts", total=len(entries), why=reasons[0])
    return FetchedItems(items=items, note=left_out(reasons, len(entries)))


def _entries(value: Any, expression: str) -> list[Any]:
    found = _found(ITEMS, expression, value)
    if isinstance(found, dict) and found and all(isinstance(entry, dict) for entry in found.values()):
        return list(found.values())  # a list written as an object: {"123": {…}, "124": {…}}
    if not isinstance(found, list):
        keys = ", ".join(list(value)[:8]) if isinstance(value, dict) else ""
        shown = keys[:200] or localised("source.why.no_keys")
        raise FormatError("source.no_list", expression=expression, keys=shown)
    return found


def _found(field: str, expression: str, value: Any) -> Any:
    try:
        return _compiled(field, expression).search(value)
    except JMESPathError as error:
        raise _bad(field, expression, error) from error


@lru_cache(maxsize=1024)
def _compiled(field: str, expression: str) -> Any:
    try:
        return jmespath.compile(expression)
    except JMESPathError as error:
        raise _bad(field, expression, error) from error


def _bad(field: str, expression: str, error: JMESPathError) -> FormatError:
    why = " ".join(str(error).split("\n")[0].split()).rstrip(".:")[:160]
    return FormatError("source.bad_expression", field=field, expression=expression, why=why)
