"""Tocsin's own post format, one JSON object a post: files that grow, signed pushes and imports bring it.

``{"id", "published", "text", "title"?, "url"?, "author"?, "lang"?, "reach"?}``; unknown keys are ignored.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, tzinfo
from typing import Any

from bot.errors import LocalisedError
from bot.i18n.localised import LocalisedText
from bot.ingest.sources import dates
from bot.ingest.sources.batch import amount, external_id, web_address
from bot.ingest.sources.markup import one_line, plain
from bot.records import Item

FIELDS = ("id", "published", "text", "title", "url", "author", "lang", "reach")


class NotAPost(LocalisedError):  # noqa: N818 - a reason to leave one item out, not a failure
    """This is no post; its text says why, as the end of a sentence."""


def item(fields: Mapping[str, Any], *, now: datetime, zone: tzinfo = UTC) -> Item:
    """The item that *fields* describe, markup gone. Raises ``NotAPost``."""
    title, text = one_line(_words(fields.get("title"))), plain(_words(fields.get("text")))
    if not title and not text:
        raise NotAPost("source.item.no_text")
    url, author = web_address(_words(fields.get("url"))), one_line(_words(fields.get("author")))[:200]
    return Item(
        external_id=external_id(_id(fields.get("id")), url, author, title, text),
        published=dates.parse(fields.get("published"), now=now, zone=zone),
        text=text,
        title=title,
        url=url,
        author=author,
        lang=_lang(fields.get("lang")),
        reach=amount(fields.get("reach")),
    )


def items(
    rows: Sequence[Mapping[str, Any]], *, now: datetime, zone: tzinfo = UTC
) -> tuple[tuple[Item, ...], list[LocalisedText]]:
    """The items of *rows*, and for each row that is none the reason.

    Some feeds give every item the address of their front page as its id: where one id stands for different
    texts, the text becomes part of the id.
    """
    found, reasons = [], []
    for row in rows:
        try:
            found.append(item(row, now=now, zone=zone))
        except NotAPost as error:
            reasons.append(error.text)
    texts: defaultdict[str, set[tuple[str, str]]] = defaultdict(set)
    for one in found:
        texts[one.external_id].add((one.title, one.text))
    return tuple(_own_id(one) if len(texts[one.external_id]) > 1 else one for one in found), reasons


def _own_id(one: Item) -> Item:
    return replace(one, external_id=external_id(None, one.external_id, one.title, one.text))


def line(raw: str, *, now: datetime) -> Item:
    """The item that one line of JSONL holds. Raises ``NotAPost``."""
    try:
        fields = json.loads(raw, strict=False)
    except (ValueError, RecursionError) as error:
        raise NotAPost("source.item.not_json") from error
    return entry(fields, now=now)


def entry(value: object, *, now: datetime) -> Item:
    """The item that one JSON value holds. Raises ``NotAPost``."""
    if not isinstance(value, dict):
        raise NotAPost("source.item.not_object")
    return item(value, now=now)


def _words(value: object) -> str:
    """Text as JSON may hold it: a string, a number, or a list of those. Objects are no text."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode("utf-8")  # a lone surrogate fits in no database
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, list):
        return " ".join(filter(None, map(_words, value)))
    return ""


def _id(value: object) -> str | None:
    return _words(value) or None


def _lang(value: object) -> str:
    """The two- or three-letter code at the front of a language tag: ``zh`` of ``zh-Hans-CN``."""
    code = _words(value).strip().lower().replace("_", "-").split("-")[0]
    return code if code.isascii() and code.isalpha() and len(code) in (2, 3) else ""
