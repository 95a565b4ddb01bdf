"""A JSONL file that grows: read from where the last poll stopped, whatever happened to the file meanwhile.

The place is kept as the source's etag: how the file began, and how far it was read. A file that was truncated
or replaced is read from its start (what is known is known by its id); the unread end of one that was rotated
away, by a new name or by a copy, is looked for beside it.
"""

from __future__ import annotations

import glob
import hashlib
import json
import stat
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path

from bot.i18n.localised import LocalisedText, localised
from bot.ingest.fetch.charset import decode
from bot.ingest.sources import post_format
from bot.ingest.sources.batch import FetchedItems, left_out
from bot.ingest.sources.errors import FormatError, cause
from bot.records import Item, SourceRecord

LIMIT = 10 * 1024 * 1024
"""Bytes that one poll reads; what is beyond comes with the next, which follows at once."""

_HEAD = 256


@dataclass(frozen=True, kw_only=True)
class FilePosition:
    """How far which file was read: *head* is the hash of its first *head_length* bytes."""

    offset: int = 0
    head: str = ""
    head_length: int = 0

    def dump(self) -> str:
        return json.dumps(asdict(self), separators=(",", ":"))

    @staticmethod
    def load(text: str) -> FilePosition:
        try:
            return FilePosition(**json.loads(text)) if text else FilePosition()
        except (ValueError, TypeError):
            return FilePosition()


def read(source: SourceRecord, now: datetime, *, limit: int = LIMIT) -> FetchedItems:
    """The lines that were added since the place in ``source.etag``. Raises ``FormatError``."""
    path = Path(source.url.removeprefix("file://")).expanduser()
    place = FilePosition.load(source.etag)
    try:
        if not stat.S_ISREG(path.stat().st_mode):  # a pipe would never end, a folder never begin
            raise FormatError("source.unreadable_file", path=path, why=localised("source.why.no_file"))
        if (old := _rotated(path, place)) is not None:
            batch = _lines(old, place, now=now, limit=limit)
            return batch if batch.more else replace(batch, etag="", more=True)
        return _lines(path, place, now=now, limit=limit)
    except FileNotFoundError as error:
        raise FormatError("source.no_file", path=path) from error
    except OSError as error:
        raise FormatError("source.unreadable_file", path=path, why=cause(error)) from error


def _rotated(path: Path, place: FilePosition) -> Path | None:
    """What *path* was when it was read last, where a log rotation put it, if there is more in it."""
    if not place.head_length or _continues(path, place):
        return None
    others = (other for other in path.parent.glob(f"{glob.escape(path.name)}?*") if other.is_file())
    return next((other for other in others if _continues(other, place, beyond=1)), None)


def _continues(path: Path, place: FilePosition, *, beyond: int = 0) -> bool:
    """True if the file begins as it did at *place* and reaches at least *beyond* bytes further."""
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(0)
        return size >= place.offset + beyond and _hash(file.read(place.head_length)) == place.head


def _lines(path: Path, place: FilePosition, *, now: datetime, limit: int) -> FetchedItems:
    start = place.offset if _continues(path, place) else 0
    with path.open("rb") as file:
        file.seek(start)
        block = file.read(limit)
        more = bool(file.read(1))
        taken, skipped = _complete(block, more=more)
        raw = b"" if skipped else block[:taken].removeprefix(b"\xef\xbb\xbf" if start == 0 else b"")
        items, reasons, total = _items(raw, now=now)
        if skipped:
            reasons.append(localised("source.item.long_line", limit=str(limit)))
        head_length = min(_HEAD, start + taken)
        file.seek(0)
        head = _hash(file.read(head_length))
    reached = FilePosition(offset=start + taken, head=head, head_length=head_length)
    note = left_out(reasons, total + skipped)
    return FetchedItems(items=tuple(items), note=note, etag=reached.dump(), more=more and taken > 0)


def _complete(block: bytes, *, more: bool) -> tuple[int, int]:
    """How many bytes of *block* are whole lines, and 1 if they are the middle of one endless line.

    A last line without its line break is whole if it is a whole JSON object: half of one never is.
    """
    end = block.rfind(b"\n") + 1
    if more:
        return (end, 0) if end else (len(block), 1)
    try:
        whole = isinstance(json.loads(block[end:]), dict)
    except (ValueError, RecursionError):
        whole = False
    return (len(block), 0) if whole else (end, 0)


def _items(raw: bytes, *, now: datetime) -> tuple[list[Item], list[LocalisedText], int]:
    found, reasons, total = [], [], 0
    for number, line in enumerate(raw.splitlines(), 1):
        if not line.strip():
            continue
        total += 1
        try:
            found.append(post_format.line(decode(line), now=now))
        except post_format.NotAPost as error:
            reasons.append(localised("source.item.new_line", number=str(number), why=error.text))
    return found, reasons, total


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:16]
