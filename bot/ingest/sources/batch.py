"""What a source's parser hands over, and the small readings of single fields that all parsers share."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.i18n.localised import LocalisedText, localised
from bot.records import Item, SourceRecord

_ID_LENGTH = 250
_AMOUNT = re.compile(r"(\d[\d,，]*(?:\.\d+)?)\s*(k|m|万|萬|w|亿|億|千)?", re.IGNORECASE)
_TIMES = {"k": 1e3, "千": 1e3, "w": 1e4, "万": 1e4, "萬": 1e4, "m": 1e6, "亿": 1e8, "億": 1e8}


@dataclass(frozen=True, kw_only=True)
class Payload:
    """What was fetched, and what the server said of it. *place* is the host, for sentences."""

    body: bytes
    content_type: str = ""
    url: str = ""
    place: str = ""


@dataclass(frozen=True, kw_only=True)
class FetchedItems:
    """The items of one poll, in the order of the source.

    *note* says what was left out, None if nothing was. *etag* and *last_modified*
    are kept for the next poll (a file's place is kept as the etag). *whole* is False if the answer broke
    off, so that the next poll must ask for everything; *more* says that the source has more to give at once.
    """

    items: tuple[Item, ...] = ()
    note: LocalisedText | None = None
    etag: str = ""
    last_modified: str = ""
    not_modified: bool = False
    whole: bool = True
    more: bool = False


Parser = Callable[[SourceRecord, Payload, datetime], FetchedItems]
"""Reads an answer into items at the moment *now*. Pure. Raises ``FormatError``."""


def external_id(given: object, *otherwise: str) -> str:
    """The id that the source gave, or one made from the parts *otherwise* that make the item what it is."""
    text = str(given).strip() if given is not None else ""
    if text and len(text) <= _ID_LENGTH:
        return text
    material = text or "\x1f".join(otherwise)
    return "sha256:" + hashlib.sha256(material.encode("utf-8", "surrogatepass")).hexdigest()[:40]


def web_address(value: object) -> str:
    """*value* if it is an http address that fits, else an empty string: no ``javascript:`` comes further."""
    text = str(value).strip() if value else ""
    return text if re.match(r"https?://[^\s<>|\"]+$", text, re.IGNORECASE) and len(text) <= 2000 else ""


def amount(value: object) -> int | None:
    """A count as sites write it: 1200, "1,200", "1.2k", "3.5万"; None for anything else."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return int(value) if 0 <= value < 1e15 else None
    found = _AMOUNT.search(str(value)[:100])
    if found is None:
        return None
    return int(float(re.sub("[,，]", "", found[1])) * _TIMES.get((found[2] or "").lower(), 1))


def left_out(reasons: Sequence[LocalisedText], total: int) -> LocalisedText | None:
    """The note on items that could not be read; None if there are none."""
    if not reasons:
        return None
    return localised("source.some_left_out", count=len(reasons), total=total, why=reasons[0])
